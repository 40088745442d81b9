//! Search spaces: text → [`Network`]. One benchmark a file.
//!
//! A [`Space`] parses an architecture's text, prints its canonical form, and
//! builds the exact network under named options.

mod nasbench201;
mod options;

pub use nasbench201::{Cell, EDGES, Operation};
pub use options::Options;

use crate::error::{Error, Result};
use crate::network::{Network, Policy};

/// A named option of a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct SpaceOption {
    /// Its name, as in `--set name=value`.
    pub name: &'static str,
    /// Its default value.
    pub default: &'static str,
    /// What it is, in one line.
    pub help: &'static str,
}

/// An architecture to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Example {
    /// Its text.
    pub arch: &'static str,
    /// What it is.
    pub title: &'static str,
}

/// How a picture's channels are normalised: (x − mean) / deviation, x in 0…1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normalisation {
    /// Mean of each channel.
    pub mean: [f32; 3],
    /// Standard deviation of each channel.
    pub deviation: [f32; 3],
}

/// A network with the text it came from.
#[derive(Debug, Clone)]
pub struct Architecture {
    /// The space's name.
    pub space: &'static str,
    /// The text in canonical form.
    pub arch: String,
    /// The options, all of them, as `name=value` joined by spaces.
    pub options: String,
    /// Whether the published protocol is defined for this space.
    pub published: bool,
    /// The policy that is observed where none is asked for: [`Space::observe`].
    pub observe: Policy,
    /// How a picture is normalised for it.
    pub normalisation: Normalisation,
    /// The network.
    pub network: Network,
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
    fn options(&self) -> &'static [SpaceOption];
    /// The columns an architecture is read from where a table has no `arch`.
    fn columns(&self) -> &'static [&'static str];
    /// Architectures to start from.
    fn examples(&self) -> &'static [Example];
    /// The names of its operations, in index order (empty where it has none).
    fn operations(&self) -> Vec<&'static str>;
    /// The edges of its cell as (source, target), in index order.
    fn edges(&self) -> &'static [(usize, usize)];

    /// The policy that is observed where none is asked for: the one that ranks
    /// its architectures best in `benches/correlation.rs`.
    fn observe(&self) -> Policy;

    /// The canonical form of an architecture's text.
    ///
    /// # Errors
    /// [`Error::Architecture`] with the character where it goes wrong.
    fn canonical(&self, text: &str) -> Result<String>;

    /// Builds the network.
    ///
    /// # Errors
    /// [`Error::Architecture`], [`Error::Option`] or [`Error::UnknownName`]
    /// for the text and the options, [`Error::Shape`] when the size does not
    /// fit the network.
    fn build(&self, text: &str, options: &Options) -> Result<Architecture>;
}

/// All spaces, in the order of their documentation.
pub fn all() -> &'static [&'static dyn Space] {
    &[&nasbench201::NasBench201]
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
