//! What can go wrong, said so that the reader knows where and what to do.
//!
//! Every error is typed ([`Error::code`]), names its place ([`Error::place`])
//! and carries a cure ([`Error::hint`]). Nothing in the crate panics on data
//! that came from outside.

use crate::spelling::nearest;

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// One line a variant; `Display` is the sentence shown to people.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An architecture's text does not parse; `position` counts characters from 1.
    #[error("character {position}: found {found}, expected {expected}")]
    Architecture {
        /// 1-based character position in the text as given.
        position: usize,
        /// What stands there.
        found: String,
        /// What would have been right.
        expected: String,
        /// The valid spelling nearest to what was found, where one is near.
        nearest: Option<String>,
    },
    /// A name that is not in a list of names (a space, a device, a protocol, an option).
    #[error("unknown {what} '{name}'")]
    UnknownName {
        /// The kind of thing named.
        what: &'static str,
        /// The name as given.
        name: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// An option's value is out of its range or not of its type.
    #[error("option {name}: '{value}' does not fit")]
    Option {
        /// The option's name.
        name: String,
        /// The value as given.
        value: String,
        /// What it may be.
        expected: String,
    },
    /// A cell of a saved row is not what its column holds.
    #[error("column {column}: '{found}' is not {expected}")]
    Cell {
        /// The column's name.
        column: String,
        /// What stands there.
        found: String,
        /// What it may be.
        expected: String,
    },
    /// A list of architectures cannot be read.
    #[error("{message}")]
    List {
        /// `no-arch-column`, `no-column`, `bad-list`.
        code: &'static str,
        /// What is wrong.
        message: String,
        /// What to do.
        cure: String,
    },
    /// Options that do not go together.
    #[error("{message}")]
    Usage {
        /// What does not go together, and why.
        message: String,
        /// What to do instead.
        cure: String,
    },
    /// A node's input does not fit its operation.
    #[error("node {node}: {message}")]
    Shape {
        /// The node's name.
        node: String,
        /// What does not fit, with the shapes.
        message: String,
        /// What to do.
        cure: String,
    },
    /// A weight is missing, has another shape, or is not a number.
    #[error("weight {tensor}: {message}")]
    Weights {
        /// The tensor's name.
        tensor: String,
        /// What is wrong with it.
        message: String,
        /// What to do.
        cure: String,
    },
    /// A picture cannot be used as the input image.
    #[error("image: {message}")]
    Image {
        /// What is wrong.
        message: String,
        /// What to do.
        cure: String,
    },
    /// The network needs more memory than the device or address space has.
    #[error("node {node} needs {needed_mib} MiB, more than the limit of {limit_mib} MiB")]
    TooLarge {
        /// The node whose activation is too large.
        node: String,
        /// What it needs, in MiB.
        needed_mib: u64,
        /// What may be used, in MiB.
        limit_mib: u64,
    },
    /// The singular values of a map could not be computed.
    #[error("singular values of {map}: {message}")]
    SingularValues {
        /// The observed map's name.
        map: String,
        /// What failed.
        message: String,
    },
    /// The device refused, failed its proof, or was lost.
    #[error("device: {message}")]
    Device {
        /// `no-adapter`, `slow-adapter`, `failed-proof`, `device-lost`, …
        code: &'static str,
        /// What happened.
        message: String,
        /// What to do.
        cure: String,
    },
    /// A model file cannot be read, or uses what is not supported.
    #[error("{place}: {message}")]
    Model {
        /// `not-onnx`, `bad-model`, `unsupported-operator`, `too-large`.
        code: &'static str,
        /// The file, a node, an input.
        place: String,
        /// What is wrong.
        message: String,
        /// What to do.
        cure: String,
    },
    /// A saved search cannot be gone on with, or is told what it did not ask for.
    #[error("{message}")]
    Search {
        /// What does not fit, with both sides.
        message: String,
        /// What to do.
        cure: String,
    },
    /// The caller asked to stop.
    #[error("cancelled")]
    Cancelled,
}

impl Error {
    /// The kind of error as a stable word, the `code` of a `DextrError` in JavaScript.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Architecture { .. } => "bad-architecture",
            Self::UnknownName { .. } => "unknown-name",
            Self::Option { .. } => "bad-option",
            Self::Cell { .. } => "bad-row",
            Self::Usage { .. } => "usage",
            Self::Shape { .. } => "bad-shape",
            Self::Weights { .. } => "bad-weights",
            Self::Image { .. } => "bad-image",
            Self::TooLarge { .. } => "too-large",
            Self::SingularValues { .. } => "singular-values",
            Self::Device { code, .. } | Self::Model { code, .. } | Self::List { code, .. } => code,
            Self::Search { .. } => "bad-search",
            Self::Cancelled => "cancelled",
        }
    }

    /// Where it went wrong: a character, a node, a tensor, an option.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        match self {
            Self::Architecture { position, .. } => Some(format!("character {position}")),
            Self::UnknownName { what, .. } => Some((*what).to_owned()),
            Self::Option { name, .. } => Some(format!("option {name}")),
            Self::Cell { column, .. } => Some(format!("column {column}")),
            Self::Shape { node, .. } | Self::TooLarge { node, .. } => Some(format!("node {node}")),
            Self::Weights { tensor, .. } => Some(format!("weight {tensor}")),
            Self::Image { .. } => Some("image".to_owned()),
            Self::Model { place, .. } => Some(place.clone()),
            Self::SingularValues { map, .. } => Some(format!("map {map}")),
            Self::Device { .. } => Some("device".to_owned()),
            Self::Search { .. } => Some("search".to_owned()),
            Self::Usage { .. } | Self::List { .. } | Self::Cancelled => None,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Architecture {
                nearest: Some(nearest),
                ..
            } => format!("did you mean '{nearest}'?"),
            Self::Architecture { .. } => "compare it with an example of the space".to_owned(),
            Self::UnknownName { name, known, .. } => {
                let known_names = known.join(", ");
                match nearest(name, &known.iter().map(String::as_str).collect::<Vec<_>>()) {
                    Some(near) => format!("did you mean '{near}'? One of: {known_names}"),
                    None => format!("one of: {known_names}"),
                }
            }
            Self::Option { expected, .. } => format!("give {expected}"),
            Self::Cell { .. } => "correct the file".to_owned(),
            Self::Usage { cure, .. }
            | Self::Search { cure, .. }
            | Self::List { cure, .. }
            | Self::Shape { cure, .. }
            | Self::Weights { cure, .. }
            | Self::Image { cure, .. }
            | Self::Model { cure, .. }
            | Self::Device { cure, .. } => cure.clone(),
            Self::TooLarge { .. } => {
                "lower the input size, the width, or the number of curves".to_owned()
            }
            Self::SingularValues { .. } => {
                "report this with the architecture and the seed: it should not happen".to_owned()
            }
            Self::Cancelled => "start it again; what was finished is kept".to_owned(),
        }
    }

    /// A value that does not fit an option.
    pub(crate) fn option(name: &str, value: &str, expected: impl Into<String>) -> Self {
        Self::Option {
            name: name.to_owned(),
            value: value.to_owned(),
            expected: expected.into(),
        }
    }

    /// A name that is not in `known`.
    pub(crate) fn unknown<S: AsRef<str>>(what: &'static str, name: &str, known: &[S]) -> Self {
        Self::UnknownName {
            what,
            name: name.to_owned(),
            known: known.iter().map(|k| k.as_ref().to_owned()).collect(),
        }
    }
}
