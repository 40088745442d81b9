//! A search: asked for candidates, told their rows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::best::{Best, Entry};
use super::candidate::{Candidate, Progress};
use super::ground::Ground;
use super::kind::Kind;
use super::limits::Sizes;
use super::moves::{Known, Proposal};
use super::plan::Plan;
use super::seen::Seen;
use crate::error::{Error, Result};
use crate::random::Stream;
use crate::run::Row;
use crate::sources::spaces;

/// A candidate whose row is not told yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Open {
    pub(super) arch: String,
    pub(super) round: u64,
    pub(super) stage: usize,
    /// Whether somebody works on it. Nobody does once a state is read back.
    #[serde(skip)]
    pub(super) handed: bool,
}

/// A search: plain data, all of which [`Search::state`] keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    pub(super) plan: Plan,
    pub(super) data: Data,
}

/// What changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Data {
    pub(super) strategy: Kind,
    /// How many candidates were asked for.
    pub(super) asked: u64,
    /// How many results the strategy has learned.
    pub(super) learned: u64,
    pub(super) told: u64,
    pub(super) without: u64,
    /// Whether there are no more.
    pub(super) ended: bool,
    pub(super) open: BTreeMap<u64, Open>,
    /// Results that were told and are not learned.
    pub(super) held: BTreeMap<u64, Known>,
    pub(super) seen: Seen,
    pub(super) best: Best,
    /// The accuracies that were told, by architecture.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) accuracies: BTreeMap<String, f64>,
}

impl Search {
    /// A search that has not begun.
    ///
    /// # Errors
    /// Those of [`Plan::check`].
    pub fn new(plan: Plan) -> Result<Self> {
        plan.check()?;
        let data = Data {
            strategy: plan.strategy.begin(plan.candidates),
            asked: 0,
            learned: 0,
            told: 0,
            without: 0,
            ended: false,
            open: BTreeMap::new(),
            held: BTreeMap::new(),
            seen: Seen::default(),
            best: Best::default(),
            accuracies: BTreeMap::new(),
        };
        Ok(Self { plan, data })
    }

    /// What it is.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// At most `n` candidates to measure now. None does not mean that nothing is
    /// left: more may come once what is under way is told. After
    /// [`Search::from_state`], those that were not told come first.
    ///
    /// # Errors
    /// [`Error::Option`] where nothing is within the limits, with the nearest
    /// sizes that were found.
    pub fn ask(&mut self, n: usize) -> Result<Vec<Candidate>> {
        let mut asked = Vec::new();
        let lost = self.data.open.iter_mut().filter(|(_, open)| !open.handed);
        for (step, open) in lost.take(n) {
            open.handed = true;
            asked.push((*step, open.clone()));
        }
        while asked.len() < n {
            match self.propose()? {
                Some(next) => asked.push(next),
                None => break,
            }
        }
        asked
            .into_iter()
            .map(|(step, open)| self.candidate(step, open))
            .collect()
    }

    fn candidate(&self, step: u64, open: Open) -> Result<Candidate> {
        let phases = self.plan.phases();
        let phase = phases.get(open.stage);
        Ok(Candidate {
            step,
            round: open.round,
            stage: open.stage,
            space: self.plan.space.clone(),
            proxies: self.plan.proxies(open.stage)?,
            seeds: phase.and_then(|phase| phase.seeds),
            circle: phase.map_or(0, |phase| phase.circle),
            told: self.plan.aim_of(open.stage).0.is_told(),
            arch: open.arch,
        })
    }

    /// The next candidate, if there is one and all is told that it depends on.
    fn propose(&mut self) -> Result<Option<(u64, Open)>> {
        let step = self.data.asked;
        if self.data.ended || step >= self.plan.total() {
            return Ok(None);
        }
        let space = spaces::by_name(&self.plan.space)?;
        let options = self.plan.options();
        while self.learn(step) {
            let data = &mut self.data;
            let name = format!("search.{}.{step}", self.plan.strategy.name());
            let mut ground = Ground {
                space,
                options: &options,
                limits: &self.plan.limits,
                seen: &mut data.seen,
                stream: Stream::new(self.plan.seed, &name),
                met: step > 0,
            };
            let strategy = data.strategy.moves_mut();
            if let Some(Proposal { arch, round, stage }) = strategy.propose(step, &mut ground)? {
                let open = Open {
                    arch,
                    round,
                    stage,
                    handed: true,
                };
                data.asked += 1;
                data.open.insert(step, open.clone());
                return Ok(Some((step, open)));
            }
            // It may want to learn more first.
            if strategy
                .needs(step)
                .is_none_or(|needs| needs <= data.learned)
            {
                data.ended = true;
                return Ok(None);
            }
        }
        Ok(None)
    }

