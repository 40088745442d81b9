//! The phases of a search: what its candidates are measured by, or told.

use super::aim::Aim;
use super::plan::Plan;
use super::strategy::Strategy;
use crate::sources::spaces;

/// What the candidates of a phase are measured by. Most searches have one; a
/// cascade has one a stage; a projection has one for each set of circles, one for
/// the edges that nodes keep, and one for the networks that are found; a surrogate
/// that a proxy warms has one for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phase {
    /// What ranks in it.
    pub aim: Aim,
    /// Weight seeds, where they are not the search's own.
    pub seeds: Option<u32>,
    /// What is added to the seed of the circles.
    pub circle: u64,
}

impl Phase {
    fn of(aim: &Aim) -> Self {
        Self {
            aim: aim.clone(),
            seeds: None,
            circle: 0,
        }
    }
}

impl Plan {
    /// The phases. The best are those of the last one.
    #[must_use]
    pub fn phases(&self) -> Vec<Phase> {
        match &self.strategy {
            Strategy::Cascade { stages } if !stages.is_empty() => stages
                .iter()
                .map(|stage| Phase {
                    seeds: stage.seeds,
                    ..Phase::of(&stage.aim)
                })
                .collect(),
            Strategy::Projection {
                criterion,
                inputs,
                circles,
                ..
            } => {
                let sets = (0..*circles).map(|circle| Phase {
                    circle,
                    ..Phase::of(criterion)
                });
                let space = spaces::by_name(&self.space).ok();
                let layout = space.and_then(spaces::Space::layout);
                let drops = layout.and_then(|layout| layout.inputs);
                let drops = drops.map(|_| Phase::of(inputs));
                sets.chain(drops).chain([Phase::of(&self.aim)]).collect()
            }
            Strategy::Optiproxy {
                warm: Some(warm), ..
            } => {
                let warming = Phase {
                    seeds: warm.seeds,
                    ..Phase::of(&warm.aim)
                };
                vec![warming, Phase::of(&self.aim)]
            }
            _ => vec![Phase::of(&self.aim)],
        }
    }
}
