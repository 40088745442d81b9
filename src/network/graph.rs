//! The network itself, and the builder that checks shapes as it grows.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::init::Array;
use super::op::{Init, Op, Parameter};
use crate::error::{Error, Result};

/// A node's place in [`Network::nodes`]; inputs always come before.
pub type NodeId = usize;

/// A module of the original network whose output is some node's value: a
/// sequence, a cell, a stage. Counted by the policy `modules` alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its name in the original network.
    pub name: String,
    /// `seq`, `op`, `cell`, `stage`, `block` or `root`.
    pub kind: &'static str,
}

/// One operation in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Unique name; parameters are called `<name>.weight` and `<name>.bias`.
    pub name: String,
    /// What it does.
    pub op: Op,
    /// Where its operands come from.
    pub inputs: Vec<NodeId>,
    /// Shape of its value for one sample, without the batch.
    pub shape: Vec<usize>,
    /// The modules that pass this value on, innermost first.
    pub containers: Vec<Container>,
}

impl Node {
    /// Number of elements of its value for one sample.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether its value has no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A network as plain data, in execution order, with one image as its input.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    nodes: Vec<Node>,
    outputs: Vec<NodeId>,
    given: Arc<BTreeMap<String, Arc<Array>>>,
    normal_dense: Option<f64>,
    notes: Vec<String>,
}

impl Network {
    /// All nodes in execution order; node 0 is the input.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// One node.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// The nodes whose values are the outputs, concatenated in this order.
    pub fn outputs(&self) -> &[NodeId] {
        &self.outputs
    }

    /// The numbers that a parameter (`<node>.weight`) starts with whatever the
    /// seed; none for one that is drawn.
    pub fn given(&self, parameter: &str) -> Option<&Arc<Array>> {
        self.given.get(parameter)
    }

    /// Whether it has parameters, and none of them depends on the seed.
    pub fn is_given(&self) -> bool {
        let all = (0..self.nodes.len()).flat_map(|id| {
            let name = &self.nodes[id].name;
            let named = move |p: Parameter| format!("{name}.{}", p.suffix);
            self.parameters(id).into_iter().map(named)
        });
        !self.given.is_empty() && all.into_iter().all(|name| self.given.contains_key(&name))
    }

    /// What there is to know about how its description was understood, in
    /// words; empty where there was nothing to interpret. A score repeats it.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Number of output elements over all outputs.
    pub fn output_len(&self) -> usize {
        self.outputs.iter().map(|&o| self.nodes[o].len()).sum()
    }

    /// Shape of the input image, `[C, H, W]`.
    pub fn input_shape(&self) -> &[usize] {
        &self.nodes[0].shape
    }

    /// Shapes of a node's operands.
    pub fn input_shapes(&self, id: NodeId) -> Vec<&[usize]> {
        let inputs = self.nodes[id].inputs.iter();
        inputs.map(|&i| self.nodes[i].shape.as_slice()).collect()
    }

    /// A node's parameters.
    pub fn parameters(&self, id: NodeId) -> Vec<Parameter> {
        let op = &self.nodes[id].op;
        parameters(op, &self.input_shapes(id), self.normal_dense)
    }

    /// Number of trainable parameters of one node.
    pub fn node_params(&self, id: NodeId) -> u64 {
        let sizes = self.parameters(id).into_iter();
        sizes
            .map(|p| p.shape.iter().map(|&d| d as u64).product::<u64>())
            .sum()
    }

    /// Number of trainable parameters (#params).
    pub fn params(&self) -> u64 {
        (0..self.nodes.len()).map(|id| self.node_params(id)).sum()
    }

    /// Multiply–accumulates of one node for one sample.
    pub fn node_macs(&self, id: NodeId) -> u64 {
        self.nodes[id]
            .op
            .macs(&self.input_shapes(id), &self.nodes[id].shape)
    }

    /// Multiply–accumulates for one sample: convolutions, dense layers and
    /// matrix products; nothing else.
    pub fn macs(&self) -> u64 {
        (0..self.nodes.len()).map(|id| self.node_macs(id)).sum()
    }

    /// For each node, whether its value can depend on the input.
    pub fn live(&self) -> Vec<bool> {
        let mut live = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            live.push(match node.op {
                Op::Input => true,
                Op::Zero => false,
                _ => node.inputs.iter().any(|&i| live[i]),
            });
        }
        live
    }

    /// Whether the output can depend on the input.
    pub fn is_connected(&self) -> bool {
        let live = self.live();
        self.outputs.iter().any(|&o| live[o])
    }

    /// The same network for another image size; weights keep their names and,
    /// where the operations allow it, their shapes.
    ///
    /// # Errors
    /// [`Error::Shape`] when an operation does not fit the new size.
    pub fn with_input(&self, shape: [usize; 3]) -> Result<Self> {
        let mut builder = Builder::new(shape)?;
        builder.normal_dense = self.normal_dense;
        for node in &self.nodes[1..] {
            let id = builder.add(&node.name, node.op.clone(), &node.inputs)?;
            for container in &node.containers {
                builder.contain(id, &container.name, container.kind);
            }
        }
        let mut network = builder.finish(&self.outputs);
        network.given.clone_from(&self.given);
        network.notes.clone_from(&self.notes);
        Ok(network)
    }
}

