//! The strategies, with what can be set of each.

use serde::{Deserialize, Serialize};

use super::aim::Aim;
use super::cascade::{Cascade, Stage};
use super::evolution::Evolution;
use super::local::Local;
use super::moves::Moves;
use super::projection::Projection;
use super::random::Random;
use crate::error::{Error, Result};
use crate::sources::spaces::Place;

/// The strategies' names.
pub const STRATEGIES: [&str; 5] = ["random", "evolution", "local", "cascade", "projection"];

/// Most architectures in a queue or at a start.
const MOST: u64 = 100_000;
/// Most networks in a pool, and most sets of circles.
const MOST_POOL: u64 = 1_000;

/// How a search goes about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Strategy {
    /// Uniform draws.
    Random,
    /// Aging evolution.
    Evolution {
        /// Architectures that are alive.
        #[serde(default = "defaults::population")]
        population: u64,
        /// How many of them are drawn for a tournament.
        #[serde(default = "defaults::sample")]
        sample: u64,
        /// How many results a child may be ahead of: as many are under way at most.
        #[serde(default = "defaults::lag")]
        lag: u64,
    },
    /// To the best neighbour, with restarts.
    Local {
        /// Random architectures at each start.
        #[serde(default = "defaults::starts")]
        starts: u64,
    },
    /// Cheap proxies on many, dear ones on the best.
    Cascade {
        /// The stages; all but the last one say how many go on.
        stages: Vec<Stage>,
    },
    /// The edges of a supernet, decided one after another.
    Projection {
        /// What decides: the operation stays whose absence makes it least.
        criterion: Aim,
        /// What decides which edges a node keeps: the edge goes whose absence
        /// leaves it largest.
        inputs: Aim,
        /// How many networks are found so; the aim ranks them.
        #[serde(default = "defaults::one")]
        pool: u64,
        /// Under how many sets of circles each variant is measured.
        #[serde(default = "defaults::one")]
        circles: u64,
        /// The order in which edges are decided; empty where it is drawn.
        #[serde(default)]
        order: Vec<Place>,
    },
}

/// What is taken where nothing is said.
mod defaults {
    pub(super) fn population() -> u64 {
        50
    }
    pub(super) fn sample() -> u64 {
        10
    }
    pub(super) fn lag() -> u64 {
        8
    }
    pub(super) fn starts() -> u64 {
        10
    }
    pub(super) fn one() -> u64 {
        1
    }
    /// The published search has these two.
    pub(super) const CRITERION: &str = "dextr";
    pub(super) const INPUTS: &str = "naswot";
}

impl Strategy {
    /// A strategy by its name, with its defaults; a cascade has no stages yet.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the names that exist.
    pub fn by_name(name: &str) -> Result<Self> {
        match name {
            "random" => Ok(Self::Random),
            "evolution" => Ok(Self::Evolution {
                population: defaults::population(),
                sample: defaults::sample(),
                lag: defaults::lag(),
            }),
            "local" => Ok(Self::Local {
                starts: defaults::starts(),
            }),
            "cascade" => Ok(Self::Cascade { stages: Vec::new() }),
            "projection" => Ok(Self::Projection {
                criterion: defaults::CRITERION.parse()?,
                inputs: defaults::INPUTS.parse()?,
                pool: defaults::one(),
                circles: defaults::one(),
                order: Vec::new(),
            }),
            _ => Err(Error::unknown("strategy", name, &STRATEGIES)),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Random => STRATEGIES[0],
            Self::Evolution { .. } => STRATEGIES[1],
            Self::Local { .. } => STRATEGIES[2],
            Self::Cascade { .. } => STRATEGIES[3],
            Self::Projection { .. } => STRATEGIES[4],
        }
    }

    /// The stages of a cascade, none elsewhere.
    #[must_use]
    pub fn stages(&self) -> &[Stage] {
        match self {
            Self::Cascade { stages } => stages,
            _ => &[],
        }
    }

    /// Checks ranges, and that the settings go together.
    ///
    /// # Errors
    /// [`Error::Option`] or [`Error::Usage`].
    pub fn check(&self, candidates: u64) -> Result<()> {
        let within = |name: &str, value: u64, least: u64, most: u64| match value {
            v if (least..=most).contains(&v) => Ok(()),
            v => {
                let expected = format!("a whole number from {least} to {most}");
                Err(Error::option(name, &v.to_string(), expected))
            }
        };
        match self {
            Self::Random => Ok(()),
            Self::Evolution {
                population,
                sample,
                lag,
            } => {
                within("population", *population, 2, MOST)?;
                within("sample", *sample, 1, *population)?;
                // The first tournament has population − lag to draw from.
                within("lag", *lag, 1, population - 1)
            }
            Self::Local { starts } => within("starts", *starts, 1, MOST),
            Self::Cascade { stages } => check_stages(stages, candidates),
            Self::Projection { pool, circles, .. } => {
                within("pool", *pool, 1, MOST_POOL)?;
                within("circles", *circles, 1, MOST_POOL)
            }
        }
    }

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
                alive: std::collections::VecDeque::new(),
            }),
            Self::Local { starts } => Kind::Local(Local::new(*starts)),
            Self::Cascade { stages } => Kind::Cascade(Cascade::new(candidates, stages)),
            Self::Projection {
                pool,
                circles,
                order,
                ..
            } => Kind::Projection(Projection::new(*pool, *circles, order.clone())),
        }
    }
}

impl Strategy {
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
            _ => false,
        }
    }
}

fn check_stages(stages: &[Stage], candidates: u64) -> Result<()> {
    let Some((last, before)) = stages.split_last().filter(|(_, before)| !before.is_empty()) else {
        return Err(Error::Usage {
            message: "a cascade has two stages or more".to_owned(),
            cure: "give stages as naswot:20,dextr: a proxy and how many of the best go on"
                .to_owned(),
        });
    };
    let mut there = candidates;
    for stage in before {
        let keep = stage.keep.unwrap_or_default();
        if !(1..=there).contains(&keep) {
            let expected = format!(
                "how many of the {there} go on behind a colon, as {}:{}",
                stage.aim,
                there.div_ceil(10)
            );
            return Err(Error::option("stages", &stage.to_string(), expected));
        }
        there = keep;
    }
    match last.keep {
        Some(_) => Err(Error::option(
            "stages",
            &last.to_string(),
            format!("{} alone: nothing comes after the last stage", last.aim),
        )),
        None => Ok(()),
    }
}

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
}

impl Kind {
    pub(super) fn moves(&self) -> &dyn Moves {
        match self {
            Self::Random(it) => it,
            Self::Evolution(it) => it,
            Self::Local(it) => it,
            Self::Cascade(it) => it,
            Self::Projection(it) => it,
        }
    }

    pub(super) fn moves_mut(&mut self) -> &mut dyn Moves {
        match self {
            Self::Random(it) => it,
            Self::Evolution(it) => it,
            Self::Local(it) => it,
            Self::Cascade(it) => it,
            Self::Projection(it) => it,
        }
    }
}
