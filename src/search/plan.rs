//! What a search is: all that decides which candidates it asks for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::aim::Aim;
use super::best::Size;
use super::ground;
use super::limits::Limits;
use super::optiproxy;
use super::projection;
use super::strategy::Strategy;
use crate::architecture::Options;
use crate::error::{Error, Result};
use crate::proxy::Settings;
use crate::sources::Source;
use crate::sources::spaces::{Space, Supernet};

/// Most candidates of one search.
const MOST: u64 = 100_000_000;

/// Everything that decides a search but the device. Two searches with the same
/// plan ask for the same candidates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The space's name.
    pub space: String,
    /// Its options, as given.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
    /// How it goes about it.
    pub strategy: Strategy,
    /// How many candidates are asked for; of a cascade, those of its first stage;
    /// of a projection, what its pool and circles come to; of a surrogate without
    /// those that a proxy warms it by.
    pub candidates: u64,
    /// The seed of everything that is drawn.
    #[serde(default)]
    pub seed: u64,
    /// How large candidates may be.
    #[serde(default)]
    pub limits: Limits,
    /// What is to be large. A cascade's is that of its last stage.
    pub aim: Aim,
    /// What is to be small besides: the search then keeps the Pareto front.
    #[serde(default)]
    pub against: Option<Size>,
    /// What else is measured of each candidate: proxies' names.
    #[serde(default)]
    pub also: String,
    /// How it is measured.
    #[serde(default)]
    pub measure: Measure,
}

/// The settings of every score of a search, in words: a state that was made
/// with others is not gone on with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Measure(BTreeMap<String, String>);

impl Measure {
    /// Of settings; the proxies are the plan's own.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        let default = |given: Option<String>| given.unwrap_or_else(|| "default".to_owned());
        let pairs = [
            ("weight seed", settings.seed.to_string()),
            ("seeds", settings.seeds.to_string()),
            ("image seed", settings.image_seed.to_string()),
            ("curve seed", settings.curve_seed.to_string()),
            ("image", settings.image_name()),
            ("protocol", settings.protocol.name().to_owned()),
            (
                "observe",
                default(settings.observe.map(|p| p.name().to_owned())),
            ),
            ("curves", default(settings.curves.map(|n| n.to_string()))),
        ];
        // Where it is given alone: states from before it was a setting have none.
        let size = settings.swap_size.map(|s| ("swap size", s.to_string()));
        let pairs = pairs.into_iter().chain(size);
        Self(
            pairs
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }
}