    /// Lets the strategy learn what it must know before a step. False where that
    /// is not told yet.
    fn learn(&mut self, step: u64) -> bool {
        let data = &mut self.data;
        let Some(needs) = data.strategy.moves().needs(step) else {
            return true;
        };
        while data.learned < needs {
            let Some(known) = data.held.remove(&data.learned) else {
                return false;
            };
            data.strategy.moves_mut().learn(data.learned, known);
            data.learned += 1;
        }
        true
    }

    /// Takes in a candidate's row. True for one that was waited for, false for
    /// one that was told before.
    ///
    /// # Errors
    /// [`Error::Search`] for a row that was not asked for, and for one of a
    /// candidate whose accuracy is told ([`Search::tell_accuracy`]), but for a row
    /// with an error.
    pub fn tell(&mut self, step: u64, row: &Row) -> Result<bool> {
        let data = &self.data;
        let foreign = |message: String| Error::Search {
            message,
            cure: "tell a search the rows of its own candidates, by their steps".to_owned(),
        };
        let Some(open) = data.open.get(&step) else {
            if step < data.asked {
                return Ok(false);
            }
            return Err(foreign(format!(
                "candidate {step} was told and not asked for: {} were",
                data.asked
            )));
        };
        if open.arch != row.arch || self.plan.space != row.space {
            return Err(foreign(format!(
                "candidate {step} is {} of {}, and was told as {} of {}",
                open.arch, self.plan.space, row.arch, row.space
            )));
        }
        let (aim, _) = self.plan.aim_of(open.stage);
        if aim.is_told() && !row.is_failed() {
            return Err(Error::Search {
                message: format!("candidate {step} waits for its accuracy, not for a row"),
                cure: "tell its accuracy, from 0 to 100".to_owned(),
            });
        }
        let known = Known {
            arch: row.arch.clone(),
            aim: aim.of(row),
        };
        let sizes = Sizes {
            params: row.params.unwrap_or_default(),
            macs: row.macs.unwrap_or_default(),
        };
        self.settle(step, known, sizes);
        Ok(true)
    }

    /// Takes in what is known of an open candidate.
    pub(super) fn settle(&mut self, step: u64, known: Known, Sizes { params, macs }: Sizes) {
        let data = &mut self.data;
        let Some(open) = data.open.remove(&step) else {
            return;
        };
        let (_, is_last) = self.plan.aim_of(open.stage);
        data.told += 1;
        data.without += u64::from(known.aim.is_none());
        if let (Some(aim), true) = (known.aim, is_last) {
            let entry = Entry {
                step,
                arch: known.arch.clone(),
                aim,
                params,
                macs,
            };
            data.best.add(&entry, self.plan.against);
        }
        if data.strategy.moves().needs(step).is_some() {
            data.held.insert(step, known);
        }
    }

    /// The best `n` so far, at most 100, the best first; of equals the one that
    /// was asked for first. Of a cascade, those of its last stage.
    #[must_use]
    pub fn best(&self, n: usize) -> &[Entry] {
        let all = &self.data.best.all;
        &all[..n.min(all.len())]
    }

    /// What nothing that was found is better than in both aims, the smallest
    /// first; empty where there is one aim.
    #[must_use]
    pub fn front(&self) -> &[Entry] {
        &self.data.best.front
    }

    /// The candidate with the most parameters: what a search by anything else
    /// has to be better than.
    #[must_use]
    pub fn largest(&self) -> Option<&Entry> {
        self.data.best.largest.as_ref()
    }

    /// The value of the aim in a candidate's row.
    #[must_use]
    pub fn aim(&self, stage: usize, row: &Row) -> Option<f64> {
        self.plan.aim_of(stage).0.of(row)
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let data = &self.data;
        let planned = self.plan.total();
        let over = data.ended || data.asked >= planned;
        Progress {
            asked: data.asked,
            told: data.told,
            without: data.without,
            total: if over { data.asked } else { planned },
            done: over && data.open.is_empty(),
        }
    }
}
