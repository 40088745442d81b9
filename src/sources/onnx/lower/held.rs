//! Weights that are shared or computed, before all nodes have their names.

use std::sync::Arc;

use crate::network::{Made, Tie};

/// What is known of a node's weight, until all nodes have their names.
#[derive(Debug, Clone)]
pub(super) enum Held {
    /// The nodes of the same words share it.
    Shared(String),
    /// It is computed, and those of the same words share it.
    Made(String, Arc<Made>),
}

impl Held {
    /// The words that tell weights apart.
    pub(super) fn key(&self) -> &str {
        match self {
            Self::Shared(key) | Self::Made(key, _) => key,
        }
    }

    /// How the first node that holds it is tied.
    pub(super) fn tie(self) -> Option<Tie> {
        match self {
            Self::Shared(_) => None,
            Self::Made(_, made) => Some(Tie::Made(made)),
        }
    }
}
