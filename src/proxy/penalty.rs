//! What SWAP's regularised form counts beside the patterns (Peng et al., ICLR 2024).

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// What a network's size counts beside its patterns (the published regularised
/// form): a factor exp(−(P − mean)²/spread) for P parameters. Both are a search
/// space's, and in thousands of parameters; the spread is not squared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// The size that is wanted.
    pub mean: f64,
    /// How far others may be from it.
    pub spread: f64,
}

impl FromStr for Size {
    type Err = Error;

    /// `mean/spread`, as in `1000/40000`.
    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            Error::Option {
            name: "swap_size".to_owned(),
            value: text.to_owned(),
            expected: "the size that is wanted and how far others may be from it, both in thousands of parameters, as in 1000/40000".to_owned(),
        }
        };
        let (mean, spread) = text.split_once('/').ok_or_else(wrong)?;
        let number = |text: &str| text.trim().parse::<f64>().map_err(|_| wrong());
        let (mean, spread) = (number(mean)?, number(spread)?);
        match mean.is_finite() && mean >= 0.0 && spread.is_finite() && spread > 0.0 {
            true => Ok(Self { mean, spread }),
            false => Err(wrong()),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.mean, self.spread)
    }
}

impl Size {
    /// What the patterns are multiplied by.
    pub(super) fn factor(self, params: u64) -> f64 {
        let off = params as f64 / 1000.0 - self.mean;
        (-off * off / self.spread).exp()
    }
}
