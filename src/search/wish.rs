//! What is asked for in words and numbers, as every face takes it → a plan.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::aim::Aim;
use super::cascade::Stage;
use super::limits::{Limits, Range, count};
use super::optiproxy::Preset;
use super::paper::Paper;
use super::plan::{Measure, Plan};
use super::projection;
use super::strategy::Strategy;
use crate::error::{Error, Result};
use crate::run::PROXY;

/// Candidates of a search that says no number: the paper's; and of one that asks
/// for trainings.
const CANDIDATES: u64 = 400;
const TRAININGS: u64 = 100;

/// A count as a number, or as people write it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Count {
    /// A number, which must be whole.
    Number(f64),
    /// `6M`.
    Text(String),
}

impl Count {
    fn read(&self, name: &str) -> Result<u64> {
        match self {
            Self::Number(number) => count(name, &number.to_string()),
            Self::Text(text) => count(name, text),
        }
    }
}

/// A search as it is asked for; what is not said has its default.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Wish {
    /// The space's name; not said for a search of the paper.
    pub space: Option<String>,
    /// The space's options.
    pub options: BTreeMap<String, String>,
    /// A search of the paper, by its name.
    pub paper: Option<String>,
    /// The strategy's name: `random`.
    pub strategy: Option<String>,
    /// How many candidates: 400; of optiproxy 100. Not for a projection, whose pool
    /// decides it.
    pub candidates: Option<Count>,
    /// The seed of everything that is drawn.
    pub seed: u64,
    /// Least parameters.
    pub min_params: Option<Count>,
    /// Most parameters.
    pub max_params: Option<Count>,
    /// Least multiply–accumulates.
    pub min_macs: Option<Count>,
    /// Most multiply–accumulates.
    pub max_macs: Option<Count>,
    /// What is to be large: `dextr`, or what a cascade's last stage ranks by; of
    /// optiproxy `accuracy`, which is told.
    pub aim: Option<String>,
    /// What is to be small besides: `params`, `macs`.
    pub against: Option<String>,
    /// More proxies, separated by commas.
    pub also: String,
    /// Of evolution: how many are alive.
    pub population: Option<Count>,
    /// Of evolution: how many are drawn for a tournament.
    pub sample: Option<Count>,
    /// Of evolution: how many results a child may be ahead of.
    pub lag: Option<Count>,
    /// Of local search: random architectures at each start.
    pub starts: Option<Count>,
    /// Of a cascade: its stages, separated by commas.
    pub stages: Option<String>,
    /// Of a projection: what decides an edge, `dextr`.
    pub criterion: Option<String>,
    /// Of a projection: what decides which edges a node keeps, `naswot`.
    pub inputs: Option<String>,
    /// Of a projection: how many networks are found, of which the best one wins.
    pub pool: Option<Count>,
    /// Of a projection: under how many sets of circles each variant is measured.
    pub circles: Option<Count>,
    /// Of optiproxy: how many are asked for at first.
    pub first: Option<Count>,
    /// Of optiproxy: how many are asked for in each round after that.
    pub each: Option<Count>,
    /// Of optiproxy: a proxy whose ranks the surrogate learns first, `params:500`.
    pub warm: Option<String>,
    /// Of optiproxy: `published` or `light`.
    pub preset: Option<String>,
}

impl Wish {
    /// The plan that is meant, with scores of these settings.
    ///
    /// # Errors
    /// [`Error::UnknownName`], [`Error::Option`] or [`Error::Usage`] that name
    /// what does not fit. [`Plan::check`] does the rest.
    pub fn plan(&self, measure: Measure) -> Result<Plan> {
        let paper = self.paper()?;
        let space = match (&self.space, paper) {
            (Some(space), _) => space.clone(),
            (None, Some(paper)) => paper.name.to_owned(),
            (None, None) => {
                return Err(Error::Usage {
                    message: "there is no space to search".to_owned(),
                    cure: "give a space, or a search of the paper".to_owned(),
                });
            }
        };
        let strategy = self.strategy(paper)?;
        let aim = match (&self.aim, strategy.stages().last()) {
            (Some(aim), _) => aim.parse()?,
            (None, Some(last)) => last.aim.clone(),
            (None, None) => match strategy {
                Strategy::Optiproxy { .. } => Aim::accuracy(),
                _ => PROXY.parse()?,
            },
        };
        let default = match &strategy {
            Strategy::Projection { pool, circles, .. } => {
                let space = crate::sources::spaces::by_name(&space)?;
                let layout = space.layout();
                let layout = layout.ok_or_else(|| projection::without(space.name()))?;
                projection::total(layout, *pool, *circles)
            }
            Strategy::Optiproxy { .. } => TRAININGS,
            _ => paper.map_or(CANDIDATES, |paper| paper.candidates),
        };
        let mut options = self.options.clone();
        for (name, value) in paper.map_or(&[][..], |paper| paper.options) {
            let own = || (*value).to_owned();
            options.entry((*name).to_owned()).or_insert_with(own);
        }
        Ok(Plan {
            space,
            options,
            strategy,
            candidates: number("candidates", self.candidates.as_ref(), default)?,
            seed: self.seed,
            limits: self.limits(paper.map(|paper| paper.limits()).unwrap_or_default())?,
            aim,
            against: self.against.as_deref().map(str::parse).transpose()?,
            also: self.also.clone(),
            measure,
        })
    }

