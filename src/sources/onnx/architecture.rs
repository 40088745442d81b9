//! A model file as an [`Architecture`], which is what `score` takes.

use std::sync::Arc;

use super::lower::Inputs;
use super::read::Model;
use crate::architecture::{Architecture, Known, Normalisation};
use crate::error::{Error, Result};
use crate::network::Policy;

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

impl WeightSource {
    /// `seed` or `file`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Seed => "seed",
            Self::File => "file",
        }
    }
}

impl std::str::FromStr for WeightSource {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "seed" => Ok(Self::Seed),
            "file" => Ok(Self::File),
            _ => Err(Error::unknown("source of weights", name, &["seed", "file"])),
        }
    }
}

/// The options of a model file.
pub static OPTIONS: [Known; 3] = [
    Known {
        name: "height",
        default: "auto",
        help: "height of the image; auto takes the file's, or 224 where it has none",
    },
    Known {
        name: "width",
        default: "auto",
        help: "width of the image, in the same way",
    },
    Known {
        name: "weights",
        default: "seed",
        help: "seed draws them anew with PyTorch's defaults, file keeps the file's",
    },
];

/// What a user sets for model files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ModelOptions {
    /// Image size and weights.
    pub inputs: Inputs,
}

impl ModelOptions {
    /// Reads one option: `height`, `width` (a number or `auto`), `weights`
    /// (`seed` or `file`).
    ///
    /// # Errors
    /// [`Error::UnknownName`] and [`Error::Option`].
    pub fn set(&mut self, name: &str, value: &str) -> Result<&mut Self> {
        let side = || -> Result<Option<usize>> {
            if value == "auto" {
                return Ok(None);
            }
            let parsed = value.parse().ok().filter(|n| (1..=65_536).contains(n));
            parsed.map(Some).ok_or_else(|| Error::Option {
                name: name.to_owned(),
                value: value.to_owned(),
                expected: "auto or a whole number from 1 to 65536".to_owned(),
            })
        };
        match name {
            "height" => self.inputs.height = side()?,
            "width" => self.inputs.width = side()?,
            "weights" => self.inputs.weights = value.parse()?,
            _ => {
                let known: Vec<&str> = OPTIONS.iter().map(|o| o.name).collect();
                return Err(Error::unknown("option", name, &known));
            }
        }
        Ok(self)
    }

    /// All options with their values, as `name=value` joined by spaces.
    pub fn describe(&self) -> String {
        let side = |n: Option<usize>| n.map_or("auto".to_owned(), |n| n.to_string());
        format!(
            "height={} width={} weights={}",
            side(self.inputs.height),
            side(self.inputs.width),
            self.inputs.weights.name()
        )
    }
}

impl Model {
    /// The model as an architecture of the space `onnx`, under a name (as a
    /// rule the file's); its notes say what there is to know about it.
    ///
    /// # Errors
    /// Those of [`Model::lower`].
    pub fn architecture(&self, name: &str, options: &ModelOptions) -> Result<Architecture> {
        let lowered = self.lower(&options.inputs)?;
        Ok(Architecture {
            source: "onnx",
            arch: name.to_owned(),
            options: options.describe(),
            published: false,
            // The policy that does not depend on how a network was exported.
            observe: Policy::Flow,
            // Of ImageNet, by far the most frequent.
            normalisation: Normalisation::IMAGENET,
            network: Arc::new(lowered.network),
            start: lowered.start,
            notes: lowered.notes.into_iter().map(|n| n.message).collect(),
        })
    }
}
