//! What a pass watches, a file each. Nothing is read back but the results, all
//! of them at once at the end.
//!
//! | watch | what is found | file |
//! |---|---|---|
//! | [`Watch::Range`] | σ_min, σ_max of a map of the first image | `matrices` |
//! | [`Watch::Correlation`] | λ_min of its channels' correlations | `matrices`, `correlation` |
//! | [`Watch::Agreement`], [`Watch::Patterns`] | on how many neurons the images agree, and in how many ways | `signs` |
//! | [`Watch::Variance`] | each channel's variance over all images | `variance` |
//! | [`Watch::Entropy`] | how evenly a map's channels share its variance | `entropy` |
//! | [`Watch::Values`], [`Watch::Jets`] | the outputs | `output` |
//! | [`Watch::WeightGradients`], [`Watch::InputGradients`] | gradients of a loss | `gradient` |
//! | [`Watch::Transfer`] | how one node's gradient reaches another | `transfer` |
//!
//! What is watched of gradients takes the graph backwards after all values are
//! there: [`Sweeps`](super::reverse::Sweeps), on the CPU alone.

mod correlation;
mod entropy;
mod gradient;
mod matrices;
mod motion;
mod output;
mod signs;
mod transfer;
mod variance;
mod waiting;

use std::sync::Arc;

use burn::tensor::Tensor;

pub(super) use gradient::start;
pub use gradient::{Loss, WeightGradient};
pub use matrices::MapRange;
pub(super) use matrices::on_host;
pub use motion::{Motion, bend};
pub use output::OutputJet;
pub use signs::Agreement;
pub use transfer::Transfer;
pub(super) use transfer::{signs, transfer};

use super::device::Device;
use super::jet::Jets;
use crate::error::Result;
use crate::network::{Network, Node, NodeId};
use entropy::Entropies;
use matrices::Matrices;
use output::Outputs;
use signs::SignCounts;
use variance::Variances;

/// Something to watch in a pass.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Watch {
    /// The largest and smallest singular value of a node's map, channels ×
    /// pixels (tokens × features), of the first image.
    Range(NodeId),
    /// The smallest eigenvalue of the correlation matrix of a map's channels
    /// (the rows of that matrix), of the first image.
    Correlation {
        /// The node whose map it is.
        node: NodeId,
        /// Which channels; none for all.
        channels: Option<Arc<[usize]>>,
    },
    /// On how many of these nodes' neurons two images have the same sign, for all
    /// images, at most 64.
    Agreement(Arc<[NodeId]>),
    /// How many different patterns of signs over all images, at most 64, these
    /// nodes' neurons have.
    Patterns(Arc<[NodeId]>),
    /// The unbiased variance of each channel of a node's value, over all images
    /// and positions.
    Variance(NodeId),
    /// The entropy of the eigenvalues, as parts of their sum, of the covariance of
    /// a node's channels (of tokens, features), over all images and positions.
    Entropy(NodeId),
    /// The outputs of each image.
    Values,
    /// The outputs' jets along each curve.
    Jets {
        /// Whether they are wanted number by number, however many these are;
        /// see [`OutputJet`].
        whole: bool,
    },
    /// A loss's gradient by the weight of every convolution and dense layer.
    WeightGradients(Loss),
    /// A loss's gradient by each image.
    InputGradients(Loss),
    /// How random signs at the node `from`, taken back through the network, are
    /// related to the gradient that they give at an earlier node.
    Transfer {
        /// Where the signs are.
        from: NodeId,
        /// The earlier node.
        to: NodeId,
        /// Tells several draws of signs apart.
        salt: u32,
    },
}

/// What a watch found.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// Of [`Watch::Range`].
    Range(MapRange),
    /// Of [`Watch::Correlation`]; 0 where a channel is constant or the map has a
    /// single column.
    Correlation(f64),
    /// Of [`Watch::Agreement`].
    Agreement(Agreement),
    /// Of [`Watch::Patterns`].
    Patterns(u64),
    /// Of [`Watch::Variance`], one number a channel.
    Variance(Vec<f64>),
    /// Of [`Watch::Entropy`]; 0 where no channel varies.
    Entropy(f64),
    /// Of [`Watch::Values`], one vector an image.
    Values(Vec<Vec<f64>>),
    /// Of [`Watch::Jets`], one a curve.
    Jets(Vec<OutputJet>),
    /// Of [`Watch::WeightGradients`], in execution order, a shared weight once.
    WeightGradients(Arc<[WeightGradient]>),
    /// Of [`Watch::InputGradients`], one vector an image.
    InputGradients(Vec<Vec<f64>>),
    /// Of [`Watch::Transfer`].
    Transfer(Transfer),
    /// Singular values that did not end on the GPU: a pass takes them on the
    /// CPU before it gives them out.
    Unfinished,
}

