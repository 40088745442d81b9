//! Nodes that have the same value.

use std::collections::BTreeMap;

use super::graph::{Network, NodeId};
use super::op::Op;

impl Network {
    /// For each node the first with the same value: an identity's source, and
    /// of equal operations without parameters on the same operands (every edge
    /// of a cell has its own activation of one value) the first.
    pub fn originals(&self) -> Vec<NodeId> {
        // Computed nodes without parameters, by their first operand.
        let mut seen: BTreeMap<NodeId, Vec<NodeId>> = BTreeMap::new();
        let mut originals: Vec<NodeId> = Vec::with_capacity(self.nodes().len());
        for (id, node) in self.nodes().iter().enumerate() {
            let original = match node.inputs.first().map(|&input| originals[input]) {
                None => id,
                Some(source) if node.op == Op::Identity => source,
                Some(_) if !self.parameters(id).is_empty() => id,
                Some(first) => {
                    let same = |&other: &NodeId| {
                        let other = self.node(other);
                        let operands = node.inputs.iter().map(|&i| originals[i]);
                        other.op == node.op
                            && operands.eq(other.inputs.iter().map(|&i| originals[i]))
                    };
                    let seen = seen.entry(first).or_default();
                    seen.iter().copied().find(same).unwrap_or_else(|| {
                        seen.push(id);
                        id
                    })
                }
            };
            originals.push(original);
        }
        originals
    }
}
