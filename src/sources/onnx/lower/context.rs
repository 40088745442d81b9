//! The network as it grows, and the values of the file's graph.

use std::collections::{BTreeMap, HashMap};

use super::Note;
use super::call::Call;
use crate::array::Array;
use crate::error::{Error, Result};
use crate::network::{Builder, NodeId, Op};
use crate::sources::onnx::WeightSource;
use crate::sources::onnx::read::Model;
use crate::sources::onnx::tensor::{Budget, Data, Tensor, elements};

/// A value of the file's graph.
#[derive(Debug, Clone)]
pub(in crate::sources::onnx) enum Value<'a> {
    /// Computed by a node of the network.
    Live(Live),
    /// Known.
    Const(Tensor<'a>),
}

impl Value<'_> {
    /// Its shape in the file's graph, batch included.
    pub(in crate::sources::onnx) fn shape(&self) -> &[usize] {
        match self {
            Self::Live(live) => &live.shape,
            Self::Const(tensor) => &tensor.shape,
        }
    }
}

/// A node's value under its shape in the file's graph. The node's own shape
/// has the same elements in the same order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sources::onnx) struct Live {
    pub(in crate::sources::onnx) node: NodeId,
    pub(in crate::sources::onnx) shape: Vec<usize>,
}

impl Live {
    pub(super) fn new(node: NodeId, shape: Vec<usize>) -> Self {
        Self { node, shape }
    }

    /// The same elements in another shape.
    pub(super) fn shaped(&self, shape: Vec<usize>) -> Self {
        Self::new(self.node, shape)
    }

    pub(super) fn len(&self) -> usize {
        self.shape.iter().product()
    }
}

