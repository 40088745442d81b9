//! Each channel's variance over all images and positions.

use std::collections::BTreeMap;

use burn::tensor::Tensor;

use super::{Found, Observer, Watch};
use crate::engine::jet::Jets;
use crate::error::Result;
use crate::network::{Network, Node, NodeId};

/// The variances of the watched nodes, on the device until the end.
pub(super) struct Variances {
    watches: Vec<(usize, NodeId)>,
    found: BTreeMap<NodeId, Tensor<1>>,
    /// Where each node's numbers are among those read back.
    places: BTreeMap<NodeId, std::ops::Range<usize>>,
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
            found: BTreeMap::new(),
            places: BTreeMap::new(),
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
        let mut parts = Vec::new();
        let mut start = 0;
        for (id, part) in std::mem::take(&mut self.found) {
            let [n] = part.dims();
            self.places.insert(id, start..start + n);
            start += n;
            parts.push(part);
        }
        (!parts.is_empty()).then(|| Tensor::cat(parts, 0))
    }

    fn found(&self, read: &[f64], _: &Network) -> Result<Vec<(usize, Found)>> {
        let found = self.watches.iter().filter_map(|(watch, node)| {
            let numbers = read.get(self.places.get(node)?.clone())?;
            Some((*watch, Found::Variance(numbers.to_vec())))
        });
        Ok(found.collect())
    }
}
