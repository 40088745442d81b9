//! What a strategy is to the search that runs it.

use serde::{Deserialize, Serialize};

use super::ground::Ground;
use crate::error::Result;
use crate::sources::spaces::Space;

/// What a strategy learns of a candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Known {
    /// The architecture.
    pub(super) arch: String,
    /// The value of what was aimed at; none where there is none.
    pub(super) aim: Option<f64>,
}

impl Known {
    /// Whether it is better than another; what has no value is worst, and of
    /// equals the first one stays.
    pub(super) fn beats(&self, other: &Self) -> bool {
        match (self.aim, other.aim) {
            (Some(own), Some(others)) => own > others,
            (own, None) => own.is_some(),
            (None, Some(_)) => false,
        }
    }
}

/// What a strategy proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proposal {
    /// The architecture, canonical.
    pub(super) arch: String,
    /// The round it belongs to, from 0: a generation, a walk's step, a stage.
    pub(super) round: u64,
    /// The stage of a cascade, 0 elsewhere.
    pub(super) stage: usize,
}

impl Proposal {
    /// One of `left` random architectures before anything is known; none where there
    /// are no more, and none is left then.
    ///
    /// # Errors
    /// Those of [`Ground::draw`].
    pub(super) fn drawn(left: &mut u64, ground: &mut Ground<'_>) -> Result<Option<Self>> {
        let drawn = ground.draw()?;
        *left = match drawn {
            Some(_) => left.saturating_sub(1),
            None => 0,
        };
        Ok(drawn.map(|arch| Self {
            arch,
            round: 0,
            stage: 0,
        }))
    }
}

/// A strategy.
pub(super) trait Moves {
    /// How many results it has learned, no more and no fewer, when it proposes
    /// candidate `step`; none where it never learns. What it proposes so depends
    /// on nothing that came early.
    fn needs(&self, step: u64) -> Option<u64>;

    /// Learns the next result, in the order of asking.
    fn learn(&mut self, step: u64, known: Known);

    /// Takes in a result that was not asked for. False where the strategy learns
    /// nothing from such.
    ///
    /// # Errors
    /// Those of the space for a text that is none of its architectures.
    fn overhear(&mut self, _: &Known, _: &dyn Space) -> Result<bool> {
        Ok(false)
    }

    /// Candidate `step`; none where there are no more, or none before more is
    /// learned than [`Moves::needs`] said: it says so then.
    ///
    /// # Errors
    /// Those of [`Ground::draw`].
    fn propose(&mut self, step: u64, ground: &mut Ground<'_>) -> Result<Option<Proposal>>;
}
