//! Lists, run: what to score next, and which rows are ready.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::JsResult;
use super::convert::to_js;
use crate::run::{Runner, Told};

/// The order of a list and what is equal in it, as the command line has them. The
/// rows themselves stay with whoever asks.
#[wasm_bindgen(js_name = Runner)]
pub struct OpenRunner {
    /// The result of a job is its number, that of a candidate without one nothing.
    runner: Runner<String, Option<usize>>,
    /// The first candidate of each job.
    firsts: Vec<usize>,
}

/// Something to score.
#[derive(Serialize)]
struct Asked {
    job: usize,
    candidate: usize,
}

/// A candidate whose turn it is, and the job that has its row.
#[derive(Serialize)]
struct Ready {
    candidate: usize,
    job: Option<usize>,
}

#[wasm_bindgen(js_class = Runner)]
impl OpenRunner {
    /// Of a list's candidates by their keys, in order. Equal keys are the same
    /// work, and an empty one is none: that candidate waits for its turn alone.
    #[wasm_bindgen(constructor)]
    pub fn new(keys: Vec<String>) -> OpenRunner {
        let (mut runner, mut firsts) = (Runner::new(None), Vec::new());
        for (candidate, key) in keys.into_iter().enumerate() {
            runner.extend([if key.is_empty() { Err(None) } else { Ok(key) }]);
            if runner.total() > firsts.len() {
                firsts.push(candidate);
            }
        }
        OpenRunner { runner, firsts }
    }

    /// At most `n` jobs to begin now: `{ job, candidate }` each.
    pub fn ask(&mut self, n: usize) -> JsResult {
        let jobs = self.runner.ask(n).into_iter();
        let asked = jobs.map(|job| Asked {
            job: job.index,
            candidate: self.firsts[job.index],
        });
        to_js(&asked.collect::<Vec<_>>())
    }

    /// A job has its row, an error among them.
    pub fn tell(&mut self, job: usize) {
        self.runner.tell(job, Told::Done(Some(job)));
    }

    /// The candidates whose turn it is now, in order: `{ candidate, job }` each,
    /// without a job where there was nothing to work out. Each is given once.
    pub fn ready(&mut self) -> JsResult {
        let ready = self.runner.ready().into_iter();
        let ready = ready.map(|(candidate, job)| Ready { candidate, job });
        to_js(&ready.collect::<Vec<_>>())
    }
}
