//! The values of the file's graph.

use crate::network::NodeId;
use crate::sources::onnx::tensor::Tensor;

/// A value of the file's graph.
#[derive(Debug, Clone)]
pub(in crate::sources::onnx) enum Value<'a> {
    /// Computed by a node of the network.
    Live(Live),
    /// Known.
    Const(Tensor<'a>),
    /// Drawn at random in every pass, as networks do in training.
    Random(Random),
}

impl Value<'_> {
    /// Its shape in the file's graph, batch included.
    pub(in crate::sources::onnx) fn shape(&self) -> &[usize] {
        match self {
            Self::Live(live) => &live.shape,
            Self::Const(tensor) => &tensor.shape,
            Self::Random(random) => &random.shape,
        }
    }
}

/// Numbers that are drawn at random, each by the same law.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::sources::onnx) struct Random {
    pub(in crate::sources::onnx) shape: Vec<usize>,
    pub(in crate::sources::onnx) law: Law,
}

/// The law of a random number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::sources::onnx) enum Law {
    /// Uniform from the first to the second.
    Uniform(f64, f64),
    /// The first of two numbers with this chance, else the second.
    Either(f64, [f64; 2]),
    /// Any other, of this mean.
    Mean(f64),
}

/// A node's value under its shape in the file's graph. The node's own shape
/// has the same elements in the same order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sources::onnx) struct Live {
    pub(in crate::sources::onnx) node: NodeId,
    pub(in crate::sources::onnx) shape: Vec<usize>,
}

impl Live {
    pub(in crate::sources::onnx) fn new(node: NodeId, shape: Vec<usize>) -> Self {
        Self { node, shape }
    }

    /// The same elements in another shape.
    pub(in crate::sources::onnx) fn shaped(&self, shape: Vec<usize>) -> Self {
        Self::new(self.node, shape)
    }

    pub(in crate::sources::onnx) fn len(&self) -> usize {
        self.shape.iter().product()
    }
}

/// A shape without the axes of length 1 before the first longer one.
pub(in crate::sources::onnx) fn without_leading_ones(shape: &[usize]) -> Vec<usize> {
    let first = shape.iter().position(|&n| n != 1);
    shape[first.unwrap_or(shape.len().saturating_sub(1))..].to_vec()
}
