//! Search spaces: text → [`Network`]. One benchmark a file.
//!
//! A [`Space`] parses an architecture's text, prints its canonical form, and
//! builds the exact network under named options.

mod autoformer;
mod blocks;
mod darts;
mod literal;
mod nasbench101;
mod nasbench201;
mod nats_size;
mod pit;
mod scan;
mod transformer;
mod transnasbench101;

pub use nasbench201::{Cell, EDGES, Operation};

use std::collections::HashSet;

use crate::architecture::{Architecture, Known, Options};
use crate::error::{Error, Result};
use crate::network::Policy;

/// An architecture to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Example {
    /// Its text.
    pub arch: &'static str,
    /// What it is.
    pub title: &'static str,
}

/// Something that can be chosen in an architecture.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Choice {
    /// What is chosen, in a word or two, unique in its group.
    pub name: String,
    /// What it belongs to: `normal`, `reduce`, `stage 1`, `layer 3`.
    pub group: String,
    /// What is chosen now.
    pub value: String,
    /// All that may be chosen with everything else as it is, `value` among them.
    pub values: Vec<String>,
    /// Source and target, where it is what an edge of a cell's graph does.
    pub edge: Option<(usize, usize)>,
}

/// A search space.
pub trait Space: Sync {
    /// The name used everywhere (`nasbench201`).
    fn name(&self) -> &'static str;
    /// Its full name and source.
    fn title(&self) -> &'static str;
    /// Number of architectures.
    fn size(&self) -> u64;
    /// Its options.
    fn options(&self) -> &'static [Known];
    /// The columns an architecture is read from where a table has no `arch`.
    fn columns(&self) -> &'static [&'static str];
    /// Architectures to start from.
    fn examples(&self) -> &'static [Example];
    /// The names of its operations, in index order (empty where it has none).
    fn operations(&self) -> Vec<&'static str> {
        Vec::new()
    }
    /// The edges of its cell as (source, target), in index order (empty where
    /// each cell has its own).
    fn edges(&self) -> &'static [(usize, usize)] {
        &[]
    }

    /// The policy that is observed where none is asked for: the one that ranks
    /// its architectures best in `benches/correlation`.
    fn observe(&self) -> Policy;

    /// The canonical form of an architecture's text.
    ///
    /// # Errors
    /// [`Error::Architecture`] with the character where it goes wrong.
    fn canonical(&self, text: &str) -> Result<String>;

    /// What can be chosen in an architecture, one by one. An editor,
    /// [`Space::neighbours`] and a search rest on it.
    ///
    /// # Errors
    /// [`Error::Architecture`] as for [`Space::canonical`].
    fn choices(&self, text: &str) -> Result<Vec<Choice>>;

    /// The canonical form of the architecture with one choice changed: the one
    /// at `index` in [`Space::choices`] becomes `value`.
    ///
    /// # Errors
    /// [`Error::Architecture`] for the text, [`Error::Option`] for a choice or
    /// a value that does not exist.
    fn choose(&self, text: &str, index: usize, value: &str) -> Result<String>;

    /// All architectures one edit away, canonical, each once and without
    /// itself, in the order of [`Space::choices`] and their values.
    ///
    /// # Errors
    /// [`Error::Architecture`] as for [`Space::canonical`].
    fn neighbours(&self, text: &str) -> Result<Vec<String>> {
        let mut seen = HashSet::from([self.canonical(text)?]);
        let mut all = Vec::new();
        for (index, choice) in self.choices(text)?.iter().enumerate() {
            for value in choice.values.iter().filter(|v| **v != choice.value) {
                let other = self.choose(text, index, value)?;
                if seen.insert(other.clone()) {
                    all.push(other);
                }
            }
        }
        Ok(all)
    }

    /// A random architecture, canonical; every architecture of the space is
    /// equally likely, and the same seed gives the same one everywhere.
    fn sample(&self, seed: u64) -> String;

    /// Builds the network.
    ///
    /// # Errors
    /// [`Error::Architecture`], [`Error::Option`] or [`Error::UnknownName`]
    /// for the text and the options, [`Error::Shape`] when the size does not
    /// fit the network.
    fn build(&self, text: &str, options: &Options) -> Result<Architecture>;
}

/// Checks that `value` may be chosen at `index`.
fn check_choice(choices: &[Choice], index: usize, value: &str) -> Result<()> {
    let refuse = |name: String, value: String, expected: String| Error::Option {
        name,
        value,
        expected,
    };
    let Some(choice) = choices.get(index) else {
        return Err(refuse(
            "choice".to_owned(),
            index.to_string(),
            format!("a number below {}, the number of choices", choices.len()),
        ));
    };
    if choice.values.iter().any(|v| v == value) {
        return Ok(());
    }
    let name = format!("{} {}", choice.group, choice.name);
    let expected = format!("one of: {}", choice.values.join(", "));
    Err(refuse(name, value.to_owned(), expected))
}

/// All spaces, in the order of their documentation.
pub fn all() -> &'static [&'static dyn Space] {
    &[
        &nasbench101::NasBench101,
        &nasbench201::NasBench201,
        &nats_size::NatsSize,
        &darts::Darts,
        &transnasbench101::TransNasBench101,
        &autoformer::TINY,
        &autoformer::SMALL,
        &autoformer::BASE,
        &pit::Pit,
    ]
}

/// A space by name.
///
/// # Errors
/// [`Error::UnknownName`] with the names that exist.
pub fn by_name(name: &str) -> Result<&'static dyn Space> {
    let known: Vec<&str> = all().iter().map(|s| s.name()).collect();
    let found = all().iter().copied().find(|s| s.name() == name);
    found.ok_or_else(|| Error::unknown("space", name, &known))
}
