//! Named options of a source: `stem_width=16`.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::error::{Error, Result};

/// A named option of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Known {
    /// Its name, as in `--set name=value`.
    pub name: &'static str,
    /// Its default value.
    pub default: &'static str,
    /// What it is, in one line.
    pub help: &'static str,
}

/// Option values by name, as given; those not given keep their defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    given: BTreeMap<String, String>,
}

impl Options {
    /// No option given: all defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an option; the space checks name and value when it builds.
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
            None => Err(Error::Option {
                name: pair.to_owned(),
                value: String::new(),
                expected: "of the form name=value".to_owned(),
            }),
        }
    }

    /// Sets options that are not given.
    pub(crate) fn or(&self, defaults: &[(&str, &str)]) -> Self {
        let mut all = self.clone();
        for (name, value) in defaults {
            let given = all.given.entry((*name).to_owned());
            given.or_insert_with(|| (*value).to_owned());
        }
        all
    }

    /// One of a list of words.
    pub(crate) fn word<'a>(
        &self,
        known: &[Known],
        name: &str,
        words: &[&'a str],
    ) -> Result<&'a str> {
        let value = self.value(known, name);
        let found = words.iter().copied().find(|w| *w == value);
        found.ok_or_else(|| Error::Option {
            name: name.to_owned(),
            value: value.to_owned(),
            expected: format!("one of: {}", words.join(", ")),
        })
    }

    /// The options that were given, by name.
    pub fn given(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.given.iter();
        pairs.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Refuses names that the space does not have.
    pub(crate) fn check_names(&self, known: &[Known]) -> Result<()> {
        let names: Vec<&str> = known.iter().map(|o| o.name).collect();
        match self.given.keys().find(|k| !names.contains(&k.as_str())) {
            Some(name) => Err(Error::unknown("option", name, &names)),
            None => Ok(()),
        }
    }

    /// The value of one of the space's options, or its default.
    pub(crate) fn value<'a>(&'a self, known: &'a [Known], name: &str) -> &'a str {
        let default = known
            .iter()
            .find(|o| o.name == name)
            .map_or("", |o| o.default);
        self.given.get(name).map_or(default, String::as_str)
    }

    /// A whole number in a range.
    pub(crate) fn number(
        &self,
        known: &[Known],
        name: &str,
        range: RangeInclusive<usize>,
    ) -> Result<usize> {
        let value = self.value(known, name);
        let parsed = value.parse().ok().filter(|n| range.contains(n));
        parsed.ok_or_else(|| Error::Option {
            name: name.to_owned(),
            value: value.to_owned(),
            expected: format!("a whole number from {} to {}", range.start(), range.end()),
        })
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self, known: &[Known], name: &str) -> Result<bool> {
        let value = self.value(known, name);
        value.parse().map_err(|_| Error::Option {
            name: name.to_owned(),
            value: value.to_owned(),
            expected: "true or false".to_owned(),
        })
    }

    /// All options with their values, as `name=value` joined by spaces.
    pub(crate) fn describe(&self, known: &[Known]) -> String {
        let pairs = known
            .iter()
            .map(|o| format!("{}={}", o.name, self.value(known, o.name)));
        pairs.collect::<Vec<_>>().join(" ")
    }
}
