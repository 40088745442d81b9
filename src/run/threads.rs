//! A runner's jobs on threads.

use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::runner::{Job, Runner, Told};

/// How often a listener hears that time goes by.
const TICK: Duration = Duration::from_millis(500);

/// What a listener hears; nothing is in it where time alone has gone by.
#[derive(Debug)]
pub struct News<R> {
    /// How many more jobs have their results.
    pub finished: usize,
    /// Results by their candidates' numbers, in order and without a gap.
    pub ready: Vec<(usize, R)>,
}

/// What a listener gives.
#[derive(Debug)]
pub struct More<K, R> {
    /// More candidates, behind all that are there; an error is the result of one
    /// that there is nothing to work out for.
    pub candidates: Vec<Result<K, R>>,
    /// Whether more may come although nothing is left.
    pub open: bool,
}

/// Lets a listener hear at once that it has more to give.
#[derive(Debug, Clone)]
pub struct Waker<R>(mpsc::Sender<Event<R>>);

impl<R> Waker<R> {
    /// Says so. Where the work has ended nobody hears it.
    pub fn wake(&self) {
        let _ = self.0.send(Event::More);
    }
}

/// What happens while the jobs are worked out.
#[derive(Debug)]
enum Event<R> {
    Told(usize, Told<R>),
    /// The listener has more to give.
    More,
}

/// How jobs are worked out on threads.
#[derive(Debug)]
pub struct Threads<'a, W, P> {
    /// How many at a time.
    pub count: usize,
    /// Works one out. The flag is set once nobody waits for it any more.
    pub work: W,
    /// The result of one that panicked. That is a bug, but must not take the
    /// others with it.
    pub panicked: P,
    /// Set from outside when nothing more is to begin: what is under way ends
    /// and is told.
    pub over: &'a AtomicBool,
}

impl<W, P> Threads<'_, W, P> {
    /// Works everything out, and tells the listener.
    ///
    /// # Errors
    /// The listener's first one, which ends the work.
    pub fn run<K, R, E>(
        &self,
        runner: &mut Runner<K, R>,
        mut listener: impl FnMut(News<R>) -> Result<(), E>,
    ) -> Result<(), E>
    where
        K: Clone + Eq + Hash + Send,
        R: Clone + Send,
        W: Fn(&K, &AtomicBool) -> R + Sync,
        P: Fn(&K) -> R + Sync,
    {
        let count = self.count.min(runner.total());
        let none = || More {
            candidates: Vec::new(),
            open: false,
        };
        self.run_open(
            count,
            runner,
            |_| {},
            |news| listener(news).map(|()| none()),
        )
    }

    /// Works on `count` threads until nothing is left; what the listener gives
    /// is worked out too, behind all that is there. Whoever gets the waker may
    /// have the listener asked at once.
    ///
    /// # Errors
    /// The listener's first one, which ends the work.
    pub fn run_open<K, R, E>(
        &self,
        count: usize,
        runner: &mut Runner<K, R>,
        waker: impl FnOnce(Waker<R>),
        listener: impl FnMut(News<R>) -> Result<More<K, R>, E>,
    ) -> Result<(), E>
    where
        K: Clone + Eq + Hash + Send,
        R: Clone + Send,
        W: Fn(&K, &AtomicBool) -> R + Sync,
        P: Fn(&K) -> R + Sync,
    {
        let stop = AtomicBool::new(false);
        let (jobs, to_do) = mpsc::channel();
        let to_do = Mutex::new(to_do);
        let (done, events) = mpsc::channel();
        waker(Waker(done.clone()));
        thread::scope(|scope| {
            for _ in 0..count {
                let (to_do, done, stop) = (&to_do, done.clone(), &stop);
                scope.spawn(move || {
                    let next = || to_do.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    while let Ok(Job { index, key }) = next() {
                        let told = Event::Told(index, self.attempt(&key, stop));
                        if done.send(told).is_err() {
                            return;
                        }
                    }
                });
            }
            let end = self.drive(runner, count, &jobs, &events, listener);
            stop.store(true, Ordering::Relaxed);
            // The threads end when no job can come any more.
            drop(jobs);
            end
        })
    }

    /// Hands out jobs and takes in what comes of them, until nothing is left.
    fn drive<K: Clone + Eq + Hash, R: Clone, E>(
        &self,
        runner: &mut Runner<K, R>,
        mut free: usize,
        jobs: &mpsc::Sender<Job<K>>,
        events: &mpsc::Receiver<Event<R>>,
        mut listener: impl FnMut(News<R>) -> Result<More<K, R>, E>,
    ) -> Result<(), E> {
        let mut news = 0;
        loop {
            let mut more = listener(News {
                finished: std::mem::take(&mut news),
                ready: runner.ready(),
            })?;
            if self.over.load(Ordering::Relaxed) {
                more.open = false;
                runner.stop();
            } else {
                runner.extend(more.candidates);
            }
            if runner.is_done() && !more.open {
                return Ok(());
            }
            for job in runner.ask(free) {
                free -= 1;
                // They wait for jobs as long as this function runs.
                let _ = jobs.send(job);
            }
            match events.recv_timeout(TICK) {
                Ok(Event::Told(index, told)) => {
                    free += 1;
                    news += usize::from(runner.tell(index, told));
                }
                Ok(Event::More) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
        }
    }

    fn attempt<K, R>(&self, key: &K, stop: &AtomicBool) -> Told<R>
    where
        W: Fn(&K, &AtomicBool) -> R,
        P: Fn(&K) -> R,
    {
        match catch_unwind(AssertUnwindSafe(|| (self.work)(key, stop))) {
            Ok(result) => Told::Done(result),
            Err(_) => Told::Broke((self.panicked)(key)),
        }
    }
}
