//! Progress and cancelling, told to the engine by whoever called it.

use std::future::Future;
use std::pin::Pin;

use web_time::Instant;

use crate::error::Result;

/// What [`Monitor::step`] returns.
pub type Step<'a> = Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// Hears of progress; may pause (to let a page breathe) or stop the work.
pub trait Monitor {
    /// `done` of `total` steps are finished. An error, [`Error::Cancelled`]
    /// as a rule, ends the work at once.
    ///
    /// [`Error::Cancelled`]: crate::Error::Cancelled
    fn step(&self, done: usize, total: usize) -> Step<'_>;
}

/// Nobody listens.
pub struct Silent;

impl Monitor for Silent {
    fn step(&self, _done: usize, _total: usize) -> Step<'_> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// How far a pass is.
pub(super) struct Steps<'a> {
    monitor: &'a dyn Monitor,
    done: usize,
    total: usize,
    /// Seconds that the monitor has taken: a page breathes, or is paused.
    pub(super) waited: f64,
}

impl<'a> Steps<'a> {
    pub(super) fn new(monitor: &'a dyn Monitor, total: usize) -> Self {
        Self {
            monitor,
            done: 0,
            total,
            waited: 0.0,
        }
    }

    /// Tells of the next step, before it is taken.
    ///
    /// # Errors
    /// Whatever the monitor returns.
    pub(super) async fn next(&mut self) -> Result<()> {
        let start = Instant::now();
        self.monitor.step(self.done, self.total).await?;
        self.waited += start.elapsed().as_secs_f64();
        self.done += 1;
        Ok(())
    }
}
