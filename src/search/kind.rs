//! The strategies on their way, and what each begins as.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::cascade::Cascade;
use super::evolution::Evolution;
use super::local::Local;
use super::moves::Moves;
use super::optiproxy::Optiproxy;
use super::projection::Projection;
use super::random::Random;
use super::strategy::Strategy;

/// A strategy on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// See [`Random`].
    Random(Random),
    /// See [`Evolution`].
    Evolution(Evolution),
    /// See [`Local`].
    Local(Local),
    /// See [`Cascade`].
    Cascade(Cascade),
    /// See [`Projection`].
    Projection(Projection),
    /// See [`Optiproxy`].
    Optiproxy(Box<Optiproxy>),
}

impl Kind {
    pub(super) fn moves(&self) -> &dyn Moves {
        match self {
            Self::Random(it) => it,
            Self::Evolution(it) => it,
            Self::Local(it) => it,
            Self::Cascade(it) => it,
            Self::Projection(it) => it,
            Self::Optiproxy(it) => it.as_ref(),
        }
    }

    pub(super) fn moves_mut(&mut self) -> &mut dyn Moves {
        match self {
            Self::Random(it) => it,
            Self::Evolution(it) => it,
            Self::Local(it) => it,
            Self::Cascade(it) => it,
            Self::Projection(it) => it,
            Self::Optiproxy(it) => it.as_mut(),
        }
    }
}

impl Strategy {
    /// What it is before the first candidate.
    pub(super) fn begin(&self, candidates: u64) -> Kind {
        match self {
            Self::Random => Kind::Random(Random {}),
            Self::Evolution {
                population,
                sample,
                lag,
            } => Kind::Evolution(Evolution {
                population: *population,
                sample: *sample,
                lag: *lag,
                alive: VecDeque::new(),
            }),
            Self::Local { starts } => Kind::Local(Local::new(*starts)),
            Self::Cascade { stages } => Kind::Cascade(Cascade::new(candidates, stages)),
            Self::Projection {
                pool,
                circles,
                order,
                ..
            } => Kind::Projection(Projection::new(*pool, *circles, order.clone())),
            Self::Optiproxy {
                first,
                each,
                preset,
                ..
            } => {
                let counts = [*first, *each, self.labels()];
                Kind::Optiproxy(Box::new(Optiproxy::new(*preset, counts)))
            }
        }
    }

    /// Whether this is what became of it: a state is a file, and says anything.
    pub(super) fn owns(&self, kind: &Kind) -> bool {
        match (self, kind) {
            (Self::Random, Kind::Random(_)) => true,
            (
                Self::Evolution {
                    population,
                    sample,
                    lag,
                },
                Kind::Evolution(it),
            ) => (it.population, it.sample, it.lag) == (*population, *sample, *lag),
            (Self::Local { starts }, Kind::Local(it)) => it.starts == *starts,
            (Self::Cascade { stages }, Kind::Cascade(it)) => it.is_of(stages),
            (
                Self::Projection {
                    pool,
                    circles,
                    order,
                    ..
                },
                Kind::Projection(it),
            ) => {
                (it.pool, it.circles, &it.order) == (*pool, *circles, order)
                    && it.members.len() as u64 <= *pool
            }
            (
                Self::Optiproxy {
                    first,
                    each,
                    preset,
                    ..
                },
                Kind::Optiproxy(it),
            ) => {
                (it.first, it.each, it.labels) == (*first, *each, self.labels())
                    && it.preset == *preset
            }
            _ => false,
        }
    }
}
