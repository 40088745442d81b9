//! An architecture: a network, how its weights begin, and the text or file
//! that it came from, whatever it was read by.

mod about;
mod normalisation;
mod options;

use std::sync::Arc;

pub use about::{About, Example, Reading};
pub use normalisation::Normalisation;
pub(crate) use options::FLAG;
pub use options::{Checked, OptionInfo, Options};

use crate::network::{Network, Policy};
use crate::start::Start;

/// A network with what it came from.
#[derive(Debug, Clone)]
pub struct Architecture {
    /// What read it: a space's name, or that of model files.
    pub source: &'static str,
    /// The text in canonical form, or the file's name.
    pub arch: String,
    /// The options, all of them, as `name=value` joined by spaces.
    pub options: String,
    /// Whether the published protocol is defined for its source.
    pub published: bool,
    /// The policy that is observed where none is asked for.
    pub observe: Policy,
    /// How a picture is normalised for it.
    pub normalisation: Normalisation,
    /// The network.
    pub network: Arc<Network>,
    /// How its weights begin.
    pub start: Start,
    /// What there is to know about how its description was understood, in
    /// words; empty where there was nothing to interpret. A score repeats it.
    pub notes: Vec<String>,
}