/// Builds a [`Network`] node by node.
pub struct Builder {
    nodes: Vec<Node>,
    given: BTreeMap<String, Arc<Array>>,
    normal_dense: Option<f64>,
    notes: Vec<String>,
}

impl Builder {
    /// Starts a network whose input is one image `[C, H, W]`.
    ///
    /// # Errors
    /// [`Error::Shape`] when a side is zero.
    pub fn new(input: [usize; 3]) -> Result<Self> {
        if input.contains(&0) {
            return Err(Error::Shape {
                node: "input".to_owned(),
                message: format!("the image has an empty shape {input:?}"),
                cure: "give a size of at least 1".to_owned(),
            });
        }
        let input = Node {
            name: "input".to_owned(),
            op: Op::Input,
            inputs: Vec::new(),
            shape: input.to_vec(),
            containers: Vec::new(),
        };
        Ok(Self {
            nodes: vec![input],
            given: BTreeMap::new(),
            normal_dense: None,
            notes: Vec::new(),
        })
    }

    /// Dense layers start normal with this deviation (cut off at ±2), their
    /// biases 0, as those of transformers do; without this call they start as
    /// PyTorch's.
    pub fn normal_dense(&mut self, deviation: f64) {
        self.normal_dense = Some(deviation);
    }

    /// The input image.
    pub fn input(&self) -> NodeId {
        0
    }

    /// Shape of a node's value.
    pub fn shape(&self, id: NodeId) -> &[usize] {
        &self.nodes[id].shape
    }

    /// Adds an operation.
    ///
    /// # Errors
    /// [`Error::Shape`] when its inputs do not fit.
    pub fn add(&mut self, name: &str, op: Op, inputs: &[NodeId]) -> Result<NodeId> {
        let shapes: Vec<&[usize]> = inputs.iter().map(|&i| self.shape(i)).collect();
        let shape = op
            .output_shape(&shapes)
            .map_err(|(message, cure)| Error::Shape {
                node: name.to_owned(),
                message,
                cure,
            })?;
        self.nodes.push(Node {
            name: name.to_owned(),
            op,
            inputs: inputs.to_vec(),
            shape,
            containers: Vec::new(),
        });
        Ok(self.nodes.len() - 1)
    }

    /// A node that was added.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// A node's parameters.
    pub fn parameters(&self, id: NodeId) -> Vec<Parameter> {
        let node = &self.nodes[id];
        let shapes: Vec<&[usize]> = node.inputs.iter().map(|&i| self.shape(i)).collect();
        parameters(&node.op, &shapes, self.normal_dense)
    }

    /// Gives a parameter of the node added last the numbers that it starts
    /// with, whatever the seed.
    ///
    /// # Errors
    /// [`Error::Weights`] when the node has no such parameter, or one of
    /// another shape.
    pub fn give(&mut self, suffix: &str, array: Array) -> Result<()> {
        let last = self.nodes.len() - 1;
        let tensor = format!("{}.{suffix}", self.nodes[last].name);
        let parameters = self.parameters(last);
        let shape = parameters.into_iter().find(|p| p.suffix == suffix);
        let shape = shape.map(|p| p.shape).unwrap_or_default();
        if shape != array.shape {
            return Err(Error::Weights {
                tensor,
                message: format!(
                    "has the shape {:?}, the network needs {shape:?}",
                    array.shape
                ),
                cure: "give each parameter as many numbers as it has".to_owned(),
            });
        }
        self.given.insert(tensor, Arc::new(array));
        Ok(())
    }

    /// Adds something to know about how the description was understood.
    pub fn note(&mut self, message: String) {
        self.notes.push(message);
    }

    /// Notes that a module of the original network passes this value on.
    pub fn contain(&mut self, id: NodeId, name: &str, kind: &'static str) {
        let name = name.to_owned();
        self.nodes[id].containers.push(Container { name, kind });
    }

    /// Ends the network with its outputs.
    pub fn finish(self, outputs: &[NodeId]) -> Network {
        Network {
            nodes: self.nodes,
            outputs: outputs.to_vec(),
            given: Arc::new(self.given),
            normal_dense: self.normal_dense,
            notes: self.notes,
        }
    }
}

/// An operation's parameters; dense layers start normal where a deviation is given.
fn parameters(op: &Op, inputs: &[&[usize]], normal_dense: Option<f64>) -> Vec<Parameter> {
    let mut all = op.parameters(inputs);
    if let (Op::Dense { .. }, Some(deviation)) = (op, normal_dense) {
        for parameter in &mut all {
            parameter.init = match parameter.suffix {
                "bias" => Init::Value(0.0),
                _ => Init::Normal(deviation),
            };
        }
    }
    all
}
