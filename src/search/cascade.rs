//! A cascade: a cheap proxy on many, a dearer one on the best of these, …
//!
//! `naswot:200,meco_opt:20,dextr@5` scores all candidates by NASWOT, the best
//! 200 of them by MeCo_opt, the best 20 of these by Dextr with five weight
//! seeds. Ranks within a stage decide, never values of two stages. All rows
//! stay: what a filter threw away shows its bias.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::aim::Aim;
use super::ground::Ground;
use super::limits::count;
use super::moves::{Known, Moves, Proposal};
use crate::error::{Error, Result};

/// One stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// What ranks here.
    pub aim: Aim,
    /// How many of the best go on; none for the last stage.
    #[serde(default)]
    pub keep: Option<u64>,
    /// Weight seeds; none for those of the search.
    #[serde(default)]
    pub seeds: Option<u32>,
}

/// `aim@seeds:keep`, seeds and keep may be left out.
impl FromStr for Stage {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (rest, keep) = match text.rsplit_once(':') {
            Some((rest, keep)) => (rest, Some(count("stages", keep)?)),
            None => (text, None),
        };
        let (aim, seeds) = match rest.rsplit_once('@') {
            Some((aim, seeds)) => {
                let parsed = seeds.trim().parse();
                let wrong = |_| Error::option("stages", text, "aim@seeds:keep, as naswot:200");
                (aim, Some(parsed.map_err(wrong)?))
            }
            None => (rest, None),
        };
        Ok(Self {
            aim: aim.parse()?,
            keep,
            seeds,
        })
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.aim)?;
        if let Some(seeds) = self.seeds {
            write!(f, "@{seeds}")?;
        }
        match self.keep {
            Some(keep) => write!(f, ":{keep}"),
            None => Ok(()),
        }
    }
}

/// The best of a stage, with the steps that their results had: of equals the
/// first one goes before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Ranked {
    step: u64,
    known: Known,
}

/// Where the cascade is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Cascade {
    /// How many random ones the first stage still proposes.
    random: u64,
    /// How many of each stage go on.
    keeps: Vec<u64>,
    stage: usize,
    began: u64,
    /// What is still to be proposed of this stage, the best last.
    queue: Vec<String>,
    /// The best of this stage so far, best first.
    best: Vec<Ranked>,
}

impl Cascade {
    pub(super) fn new(candidates: u64, stages: &[Stage]) -> Self {
        Self {
            random: candidates,
            keeps: stages.iter().filter_map(|stage| stage.keep).collect(),
            stage: 0,
            began: 0,
            queue: Vec::new(),
            best: Vec::new(),
        }
    }

    /// Whether it has these stages.
    pub(super) fn is_of(&self, stages: &[Stage]) -> bool {
        let keeps = stages.iter().filter_map(|stage| stage.keep);
        self.keeps.iter().copied().eq(keeps) && self.stage <= stages.len()
    }

    fn is_stage_over(&self) -> bool {
        self.queue.is_empty() && self.random == 0
    }
}

impl Moves for Cascade {
    fn needs(&self, step: u64) -> Option<u64> {
        Some(if self.is_stage_over() {
            step
        } else {
            self.began
        })
    }

    fn learn(&mut self, step: u64, known: Known) {
        let Some(keep) = self.keeps.get(self.stage).filter(|_| known.aim.is_some()) else {
            return;
        };
        let place = self
            .best
            .partition_point(|other| !known.beats(&other.known));
        self.best.insert(place, Ranked { step, known });
        let keep = usize::try_from(*keep).unwrap_or(usize::MAX);
        self.best.truncate(keep);
    }

    fn propose(&mut self, step: u64, ground: &mut Ground<'_>) -> Result<Option<Proposal>> {
        if self.random > 0 {
            // Where there are no more, the stage is what was drawn of it.
            return Proposal::drawn(&mut self.random, ground);
        }
        if self.queue.is_empty() {
            self.stage += 1;
            self.began = step;
            let best = std::mem::take(&mut self.best).into_iter().rev();
            self.queue = best.map(|ranked| ranked.known.arch).collect();
        }
        Ok(self.queue.pop().map(|arch| Proposal {
            arch,
            round: self.stage as u64,
            stage: self.stage,
        }))
    }
}
