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

#[derive(Debug)]
enum State<R> {
    Waiting,
    UnderWay {
        again: bool,
    },
    Done(R),
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
    jobs: Vec<Entry<K, R>>,
    known: HashMap<K, usize>,
    /// The job of each candidate whose result is not handed out, or the result
    /// of one that there is nothing to work out for.
    candidates: VecDeque<Result<usize, R>>,
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
            jobs: Vec::new(),
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
            let job = candidate.map(|key| self.job(key));
            self.candidates.push_back(job);
        }
    }

    fn job(&mut self, key: K) -> usize {
        let index = *self.known.entry(key.clone()).or_insert(self.jobs.len());
        if index == self.jobs.len() {
            let state = State::Waiting;
            self.jobs.push(Entry {
                key,
                state,
                wanted: 0,
            });
        }
        self.jobs[index].wanted += 1;
        index
    }

    /// How many different things there are to work out, done ones included.
    pub fn total(&self) -> usize {
        self.jobs.len()
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
        while jobs.len() < n && self.next < self.jobs.len() {
            if matches!(self.jobs[self.next].state, State::Waiting) {
                jobs.push(self.begin(self.next, false));
            }
            self.next += 1;
        }
        jobs
    }

    fn begin(&mut self, index: usize, again: bool) -> Job<K> {
        self.under_way += 1;
        let entry = &mut self.jobs[index];
        entry.state = State::UnderWay { again };
        Job {
            index,
            key: entry.key.clone(),
        }
    }

    /// Takes in what came of a job. True once it has its result, false when it
    /// is to be tried again. What is not under way is left as it is.
    pub fn tell(&mut self, index: usize, told: Told<R>) -> bool {
        let Some(entry) = self.jobs.get_mut(index) else {
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
        entry.state = State::Done(result);
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
            && !matches!(self.jobs[*job].state, State::Done(_))
        {
            return None;
        }
        match self.candidates.pop_front()? {
            Err(result) => Some(result),
            Ok(job) => self.take(job),
        }
    }

    /// The result of a job that is done, which is let go of with the last
    /// candidate that wants it.
    fn take(&mut self, job: usize) -> Option<R> {
        let entry = &mut self.jobs[job];
        entry.wanted -= 1;
        if entry.wanted > 0 {
            let State::Done(result) = &entry.state else {
                return None;
            };
            return Some(result.clone());
        }
        self.known.remove(&entry.key);
        match std::mem::replace(&mut entry.state, State::Gone) {
            State::Done(result) => Some(result),
            _ => None,
        }
    }

    /// Whether all results were handed out.
    pub fn is_done(&self) -> bool {
        self.candidates.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Keys of one letter; what is upper-case cannot be worked out.
    fn runner(candidates: &str) -> Runner<char, String> {
        Runner::new(candidates.chars().map(|c| match c.is_uppercase() {
            true => Err(c.to_string()),
            false => Ok(c),
        }))
    }

    fn keys(jobs: &[Job<char>]) -> String {
        jobs.iter().map(|job| job.key).collect()
    }

    fn done(key: char) -> Told<String> {
        Told::Done(key.to_string())
    }

    fn texts(ready: &[(usize, String)]) -> String {
        ready.iter().map(|(_, text)| text.as_str()).collect()
    }

    #[test]
    fn equal_candidates_are_one_job_and_results_keep_the_order() {
        let mut runner = runner("XabYac");
        assert_eq!(texts(&runner.ready()), "X");
        let jobs = runner.ask(10);
        assert_eq!((keys(&jobs), runner.total()), ("abc".to_owned(), 3));
        assert!(runner.tell(jobs[2].index, done('c')));
        assert!(runner.ready().is_empty());
        assert!(runner.tell(jobs[0].index, done('a')));
        assert_eq!(texts(&runner.ready()), "a");
        assert!(runner.ask(10).is_empty());
        assert!(runner.tell(jobs[1].index, done('b')));
        let last: Vec<usize> = runner.ready().iter().map(|(i, _)| *i).collect();
        assert_eq!(last, [2, 3, 4, 5]);
        assert!(runner.is_done());
    }

    #[test]
    fn what_breaks_is_tried_again_once_and_alone() {
        let mut runner = runner("abc");
        let jobs = runner.ask(2);
        // Both go down together; the second was not its own fault.
        assert!(!runner.tell(jobs[0].index, Told::Broke("?".to_owned())));
        assert!(runner.ask(2).is_empty(), "its neighbour is under way");
        assert!(!runner.tell(jobs[1].index, Told::Broke("?".to_owned())));
        let again = runner.ask(2);
        assert_eq!(keys(&again), "a");
        assert!(runner.ask(2).is_empty(), "it is alone");
        assert!(runner.tell(again[0].index, Told::Broke("!".to_owned())));
        let again = runner.ask(2);
        assert_eq!(keys(&again), "b");
        assert!(runner.tell(again[0].index, done('b')));
        assert_eq!(keys(&runner.ask(2)), "c");
        assert_eq!(texts(&runner.ready()), "!b");
        // What is told twice, or was never asked for, changes nothing.
        assert!(!runner.tell(again[0].index, done('x')) && !runner.tell(9, done('x')));
    }

    #[test]
    fn more_candidates_come_after_the_others() {
        let mut runner = runner("a");
        let first = runner.ask(1);
        runner.extend([Ok('a'), Ok('b')]);
        assert_eq!(keys(&runner.ask(2)), "b");
        runner.tell(first[0].index, done('a'));
        assert_eq!(texts(&runner.ready()), "aa");
        // What was handed out is not kept.
        runner.extend([Ok('a')]);
        assert_eq!(keys(&runner.ask(2)), "a");
    }

    proptest! {
        #[test]
        fn any_order_of_answers_gives_every_result_once_and_in_order(
            candidates in "[a-eX]{0,12}",
            choices in prop::collection::vec((0..4usize, any::<bool>()), 200),
        ) {
            let mut runner = runner(&candidates);
            let (mut under_way, mut results) = (Vec::new(), String::new());
            for (pick, breaks) in choices {
                results += &texts(&runner.ready());
                under_way.extend(runner.ask(3 - under_way.len()));
                if under_way.is_empty() {
                    break;
                }
                let job: Job<char> = under_way.remove(pick % under_way.len());
                let result = job.key.to_string();
                let told = if breaks { Told::Broke(result) } else { Told::Done(result) };
                runner.tell(job.index, told);
            }
            prop_assert!(runner.is_done());
            prop_assert_eq!(results, candidates);
        }
    }
}
