//! Local search (White, Nolen and Savani, 2020): from the best of a few random
//! architectures to the best of its neighbours, and on, until none is better;
//! then from the start again.
//!
//! What was proposed before is not proposed again, so that two walks do not
//! share a path. The neighbours of one architecture are a round: any number of
//! workers may score them, and the next round begins when all are told.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::ground::Ground;
use super::moves::{Known, Moves, Proposal};
use crate::error::Result;

/// Where the walk is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Local {
    /// Random architectures at each start.
    pub(super) starts: u64,
    /// What is still to be proposed of this round.
    pub(super) queue: VecDeque<String>,
    /// How many random ones are still to be proposed of this round.
    pub(super) random: u64,
    /// The number of this round, and the step at which it began.
    pub(super) round: u64,
    pub(super) began: u64,
    /// Where the walk stands; none at a start.
    pub(super) current: Option<Known>,
    /// The best of this round.
    pub(super) best: Option<Known>,
}

impl Local {
    pub(super) fn new(starts: u64) -> Self {
        Self {
            starts,
            queue: VecDeque::new(),
            random: starts,
            round: 0,
            began: 0,
            current: None,
            best: None,
        }
    }

    fn is_round_over(&self) -> bool {
        self.queue.is_empty() && self.random == 0
    }

    /// Goes to the best of the round that is over, or starts anew.
    fn turn(&mut self, step: u64, ground: &mut Ground<'_>) -> Result<()> {
        self.round += 1;
        self.began = step;
        let better = |best: &Known| match &self.current {
            Some(current) => best.beats(current),
            None => best.aim.is_some(),
        };
        self.current = self.best.take().filter(better);
        if let Some(current) = &self.current {
            for other in ground.space.neighbours(&current.arch)? {
                if ground.take(&other)? {
                    self.queue.push_back(other);
                }
            }
        }
        if self.queue.is_empty() {
            (self.current, self.random) = (None, self.starts);
        }
        Ok(())
    }
}

impl Moves for Local {
    fn needs(&self, step: u64) -> Option<u64> {
        Some(if self.is_round_over() {
            step
        } else {
            self.began
        })
    }

    fn learn(&mut self, _: u64, known: Known) {
        if self.best.as_ref().is_none_or(|best| known.beats(best)) {
            self.best = Some(known);
        }
    }

    fn propose(&mut self, step: u64, ground: &mut Ground<'_>) -> Result<Option<Proposal>> {
        if self.is_round_over() {
            self.turn(step, ground)?;
        }
        let arch = match self.queue.pop_front() {
            Some(neighbour) => Some(neighbour),
            None => {
                let drawn = ground.draw()?;
                // Where there are no more, the round is what was drawn of it.
                self.random = match drawn {
                    Some(_) => self.random.saturating_sub(1),
                    None => 0,
                };
                drawn
            }
        };
        Ok(arch.map(|arch| Proposal {
            arch,
            round: self.round,
            stage: 0,
        }))
    }
}
