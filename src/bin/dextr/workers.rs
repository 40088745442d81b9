//! Many architectures on all cores, each scored on its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use dextr::architecture::Options;
use dextr::engine::{Device, Monitor, Step};
use dextr::proxy::{Score, Settings, score};
use dextr::sources::spaces::Space;
use dextr::{Error, Result};

use crate::failure::{Failure, row_message};

/// How often a listener hears that time goes by.
const TICK: Duration = Duration::from_millis(500);

/// What became of an architecture.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// It has a score.
    Scored(Box<Score>),
    /// It has none, for the reason given.
    Failed(String),
}

/// What the listener hears.
pub(crate) enum Event {
    /// The architecture with this index is finished.
    Finished(usize, Outcome),
    /// Some time has gone by.
    Tick,
}

/// How all architectures of a run are scored.
pub(crate) struct Work<'a> {
    /// Their space.
    pub(crate) space: &'a dyn Space,
    /// The space's options.
    pub(crate) options: &'a Options,
    /// The settings of a score.
    pub(crate) settings: &'a Settings,
    /// The device; each thread has a handle of its own.
    pub(crate) device: &'a Device,
    /// How many are scored at a time.
    pub(crate) threads: usize,
}

impl Work<'_> {
    /// Scores all architectures and tells the listener of each, in whatever
    /// order they finish. A listener's failure ends the work.
    pub(crate) fn run(
        &self,
        archs: &[&str],
        mut listener: impl FnMut(Event) -> std::result::Result<(), Failure>,
    ) -> std::result::Result<(), Failure> {
        let next = AtomicUsize::new(0);
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            let (sender, finished) = mpsc::channel();
            for _ in 0..self.threads.min(archs.len()) {
                let (sender, next, stop) = (sender.clone(), &next, &stop);
                scope.spawn(move || self.work(archs, next, stop, &sender));
            }
            drop(sender);
            let end = loop {
                let event = match finished.recv_timeout(TICK) {
                    Ok((index, outcome)) => Event::Finished(index, outcome),
                    Err(RecvTimeoutError::Timeout) => Event::Tick,
                    Err(RecvTimeoutError::Disconnected) => break Ok(()),
                };
                if let Err(failure) = listener(event) {
                    break Err(failure);
                }
            };
            stop.store(true, Ordering::Relaxed);
            end
        })
    }

    /// One thread: takes the next architecture until none is left.
    fn work(
        &self,
        archs: &[&str],
        next: &AtomicUsize,
        stop: &AtomicBool,
        sender: &Sender<(usize, Outcome)>,
    ) {
        let device = self.device.clone();
        while !stop.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(arch) = archs.get(index) else {
                return;
            };
            // A panic is a bug, but must not take the other rows with it.
            let scored = catch_unwind(AssertUnwindSafe(|| self.score(arch, &device, stop)));
            let outcome = match scored {
                Ok(Ok(score)) => Outcome::Scored(Box::new(score)),
                Ok(Err(error)) => Outcome::Failed(row_message(&error)),
                Err(_) => Outcome::Failed(
                    "internal error; report this with the architecture and the settings".to_owned(),
                ),
            };
            if sender.send((index, outcome)).is_err() {
                return;
            }
        }
    }

    fn score(&self, arch: &str, device: &Device, stop: &AtomicBool) -> Result<Score> {
        let arch = self.space.build(arch, self.options)?;
        pollster::block_on(score(&arch, self.settings, device, &Until(stop)))
    }
}

/// Cancels a score once nobody waits for it.
struct Until<'a>(&'a AtomicBool);

impl Monitor for Until<'_> {
    fn step(&self, _done: usize, _total: usize) -> Step<'_> {
        let stopped = self.0.load(Ordering::Relaxed);
        let step = if stopped {
            Err(Error::Cancelled)
        } else {
            Ok(())
        };
        Box::pin(std::future::ready(step))
    }
}
