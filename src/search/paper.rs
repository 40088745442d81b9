//! The published searches, as plans.

use super::limits::{Limits, Range};
use crate::error::{Error, Result};

/// A published search: 400 random architectures of an AutoFormer space, the
/// highest score wins (`rohanasthana/Dextr`, its search over AutoFormer).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paper {
    /// The name that asks for it, that of the space.
    pub name: &'static str,
    /// How many candidates are scored.
    pub candidates: u64,
    /// The least and the most parameters.
    pub params: [u64; 2],
    /// Where it departs from the published code; empty where it does not.
    pub note: &'static str,
}

/// All that there are.
pub const PAPERS: [Paper; 3] = [
    Paper {
        name: "autoformer-tiny",
        candidates: 400,
        params: [3_000_000, 23_000_000],
        note: "",
    },
    Paper {
        name: "autoformer-small",
        candidates: 400,
        params: [3_000_000, 23_000_000],
        note: "",
    },
    Paper {
        name: "autoformer-base",
        candidates: 400,
        params: [41_000_000, 77_000_000],
        note: "the published code accepts 3 to 23 million parameters here too, which no network \
               of this space has, and so never ends; these limits are those of the space",
    },
];

impl Paper {
    /// A search by its name.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the names that exist.
    pub fn by_name(name: &str) -> Result<Self> {
        let found = PAPERS.into_iter().find(|paper| paper.name == name);
        found.ok_or_else(|| Error::unknown("search of the paper", name, &PAPERS.map(|p| p.name)))
    }

    /// Its limits.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let [least, most] = self.params.map(Some);
        Limits {
            params: Range { least, most },
            macs: Range::default(),
        }
    }
}
