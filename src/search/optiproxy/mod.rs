//! Search by a surrogate that learns accuracies (OptiProxy-NAS, arXiv 2509.05656):
//! a graph network is fitted to what is known, the logits of relaxed architectures
//! climb its prediction, cells are drawn around them, and those with the highest
//! predictions are asked for; then again.
//!
//! The first candidates are drawn around logits that have not climbed. With a warm
//! start the surrogate learns the ranks of a proxy on random architectures before
//! that, climbs once, and its favourites are the first. Differences to the published
//! code: targets are standardised by what is known and not by the whole benchmark;
//! on NAS-Bench-201 the graph and its operations have one order of edges; the first
//! candidates on NAS-Bench-101 are not ranked by a surrogate that knows nothing.
//!
//! ```text
//! numbers ←─ encoding, loss, adam ←─ surrogate ←─ fit, climb ←─ learner ←─ the strategy
//! ```

mod adam;
mod climb;
mod encoding;
mod fit;
mod learner;
mod loss;
mod numbers;
mod settings;
mod surrogate;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

pub use settings::Preset;

use learner::{Learner, Sight};

use super::ground::Ground;
use super::moves::{Known, Moves, Proposal};
use super::seen::Seen;
use crate::error::Result;
use crate::sources::spaces::Space;

/// Epochs in which the surrogate learns a proxy's ranks.
const WARMING: usize = 100;

/// Refuses a space that has no encoding.
pub(super) fn check(space: &str) -> Result<()> {
    encoding::of(space).map(drop)
}

/// Where the search is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Optiproxy {
    pub(super) preset: Preset,
    /// How many are asked for at first, and in each round after that.
    pub(super) first: u64,
    pub(super) each: u64,
    /// How many a proxy ranks before.
    pub(super) labels: u64,
    /// How many of these are still to be proposed.
    random: u64,
    /// What the proxy says of them; none once the surrogate has learned it.
    labelled: Vec<Known>,
    /// Whether they are still learned.
    warming: bool,
    /// What is known of architectures that were asked for, or told unasked.
    results: Vec<Known>,
    /// What was asked for or told, as the encoding writes it.
    asked: Seen,
    /// What is still to be proposed of this round.
    queue: VecDeque<String>,
    /// The number of this round, and the step at which it began.
    round: u64,
    began: u64,
    /// The surrogate and the climbers, from the first round on.
    learner: Option<Learner>,
}

impl Optiproxy {
    pub(super) fn new(preset: Preset, [first, each, labels]: [u64; 3]) -> Self {
        Self {
            preset,
            first,
            each,
            labels,
            random: labels,
            labelled: Vec::new(),
            warming: labels > 0,
            results: Vec::new(),
            asked: Seen::default(),
            queue: VecDeque::new(),
            round: 0,
            began: 0,
            learner: None,
        }
    }

    fn is_round_over(&self) -> bool {
        self.queue.is_empty() && self.random == 0
    }

    /// Learns, climbs, and fills the next round.
    fn turn(&mut self, step: u64, ground: &mut Ground<'_>) -> Result<()> {
        let sight = Sight::of(ground.space, self.preset)?;
        // A copy, so that what fails leaves everything as it was.
        let (mut learner, wanted) = match &self.learner {
            Some(learner) => (learner.clone(), self.each),
            None => (Learner::begin(&sight, &mut ground.stream), self.first),
        };
        learner.check(&sight)?;
        let labelled = sight.read(&self.labelled)?;
        let results = sight.read(&self.results)?;
        let blind = labelled.is_empty() && results.is_empty();
        learner.teach(&sight, &labelled.ranked(), WARMING, &mut ground.stream);
        let epochs = sight.settings.epochs;
        learner.teach(&sight, &results, epochs, &mut ground.stream);
        if !blind {
            learner.climb(&sight, &mut ground.stream);
        }
        let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
        let round = learner.round(&sight, (wanted, blind), &self.asked, ground)?;
        round.iter().for_each(|text| self.asked.add(text));
        self.queue = round.into();
        self.round += u64::from(step > 0);
        self.began = step;
        self.warming = false;
        self.labelled.clear();
        self.learner = Some(learner);
        Ok(())
    }
}

impl Moves for Optiproxy {
    fn needs(&self, step: u64) -> Option<u64> {
        Some(if self.is_round_over() {
            step
        } else {
            self.began
        })
    }

    fn learn(&mut self, _: u64, known: Known) {
        if known.aim.is_none() {
            return;
        }
        match self.warming {
            true => self.labelled.push(known),
            false => self.results.push(known),
        }
    }

    fn overhear(&mut self, known: &Known, space: &dyn Space) -> Result<bool> {
        let cells = encoding::of(space.name())?;
        let Some(code) = cells.read(space, &known.arch)? else {
            return Ok(false);
        };
        self.asked.add(&cells.text(&code));
        self.results.push(known.clone());
        Ok(true)
    }

    fn propose(&mut self, step: u64, ground: &mut Ground<'_>) -> Result<Option<Proposal>> {
        if self.random > 0 {
            // Where there are no more, the surrogate begins with what was drawn.
            return Proposal::drawn(&mut self.random, ground);
        }
        if self.queue.is_empty() {
            self.turn(step, ground)?;
        }
        Ok(self.queue.pop_front().map(|arch| Proposal {
            arch,
            round: self.round,
            stage: usize::from(self.labels > 0),
        }))
    }
}

#[cfg(test)]
mod tests;
