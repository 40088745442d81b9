//! A network listed layer by layer.

use serde::Serialize;

use super::graph::Network;
use super::observe::Policy;

/// One node, for reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// The node's name; its tensors are `<name>.weight` and `<name>.bias`.
    pub name: String,
    /// The operation.
    pub kind: &'static str,
    /// Shape of its value for one sample.
    pub shape: Vec<usize>,
    /// Trainable parameters.
    pub params: u64,
    /// Multiply–accumulates for one sample.
    pub macs: u64,
    /// Whether it can depend on the input.
    pub live: bool,
    /// How often its map counts under the policy.
    pub observed: usize,
}

impl Network {
    /// All nodes in execution order, with what a policy observes of them.
    #[must_use]
    pub fn layers(&self, policy: Policy) -> Vec<Layer> {
        let live = self.live();
        let mut observed = vec![0; self.nodes().len()];
        self.observed(policy, false)
            .iter()
            .for_each(|o| observed[o.node] += 1);
        let nodes = self.nodes().iter().enumerate();
        nodes
            .map(|(id, node)| Layer {
                name: node.name.clone(),
                kind: node.op.kind(),
                shape: node.shape.clone(),
                params: self.node_params(id),
                macs: self.node_macs(id),
                live: live[id],
                observed: observed[id],
            })
            .collect()
    }
}
