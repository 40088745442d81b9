//! The same network made over: for another input, without its norms, up to
//! some node. Names stay, so that weights drawn by name do too.

use super::graph::{Builder, Input, Network, NodeId};
use super::op::Op;
use crate::error::Result;

impl Network {
    /// The same network for another input; weights keep their names and, where
    /// the operations allow it, their shapes.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) when an operation does not fit the new size.
    pub fn with_input(&self, input: impl Into<Input>) -> Result<Self> {
        self.rebuilt(input.into(), self.outputs(), |op| op.clone())
    }

    /// The same network with every normalisation replaced by what it was given.
    ///
    /// # Errors
    /// None for a network that was built; the type is that of building.
    pub fn without_norms(&self) -> Result<Self> {
        let bare = |op: &Op| {
            if op.is_norm() {
                Op::Identity
            } else {
                op.clone()
            }
        };
        self.rebuilt(self.input().clone(), self.outputs(), bare)
    }

    /// The network whose output is `node`; what only leads elsewhere is gone.
    ///
    /// # Errors
    /// None for a network that was built; the type is that of building.
    pub fn up_to(&self, node: NodeId) -> Result<Self> {
        self.rebuilt(self.input().clone(), &[node], |op| op.clone())
    }

    fn rebuilt(
        &self,
        input: Input,
        outputs: &[NodeId],
        change: impl Fn(&Op) -> Op,
    ) -> Result<Self> {
        let end = outputs.iter().max().map_or(0, |&last| last + 1);
        let mut builder = Builder::new(input)?;
        for node in &self.nodes()[1..end] {
            let id = builder.add(&node.name, change(&node.op), &node.inputs)?;
            for container in &node.containers {
                builder.contain(id, &container.name, container.kind);
            }
            for tied in &node.tied {
                builder.tie(id, tied.suffix, tied.to.clone());
            }
        }
        Ok(builder.finish(outputs))
    }
}
