//! Named options of a source: `stem_width=16`.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::error::{Error, Result};

/// A named option of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct OptionInfo {
    /// Its name, as in `--set name=value`.
    pub name: &'static str,
    /// Its default value; empty where there is none to name, as one that follows
    /// from the network. Such an option is told where it is given alone.
    pub default: &'static str,
    /// What it is one of; empty where it is a number or a text.
    pub values: &'static [&'static str],
    /// What it is, in one line.
    pub help: &'static str,
}

/// The values of an option that is on or off.
pub(crate) const FLAG: &[&str] = &["false", "true"];

/// Option values by name, as given; those not given keep their defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    given: BTreeMap<String, String>,
    reading: Option<String>,
}

impl Options {
    /// No option given: all defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an option; the source checks name and value when it builds.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.given.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Reads `name=value`.
    ///
    /// # Errors
    /// [`Error::Option`] when there is no `=`.
    pub fn set_pair(&mut self, pair: &str) -> Result<&mut Self> {
        match pair.split_once('=') {
            Some((name, value)) => Ok(self.set(name.trim(), value.trim())),
            None => Err(Error::option(pair, "", "of the form name=value")),
        }
    }

    /// Asks for a reading of texts that may mean several things: `naslib`. It is
    /// about the text alone, and no option of the network.
    pub fn read_as(&mut self, reading: &str) -> &mut Self {
        self.reading = Some(reading.to_owned());
        self
    }

    /// The reading that was asked for.
    #[must_use]
    pub fn reading(&self) -> Option<&str> {
        self.reading.as_deref()
    }

    /// The options that were given, by name.
    pub fn given(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.given.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// These options among all that a source has; refuses names that it has not.
    pub(crate) fn among(&self, known: &'static [OptionInfo]) -> Result<Checked> {
        let names: Vec<&str> = known.iter().map(|o| o.name).collect();
        match self.given.keys().find(|k| !names.contains(&k.as_str())) {
            Some(name) => Err(Error::unknown("option", name, &names)),
            None => Ok(Checked {
                known,
                given: self.given.clone(),
            }),
        }
    }
}

/// All options of a source, whose names it knows: as given, or its defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    known: &'static [OptionInfo],
    given: BTreeMap<String, String>,
}

impl Checked {
    /// Other defaults, where another option asks for them.
    pub(crate) fn defaults(&mut self, defaults: &[(&str, &str)]) {
        for (name, value) in defaults {
            let given = self.given.entry((*name).to_owned());
            given.or_insert_with(|| (*value).to_owned());
        }
    }

    /// An option's value.
    pub(crate) fn value(&self, name: &str) -> &str {
        let known = self.known.iter().find(|o| o.name == name);
        let default = known.map_or("", |o| o.default);
        self.given.get(name).map_or(default, String::as_str)
    }

    /// One of the words that the option takes.
    pub(crate) fn word(&self, name: &str) -> Result<&'static str> {
        let value = self.value(name);
        let known = self.known.iter().find(|o| o.name == name);
        let words = known.map_or(&[][..], |o| o.values);
        let found = words.iter().copied().find(|w| *w == value);
        found.ok_or_else(|| Error::option(name, value, format!("one of: {}", words.join(", "))))
    }

    /// A whole number in a range.
    pub(crate) fn number(&self, name: &str, range: RangeInclusive<usize>) -> Result<usize> {
        let value = self.value(name);
        let parsed = value.parse().ok().filter(|n| range.contains(n));
        parsed.ok_or_else(|| {
            let (least, most) = (range.start(), range.end());
            Error::option(
                name,
                value,
                format!("a whole number from {least} to {most}"),
            )
        })
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self, name: &str) -> Result<bool> {
        let value = self.value(name);
        let parsed = value.parse();
        parsed.map_err(|_| Error::option(name, value, "true or false"))
    }

    /// All options with their values, as `name=value` joined by spaces; those
    /// without a default and a value are left out.
    #[must_use]
    pub fn describe(&self) -> String {
        let told = self.known.iter().filter(|o| !self.value(o.name).is_empty());
        let pair = |o: &OptionInfo| format!("{}={}", o.name, self.value(o.name));
        told.map(pair).collect::<Vec<_>>().join(" ")
    }
}