/// Looks at the values of a pass as they are produced.
trait Observer {
    /// The nodes that it wants to see (originals).
    fn nodes(&self) -> Vec<NodeId>;

    /// Sees a node's value, each once; it may see others than its own.
    fn take(&mut self, id: NodeId, node: &Node, value: &Jets) -> Result<()>;

    /// Starts what has waited for all values. The numbers to read back, if
    /// any, beside `others` of other observers.
    fn finish(&mut self, others: usize) -> Option<Tensor<1>>;

    /// What was found, from the numbers that were read back, with the place of
    /// the watch that wanted it.
    fn found(&self, read: &[f64], network: &Network) -> Result<Vec<(usize, Found)>>;
}

/// All observers of a pass.
pub(super) struct Observers {
    all: Vec<Box<dyn Observer>>,
    wanted: Vec<NodeId>,
    /// How many numbers each has to read back.
    lengths: Vec<usize>,
}

impl Watch {
    /// The node whose map it decomposes; none for other kinds.
    pub(super) fn map(&self) -> Option<NodeId> {
        match self {
            Self::Range(node) | Self::Correlation { node, .. } => Some(*node),
            _ => None,
        }
    }

    /// Whether it takes the graph backwards, and so the CPU.
    pub(crate) fn goes_back(&self) -> bool {
        matches!(
            self,
            Self::WeightGradients(_) | Self::InputGradients(_) | Self::Transfer { .. }
        )
    }
}

impl Observers {
    /// For these watches; `originals` says which node is computed for each.
    pub(super) fn new(
        watches: &[Watch],
        originals: &[NodeId],
        network: &Network,
        device: &Device,
    ) -> Result<Self> {
        let all: Vec<Box<dyn Observer>> = vec![
            Box::new(Matrices::new(watches, originals, network, device)?),
            Box::new(Variances::new(watches, originals)),
            Box::new(SignCounts::new(watches, originals)),
            Box::new(Entropies::new(watches, originals)),
            Box::new(Outputs::new(watches, originals, network)),
        ];
        let mut wanted: Vec<NodeId> = all.iter().flat_map(|o| o.nodes()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        Ok(Self {
            all,
            wanted,
            lengths: Vec::new(),
        })
    }

    /// The node after which nothing is left to see.
    pub(super) fn last(&self) -> Option<NodeId> {
        self.wanted.last().copied()
    }

    /// Shows a node's value.
    pub(super) fn take(&mut self, id: NodeId, node: &Node, value: &Jets) -> Result<()> {
        if self.wanted.binary_search(&id).is_err() {
            return Ok(());
        }
        let mut all = self.all.iter_mut();
        all.try_for_each(|observer| observer.take(id, node, value))
    }

    /// The numbers to read back, if any.
    pub(super) fn finish(&mut self) -> Option<Tensor<1>> {
        let mut parts = Vec::new();
        let mut numbers = 0;
        for observer in &mut self.all {
            let part = observer.finish(numbers);
            let length = part.as_ref().map_or(0, |p| p.dims()[0]);
            numbers += length;
            self.lengths.push(length);
            parts.extend(part);
        }
        (!parts.is_empty()).then(|| Tensor::cat(parts, 0))
    }

    /// What each watch found, in their order; `found` is what those of gradients
    /// did, with their places.
    pub(super) fn found(
        &self,
        mut read: &[f64],
        network: &Network,
        mut found: Vec<(usize, Found)>,
    ) -> Result<Vec<Found>> {
        for (observer, &length) in self.all.iter().zip(&self.lengths) {
            let (own, rest) = read.split_at(length.min(read.len()));
            found.extend(observer.found(own, network)?);
            read = rest;
        }
        found.sort_by_key(|(place, _)| *place);
        Ok(found.into_iter().map(|(_, found)| found).collect())
    }
}
