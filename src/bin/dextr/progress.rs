//! Progress on standard error: one line that is rewritten on a terminal, else
//! a line now and then.

use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

use crate::failure::say;
use crate::readable;

/// Between two lines where standard error is not a terminal.
const PAUSE: Duration = Duration::from_secs(5);
/// Between two updates on a terminal.
const REFRESH: Duration = Duration::from_millis(200);

/// How far a run is.
pub(crate) struct Progress {
    done: usize,
    total: usize,
    started: Instant,
    told: Instant,
    terminal: bool,
    /// Whether the line stands on the terminal.
    shown: bool,
    /// Whether it stood there, and had to make room for something else.
    erased: bool,
}

impl Progress {
    /// Of a run over `total` different architectures.
    pub(crate) fn new(total: usize) -> Self {
        let now = Instant::now();
        Self {
            done: 0,
            total,
            started: now,
            told: now,
            terminal: stderr().is_terminal(),
            shown: false,
            erased: false,
        }
    }

    /// As many more are done.
    pub(crate) fn advance(&mut self, finished: usize) {
        self.done += finished;
    }

    /// There are fewer, or more, than was known.
    pub(crate) fn total_is(&mut self, total: usize) {
        self.total = total;
    }

    /// How many are done.
    pub(crate) fn done(&self) -> usize {
        self.done
    }

    /// Tells how far it is, when it is time to.
    pub(crate) fn tell(&mut self) {
        if self.done == self.total {
            return self.clear();
        }
        let pause = match (self.terminal, self.erased) {
            (true, true) => Duration::ZERO,
            (true, false) => REFRESH,
            (false, _) => PAUSE,
        };
        if self.told.elapsed() < pause {
            return;
        }
        self.told = Instant::now();
        if self.terminal {
            let _ = write!(stderr(), "\r\x1b[K{}", self.line());
            let _ = stderr().flush();
            (self.shown, self.erased) = (true, false);
        } else {
            say(self.line());
        }
    }

    /// Takes the line off the terminal, before something else is written there.
    pub(crate) fn clear(&mut self) {
        if self.shown {
            let _ = write!(stderr(), "\r\x1b[K");
            let _ = stderr().flush();
            (self.shown, self.erased) = (false, true);
        }
    }

    /// Seconds since the start.
    pub(crate) fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    fn line(&self) -> String {
        let (done, total) = (self.done, self.total);
        if done == 0 {
            return format!("0 of {total} architectures");
        }
        let rate = done as f64 / self.seconds();
        let left = readable::duration((total - done) as f64 / rate);
        let rate = if rate >= 1.0 {
            format!("{rate:.1} a second")
        } else {
            format!("{:.1} s each", 1.0 / rate)
        };
        format!("{done} of {total} architectures, {rate}, {left} left")
    }
}
