//! A search as text, and back.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::asking::{Data, Search};
use super::plan::Plan;
use crate::error::{Error, Result};

/// What such a text says it is.
const FORMAT: &str = "dextr-search";
/// Raised when a state of before cannot be read, or would go on otherwise.
const VERSION: u64 = 1;

/// What every version has.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State<'a> {
    format: Cow<'a, str>,
    version: u64,
    plan: Cow<'a, Plan>,
    data: Cow<'a, Data>,
}

impl Search {
    /// All of it as JSON: what [`Search::from_state`] goes on with.
    #[must_use]
    pub fn state(&self) -> String {
        let state = State {
            format: FORMAT.into(),
            version: VERSION,
            plan: Cow::Borrowed(&self.plan),
            data: Cow::Borrowed(&self.data),
        };
        // Every key is a text, every number is finite.
        serde_json::to_string(&state).unwrap_or_default()
    }

    /// A search as it was when its state was taken. Nobody works on what was
    /// asked for then: it is asked for again.
    ///
    /// # Errors
    /// [`Error::Search`] for what is no state, for one of another version, and
    /// for one that contradicts itself; those of [`Plan::check`].
    pub fn from_state(text: &str) -> Result<Self> {
        let head: Head = serde_json::from_str(text).map_err(|error| Error::Search {
            message: format!("this is no state of a search: {error}"),
            cure: "give a state as the search gave it, whole".to_owned(),
        })?;
        if head.format != FORMAT || head.version != VERSION {
            return Err(Error::Search {
                message: format!(
                    "this state is {} of version {}, not {FORMAT} of version {VERSION}",
                    head.format, head.version
                ),
                cure: "go on with the version of dextr that it was made with, or begin anew"
                    .to_owned(),
            });
        }
        let damaged = |what: String| Error::Search {
            message: format!("this state is damaged: {what}"),
            cure: "give a state as the search gave it, whole".to_owned(),
        };
        let state: State<'_> = serde_json::from_str(text).map_err(|e| damaged(e.to_string()))?;
        let (plan, data) = (state.plan.into_owned(), state.data.into_owned());
        plan.check()?;
        if let Some(what) = data.contradicts(&plan) {
            return Err(damaged(what.to_owned()));
        }
        Ok(Self { plan, data })
    }

    /// The search of a state, where that is one of this plan.
    ///
    /// # Errors
    /// Those of [`Search::from_state`]; [`Error::Search`] for a state of another
    /// search, which names the first field that differs.
    pub fn resume(plan: &Plan, text: &str) -> Result<Self> {
        let search = Self::from_state(text)?;
        match plan.differs(&search.plan) {
            None => Ok(search),
            Some((field, wanted, found)) => Err(Error::Search {
                message: format!(
                    "this state is of another search: its {field} is {found}, this one's {wanted}"
                ),
                cure: "give the settings that it was begun with, or begin anew without the state"
                    .to_owned(),
            }),
        }
    }
}

impl Data {
    /// What does not go together, so that nothing is trusted that a file says.
    fn contradicts(&self, plan: &Plan) -> Option<&'static str> {
        let below = |step: Option<&u64>| step.is_none_or(|step| *step < self.asked);
        let checks = [
            (
                plan.strategy.owns(&self.strategy),
                "its strategy is not the plan's",
            ),
            (self.asked <= plan.total(), "it asked for too many"),
            (self.learned <= self.asked, "it learned too much"),
            (
                below(self.open.keys().next_back()) && below(self.held.keys().next_back()),
                "it waits for what was not asked",
            ),
            (
                self.told.checked_add(self.open.len() as u64) == Some(self.asked),
                "its counts do not add up",
            ),
        ];
        let wrong = checks.into_iter().find(|(right, _)| !right);
        wrong.map(|(_, what)| what)
    }
}