    /// The search of the paper that is meant, if one is.
    ///
    /// # Errors
    /// Those of [`Paper::by_name`]; [`Error::Usage`] where it is asked for with
    /// another space or strategy.
    pub fn paper(&self) -> Result<Option<Paper>> {
        let Some(name) = &self.paper else {
            return Ok(None);
        };
        let paper = Paper::by_name(name)?;
        let other = |given: &Option<String>, own: &str| given.as_ref().is_some_and(|g| g != own);
        if other(&self.space, paper.name) || other(&self.strategy, paper.strategy) {
            return Err(Error::Usage {
                message: format!(
                    "the paper's search {name} is in {name}, by the strategy {}",
                    paper.strategy
                ),
                cure: "leave the space and the strategy out, or the paper".to_owned(),
            });
        }
        Ok(Some(paper))
    }

    /// The limits that are said, the others as they are.
    fn limits(&self, others: Limits) -> Result<Limits> {
        let read = |name: &str, given: &Option<Count>, other: Option<u64>| match given {
            Some(given) => given.read(name).map(Some),
            None => Ok(other),
        };
        Ok(Limits {
            params: Range {
                least: read("min-params", &self.min_params, others.params.least)?,
                most: read("max-params", &self.max_params, others.params.most)?,
            },
            macs: Range {
                least: read("min-macs", &self.min_macs, others.macs.least)?,
                most: read("max-macs", &self.max_macs, others.macs.most)?,
            },
        })
    }

    /// The strategy with its settings; those of another one are refused.
    fn strategy(&self, paper: Option<Paper>) -> Result<Strategy> {
        let default = paper.map_or("random", |paper| paper.strategy);
        let mut strategy = Strategy::by_name(self.strategy.as_deref().unwrap_or(default))?;
        let said = [
            ("population", "evolution", self.population.is_some()),
            ("sample", "evolution", self.sample.is_some()),
            ("lag", "evolution", self.lag.is_some()),
            ("starts", "local", self.starts.is_some()),
            ("stages", "cascade", self.stages.is_some()),
            ("criterion", "projection", self.criterion.is_some()),
            ("inputs", "projection", self.inputs.is_some()),
            ("pool", "projection", self.pool.is_some()),
            ("circles", "projection", self.circles.is_some()),
            ("first", "optiproxy", self.first.is_some()),
            ("each", "optiproxy", self.each.is_some()),
            ("warm", "optiproxy", self.warm.is_some()),
            ("preset", "optiproxy", self.preset.is_some()),
        ];
        let foreign = |(_, of, is): &&(&str, &str, bool)| *is && *of != strategy.name();
        if let Some((name, of, _)) = said.iter().find(foreign) {
            return Err(Error::Usage {
                message: format!(
                    "{name} is for the strategy {of}, not for {}",
                    strategy.name()
                ),
                cure: format!("leave {name} out, or take the strategy {of}"),
            });
        }
        match &mut strategy {
            Strategy::Random => {}
            Strategy::Evolution {
                population,
                sample,
                lag,
            } => {
                *population = number("population", self.population.as_ref(), *population)?;
                *sample = number("sample", self.sample.as_ref(), *sample)?;
                *lag = number("lag", self.lag.as_ref(), *lag)?;
            }
            Strategy::Local { starts } => {
                *starts = number("starts", self.starts.as_ref(), *starts)?;
            }
            Strategy::Cascade { stages } => {
                let texts = self.stages.iter().flat_map(|all| all.split(','));
                *stages = texts.map(str::parse::<Stage>).collect::<Result<_>>()?;
            }
            Strategy::Projection {
                criterion,
                inputs,
                pool,
                circles,
                ..
            } => {
                if let Some(given) = &self.criterion {
                    *criterion = given.parse()?;
                }
                if let Some(given) = &self.inputs {
                    *inputs = given.parse()?;
                }
                let default = paper.map_or(*pool, |paper| paper.candidates);
                *pool = number("pool", self.pool.as_ref(), default)?;
                *circles = number("circles", self.circles.as_ref(), *circles)?;
            }
            Strategy::Optiproxy {
                first,
                each,
                warm,
                preset,
            } => {
                *first = number("first", self.first.as_ref(), *first)?;
                *each = number("each", self.each.as_ref(), *each)?;
                *warm = self.warm.as_deref().map(str::parse::<Stage>).transpose()?;
                if let Some(given) = &self.preset {
                    *preset = given.parse::<Preset>()?;
                }
            }
        }
        Ok(strategy)
    }
}

/// A number that may be left out.
fn number(name: &str, given: Option<&Count>, default: u64) -> Result<u64> {
    given.map_or(Ok(default), |given| given.read(name))
}

#[cfg(test)]
mod tests;
