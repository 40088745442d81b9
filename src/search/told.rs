//! Accuracies that somebody tells a search, of what it asked for or of others.

use serde::Serialize;

use super::asking::Search;
use super::limits::Sizes;
use super::moves::Known;
use crate::error::{Error, Result};
use crate::sources::spaces;

/// What became of an accuracy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// It was waited for.
    Asked,
    /// It was told before.
    Again,
    /// The architecture was not asked for: the strategy learns from it, and does
    /// not ask for it. It is none of the best that were found.
    Unasked,
}

/// The largest accuracy. The least is 0; shares of one are as good as percentages.
const MOST: f64 = 100.0;

impl Search {
    /// Takes in what an architecture came to when it was trained, from 0 to 100.
    ///
    /// # Errors
    /// [`Error::Search`] for what is no accuracy, for one that was told otherwise
    /// before, for an architecture that the strategy has no use for, and where the
    /// aim is not `accuracy`; those of the space for the text. Nothing is taken in
    /// then.
    pub fn tell_accuracy(&mut self, arch: &str, accuracy: f64) -> Result<Told> {
        let wrong = |message: String, cure: &str| Error::Search {
            message,
            cure: cure.to_owned(),
        };
        if !self.plan.aim.is_told() {
            return Err(wrong(
                format!(
                    "this search goes by {}, and no accuracy is told to it",
                    self.plan.aim
                ),
                "begin one with the aim accuracy",
            ));
        }
        let space = spaces::by_name(&self.plan.space)?;
        let arch = space.canonical(arch)?;
        if !(0.0..=MOST).contains(&accuracy) {
            return Err(wrong(
                format!(
                    "the accuracy of {arch} is told as {accuracy}, and none is below 0 or above {MOST}"
                ),
                "correct it, and tell it again; what was told before stays",
            ));
        }
        if let Some(before) = self.data.accuracies.get(&arch) {
            if before.total_cmp(&accuracy).is_eq() {
                return Ok(Told::Again);
            }
            return Err(wrong(
                format!("the accuracy of {arch} was told as {before}, and now as {accuracy}"),
                "tell one of them, or their mean; what was told before stays",
            ));
        }
        let known = Known {
            arch: arch.clone(),
            aim: Some(accuracy),
        };
        let last = self.plan.phases().len().saturating_sub(1);
        let mut open = self.data.open.iter();
        let open = open.find(|(_, open)| open.stage == last && open.arch == arch);
        let told = match open.map(|(step, _)| *step) {
            Some(step) => {
                let built = space.build(&arch, &self.plan.options())?;
                self.settle(step, known, Sizes::of(&built.network));
                Told::Asked
            }
            None => {
                if !self.data.strategy.moves_mut().overhear(&known, space)? {
                    let strategy = self.plan.strategy.name();
                    return Err(wrong(
                        format!("{arch} was not asked for, and {strategy} learns nothing from it"),
                        "leave it out",
                    ));
                }
                Told::Unasked
            }
        };
        self.data.accuracies.insert(arch, accuracy);
        Ok(told)
    }

    /// What it asked for and waits for the accuracies of, in the order of asking.
    pub fn waiting(&self) -> impl Iterator<Item = &str> {
        let last = self.plan.phases().len().saturating_sub(1);
        let is_told = self.plan.aim.is_told();
        let open = self.data.open.values();
        let own = open.filter(move |open| is_told && open.stage == last);
        own.map(|open| open.arch.as_str())
    }

    /// Whether all accuracies that were told are the same, so that nothing can be
    /// learned from them.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        let mut all = self.data.accuracies.values();
        let first = all.next();
        self.data.accuracies.len() > 1 && all.all(|other| Some(other) == first)
    }
}
