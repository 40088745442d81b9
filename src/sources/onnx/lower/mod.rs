//! A file's graph → [`Network`].
//!
//! One file a family of operators. Each takes a [`Call`] (a node with its
//! operands) and answers with the node's values. What is constant is computed
//! by `fold` before any of them is asked.

mod aside;
mod binary;
mod combine;
mod constant;
mod context;
mod conv;
mod dense;
mod dispatch;
mod einsum;
mod finish;
mod held;
mod input;
mod join;
mod made;
mod norm;
mod pad;
mod pool;
mod random;
mod recognise;
mod reduce;
mod resize;
mod select;
mod shape;
mod tokens;
mod unary;
mod window;

use std::collections::BTreeMap;

use serde::Serialize;

use context::Lowering;
pub use dispatch::OPERATORS;
pub use input::Flat;

use super::graph::Order;
use super::inputs::{Inputs, WeightSource};
use super::name::node_name;
use super::operator::{Call, Value};
use super::read::Model;
use super::tensor::{Budget, Tensor, elements};
use crate::error::{Error, Result};
use crate::network::Network;
use crate::start::Start;

/// How many outputs are looked at for those that can be scored.
const SOME: usize = 16;

/// A lowered file.
#[derive(Debug, Clone)]
pub struct Lowered {
    /// The network.
    pub network: Network,
    /// How its weights begin; with `weights=file` as in the file.
    pub start: Start,
    /// What there is to know about how the file was understood.
    pub notes: Vec<Note>,
    /// The shapes of the file's computed values by name, with the batch.
    pub shapes: BTreeMap<String, Vec<usize>>,
}

/// Something to know about how a file was understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// A stable word: `folded-batch-norm`, `shared-weights`, …
    pub code: &'static str,
    /// The note, in words.
    pub message: String,
}

impl Model {
    /// Builds the network.
    ///
    /// # Errors
    /// [`Error::Model`] for a damaged graph, operators that are not supported
    /// (with their names and nodes), and inputs that are neither an image nor
    /// token ids; [`Error::Shape`] where an image size does not fit; [`Error::Weights`]
    /// for weights that are missing, cut off or not finite.
    pub fn lower(&self, inputs: &Inputs) -> Result<Lowered> {
        self.lower_outputs(inputs, None)
    }

    /// The same for some of its outputs, by their names, separated by commas.
    ///
    /// # Errors
    /// Those of [`Model::lower`]; [`Error::UnknownName`] for another output.
    pub fn lower_outputs(&self, inputs: &Inputs, outputs: Option<&str>) -> Result<Lowered> {
        let order = Order::of(self, outputs)?;
        self.check_operators(&order)?;
        if let Some(tokens) = tokens::Tokens::of(self, &order, inputs)? {
            if inputs.height.or(inputs.width).is_some() {
                return Err(input::fail(
                    "options height and width",
                    "the network takes token ids and no image".to_owned(),
                    "leave them out; how many tokens there are is the option length",
                ));
            }
            let open = tokens.open();
            return match (self.lower_tokens(inputs, order, tokens), open) {
                (Err(error), Some(length)) => self.fitted(inputs, outputs, length, error),
                (lowered, _) => lowered,
            };
        }
        let image = input::Image::of(self, &order, inputs)?;
        if inputs.length.is_some() {
            return Err(input::fail(
                "option length",
                "the network takes an image and no tokens".to_owned(),
                "leave it out; how large the image is are the options height and width",
            ));
        }
        let nodes = order.nodes.clone();
        let mut lowering = Lowering::new(self, inputs.weights, order, image.size)?;
        image.bind(&mut lowering)?;
        lowering.run(&nodes)
    }

    /// The same code for the tests of single operators: inputs of any shape,
    /// one behind the other in a flat image `[1, 1, n]`, others constant, and
    /// the first outputs alone.
    ///
    /// # Errors
    /// Those of [`Model::lower`].
    #[doc(hidden)]
    pub fn lower_flat(&mut self, inputs: &[Flat], outputs: usize) -> Result<Lowered> {
        self.graph.output.truncate(outputs);
        let order = Order::of(self, None)?;
        self.check_operators(&order)?;
        let live = inputs.iter().filter(|i| i.constant.is_none());
        let total = live.map(|i| elements(&i.shape).unwrap_or(0)).sum();
        let nodes = order.nodes.clone();
        let mut lowering = Lowering::new(self, WeightSource::File, order, [1, 1, total])?;
        // The suite's whole models compute all of their weights.
        lowering.constants.budget = Budget::unlimited();
        input::bind_flat(&mut lowering, self, inputs)?;
        lowering.run(&nodes)
    }

