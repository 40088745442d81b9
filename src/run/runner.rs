//! What to work out next, and which results are ready: order, each thing once,
//! and a second try for what broke.
//!
//! A [`Runner`] knows nothing of threads, files or pages. It is asked for jobs
//! and told what came of them. What an earlier run left needs no state of its
//! own: the rows that are there are told before anything is asked.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Something to work out, known by its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job<K> {
    /// What it is told by.
    pub index: usize,
    /// What is to be worked out.
    pub key: K,
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told<R> {
    /// Its result, an ordinary error among them.
    Done(R),
    /// It broke what it was worked out on, and may have taken others with it.
    /// It is tried once more, alone; the result stands where it breaks again.
    Broke(R),
}

/// Results are far larger than what is said of a job that has none yet: they are
/// boxed, so that a long list is not as large as all its rows.
#[derive(Debug)]
enum State<R> {
    Waiting,
    UnderWay {
        again: bool,
    },
    Done(Box<R>),
    /// Its result was handed out to all that wanted it.
    Gone,
}

#[derive(Debug)]
struct Entry<K, R> {
    key: K,
    state: State<R>,
    /// How many candidates still wait for it.
    wanted: usize,
}

/// Works through candidates in order, equal ones once.
#[derive(Debug)]
pub struct Runner<K, R> {
    /// Those that are not gone, and gone ones behind the first that is not.
    jobs: VecDeque<Entry<K, R>>,
    /// How many before them are gone.
    gone: usize,
    known: HashMap<K, usize>,
    /// The job of each candidate whose result is not handed out, or the result
    /// of one that there is nothing to work out for.
    candidates: VecDeque<Result<usize, Box<R>>>,
    /// How many results were handed out.
    handed: usize,
    /// The first job that may not have begun.
    next: usize,
    retries: VecDeque<usize>,
    under_way: usize,
    alone: bool,
}

impl<K: Clone + Eq + Hash, R: Clone> Runner<K, R> {
    /// Of these candidates; an error is the result of one that there is
    /// nothing to work out for.
    pub fn new(candidates: impl IntoIterator<Item = Result<K, R>>) -> Self {
        let mut runner = Self {
            jobs: VecDeque::new(),
            gone: 0,
            known: HashMap::new(),
            candidates: VecDeque::new(),
            handed: 0,
            next: 0,
            retries: VecDeque::new(),
            under_way: 0,
            alone: false,
        };
        runner.extend(candidates);
        runner
    }

    /// More candidates, after those that are there.
    pub fn extend(&mut self, candidates: impl IntoIterator<Item = Result<K, R>>) {
        for candidate in candidates {
            let job = candidate.map(|key| self.job(key)).map_err(Box::new);
            self.candidates.push_back(job);
        }
    }

    fn job(&mut self, key: K) -> usize {
        let next = self.total();
        let index = *self.known.entry(key.clone()).or_insert(next);
        if index == next {
            let state = State::Waiting;
            self.jobs.push_back(Entry {
                key,
                state,
                wanted: 0,
            });
        }
        self.jobs[index - self.gone].wanted += 1;
        index
    }

    /// How many different things there are to work out, done ones included.
    #[must_use]
    pub fn total(&self) -> usize {
        self.gone + self.jobs.len()
    }

    /// At most `n` jobs to begin now. None does not mean that nothing is left:
    /// more may come once what is under way is told.
    pub fn ask(&mut self, n: usize) -> Vec<Job<K>> {
        // What broke may have broken its neighbours too, so that it is tried
        // when nothing else is under way, and nothing begins beside it.
        if n == 0 || self.alone || (!self.retries.is_empty() && self.under_way > 0) {
            return Vec::new();
        }
        if let Some(index) = self.retries.pop_front() {
            self.alone = true;
            return vec![self.begin(index, true)];
        }
        let mut jobs = Vec::new();
        while jobs.len() < n && self.next < self.total() {
            if matches!(self.jobs[self.next - self.gone].state, State::Waiting) {
                jobs.push(self.begin(self.next, false));
            }
            self.next += 1;
        }
        jobs
    }

    fn begin(&mut self, index: usize, again: bool) -> Job<K> {
        self.under_way += 1;
        let entry = &mut self.jobs[index - self.gone];
        entry.state = State::UnderWay { again };
        Job {
            index,
            key: entry.key.clone(),
        }
    }

    /// Takes in what came of a job. True once it has its result, false when it
    /// is to be tried again. What is not under way is left as it is.
    pub fn tell(&mut self, index: usize, told: Told<R>) -> bool {
        let place = index.checked_sub(self.gone);
        let Some(entry) = place.and_then(|place| self.jobs.get_mut(place)) else {
            return false;
        };
        let State::UnderWay { again } = entry.state else {
            return false;
        };
        self.under_way -= 1;
        self.alone = false;
        let result = match told {
            Told::Broke(_) if !again => {
                entry.state = State::Waiting;
                self.retries.push_back(index);
                return false;
            }
            Told::Done(result) | Told::Broke(result) => result,
        };
        entry.state = State::Done(Box::new(result));
        true
    }

    /// The results that can be handed out without a gap, in the order of their
    /// candidates, each with its candidate's number. Each is handed out once.
    pub fn ready(&mut self) -> Vec<(usize, R)> {
        let mut ready = Vec::new();
        while let Some(result) = self.first() {
            ready.push((self.handed, result));
            self.handed += 1;
        }
        ready
    }

    /// Takes the first candidate, if its result is there.
    fn first(&mut self) -> Option<R> {
        if let Ok(job) = self.candidates.front()?
            && !matches!(self.jobs[*job - self.gone].state, State::Done(_))
        {
            return None;
        }
        match self.candidates.pop_front()? {
            Err(result) => Some(*result),
            Ok(job) => self.take(job),
        }
    }

    /// The result of a job that is done, which is let go of with the last
    /// candidate that wants it.
    fn take(&mut self, job: usize) -> Option<R> {
        let entry = &mut self.jobs[job - self.gone];
        entry.wanted -= 1;
        if entry.wanted > 0 {
            let State::Done(result) = &entry.state else {
                return None;
            };
            return Some(R::clone(result));
        }
        self.known.remove(&entry.key);
        let state = std::mem::replace(&mut entry.state, State::Gone);
        // A run of any length keeps what is under way alone.
        while matches!(self.jobs.front(), Some(entry) if matches!(entry.state, State::Gone)) {
            self.jobs.pop_front();
            self.gone += 1;
        }
        match state {
            State::Done(result) => Some(*result),
            _ => None,
        }
    }

    /// Begins nothing more: what has not begun is dropped, with all that comes
    /// after it, and what is under way may end.
    pub fn stop(&mut self) {
        let begun = |job: usize| !matches!(self.jobs[job - self.gone].state, State::Waiting);
        let waits =
            |candidate: &Result<usize, Box<R>>| candidate.as_ref().is_ok_and(|&job| !begun(job));
        if let Some(end) = self.candidates.iter().position(waits) {
            self.candidates.truncate(end);
        }
        self.next = self.total();
        self.retries.clear();
    }

    /// Whether all results were handed out.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.candidates.is_empty()
    }
}

#[cfg(test)]
mod tests;
