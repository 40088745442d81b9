//! What is asked for in words and numbers, as every face takes it → a plan.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::cascade::Stage;
use super::limits::{Limits, Range, count};
use super::paper::Paper;
use super::plan::{Measure, Plan};
use super::strategy::Strategy;
use crate::error::{Error, Result};
use crate::run::PROXY;

/// Candidates of a search that says no number: the paper's.
const CANDIDATES: u64 = 400;

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
    /// How many candidates: 400.
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
    /// What is to be large: `dextr`, or what a cascade's last stage ranks by.
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
        let strategy = self.strategy()?;
        let aim = match (&self.aim, strategy.stages().last()) {
            (Some(aim), _) => aim.parse()?,
            (None, Some(last)) => last.aim.clone(),
            (None, None) => PROXY.parse()?,
        };
        let default = paper.map_or(CANDIDATES, |paper| paper.candidates);
        Ok(Plan {
            space,
            options: self.options.clone(),
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
        if other(&self.space, paper.name) || other(&self.strategy, "random") {
            return Err(Error::Usage {
                message: format!("the paper's search {name} draws at random in {name}"),
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
    fn strategy(&self) -> Result<Strategy> {
        let mut strategy = Strategy::by_name(self.strategy.as_deref().unwrap_or("random"))?;
        let said = [
            ("population", "evolution", self.population.is_some()),
            ("sample", "evolution", self.sample.is_some()),
            ("lag", "evolution", self.lag.is_some()),
            ("starts", "local", self.starts.is_some()),
            ("stages", "cascade", self.stages.is_some()),
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
        }
        Ok(strategy)
    }
}

/// A number that may be left out.
fn number(name: &str, given: Option<&Count>, default: u64) -> Result<u64> {
    given.map_or(Ok(default), |given| given.read(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(json: &str) -> Result<Plan> {
        let wish: Wish = serde_json::from_str(json).unwrap();
        wish.plan(Measure::default())
    }

    #[test]
    fn what_is_not_said_has_its_default() {
        let plan = plan(r#"{"space": "darts"}"#).unwrap();
        assert_eq!((plan.candidates, plan.seed), (400, 0));
        assert_eq!(plan.strategy, Strategy::Random);
        assert_eq!(
            (plan.aim.to_string().as_str(), plan.against),
            ("dextr", None)
        );
        assert!(plan.limits.is_open());
    }

    #[test]
    fn numbers_may_be_numbers_or_texts() {
        let json = r#"{"space": "darts", "strategy": "evolution", "candidates": "1k", "maxParams": 6e6,
            "minMacs": "0.5G", "lag": 3, "against": "macs", "aim": "meco_opt*swap"}"#;
        let plan = plan(json).unwrap();
        assert_eq!(plan.candidates, 1000);
        assert_eq!(plan.limits.params.most, Some(6_000_000));
        assert_eq!(plan.limits.macs.least, Some(500_000_000));
        let Strategy::Evolution {
            population, lag, ..
        } = plan.strategy
        else {
            panic!("{:?}", plan.strategy);
        };
        assert_eq!((population, lag), (50, 3));
    }

    #[test]
    fn a_cascade_aims_at_what_its_last_stage_ranks_by() {
        let json = r#"{"space": "darts", "strategy": "cascade", "stages": "naswot:20,dextr*s@3"}"#;
        let plan = plan(json).unwrap();
        assert_eq!(plan.aim.to_string(), "dextr*s");
        assert_eq!(plan.strategy.stages()[1].seeds, Some(3));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for (json, part) in [
            (r#"{}"#, "no space"),
            (r#"{"space": "darts", "lag": 2}"#, "evolution"),
            (r#"{"space": "darts", "stages": "s"}"#, "cascade"),
            (r#"{"space": "darts", "candidates": 1.5}"#, "1.5"),
            (r#"{"space": "darts", "maxParams": "many"}"#, "max-params"),
            (
                r#"{"paper": "autoformer-tiny", "space": "darts"}"#,
                "at random in",
            ),
            (r#"{"paper": "darts"}"#, "darts"),
        ] {
            let error = plan(json).unwrap_err();
            assert!(error.to_string().contains(part), "{json}: {error}");
        }
        assert!(serde_json::from_str::<Wish>(r#"{"budget": 3}"#).is_err());
    }
}
