//! One architecture → its row, on a thread of its own.

use std::sync::atomic::{AtomicBool, Ordering};

use dextr::Error;
use dextr::architecture::Options;
use dextr::engine::{Device, Monitor, Step};
use dextr::proxy::Settings;
use dextr::run::{More, News, Row, Runner, Scored, Threads, Waker, score};
use dextr::sources::Source;

use crate::failure::{Failure, row_message};
use crate::models;
use crate::signal;

/// The message of a row whose score panicked.
pub(crate) const INTERNAL: &str =
    "internal error; report this with the architecture and the settings";

/// How all architectures of a run are scored.
pub(crate) struct Work<'a> {
    /// What they are read by.
    pub(crate) source: Source,
    /// The source's options.
    pub(crate) options: &'a Options,
    /// The settings of a score.
    pub(crate) settings: &'a Settings,
    /// The device, which all threads share.
    pub(crate) device: &'a Device,
    /// How many are scored at a time.
    pub(crate) threads: usize,
    /// What is known of every row before it is scored.
    pub(crate) base: &'a Row,
}

impl Work<'_> {
    /// Scores all architectures and tells the listener, whose failure ends the work.
    pub(crate) fn run(
        &self,
        runner: &mut Runner<&str, Scored>,
        listener: impl FnMut(News<Scored>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let threads = Threads {
            count: self.threads,
            work: |arch: &&str, stop: &AtomicBool| self.score(arch, stop),
            panicked: |arch: &&str| self.unbuilt(arch).failed(INTERNAL).into(),
            over: signal::over(),
        };
        threads.run(runner, listener)
    }

    /// Scores what the listener gives until it says that no more will come.
    /// Whoever gets the waker may have it asked at once.
    pub(crate) fn run_open(
        &self,
        waker: impl FnOnce(Waker<Scored>),
        listener: impl FnMut(News<Scored>) -> Result<More<String, Scored>, Failure>,
    ) -> Result<(), Failure> {
        let threads = Threads {
            count: self.threads,
            work: |arch: &String, stop: &AtomicBool| self.score(arch, stop),
            panicked: |arch: &String| self.unbuilt(arch).failed(INTERNAL).into(),
            over: signal::over(),
        };
        threads.run_open(self.threads, &mut Runner::new(None), waker, listener)
    }

    /// Scores one architecture.
    pub(crate) fn score(&self, text: &str, stop: &AtomicBool) -> Scored {
        let arch = match self.source.build(text, self.options, models::open) {
            Ok(arch) => arch,
            Err(error) => return self.unbuilt(text).failed(row_message(&error)).into(),
        };
        let until = Until(stop);
        let scored = score(&arch, self.settings, self.device, &until);
        pollster::block_on(scored).unwrap_or_else(|error| {
            let row = Row::begin(&arch, self.settings, self.device);
            row.failed(row_message(&error)).into()
        })
    }

    /// The row of what has no network.
    pub(crate) fn unbuilt(&self, text: &str) -> Row {
        Row {
            arch: text.to_owned(),
            ..self.base.clone()
        }
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
