//! The network itself, and the builder that checks shapes as it grows.

mod made;

pub use made::{Made, Singular, Tie, Tied};

use super::op::{Op, Parameter, Role};
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
    /// Its parameters that are not its own.
    pub tied: Vec<Tied>,
}

impl Node {
    /// Number of elements of its value for one sample.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether its value has no element.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What a parameter is, if not the node's own.
    fn tie(&self, suffix: &str) -> Option<&Tie> {
        let tied = self.tied.iter().find(|t| t.suffix == suffix);
        tied.map(|t| &t.to)
    }

    /// The name of the tensor that a parameter is.
    #[must_use]
    pub fn tensor(&self, suffix: &str) -> String {
        match self.tie(suffix) {
            Some(Tie::Shared(name)) => name.clone(),
            _ => format!("{}.{suffix}", self.name),
        }
    }

    /// How a parameter is computed, where it is.
    pub(crate) fn made(&self, suffix: &str) -> Option<&Made> {
        match self.tie(suffix) {
            Some(Tie::Made(made)) => Some(made),
            _ => None,
        }
    }
}

/// What a network takes, for one sample.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Input {
    /// An image, `[C, H, W]`.
    Image([usize; 3]),
    /// The vectors of a sequence of tokens, `[T, D]`.
    Tokens([usize; 2]),
    /// The ids of a sequence of tokens, each of which picks a row of a learned
    /// table: a word vector. What the operations see, and where curves lie, is
    /// the space of these vectors, `[T, D]`; the table is the input's weight.
    Words {
        /// Number of tokens, T.
        length: usize,
        /// Number of word vectors: the table's rows.
        vocabulary: usize,
        /// Numbers of a word vector, D.
        features: usize,
    },
    /// Numbers in no order that means anything, `[F]`.
    Features(usize),
}

impl Input {
    /// Its shape.
    #[must_use]
    pub fn shape(&self) -> Vec<usize> {
        match self {
            Self::Image(shape) => shape.to_vec(),
            Self::Tokens(shape) => shape.to_vec(),
            Self::Words {
                length, features, ..
            } => vec![*length, *features],
            Self::Features(count) => vec![*count],
        }
    }

    /// The table of word vectors, `[vocabulary, features]`, where there is one.
    fn table(&self) -> Option<Parameter> {
        match *self {
            Self::Words {
                vocabulary,
                features,
                ..
            } => Some(Parameter {
                suffix: "weight",
                shape: vec![vocabulary, features],
                role: Role::Table,
            }),
            _ => None,
        }
    }
}

impl From<[usize; 3]> for Input {
    fn from(image: [usize; 3]) -> Self {
        Self::Image(image)
    }
}

/// A network as plain data, in execution order: a graph and nothing else. How
/// its weights begin is a [`Start`](crate::start::Start).
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    input: Input,
    nodes: Vec<Node>,
    outputs: Vec<NodeId>,
}

