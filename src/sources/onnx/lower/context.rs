//! The network as it grows.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use super::held::Held;
use super::{Note, recognise};
use crate::array::Array;
use crate::error::{Error, Result};
use crate::network::{Builder, Input, NodeId, Op};
use crate::sources::onnx::graph::{Order, Origins};
use crate::sources::onnx::inputs::WeightSource;
use crate::sources::onnx::operator::{Call, Constants, Live, Value, without_leading_ones};
use crate::sources::onnx::read::Model;
use crate::sources::onnx::tensor::{Budget, Tensor};

/// The state of a lowering.
pub(super) struct Lowering<'a> {
    pub(super) model: &'a Model,
    pub(super) constants: Constants<'a>,
    pub(super) source: WeightSource,
    pub(super) builder: Builder,
    pub(super) values: HashMap<&'a str, Value<'a>>,
    pub(super) uses: HashMap<&'a str, usize>,
    pub(super) origins: Rc<Origins<'a>>,
    /// The outputs that are wanted.
    pub(super) outputs: Vec<&'a str>,
    /// Whether this network is one beside another, of constants alone.
    pub(super) aside: bool,
    /// Which nodes can depend on the image.
    depends: Vec<bool>,
    /// How many uses of each value are still to come.
    left: HashMap<&'a str, usize>,
    /// Numbers that parameters start with instead of being drawn.
    pub(super) given: HashMap<NodeId, Vec<(&'static str, Array)>>,
    /// Pointwise functions of earlier nodes; see `recognise`.
    pub(super) samples: recognise::Samples,
    views: HashMap<(NodeId, Vec<usize>), NodeId>,
    /// Norms that were multiplied by a constant, which may be their scale.
    pub(super) scaled: HashMap<NodeId, (NodeId, Tensor<'a>)>,
    /// Weights that are shared or computed.
    pub(super) held: HashMap<NodeId, Held>,
    /// The values that layers' biases are.
    pub(super) biases: HashMap<NodeId, &'a str>,
    /// The results of nodes that look the token ids up: they are the input.
    pub(super) lookups: HashSet<&'a str>,
    /// The words that the table of word vectors is known by as a weight.
    pub(super) words: Vec<String>,
    /// That table.
    pub(super) table: Option<Tensor<'a>>,
    /// The weights so far, in the arrangement of their layers.
    pub(super) weights: HashSet<String>,
    /// The tensors of the file that several layers share.
    pub(super) shared: HashSet<&'a str>,
    /// How many batch norms have one vector.
    pub(super) vectors: usize,
    /// How many nodes draw numbers at random.
    pub(super) drawn: usize,
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
        order: Order<'a>,
        input: impl Into<Input>,
    ) -> Result<Self> {
        let (budget, builder) = (Budget::of_file(model.bytes), Builder::new(input)?);
        let mut new = Self::empty(model, source, order.origins, builder, budget);
        new.left.clone_from(&order.uses);
        new.uses = order.uses;
        new.outputs = order.outputs;
        Ok(new)
    }

    pub(super) fn empty(
        model: &'a Model,
        source: WeightSource,
        origins: Rc<Origins<'a>>,
        builder: Builder,
        budget: Budget,
    ) -> Self {
        Self {
            model,
            constants: Constants {
                external: &model.external,
                budget,
            },
            source,
            builder,
            values: HashMap::new(),
            left: HashMap::new(),
            uses: HashMap::new(),
            origins,
            outputs: Vec::new(),
            aside: false,
            depends: vec![true],
            given: HashMap::new(),
            samples: recognise::Samples::default(),
            views: HashMap::new(),
            scaled: HashMap::new(),
            held: HashMap::new(),
            biases: HashMap::new(),
            lookups: HashSet::new(),
            words: Vec::new(),
            table: None,
            weights: HashSet::new(),
            shared: HashSet::new(),
            vectors: 0,
            drawn: 0,
            learned: HashMap::new(),
            kept: 0,
            notes: Vec::new(),
            shapes: BTreeMap::new(),
        }
    }

    /// Counts a use of a value as done, and forgets it after its last.
    pub(super) fn release(&mut self, name: &str) {
        if let Some(left) = self.left.get_mut(name) {
            *left = left.saturating_sub(1);
            if *left == 0
                && let Some(Value::Const(tensor)) = self.values.remove(name)
            {
                self.constants.budget.give(tensor.held());
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
        let node = self.builder.add(name, op, inputs)?;
        let depends = inputs.iter().any(|&i| self.depends[i]);
        self.depends.push(depends);
        Ok(node)
    }

    /// Whether a node can depend on the image.
    pub(super) fn depends(&self, node: NodeId) -> bool {
        self.depends[node]
    }

    /// Adds a node that keeps the shape of its operand.
    pub(super) fn map(&mut self, call: &Call<'_>, op: Op, x: &Live) -> Result<Live> {
        let node = self.pointwise(&call.name, op, &[x.node])?;
        Ok(Live::new(node, x.shape.clone()))
    }

    /// Adds a pointwise node, or the activation that it completes.
    pub(super) fn pointwise(&mut self, name: &str, op: Op, inputs: &[NodeId]) -> Result<NodeId> {
        let list = self.samples.through(&op, inputs);
        let known = matches!(op, Op::Activate(_));
        let found = list.iter().filter(|_| !known).find_map(|(root, values)| {
            recognise::activation(values).map(|activation| (*root, activation))
        });
        if let Some((root, activation)) = found
            && self.own(root) == self.own(inputs[0])
        {
            let node = self.push(name, Op::Activate(activation), &[root])?;
            let again = self.samples.through(&Op::Activate(activation), &[root]);
            self.samples.insert(node, again);
            return Ok(node);
        }
        let node = self.push(name, op, inputs)?;
        if !list.is_empty() {
            self.samples.insert(node, list);
        }
        Ok(node)
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

    /// A result whose node may still have leading ones.
    pub(super) fn settle(&mut self, name: &str, node: NodeId, shape: Vec<usize>) -> Result<Live> {
        let mut own = without_leading_ones(&shape);
        if own.is_empty() {
            own.push(1);
        }
        let node = self.view(name, node, &own)?;
        Ok(Live::new(node, shape))
    }

    /// A value's node as rows of this shape; a single row is the row itself.
    pub(super) fn rows(&mut self, name: &str, x: &Live, row: &[usize]) -> Result<NodeId> {
        match x.len() / row.iter().product::<usize>().max(1) {
            1 => self.view(name, x.node, row),
            rows => self.view(name, x.node, &[&[rows], row].concat()),
        }
    }

    /// Keeps the numbers of a constant of the file that is a parameter of a node,
    /// where they are wanted.
    pub(super) fn parameter(
        &mut self,
        node: NodeId,
        suffix: &'static str,
        tensor: &Tensor<'a>,
        shape: &[usize],
        keep: bool,
        arrange: impl FnOnce(&[f32]) -> Vec<f32>,
    ) -> Result<()> {
        if !keep && self.source == WeightSource::Seed {
            return Ok(());
        }
        let values = self.constants.floats(tensor)?;
        if !self.aside && values.iter().any(|v| !v.is_finite()) {
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
