//! What a text can mean where its notation does not say it.
//!
//! Six numbers are a cell in one order of operations and edges, and another
//! cell in another library's. Which one is meant nobody can see, so a space
//! says all that they may be, and whoever asks decides.

use std::borrow::Cow;
use std::fmt::Display;

use super::scan::quoted;
use crate::architecture::Reading;
use crate::error::{Error, Result};

/// A text that was read.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Parsed {
    /// The architecture in canonical form.
    pub arch: String,
    /// All that the text may mean, the one that was taken first; empty where
    /// it means one thing alone, or where the reading was named.
    pub readings: Vec<Meaning>,
    /// What there is to know about how the text was understood, in words.
    pub note: Option<String>,
}

/// One thing that a text may mean.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Meaning {
    /// The reading's name, which decides as a prefix (`naslib:…`) or as an option.
    pub name: &'static str,
    /// Whose order that is, in words.
    pub title: &'static str,
    /// The architecture in canonical form.
    pub arch: String,
}

/// A text without the prefix that names its reading, and that reading.
pub(super) struct Named<'a> {
    /// The text. Blanks stand for the prefix, so that places stay what they are.
    pub(super) text: Cow<'a, str>,
    /// The reading that the prefix names, or the caller.
    pub(super) reading: Option<&'static Reading>,
}

impl<'a> Named<'a> {
    /// A text of a space with these readings. A prefix wins over what was asked for.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a reading that no space has.
    pub(super) fn of(
        text: &'a str,
        readings: &'static [Reading],
        asked: Option<&str>,
    ) -> Result<Self> {
        if let Some(asked) = asked {
            known(asked)?;
        }
        let text = unquoted(text);
        let start = text.trim_start();
        let prefix = start.split_once(':').and_then(|(name, rest)| {
            let name = name.trim_end();
            let found = readings.iter().find(|r| r.name.eq_ignore_ascii_case(name));
            found.map(|reading| (reading, rest))
        });
        Ok(match prefix {
            Some((reading, rest)) => {
                let before = text[..text.len() - rest.len()].chars().count();
                Self {
                    text: Cow::Owned(" ".repeat(before) + rest),
                    reading: Some(reading),
                }
            }
            None => Self {
                reading: asked.and_then(|asked| readings.iter().find(|r| r.name == asked)),
                text,
            },
        })
    }
}

/// A text without the quotation marks around it, for which blanks stand.
fn unquoted(text: &str) -> Cow<'_, str> {
    const MARKS: [(char, char); 5] = [
        ('"', '"'),
        ('\'', '\''),
        ('`', '`'),
        ('\u{201c}', '\u{201d}'),
        ('\u{2018}', '\u{2019}'),
    ];
    let inner = text.trim();
    for (open, close) in MARKS {
        let inside = inner.strip_prefix(open).and_then(|t| t.strip_suffix(close));
        // Two quoted names are no quoted text.
        if let Some(inside) = inside.filter(|i| !i.contains([open, close])) {
            let before = text.len() - text.trim_start().len();
            let before = text[..before].chars().count() + 1;
            return Cow::Owned(" ".repeat(before) + inside);
        }
    }
    Cow::Borrowed(text)
}

/// Says what a text is that no notation has: a number of the benchmark's list,
/// or a hash. Neither can be turned into an architecture without its table.
fn explained(error: Error, text: &str, arch: &str) -> Error {
    // A space that has indices says more of them.
    if matches!(&error, Error::Architecture { expected, .. } if expected.contains("index below")) {
        return error;
    }
    let word = text.trim();
    let all = |test: fn(&u8) -> bool| !word.is_empty() && word.bytes().all(|b| test(&b));
    let found = match word.len() {
        32 | 40 | 64 if all(u8::is_ascii_hexdigit) => "a hash, which cannot be read back",
        // Digits alone are a notation of some spaces.
        ..=5 if all(u8::is_ascii_digit) => {
            "an index, which means an architecture only with the benchmark's own table"
        }
        _ => return error,
    };
    Error::Architecture {
        position: 1,
        found: format!("{} ({found})", quoted(word)),
        expected: format!("the architecture itself, as in {arch}"),
        nearest: None,
    }
}

/// Checks the name of a reading. A space without it reads its texts as ever:
/// a list may be of several spaces.
fn known(name: &str) -> Result<()> {
    let all = super::all().iter().flat_map(|s| s.about().readings);
    let names: Vec<&str> = all.map(|r| r.name).collect();
    match names.contains(&name) {
        true => Ok(()),
        false => Err(Error::unknown("reading", name, &names)),
    }
}

/// Reads a text in the readings of a space: `read` does it in one of them.
/// `example` is one of the space's architectures, for what is said of a text
/// that is none.
pub(super) fn parse<A: Display>(
    text: &str,
    asked: Option<&str>,
    readings: &'static [Reading],
    example: &str,
    read: impl Fn(&str, Option<&Reading>) -> Result<(A, Option<String>)>,
) -> Result<(A, Parsed)> {
    let Named { text, reading } = Named::of(text, readings, asked)?;
    let (arch, note) = read(&text, reading).map_err(|error| explained(error, &text, example))?;
    let canonical = arch.to_string();
    let mut meanings = Vec::new();
    if reading.is_none() {
        for reading in readings {
            // What is wrong in one reading is wrong in all.
            let (meant, _) = read(&text, Some(reading))?;
            meanings.push(Meaning {
                name: reading.name,
                title: reading.title,
                arch: meant.to_string(),
            });
        }
    }
    // The notation says it, or all readings agree.
    if meanings.iter().all(|m| m.arch == canonical) {
        meanings.clear();
    }
    let note = note.or_else(|| ambiguity(&meanings));
    let parsed = Parsed {
        arch: canonical,
        readings: meanings,
        note,
    };
    Ok((arch, parsed))
}

/// Which reading was taken, and how another is asked for.
fn ambiguity(meanings: &[Meaning]) -> Option<String> {
    let [taken, others @ ..] = meanings else {
        return None;
    };
    let other = |m: &Meaning| format!("{} by {}, asked for with {}:", m.arch, m.title, m.name);
    let others: Vec<String> = others.iter().map(other).collect();
    Some(format!(
        "the numbers are read in the order of {} ({}:); they are also {}",
        taken.title,
        taken.name,
        others.join(", ")
    ))
}
