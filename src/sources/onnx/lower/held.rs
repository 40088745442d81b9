//! Weights that are shared or computed, before all nodes have their names.

use std::collections::HashSet;
use std::sync::Arc;

use crate::network::{Made, Tie};

/// What is known of a node's weight, until all nodes have their names.
#[derive(Debug, Clone)]
pub(super) enum Held {
    /// The nodes of the same words share it.
    Shared(String),
    /// It is computed, and those of the same words share it; with the tensors
    /// that are learned for it, and how many numbers each has.
    Made(String, Arc<Made>, Vec<(String, u64)>),
}

impl Held {
    /// The words that tell weights apart.
    pub(super) fn key(&self) -> &str {
        match self {
            Self::Shared(key) | Self::Made(key, ..) => key,
        }
    }

    /// How the first node that holds it is tied. What was counted already is not
    /// counted again.
    pub(super) fn tie(self, counted: &mut HashSet<String>) -> Option<Tie> {
        let Self::Made(_, mut made, tensors) = self else {
            return None;
        };
        let new = tensors
            .into_iter()
            .filter(|(name, _)| counted.insert(name.clone()));
        Arc::make_mut(&mut made).learned = new.map(|(_, n)| n).fold(0, u64::saturating_add);
        Some(Tie::Made(made))
    }
}
