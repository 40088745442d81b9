//! Lists, run: what to score next, and which rows are ready.

use wasm_bindgen::prelude::*;

use crate::run::{Runner, Told};

/// The order of a list and what is equal in it, as the command line has them. The
/// rows themselves stay with whoever asks; candidates go by their numbers.
#[wasm_bindgen]
pub struct ListRunner {
    runner: Runner<String, ()>,
    /// The first candidate of each job, in order.
    firsts: Vec<usize>,
}

#[wasm_bindgen]
impl ListRunner {
    /// Of a list's candidates by their keys, in order. Equal keys are the same
    /// work, and an empty one is none: that candidate waits for its turn alone.
    #[wasm_bindgen(constructor)]
    pub fn new(keys: Vec<String>) -> ListRunner {
        let (mut runner, mut firsts) = (Runner::new(None), Vec::new());
        for (candidate, key) in keys.into_iter().enumerate() {
            runner.extend([if key.is_empty() { Err(()) } else { Ok(key) }]);
            if runner.total() > firsts.len() {
                firsts.push(candidate);
            }
        }
        ListRunner { runner, firsts }
    }

    /// At most `n` candidates to begin now, the first ones of their keys.
    pub fn ask(&mut self, n: usize) -> Vec<usize> {
        let jobs = self.runner.ask(n).into_iter();
        jobs.map(|job| self.firsts[job.index]).collect()
    }

    /// A candidate that was asked for has its row, an error among them. Any other
    /// number changes nothing.
    pub fn tell(&mut self, candidate: usize) {
        if let Ok(job) = self.firsts.binary_search(&candidate) {
            self.runner.tell(job, Told::Done(()));
        }
    }

    /// The candidates whose turn it is now, in order, each once.
    pub fn ready(&mut self) -> Vec<usize> {
        let ready = self.runner.ready().into_iter();
        ready.map(|(candidate, ())| candidate).collect()
    }
}
