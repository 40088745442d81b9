//! Searches: asked for candidates, told their rows.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::JsResult;
use super::convert::{Request, seed, thrown, to_js};
use crate::error::Error;
use crate::run::Row;
use crate::search::{Decision, Entry, Measure, PAPERS, Progress, STRATEGIES, Search, Wish};

/// A search, plain data: `state` is all of it.
#[wasm_bindgen(js_name = Search)]
pub struct OpenSearch {
    search: Search,
}

/// What was found.
#[derive(Serialize)]
struct Found<'a> {
    best: &'a [Entry],
    front: &'a [Entry],
    largest: Option<&'a Entry>,
    decided: Vec<Decision>,
    undecided: Vec<Decision>,
    flat: bool,
    progress: Progress,
}

/// A wish, with what every score of the search is asked for.
fn plan(wish: JsValue, request: JsValue) -> JsResult<crate::search::Plan> {
    let wish: Wish = serde_wasm_bindgen::from_value(wish).map_err(|e| {
        thrown(Error::Usage {
            message: format!("what is to be searched for cannot be read: {e}"),
            cure: "give { space } and the settings that the documentation lists".to_owned(),
        })
    })?;
    let settings = Request::read(request)?.settings().map_err(thrown)?;
    wish.plan(Measure::of(&settings)).map_err(thrown)
}

#[wasm_bindgen(js_class = Search)]
impl OpenSearch {
    /// Of a wish and of the request of its scores, whose architecture and
    /// proxies do not matter; of a state, where there is one of this search.
    #[wasm_bindgen(constructor)]
    pub fn new(wish: JsValue, request: JsValue, state: Option<String>) -> JsResult<OpenSearch> {
        let plan = plan(wish, request)?;
        let search = match state {
            Some(state) => Search::resume(&plan, &state),
            None => Search::new(plan),
        };
        Ok(Self {
            search: search.map_err(thrown)?,
        })
    }

    /// At most `n` candidates: `{ step, round, stage, space, arch, proxies, seeds,
    /// circle, told }` each. Those that a state's search was not told come first.
    pub fn ask(&mut self, n: usize) -> JsResult {
        to_js(&self.search.ask(n).map_err(thrown)?)
    }

    /// Takes in a candidate's row; the value of what was aimed at, or nothing.
    pub fn tell(&mut self, step: f64, stage: usize, row: JsValue) -> JsResult<Option<f64>> {
        let row: Row = serde_wasm_bindgen::from_value(row).map_err(|e| {
            thrown(Error::Usage {
                message: format!("the row of candidate {step} cannot be read: {e}"),
                cure: "tell a row as `score` gives it".to_owned(),
            })
        })?;
        let step = seed(step).map_err(thrown)?;
        self.search.tell(step, &row).map_err(thrown)?;
        Ok(self.search.aim(stage, &row))
    }

    /// Takes in what an architecture came to when it was trained: `asked`, `again`
    /// or `unasked`.
    pub fn tell_accuracy(&mut self, arch: &str, accuracy: f64) -> JsResult {
        to_js(&self.search.tell_accuracy(arch, accuracy).map_err(thrown)?)
    }

    /// All of it, as text.
    pub fn state(&self) -> String {
        self.search.state()
    }

    /// `{ best, front, largest, decided, undecided, flat, progress }`, the best `n`;
    /// of a projection what it has decided and what is under test.
    pub fn found(&self, n: usize) -> JsResult {
        to_js(&Found {
            best: self.search.best(n),
            front: self.search.front(),
            largest: self.search.largest(),
            decided: self.search.decisions(),
            undecided: self.search.undecided(),
            flat: self.search.is_flat(),
            progress: self.search.progress(),
        })
    }
}

/// The strategies' names.
#[wasm_bindgen]
pub fn strategies() -> JsResult {
    to_js(&STRATEGIES)
}

/// The names of the paper's searches.
#[wasm_bindgen]
pub fn papers() -> JsResult {
    to_js(&PAPERS.map(|paper| paper.name))
}
