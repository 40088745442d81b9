//! What a user sets for model files.

use std::str::FromStr;

use crate::architecture::Checked;
use crate::error::{Error, Result};

/// The largest side of an image, in pixels.
pub(in crate::sources) const LARGEST_SIDE: usize = 4096;

/// The most tokens of a sequence.
pub(in crate::sources) const LONGEST: usize = 16_384;

/// The values of what a file leaves open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Height of the image; none takes the file's, or 224 where it has none.
    pub height: Option<usize>,
    /// Width of the image, in the same way.
    pub width: Option<usize>,
    /// Number of tokens; none takes the file's, or 128, or the most that fit.
    pub length: Option<usize>,
    /// Where the weights come from.
    pub weights: WeightSource,
}

impl Inputs {
    /// What the options ask for.
    ///
    /// # Errors
    /// [`Error::Option`] and [`Error::UnknownName`] for values that do not fit.
    pub(in crate::sources) fn of(options: &Checked) -> Result<Self> {
        let side = |name: &str| match options.value(name) {
            "auto" => Ok(None),
            value => {
                let sides = 1..=LARGEST_SIDE;
                let parsed = value.parse().ok().filter(|n| sides.contains(n));
                let expected = format!("auto or a whole number from 1 to {LARGEST_SIDE}");
                let wrong = || Error::option(name, value, expected);
                parsed.map(Some).ok_or_else(wrong)
            }
        };
        let length = match options.value("length") {
            "" => None,
            _ => Some(options.number("length", 1..=LONGEST)?),
        };
        let again = options.value("renormalise");
        if !["yes", "no", "true", "false"].contains(&again) {
            return Err(Error::option("renormalise", again, "yes or no"));
        }
        Ok(Self {
            height: side("height")?,
            width: side("width")?,
            length,
            weights: options.value("weights").parse()?,
        })
    }
}

/// Where the weights come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WeightSource {
    /// Drawn anew by seed, with PyTorch's defaults: the architecture is scored,
    /// not a training run.
    #[default]
    Seed,
    /// The file's.
    File,
}

impl FromStr for WeightSource {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "seed" => Ok(Self::Seed),
            "file" => Ok(Self::File),
            _ => Err(Error::unknown("source of weights", name, &["seed", "file"])),
        }
    }
}
