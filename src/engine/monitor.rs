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
