//! What a proxy takes, in facts that a table or a filter can use.

use serde::Serialize;

/// What a proxy takes. None of ours needs labels or images of the task: where
/// the published one does, noise and the sum of the outputs serve as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Demands {
    /// How many images go in; 0 where the graph or the weights are enough.
    pub images: usize,
    /// Whether weights are looked at.
    pub weights: bool,
    /// Whether gradients are taken, and so the CPU.
    pub gradients: bool,
    /// Whether weights are drawn by a law of its own.
    pub own_start: bool,
    /// Whether the published value is a rank among other networks.
    pub pool: bool,
    /// Whether the published one takes labels.
    pub published_labels: bool,
    /// Whether the published one takes images of the task.
    pub published_data: bool,
}

/// What a proxy costs, by kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Counting.
    Graph,
    /// Looking at weights.
    Weights,
    /// A forward pass of an image or a few curves.
    Forward,
    /// A forward pass of a batch.
    Batch,
    /// Gradients over a batch.
    Gradients,
}

impl Class {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Graph => "counts, free",
            Self::Weights => "looks at weights",
            Self::Forward => "one forward pass",
            Self::Batch => "a forward pass of a batch",
            Self::Gradients => "gradients over a batch",
        }
    }
}

impl Demands {
    /// The graph alone.
    pub const GRAPH: Self = Self {
        images: 0,
        weights: false,
        gradients: false,
        own_start: false,
        pool: false,
        published_labels: false,
        published_data: false,
    };
    /// The weights alone.
    pub const WEIGHTS: Self = Self {
        weights: true,
        ..Self::GRAPH
    };

    /// A forward pass of so many images.
    #[must_use]
    pub const fn images(images: usize) -> Self {
        Self {
            images,
            ..Self::WEIGHTS
        }
    }

    /// And gradients.
    #[must_use]
    pub const fn gradients(self) -> Self {
        Self {
            gradients: true,
            ..self
        }
    }

    /// And weights by a law of its own.
    #[must_use]
    pub const fn own_start(self) -> Self {
        Self {
            own_start: true,
            ..self
        }
    }

    /// And, as published, a pool to be ranked in.
    #[must_use]
    pub const fn pool(self) -> Self {
        Self { pool: true, ..self }
    }

    /// And, as published, images of the task, perhaps with their labels.
    #[must_use]
    pub const fn published(self, labels: bool) -> Self {
        Self {
            published_labels: labels,
            published_data: true,
            ..self
        }
    }

    /// What it costs, by kind of work.
    #[must_use]
    pub fn class(self) -> Class {
        match self {
            Self {
                gradients: true, ..
            } => Class::Gradients,
            Self { images: 2.., .. } => Class::Batch,
            Self { images: 1, .. } => Class::Forward,
            Self { weights: true, .. } => Class::Weights,
            _ => Class::Graph,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_follows_from_the_dearest_demand() {
        let classes = [
            Demands::GRAPH,
            Demands::WEIGHTS.own_start(),
            Demands::images(1),
            Demands::images(16).published(true),
            Demands::images(16).gradients().pool(),
        ];
        let classes = classes.map(Demands::class);
        assert!(classes.is_sorted_by(|a, b| a < b), "{classes:?}");
    }
}
