//! The same network made over: for another input, without its norms, with norms
//! that were folded away, up to some node. Names stay, so that weights drawn by name do too.

use super::graph::{Builder, Input, Network, NodeId};
use super::op::Op;
use crate::error::Result;

/// PyTorch's, of a batch norm.
const EPSILON: f64 = 1e-5;

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

    /// The same network with a batch norm behind every convolution that has a
    /// bias, in the bias's place: what stood there before an exporter folded it
    /// into the kernel. The norms are called `<convolution>.norm`.
    ///
    /// # Errors
    /// None for a network that was built; the type is that of building.
    pub fn with_norms(&self) -> Result<Self> {
        let mut builder = Builder::new(self.input().clone())?;
        let mut places: Vec<NodeId> = vec![0];
        for node in &self.nodes()[1..] {
            let inputs: Vec<NodeId> = node.inputs.iter().map(|&i| places[i]).collect();
            let mut op = node.op.clone();
            let folded = match &mut op {
                Op::Conv2d { bias, .. } => std::mem::take(bias),
                _ => false,
            };
            let own = builder.add(&node.name, op, &inputs)?;
            for tied in node.tied.iter().filter(|t| !folded || t.suffix != "bias") {
                builder.tie(own, tied.suffix, tied.to.clone());
            }
            let mut id = own;
            if folded {
                let norm = Op::BatchNorm {
                    eps: EPSILON,
                    affine: true,
                };
                id = builder.add(&format!("{}.norm", node.name), norm, &[own])?;
            }
            for container in &node.containers {
                builder.contain(id, &container.name, container.kind);
            }
            places.push(id);
        }
        let outputs: Vec<NodeId> = self.outputs().iter().map(|&o| places[o]).collect();
        Ok(builder.finish(&outputs))
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
