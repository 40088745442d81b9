//! What ends a command early, and how it is told.

use std::fmt::Display;
use std::io::{ErrorKind, Write};

/// Why a command cannot be carried out.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something is wrong, and the user is told what.
    Told(Told),
    /// Whoever read standard output has closed it: nothing left to do.
    Closed,
}

/// A message with its place and its cure.
#[derive(Debug)]
pub(crate) struct Told {
    message: String,
    place: Option<String>,
    hint: Option<String>,
}

impl Failure {
    /// A failure with its cure.
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Told(Told {
            message: message.into(),
            place: None,
            hint: Some(hint.into()),
        })
    }

    /// The same failure at a place.
    pub(crate) fn at(self, place: impl Into<String>) -> Self {
        match self {
            Self::Told(told) => Self::Told(Told {
                place: Some(place.into()),
                ..told
            }),
            Self::Closed => Self::Closed,
        }
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(doing: &str, path: &str, error: &std::io::Error) -> Self {
        Self::new(
            format!("cannot {doing} {path}: {error}"),
            "check the path and its permissions",
        )
    }

    /// What writing to standard output failed with.
    pub(crate) fn standard_output(error: &std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::file("write to", "standard output", error),
        }
    }
}

impl From<dextr::Error> for Failure {
    fn from(error: dextr::Error) -> Self {
        Self::Told(Told {
            message: error.to_string(),
            place: error.place(),
            hint: Some(error.hint()),
        })
    }
}

impl Told {
    /// Prints it on standard error.
    pub(crate) fn print(&self) {
        say(format_args!("error: {}", self.message));
        // Some messages begin with their place.
        if let Some(place) = self.place.as_ref().filter(|p| !self.message.contains(*p)) {
            say(format_args!("  where: {place}"));
        }
        if let Some(hint) = &self.hint {
            say(format_args!("  hint: {hint}"));
        }
    }
}

/// Writes a line to standard error. Where nobody listens, nothing is lost:
/// unlike `eprintln!` this does not panic then.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// An error as the `message` of a row: the place, what is wrong, the cure.
pub(crate) fn row_message(error: &dextr::Error) -> String {
    format!("{error}; {}", error.hint())
}
