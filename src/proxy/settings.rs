//! The settings of a measurement.

use super::dextr::Protocol;
use super::penalty::Size;
use super::{Proxy, all};
use crate::error::{Error, Result};
use crate::network::{Input, Policy};
use crate::stimulus::Given;

/// Everything that decides a score but the architecture and the device.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// First weight seed.
    pub seed: u64,
    /// Number of weight seeds, `seed … seed + seeds − 1`; at least 1.
    pub seeds: u32,
    /// Seed of the pink-noise image, or of the token ids.
    pub image_seed: u64,
    /// Seed of the curves' planes (and of the published protocol's outputs).
    pub curve_seed: u64,
    /// A picture instead of pink noise, or token ids instead of drawn ones.
    pub image: Option<Given>,
    /// The protocol.
    pub protocol: Protocol,
    /// The observation policy; none is the default: the space's own, or
    /// `modules` under the published protocol.
    pub observe: Option<Policy>,
    /// Number of curves; none is 4 up to 64 pixels and 1 above.
    pub curves: Option<usize>,
    /// What `swap` is regularised by; none is its form without.
    pub swap_size: Option<Size>,
    /// The proxies; the first one's value is the score.
    pub proxies: Vec<&'static dyn Proxy>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 0,
            seeds: 1,
            image_seed: 0,
            curve_seed: 0,
            image: None,
            protocol: Protocol::Refined,
            observe: None,
            curves: None,
            swap_size: None,
            proxies: vec![all()[0]],
        }
    }
}

impl Settings {
    /// Most seeds in one score.
    pub const MOST_SEEDS: u32 = 1000;
    /// Most curves in one pass.
    pub const MOST_CURVES: usize = 256;
    /// The column `image` of pink noise.
    pub const PINK: &str = "pink";
    /// The column `image` of seeded token ids.
    pub const TOKENS: &str = "tokens";

    /// The policy that these settings observe by, in a space whose own is
    /// `default`.
    #[must_use]
    pub fn policy(&self, default: Policy) -> Policy {
        self.observe.unwrap_or(match self.protocol {
            Protocol::Published => Policy::Modules,
            Protocol::Refined => default,
        })
    }

    /// The input image as in the column `image`: `pink`, or what was given with
    /// its fingerprint.
    #[must_use]
    pub fn image_name(&self) -> String {
        match &self.image {
            Some(given) => given.name(),
            None => Self::PINK.to_owned(),
        }
    }

    /// The same for a network that takes something: `tokens` for seeded ids.
    #[must_use]
    pub fn image_of(&self, input: &Input) -> String {
        match (&self.image, input) {
            (None, Input::Words { .. }) => Self::TOKENS.to_owned(),
            _ => self.image_name(),
        }
    }

    /// The proxies' names, separated by commas.
    #[must_use]
    pub fn proxy_names(&self) -> String {
        let names: Vec<&str> = self.proxies.iter().map(|p| p.about().name).collect();
        names.join(",")
    }

    /// Checks ranges, and that the settings go together.
    ///
    /// # Errors
    /// [`Error::Option`] or [`Error::Usage`].
    pub fn check(&self) -> Result<()> {
        let option = |name: &str, value: String, expected: String| Error::Option {
            name: name.to_owned(),
            value,
            expected,
        };
        if !(1..=Self::MOST_SEEDS).contains(&self.seeds) {
            let expected = format!("a whole number from 1 to {}", Self::MOST_SEEDS);
            return Err(option("seeds", self.seeds.to_string(), expected));
        }
        if self.seed.checked_add(u64::from(self.seeds - 1)).is_none() {
            let expected = "small enough for all the seeds after it".to_owned();
            return Err(option("seed", self.seed.to_string(), expected));
        }
        if let Some(curves) = self.curves.filter(|c| !(1..=Self::MOST_CURVES).contains(c)) {
            let expected = format!("a whole number from 1 to {}", Self::MOST_CURVES);
            return Err(option("curves", curves.to_string(), expected));
        }
        let swap = |proxy: &&dyn Proxy| proxy.about().name == "swap";
        if self.swap_size.is_some() && !self.proxies.iter().any(swap) {
            return Err(Error::Usage {
                message: "a size to regularise swap by is given, and swap is not asked for"
                    .to_owned(),
                cure: "add swap to the proxies, or leave the size out".to_owned(),
            });
        }
        if self.protocol == Protocol::Published {
            if self.curves.is_some_and(|c| c != 1) {
                return Err(Error::Usage {
                    message: "the published protocol has one curve".to_owned(),
                    cure: "leave the number of curves out, or use the refined protocol".to_owned(),
                });
            }
            if self.observe.is_some_and(|p| p != Policy::Modules) {
                return Err(Error::Usage {
                    message: "the published protocol observes every module".to_owned(),
                    cure: "leave the policy out, or use the refined protocol".to_owned(),
                });
            }
        }
        Ok(())
    }
}
