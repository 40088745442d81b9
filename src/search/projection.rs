//! Projection of a supernet (Wang et al., 2021; the paper's search on DARTS):
//! one random undecided edge after another, each of its operations left out in
//! turn; the one whose absence hurts the criterion most stays, alone. Then, where
//! a node has more edges than an architecture's, each is left out in turn, and
//! the one whose absence hurts least goes. What a pool of such networks has become
//! is measured at last, and the best one wins.
//!
//! Cells take turns, as in the published search. All variants of an edge are one
//! round, and all networks of the pool go through their rounds together, so that
//! any number of workers has something to do. All variants see the same image
//! and circles; with several sets of circles each variant is measured under each,
//! the mean decides, and how far the sets disagree is known.

mod member;
mod trial;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

pub(super) use member::Member;
pub use trial::Decision;
pub(super) use trial::Trial;

use super::ground::Ground;
use super::moves::{Known, Moves, Proposal};
use crate::error::{Error, Result};
use crate::sources::spaces::{Layout, Place, Space};

/// A variant on its way: whose it is, which operation or edge it lacks, and
/// under which circles it is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Slot {
    member: usize,
    option: usize,
    circle: u64,
}

/// Where the pool is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Projection {
    /// Networks in the pool.
    pub(super) pool: u64,
    /// Sets of circles that a variant is measured under.
    pub(super) circles: u64,
    /// The order in which edges are decided; none where each network draws its own.
    pub(super) order: Vec<Place>,
    /// The networks, in the order of the pool.
    pub(super) members: Vec<Member>,
    /// What is still to be proposed of this round.
    queue: VecDeque<(Option<Slot>, usize, String)>,
    /// What was proposed of it and is not learned.
    waiting: VecDeque<Slot>,
    round: u64,
    began: u64,
    /// Whether the found networks were proposed, or are about to be.
    finals: bool,
}

/// How many results a projection asks for at most.
pub(super) fn total(layout: &Layout, pool: u64, circles: u64) -> u64 {
    let edges = layout.edges.len() * layout.groups.len();
    let variants = (edges * layout.operations.len()) as u64;
    // A node with n edges: n + (n − 1) + … down to one more than it keeps.
    let rounds = |target: usize| {
        let there = layout.edges.iter().filter(|edge| edge.1 == target).count();
        let kept = layout.inputs.unwrap_or(there);
        (kept + 1..=there).sum::<usize>()
    };
    let last = layout.edges.iter().map(|edge| edge.1).max().unwrap_or(0);
    let drops = (0..=last).map(rounds).sum::<usize>() * layout.groups.len();
    let each = variants
        .saturating_mul(circles)
        .saturating_add(drops as u64 + 1);
    each.saturating_mul(pool)
}

impl Projection {
    pub(super) fn new(pool: u64, circles: u64, order: Vec<Place>) -> Self {
        Self {
            pool,
            circles,
            order,
            members: Vec::new(),
            queue: VecDeque::new(),
            waiting: VecDeque::new(),
            round: 0,
            began: 0,
            finals: false,
        }
    }

    /// The stage of the found networks: behind one for each set of circles and
    /// that of the edges.
    fn last_stage(&self, layout: &Layout) -> usize {
        self.drop_stage() + usize::from(layout.inputs.is_some())
    }

    fn drop_stage(&self) -> usize {
        usize::try_from(self.circles).unwrap_or(usize::MAX - 1)
    }

    /// Decides what is learned, and goes on to the next edge of each network.
    fn turn(&mut self, step: u64, ground: &mut Ground<'_>) -> Result<()> {
        let layout = layout(ground.space)?;
        if self.members.is_empty() {
            let member = |_| Member::begin(layout, &self.order, &mut ground.stream);
            self.members = (0..self.pool).map(member).collect();
        } else {
            self.round += 1;
        }
        self.began = step;
        for member in &mut self.members {
            member.decide(ground.space)?;
            member.go_on(ground.space)?;
        }
        let stages = 0..self.circles;
        for (index, member) in self.members.iter().enumerate() {
            let variants = member.variants(ground.space)?;
            let drops = member.trial.as_ref().is_some_and(Trial::drops);
            for (option, arch) in variants.into_iter().enumerate() {
                let sets = if drops { 0..1 } else { stages.clone() };
                for circle in sets {
                    let slot = Slot {
                        member: index,
                        option,
                        circle,
                    };
                    let stage = match drops {
                        true => self.drop_stage(),
                        false => usize::try_from(circle).unwrap_or(0),
                    };
                    self.queue.push_back((Some(slot), stage, arch.clone()));
                }
            }
        }
        if self.queue.is_empty() {
            self.finals = true;
            let mut found: Vec<String> = Vec::new();
            for arch in self.members.iter().filter_map(|m| m.arch.clone()) {
                if !found.contains(&arch) {
                    found.push(arch);
                }
            }
            let stage = self.last_stage(layout);
            self.queue = found.into_iter().map(|arch| (None, stage, arch)).collect();
        }
        Ok(())
    }
}

/// What the space's supernet consists of.
fn layout(space: &dyn Space) -> Result<&'static Layout> {
    space.layout().ok_or_else(|| without(space.name()))
}

/// The error of a space that has no supernet.
pub(super) fn without(space: &str) -> Error {
    let all = crate::sources::spaces::all().iter();
    let with: Vec<&str> = all
        .filter(|space| space.layout().is_some())
        .map(|space| space.name())
        .collect();
    Error::Usage {
        message: format!("a projection decides the edges of a supernet, and {space} has none"),
        cure: format!(
            "take a space that has one ({}), or another strategy",
            with.join(", ")
        ),
    }
}

impl Moves for Projection {
    fn needs(&self, step: u64) -> Option<u64> {
        Some(if self.queue.is_empty() && !self.finals {
            step
        } else {
            self.began
        })
    }

    fn learn(&mut self, _: u64, known: Known) {
        let Some(slot) = self.waiting.pop_front() else {
            return;
        };
        if let Some(member) = self.members.get_mut(slot.member) {
            member.learn(slot.option, slot.circle, known.aim);
        }
    }

    fn propose(&mut self, step: u64, ground: &mut Ground<'_>) -> Result<Option<Proposal>> {
        if self.queue.is_empty() && !self.finals {
            self.turn(step, ground)?;
        }
        let Some((slot, stage, arch)) = self.queue.pop_front() else {
            return Ok(None);
        };
        self.waiting.extend(slot);
        Ok(Some(Proposal {
            arch,
            round: self.round,
            stage,
        }))
    }
}

#[cfg(test)]
mod tests;
