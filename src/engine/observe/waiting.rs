//! Numbers that stay on the device until all is read back at once.

use std::collections::BTreeMap;
use std::ops::Range;

use burn::tensor::Tensor;

use crate::network::NodeId;

/// Numbers of several nodes.
#[derive(Default)]
pub(super) struct Waiting {
    parts: BTreeMap<NodeId, Tensor<1>>,
    /// Where each node's numbers are among those read back.
    places: BTreeMap<NodeId, Range<usize>>,
}

impl Waiting {
    /// A node's numbers.
    pub(super) fn insert(&mut self, id: NodeId, numbers: Tensor<1>) {
        self.parts.insert(id, numbers);
    }

    /// All of them as one, to be read back; none where there are none.
    pub(super) fn joined(&mut self) -> Option<Tensor<1>> {
        let mut parts = Vec::with_capacity(self.parts.len());
        let mut start = 0;
        for (id, part) in std::mem::take(&mut self.parts) {
            let [n] = part.dims();
            self.places.insert(id, start..start + n);
            start += n;
            parts.push(part);
        }
        (!parts.is_empty()).then(|| Tensor::cat(parts, 0))
    }

    /// A node's numbers among those that were read back.
    pub(super) fn of<'a>(&self, id: NodeId, read: &'a [f64]) -> Option<&'a [f64]> {
        read.get(self.places.get(&id)?.clone())
    }
}
