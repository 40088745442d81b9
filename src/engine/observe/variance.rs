//! Each channel's variance over all images and positions.

use burn::tensor::Tensor;

use super::waiting::Waiting;
use super::{Found, Observer, Watch};
use crate::engine::jet::Jets;
use crate::error::Result;
use crate::network::{Network, Node, NodeId};

/// The variances of the watched nodes, on the device until the end.
pub(super) struct Variances {
    watches: Vec<(usize, NodeId)>,
    found: Waiting,
}

impl Variances {
    pub(super) fn new(watches: &[Watch], originals: &[NodeId]) -> Self {
        let watches = watches
            .iter()
            .enumerate()
            .filter_map(|(i, watch)| match watch {
                Watch::Variance(node) => Some((i, originals[*node])),
                _ => None,
            });
        Self {
            watches: watches.collect(),
            found: Waiting::default(),
        }
    }
}

impl Observer for Variances {
    fn nodes(&self) -> Vec<NodeId> {
        self.watches.iter().map(|&(_, node)| node).collect()
    }

    fn take(&mut self, id: NodeId, node: &Node, value: &Jets) -> Result<()> {
        if !self.watches.iter().any(|&(_, wanted)| wanted == id) {
            return Ok(());
        }
        let (images, channels) = (
            value.layout.images,
            node.shape.first().copied().unwrap_or(1),
        );
        let positions = node.len() / channels.max(1);
        let x = value.images().reshape([images, channels, positions]);
        let x = x.swap_dims(0, 1).reshape([channels, images * positions]);
        let centred = x.clone() - x.mean_dim(1);
        let count = (images * positions).saturating_sub(1).max(1) as f64;
        let variance = (centred.clone() * centred).sum_dim(1) / count;
        self.found.insert(id, variance.reshape([channels]));
        Ok(())
    }

    fn finish(&mut self, _: usize) -> Option<Tensor<1>> {
        self.found.joined()
    }

    fn found(&self, read: &[f64], _: &Network) -> Result<Vec<(usize, Found)>> {
        let found = self.watches.iter().filter_map(|(watch, node)| {
            let numbers = self.found.of(*node, read)?;
            Some((*watch, Found::Variance(numbers.to_vec())))
        });
        Ok(found.collect())
    }
}