/// The state of a lowering.
pub(in crate::sources::onnx) struct Lowering<'a> {
    pub(in crate::sources::onnx) model: &'a Model,
    pub(in crate::sources::onnx) budget: Budget,
    pub(super) source: WeightSource,
    pub(super) builder: Builder,
    pub(super) values: HashMap<&'a str, Value<'a>>,
    pub(super) uses: HashMap<&'a str, usize>,
    /// How many uses of each value are still to come.
    left: HashMap<&'a str, usize>,
    /// Numbers that parameters start with instead of being drawn.
    pub(super) given: HashMap<NodeId, Vec<(&'static str, Array)>>,
    /// Pointwise functions of earlier nodes; see `recognise`.
    pub(super) samples: super::recognise::Samples,
    views: HashMap<(NodeId, Vec<usize>), NodeId>,
    /// Norms that were multiplied by a constant, which may be their scale.
    pub(super) scaled: HashMap<NodeId, (NodeId, Tensor<'a>)>,
    /// How often a tensor of the file became a parameter.
    pub(super) parameters: HashMap<&'a str, usize>,
    /// The nodes of learned constants, by name and shape.
    pub(super) learned: HashMap<(&'a str, Vec<usize>), NodeId>,
    /// How many learned constants keep the file's numbers under a seed.
    pub(super) kept: usize,
    pub(super) notes: Vec<Note>,
    /// Shapes of all values so far.
    pub(super) shapes: BTreeMap<String, Vec<usize>>,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(
        model: &'a Model,
        source: WeightSource,
        uses: HashMap<&'a str, usize>,
        image: [usize; 3],
    ) -> Result<Self> {
        Ok(Self {
            model,
            budget: Budget::of_file(model.bytes),
            source,
            builder: Builder::new(image)?,
            values: HashMap::new(),
            left: uses.clone(),
            uses,
            given: HashMap::new(),
            samples: super::recognise::Samples::default(),
            views: HashMap::new(),
            scaled: HashMap::new(),
            parameters: HashMap::new(),
            learned: HashMap::new(),
            kept: 0,
            notes: Vec::new(),
            shapes: BTreeMap::new(),
        })
    }

    /// Counts a use of a value as done, and forgets it after its last.
    pub(super) fn release(&mut self, name: &str) {
        if let Some(left) = self.left.get_mut(name) {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.values.remove(name);
            }
        }
    }

    /// How many nodes use a node's first result.
    pub(super) fn uses_of(&self, name: &str) -> usize {
        self.uses.get(name).copied().unwrap_or(0)
    }

    /// A node's own shape.
    pub(super) fn own(&self, node: NodeId) -> &[usize] {
        self.builder.shape(node)
    }

    /// Adds a node to the network.
    pub(super) fn push(&mut self, name: &str, op: Op, inputs: &[NodeId]) -> Result<NodeId> {
        self.builder.add(name, op, inputs)
    }

    /// Adds a node that keeps the shape of its operand.
    pub(super) fn map(&mut self, call: &Call<'_>, op: Op, x: &Live) -> Result<Live> {
        let node = self.pointwise(&call.name, op, &[x.node])?;
        Ok(Live::new(node, x.shape.clone()))
    }

    /// A value's node in another shape.
    pub(super) fn view(&mut self, name: &str, node: NodeId, shape: &[usize]) -> Result<NodeId> {
        if self.own(node) == shape {
            return Ok(node);
        }
        // Back through an earlier view, so that views do not pile up.
        let base = self.builder.so_far().node(node);
        let base = match base.op {
            Op::Reshape(_) => base.inputs[0],
            _ => node,
        };
        if self.own(base) == shape {
            return Ok(base);
        }
        let key = (base, shape.to_vec());
        if let Some(&there) = self.views.get(&key) {
            return Ok(there);
        }
        let view = self.push(
            &format!("{name}/reshape"),
            Op::Reshape(shape.to_vec()),
            &[base],
        )?;
        self.views.insert(key, view);
        Ok(view)
    }

    /// A constant's single number.
    pub(in crate::sources::onnx) fn scalar(&self, tensor: &Tensor<'a>) -> Option<f64> {
        if elements(&tensor.shape) != Some(1) {
            return None;
        }
        match &tensor.data {
            Data::Int(v) => v.first().map(|&v| v as f64),
            _ => {
                let values = self.floats(tensor).ok()?;
                values.first().map(|&v| f64::from(v))
            }
        }
    }

    /// A constant's floats.
    pub(super) fn floats(&self, tensor: &Tensor<'a>) -> Result<std::sync::Arc<[f32]>> {
        tensor.floats(&self.budget, &self.model.external)
    }

    /// Notes that a constant of the file is a parameter of a node, and keeps
    /// its numbers where they are wanted.
    pub(super) fn parameter(
        &mut self,
        node: NodeId,
        suffix: &'static str,
        tensor: &Tensor<'a>,
        shape: &[usize],
        keep: bool,
        arrange: impl FnOnce(&[f32]) -> Vec<f32>,
    ) -> Result<()> {
        // An exporter stores equal tensors once: scales of ones and biases of
        // zeros, which are vectors, are not shared by the network for that.
        let matrix = tensor.shape.iter().filter(|&&n| n > 1).count() > 1;
        if let Some(name) = tensor.name.filter(|_| matrix) {
            *self.parameters.entry(name).or_default() += 1;
        }
        if !keep && self.source == WeightSource::Seed {
            return Ok(());
        }
        let values = self.floats(tensor)?;
        if values.iter().any(|v| !v.is_finite()) {
            return Err(Error::Weights {
                tensor: tensor.name.unwrap_or("of a constant").to_owned(),
                message: "holds a number that is not finite".to_owned(),
                cure:
                    "save the weights before training diverged, or draw them by seed (weights=seed)"
                        .to_owned(),
            });
        }
        let array = Array::f32(shape.to_vec(), arrange(&values));
        self.given.entry(node).or_default().push((suffix, array));
        Ok(())
    }
}

/// A shape without the axes of length 1 before the first longer one.
pub(super) fn without_leading_ones(shape: &[usize]) -> Vec<usize> {
    let first = shape.iter().position(|&n| n != 1);
    shape[first.unwrap_or(shape.len().saturating_sub(1))..].to_vec()
}