impl Network {
    /// All nodes in execution order; node 0 is the input.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// One node.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id]
    }

    /// The nodes whose values are the outputs, concatenated in this order.
    #[must_use]
    pub fn outputs(&self) -> &[NodeId] {
        &self.outputs
    }

    /// Number of output elements over all outputs.
    #[must_use]
    pub fn output_len(&self) -> usize {
        self.outputs.iter().map(|&o| self.nodes[o].len()).sum()
    }

    /// What it takes.
    #[must_use]
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// Shape of the input, `[C, H, W]` of an image.
    #[must_use]
    pub fn input_shape(&self) -> &[usize] {
        &self.nodes[0].shape
    }

    /// Shapes of a node's operands.
    #[must_use]
    pub fn input_shapes(&self, id: NodeId) -> Vec<&[usize]> {
        let inputs = self.nodes[id].inputs.iter();
        inputs.map(|&i| self.nodes[i].shape.as_slice()).collect()
    }

    /// A node's parameters; the input's is the table of word vectors.
    #[must_use]
    pub fn parameters(&self, id: NodeId) -> Vec<Parameter> {
        if self.nodes[id].op == Op::Input {
            return self.input.table().into_iter().collect();
        }
        self.nodes[id].op.parameters(&self.input_shapes(id))
    }

    /// A node's parameters but for those that are an earlier node's.
    fn own_parameters(&self, id: NodeId) -> impl Iterator<Item = Parameter> {
        let node = &self.nodes[id];
        let all = self.parameters(id).into_iter();
        all.filter(move |p| !matches!(node.tie(p.suffix), Some(Tie::Shared(_))))
    }

    /// All parameters under their tensors' names (`<node>.weight`), in execution
    /// order, a shared one once.
    pub fn named_parameters(&self) -> impl Iterator<Item = (String, Parameter)> {
        self.drawn_parameters().map(|(name, p, _)| (name, p))
    }

    /// The same with how a parameter is computed, where it is.
    pub(crate) fn drawn_parameters(
        &self,
    ) -> impl Iterator<Item = (String, Parameter, Option<&Made>)> {
        self.nodes.iter().enumerate().flat_map(|(id, node)| {
            let own = self.own_parameters(id);
            own.map(|p| (node.tensor(p.suffix), node.made(p.suffix), p))
                .map(|(name, made, p)| (name, p, made))
        })
    }

    /// Number of trainable parameters of one node; what it shares with an
    /// earlier node is that node's.
    #[must_use]
    pub fn node_params(&self, id: NodeId) -> u64 {
        let size = |p: &Parameter| p.shape.iter().map(|&d| d as u64).product::<u64>();
        let learned = |p: &Parameter| self.nodes[id].made(p.suffix).map(|made| made.learned);
        let own = self.own_parameters(id);
        own.map(|p| learned(&p).unwrap_or_else(|| size(&p))).sum()
    }

    /// Number of trainable parameters (#params).
    #[must_use]
    pub fn params(&self) -> u64 {
        (0..self.nodes.len()).map(|id| self.node_params(id)).sum()
    }

    /// Multiply–accumulates of one node for one sample.
    #[must_use]
    pub fn node_macs(&self, id: NodeId) -> u64 {
        self.nodes[id]
            .op
            .macs(&self.input_shapes(id), &self.nodes[id].shape)
    }

    /// Multiply–accumulates for one sample: convolutions, dense layers and
    /// matrix products; nothing else.
    #[must_use]
    pub fn macs(&self) -> u64 {
        (0..self.nodes.len()).map(|id| self.node_macs(id)).sum()
    }

    /// For each node, whether its value can depend on the input.
    #[must_use]
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
    #[must_use]
    pub fn is_connected(&self) -> bool {
        let live = self.live();
        self.outputs.iter().any(|&o| live[o])
    }
}

/// Builds a [`Network`] node by node.
pub struct Builder {
    network: Network,
}

impl Builder {
    /// Starts a network with what it takes: an image's `[C, H, W]`, or another
    /// [`Input`].
    ///
    /// # Errors
    /// [`Error::Shape`] when a side is zero.
    pub fn new(input: impl Into<Input>) -> Result<Self> {
        let input = input.into();
        let shape = input.shape();
        if shape.contains(&0) {
            return Err(Error::Shape {
                node: "input".to_owned(),
                message: format!("the input has an empty shape {shape:?}"),
                cure: "give a size of at least 1".to_owned(),
            });
        }
        let first = Node {
            name: "input".to_owned(),
            op: Op::Input,
            inputs: Vec::new(),
            shape,
            containers: Vec::new(),
            tied: Vec::new(),
        };
        Ok(Self {
            network: Network {
                input,
                nodes: vec![first],
                outputs: Vec::new(),
            },
        })
    }

    /// The input.
    #[must_use]
    pub fn input(&self) -> NodeId {
        0
    }

    /// Shape of a node's value.
    #[must_use]
    pub fn shape(&self, id: NodeId) -> &[usize] {
        &self.network.nodes[id].shape
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
        self.network.nodes.push(Node {
            name: name.to_owned(),
            op,
            inputs: inputs.to_vec(),
            shape,
            containers: Vec::new(),
            tied: Vec::new(),
        });
        Ok(self.network.nodes.len() - 1)
    }

    /// The network so far, without outputs.
    #[must_use]
    pub fn so_far(&self) -> &Network {
        &self.network
    }

    /// Notes that a module of the original network passes this value on.
    pub fn contain(&mut self, id: NodeId, name: &str, kind: &'static str) {
        let name = name.to_owned();
        self.network.nodes[id]
            .containers
            .push(Container { name, kind });
    }

    /// Says what a node's parameter is, if not its own.
    pub fn tie(&mut self, id: NodeId, suffix: &'static str, to: Tie) {
        self.network.nodes[id].tied.push(Tied { suffix, to });
    }

    /// Ends the network with its outputs.
    #[must_use]
    pub fn finish(mut self, outputs: &[NodeId]) -> Network {
        self.network.outputs = outputs.to_vec();
        self.network
    }
}
