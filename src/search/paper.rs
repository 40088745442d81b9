//! The published searches, as plans.

use super::limits::{Limits, Range};
use crate::error::{Error, Result};

/// A published search (`rohanasthana/Dextr`): 400 random architectures of an
/// AutoFormer space, or a pool of ten projections of the DARTS supernet; the
/// highest score wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paper {
    /// The name that asks for it, that of the space.
    pub name: &'static str,
    /// How it goes about it.
    pub strategy: &'static str,
    /// How many candidates are scored, or are in the pool.
    pub candidates: u64,
    /// The least and the most parameters.
    pub params: Option<[u64; 2]>,
    /// The space's options, as name and value.
    pub options: &'static [(&'static str, &'static str)],
    /// Where it departs from the published code; empty where it does not.
    pub note: &'static str,
}

/// All that there are.
pub const PAPERS: [Paper; 4] = [
    Paper {
        name: "darts",
        strategy: "projection",
        candidates: 10,
        params: None,
        options: &[("channels", "16")],
        note: "the published code gives each of the seven scores another image, circle and set of \
               outputs, and looks at logits that do not move, so that its κ is rounding; here all \
               seven see the same, and κ is that of the last map",
    },
    Paper {
        name: "autoformer-tiny",
        strategy: "random",
        candidates: 400,
        params: Some([3_000_000, 23_000_000]),
        options: &[],
        note: "",
    },
    Paper {
        name: "autoformer-small",
        strategy: "random",
        candidates: 400,
        params: Some([3_000_000, 23_000_000]),
        options: &[],
        note: "",
    },
    Paper {
        name: "autoformer-base",
        strategy: "random",
        candidates: 400,
        params: Some([41_000_000, 77_000_000]),
        options: &[],
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
        let [least, most] = self.params.map_or([None; 2], |params| params.map(Some));
        Limits {
            params: Range { least, most },
            macs: Range::default(),
        }
    }
}