impl Plan {
    /// Checks everything before any work, and gives the space.
    ///
    /// # Errors
    /// [`Error::UnknownName`], [`Error::Option`] or [`Error::Usage`] that name
    /// what does not fit.
    pub fn check(&self) -> Result<&'static dyn Space> {
        let space = match Source::by_name(&self.space)? {
            Source::Space(space) => space,
            Source::Models => {
                return Err(Error::Usage {
                    message: "model files are no space: there is nothing to choose in them"
                        .to_owned(),
                    cure: "search a space; score model files as a list".to_owned(),
                });
            }
        };
        let counts = matches!(self.strategy, Strategy::Projection { .. });
        if !counts && !(1..=MOST).contains(&self.candidates) {
            let expected = format!("a whole number from 1 to {MOST}");
            return Err(Error::option(
                "candidates",
                &self.candidates.to_string(),
                expected,
            ));
        }
        self.strategy.check(self.candidates)?;
        self.check_projection(space)?;
        self.check_told()?;
        if matches!(self.strategy, Strategy::Optiproxy { .. }) {
            optiproxy::check(space.name())?;
        }
        if let Some(last) = self.strategy.stages().last()
            && last.aim != self.aim
        {
            return Err(Error::option(
                "aim",
                &self.aim.to_string(),
                format!("{}, what the last stage ranks by", last.aim),
            ));
        }
        self.limits.check()?;
        Source::Space(space).example(&self.options())?;
        self.aim.proxies(&self.also)?;
        Ok(space)
    }

    /// The space's options.
    #[must_use]
    pub fn options(&self) -> Options {
        ground::options(&self.options)
    }

    /// How many candidates there are in all stages together.
    #[must_use]
    pub fn total(&self) -> u64 {
        let keeps = self.strategy.stages().iter().filter_map(|stage| stage.keep);
        self.candidates
            .saturating_add(keeps.fold(0, u64::saturating_add))
            .saturating_add(self.strategy.labels())
    }

    /// The proxies of a phase (0 where there is one), separated by commas.
    ///
    /// # Errors
    /// Those of [`Aim::proxies`].
    pub fn proxies(&self, stage: usize) -> Result<String> {
        let (aim, is_last) = self.aim_of(stage);
        aim.proxies(if is_last { &self.also } else { "" })
    }

    /// The proxies of all phases, the last one's first.
    ///
    /// # Errors
    /// Those of [`Aim::proxies`].
    pub fn all_proxies(&self) -> Result<String> {
        let stages = self.phases().len();
        let names = (0..stages).rev().map(|stage| self.proxies(stage));
        let names = names.collect::<Result<Vec<_>>>()?.join(",");
        let all = crate::proxy::by_names(&names)?;
        let all: Vec<&str> = all.iter().map(|p| p.about().name).collect();
        Ok(all.join(","))
    }

    /// The aim of a phase, and whether its candidates may be the search's best.
    pub(super) fn aim_of(&self, stage: usize) -> (Aim, bool) {
        let phases = self.phases();
        match phases.get(stage) {
            Some(own) => (own.aim.clone(), stage + 1 == phases.len()),
            None => (self.aim.clone(), true),
        }
    }

    /// Checks that accuracies are asked for in the last phase alone: what is trained
    /// is dear, and told once.
    fn check_told(&self) -> Result<()> {
        let phases = self.phases();
        let before = phases.iter().rev().skip(1);
        match before.clone().find(|phase| phase.aim.is_told()) {
            None => Ok(()),
            Some(phase) => Err(Error::Usage {
                message: format!(
                    "{} is told once, and this search would ask twice",
                    phase.aim
                ),
                cure: "take a proxy for all but the last of what a candidate is ranked by"
                    .to_owned(),
            }),
        }
    }

    /// Checks that a projection has a supernet, and nothing that it cannot heed.
    fn check_projection(&self, space: &'static dyn Space) -> Result<()> {
        let Strategy::Projection {
            pool,
            circles,
            order,
            ..
        } = &self.strategy
        else {
            return Ok(());
        };
        let layout = space
            .layout()
            .ok_or_else(|| projection::without(space.name()))?;
        if !self.limits.is_open() {
            return Err(Error::Usage {
                message: "a projection decides one edge at a time, and knows no limits".to_owned(),
                cure: "leave the limits out, or take another strategy".to_owned(),
            });
        }
        let total = projection::total(layout, *pool, *circles);
        if self.candidates != total {
            let expected = format!("{total}, what a projection of {} asks for", self.space);
            let given = self.candidates.to_string();
            return Err(Error::option("candidates", &given, expected));
        }
        let places: Vec<_> = Supernet::whole(layout).places().collect();
        let whole = places.iter().all(|place| order.contains(place));
        let once = whole && order.len() == places.len();
        if !(once || order.is_empty()) {
            let given = format!("{} edges", order.len());
            let expected = format!("each of the {} edges once", places.len());
            return Err(Error::option("order", &given, expected));
        }
        Ok(())
    }

    /// The first field in which two plans differ, with both sides as JSON.
    pub(super) fn differs(&self, other: &Self) -> Option<(String, String, String)> {
        let fields = |plan: &Self| match serde_json::to_value(plan) {
            Ok(serde_json::Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        };
        let (own, others) = (fields(self), fields(other));
        let differs = own
            .iter()
            .find(|(name, value)| others.get(*name) != Some(value));
        differs.map(|(name, value)| {
            let there = others.get(name).map(ToString::to_string);
            (name.clone(), value.to_string(), there.unwrap_or_default())
        })
    }
}
