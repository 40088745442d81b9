//! The two protocols.

use std::str::FromStr;

use crate::error::{Error, Result};

/// The protocols' names.
pub const PROTOCOLS: [&str; 2] = ["published", "refined"];

/// How maps are observed, curves are drawn and special cases are scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Parity with the published code: every module's map, ten outputs drawn
    /// with replacement, one curve of 3×64×64 with radius 1; where κ is
    /// undefined the score is S alone.
    Published,
    /// The default: a policy's maps, all outputs, curves at the image's size;
    /// where κ is undefined the network is disconnected and scores 0.
    Refined,
}

impl Protocol {
    /// The protocol's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Published => PROTOCOLS[0],
            Self::Refined => PROTOCOLS[1],
        }
    }
}

impl FromStr for Protocol {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        [Self::Published, Self::Refined]
            .into_iter()
            .find(|p| p.name() == name)
            .ok_or_else(|| Error::unknown("protocol", name, &PROTOCOLS))
    }
}
