//! Progress and cancelling, told to the engine by whoever called it.

use std::future::Future;
use std::pin::Pin;

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
}

impl<'a> Steps<'a> {
    pub(super) fn new(monitor: &'a dyn Monitor, total: usize) -> Self {
        Self {
            monitor,
            done: 0,
            total,
        }
    }

    /// Tells of the next step, before it is taken.
    ///
    /// # Errors
    /// Whatever the monitor returns.
    pub(super) async fn next(&mut self) -> Result<()> {
        self.monitor.step(self.done, self.total).await?;
        self.done += 1;
        Ok(())
    }
}
