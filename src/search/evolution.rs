//! Regularised ("aging") evolution (Real, Aggarwal, Huang and Le, AAAI 2019).
//!
//! A queue of `population` architectures, at first random ones. Then again and
//! again: draw `sample` of them with replacement, change one choice of the best,
//! and let the child take the place of the oldest, however good that was. A
//! child that was proposed before or is outside the limits is drawn again.
//!
//! Children are not born one by one: child *n* knows the results before
//! *n* − `lag`, whether later ones are there or not. So up to `lag` candidates
//! are under way, and the search is the same with 1 worker and with `lag`.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::ground::Ground;
use super::moves::{Known, Moves, Proposal};
use crate::error::Result;

/// Children of one tournament that are drawn, before there is another one.
const CHILDREN: usize = 50;
/// Tournaments, before a random architecture takes the place of a child.
const TOURNAMENTS: usize = 20;

/// The queue, and the settings that it is kept by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Evolution {
    pub(super) population: u64,
    pub(super) sample: u64,
    pub(super) lag: u64,
    /// The oldest first.
    pub(super) alive: VecDeque<Known>,
}

impl Evolution {
    /// The best of a few that are drawn with replacement.
    fn tournament(&self, ground: &mut Ground<'_>) -> Option<String> {
        let mut best: Option<&Known> = None;
        for _ in 0..self.sample {
            let other = self
                .alive
                .get(ground.stream.below(self.alive.len().max(1)))?;
            if best.is_none_or(|best| other.beats(best)) {
                best = Some(other);
            }
        }
        best.map(|known| known.arch.clone())
    }

    fn child(&self, ground: &mut Ground<'_>) -> Result<Option<String>> {
        for _ in 0..TOURNAMENTS {
            let Some(parent) = self.tournament(ground) else {
                break;
            };
            for _ in 0..CHILDREN {
                let Some(child) = ground.mutate(&parent)? else {
                    break;
                };
                if ground.take(&child)? {
                    return Ok(Some(child));
                }
            }
        }
        ground.draw()
    }
}

impl Moves for Evolution {
    fn needs(&self, step: u64) -> Option<u64> {
        Some(match step < self.population {
            true => 0,
            false => step.saturating_sub(self.lag),
        })
    }

    fn learn(&mut self, _: u64, known: Known) {
        self.alive.push_back(known);
        while self.alive.len() as u64 > self.population {
            self.alive.pop_front();
        }
    }

    fn propose(&mut self, step: u64, ground: &mut Ground<'_>) -> Result<Option<Proposal>> {
        let arch = match step < self.population {
            true => ground.draw()?,
            false => self.child(ground)?,
        };
        let round = step.checked_div(self.population).unwrap_or_default();
        Ok(arch.map(|arch| Proposal {
            arch,
            round,
            stage: 0,
        }))
    }
}