    /// Refuses what is not supported, all of it at once.
    fn check_operators(&self, order: &Order<'_>) -> Result<()> {
        let mut unknown: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
        for &index in &order.nodes {
            let node = &self.graph.node[index];
            if !dispatch::is_known(node) {
                let entry = unknown.entry((&node.domain, &node.op_type));
                entry.or_insert((0, index)).0 += 1;
            }
        }
        let Some((_, &(_, index))) = unknown.iter().min_by_key(|(_, (_, index))| *index) else {
            return Ok(());
        };
        let listed: Vec<String> = unknown
            .iter()
            .map(|((domain, operator), (count, first))| {
                let domain = if domain.is_empty() { "ai.onnx" } else { domain };
                let nodes = if *count == 1 { "node" } else { "nodes" };
                format!(
                    "{operator} (domain {domain}, {count} {nodes}, first {})",
                    node_name(&self.graph.node[*first], *first)
                )
            })
            .collect();
        let quantised = unknown
            .keys()
            .any(|(_, operator)| dispatch::is_quantised(operator));
        let others = self.known_outputs(order);
        let cure = if !others.is_empty() {
            let others = others.join(",");
            format!("they are not needed for all outputs; score the others with outputs={others}")
        } else if quantised {
            "this is a quantised network, whose whole numbers have no derivatives: export it in float32".to_owned()
        } else {
            "export the part of the network before these nodes, or with other layers in their place"
                .to_owned()
        };
        Err(Error::Model {
            code: "unsupported-operator",
            place: format!("node {}", node_name(&self.graph.node[index], index)),
            message: format!("operators that are not supported: {}", listed.join(", ")),
            cure,
        })
    }

    /// The outputs that need no operator that is not known.
    fn known_outputs(&self, order: &Order<'_>) -> Vec<String> {
        let known = |name: &&&str| {
            let alone = Order::of(self, Some(name));
            alone.is_ok_and(|o| {
                o.nodes
                    .iter()
                    .all(|&i| dispatch::is_known(&self.graph.node[i]))
            })
        };
        // Each takes a look at the whole graph.
        let some = order.outputs.iter().take(SOME);
        some.filter(known).map(|&name| name.to_owned()).collect()
    }
}

impl<'a> Lowering<'a> {
    fn run(mut self, nodes: &[usize]) -> Result<Lowered> {
        for tensor in &self.model.graph.initializer {
            if self.uses.contains_key(tensor.name.as_str())
                && !self.values.contains_key(tensor.name.as_str())
            {
                let value = Value::Const(Tensor::from_proto(tensor)?);
                self.values.insert(&tensor.name, value);
            }
        }
        for &index in nodes {
            let left = self.constants.budget.left();
            let results = self.step(index)?;
            // What was computed of constants alone leaves nothing in the network.
            if let Some(held) = results {
                self.constants.budget.settle(left, held);
            }
            // What no later node uses would only take memory.
            for name in &self.model.graph.node[index].input {
                self.release(name);
            }
        }
        self.finish()
    }

    /// Computes a node of the file; where all of its results are constants, how
    /// many bytes they hold.
    fn step(&mut self, index: usize) -> Result<Option<usize>> {
        let node = &self.model.graph.node[index];
        let call = Call::of(&self.values, node, index, self.model.opset)?;
        let results = aside::results(self, &call)?;
        drop(call);
        let mut held = Some(0);
        for (name, mut value) in node.output.iter().zip(results) {
            if name.is_empty() {
                continue;
            }
            self.shapes.insert(name.clone(), value.shape().to_vec());
            match &mut value {
                Value::Const(tensor) => {
                    tensor.computed = Some(name.as_str()).filter(|_| tensor.name.is_none());
                    held = held.map(|all: usize| all.saturating_add(tensor.held()));
                }
                _ => held = None,
            }
            self.values.insert(name, value);
        }
        Ok(held)
    }
}
