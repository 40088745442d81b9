//! The strategies, with what can be set of each.

use serde::{Deserialize, Serialize};

use super::aim::Aim;
use super::cascade::Stage;
use super::optiproxy::Preset;
use crate::error::{Error, Result};
use crate::sources::spaces::Place;

/// The strategies' names.
pub const STRATEGIES: [&str; 6] = [
    "random",
    "evolution",
    "local",
    "cascade",
    "projection",
    "optiproxy",
];

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
    /// By a surrogate that learns what is told.
    Optiproxy {
        /// Architectures that are asked for at first.
        #[serde(default = "defaults::first")]
        first: u64,
        /// Those of each round after that.
        #[serde(default = "defaults::each")]
        each: u64,
        /// A proxy whose ranks the surrogate learns before the first ones, and on
        /// how many random architectures; none where it begins cold.
        #[serde(default)]
        warm: Option<Stage>,
        /// How large the surrogate is, and how it is fitted.
        #[serde(default)]
        preset: Preset,
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
    pub(super) fn first() -> u64 {
        10
    }
    pub(super) fn each() -> u64 {
        5
    }
    /// Random architectures of a warm start.
    pub(super) const LABELS: u64 = 500;
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
            "optiproxy" => Ok(Self::Optiproxy {
                first: defaults::first(),
                each: defaults::each(),
                warm: None,
                preset: Preset::default(),
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
            Self::Optiproxy { .. } => STRATEGIES[5],
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

    /// Random architectures that a proxy ranks to warm a surrogate, 0 elsewhere.
    pub(super) fn labels(&self) -> u64 {
        match self {
            Self::Optiproxy {
                warm: Some(warm), ..
            } => warm.keep.unwrap_or(defaults::LABELS),
            _ => 0,
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
            Self::Optiproxy {
                first, each, warm, ..
            } => {
                // One value has no rank and no deviation.
                within("first", *first, 2, MOST)?;
                within("each", *each, 1, MOST)?;
                match warm {
                    Some(_) => within("warm", self.labels(), 2, MOST),
                    None => Ok(()),
                }
            }
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
