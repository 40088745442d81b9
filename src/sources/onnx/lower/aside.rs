//! Constants that are computed: a node whose operands are all known is lowered
//! into a network of its own, by the same code as every other, and that network
//! is evaluated. So whatever is supported on values that are computed from the
//! image is supported on constants.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a constant has the precision that the file's numbers have"
)]

use super::context::Lowering;
use super::{dispatch, random};
use crate::error::{Error, Result};
use crate::network::{Builder, Input, NodeId};
use crate::sources::onnx::fold;
use crate::sources::onnx::inputs::WeightSource;
use crate::sources::onnx::operator::{Call, Live, Value};
use crate::sources::onnx::tensor::{Kind, Tensor};

/// A node's results.
pub(super) fn results<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Vec<Value<'a>>> {
    if let Some(vectors) = cx.word_vectors(call)? {
        return Ok(vec![Value::Live(vectors)]);
    }
    if let Some(results) = random::compute(cx, call)? {
        return Ok(results);
    }
    if let Some(results) = fold::compute(&cx.constants, call)? {
        return Ok(results);
    }
    if fold::is_constant(call) && !is_layer(cx, call) {
        return of_constants(cx, call).map_err(on_constants);
    }
    match dispatch::lower(cx, call) {
        // Where a constant is needed, what does not depend on the image is one.
        Err(error) if !cx.aside => match settled(cx, call)? {
            Some(settled) => results(cx, &settled),
            None => Err(error),
        },
        results => results,
    }
}

/// Whether a node is a layer of the network though it takes a constant (the waves
/// of a position): its kernel is learned.
fn is_layer(cx: &Lowering<'_>, call: &Call<'_>) -> bool {
    let kernel = call.optional(1);
    let named = matches!(kernel, Some(Value::Const(kernel)) if kernel.name.is_some());
    named && !cx.aside && call.node.op_type == "Conv"
}

/// The results of a node that takes constants alone.
fn of_constants<'a>(cx: &Lowering<'a>, call: &Call<'a>) -> Result<Vec<Value<'a>>> {
    let mut aside = cx.aside()?;
    // What ONNX gives the type of the first operand.
    let whole = match call.optional(0) {
        Some(Value::Const(tensor)) => tensor.kind != Kind::Float,
        _ => false,
    };
    let results = dispatch::lower(&mut aside, call)?;
    let known = |value| match value {
        Value::Live(live) => Ok(Value::Const(aside.known(&live, whole)?)),
        known => Ok(known),
    };
    results.into_iter().map(known).collect()
}

/// The node with all operands that do not depend on the image as constants (a
/// looked-up table is a part of the network, until a kernel or a shape is made of
/// it); none where there is no such operand.
fn settled<'a>(cx: &Lowering<'a>, call: &Call<'a>) -> Result<Option<Call<'a>>> {
    let mut settled = call.clone();
    let mut changed = false;
    for (name, input) in call.node.input.iter().zip(&mut settled.inputs) {
        let fixed = matches!(input, Some(Value::Live(live)) if !cx.depends(live.node));
        let chain = match fixed {
            true => cx.origins.chain(&cx.model.graph, name),
            false => None,
        };
        let Some(chain) = chain else { continue };
        let mut aside = cx.aside()?;
        aside.follow(&chain)?;
        let known = match aside.values.get(name.as_str()).cloned() {
            Some(Value::Live(live)) => Value::Const(aside.known(&live, false)?),
            Some(value @ Value::Const(_)) => value,
            _ => continue,
        };
        *input = Some(known);
        changed = true;
    }
    Ok(changed.then_some(settled))
}

impl<'a> Lowering<'a> {
    /// A network beside this one, whose constants are all at hand.
    pub(super) fn aside(&self) -> Result<Self> {
        let mut aside = Self::empty(
            self.model,
            WeightSource::File,
            std::rc::Rc::clone(&self.origins),
            Builder::new(Input::Features(1))?,
            self.constants.budget.clone(),
        );
        aside.aside = true;
        Ok(aside)
    }

    /// Computes nodes of the file, whose operands are its tensors or there.
    pub(super) fn follow(&mut self, chain: &[usize]) -> Result<()> {
        self.constants.budget.work(chain.len() as u64)?;
        for &index in chain {
            let node = &self.model.graph.node[index];
            let there = node
                .output
                .iter()
                .any(|name| self.values.contains_key(name.as_str()));
            if there {
                continue;
            }
            for name in &node.input {
                if let Some(tensor) = self.origins.tensor(name)
                    && !self.values.contains_key(name.as_str())
                {
                    let value = Value::Const(Tensor::from_proto(tensor)?);
                    self.values.insert(&tensor.name, value);
                }
            }
            self.step(index)?;
        }
        Ok(())
    }

    /// The numbers of a value that depends on nothing but constants.
    pub(super) fn known(&self, live: &Live, whole: bool) -> Result<Tensor<'a>> {
        let network = self.builder.so_far();
        let budget = &self.constants.budget;
        let [work, numbers] = network.effort(live.node);
        budget.work(work)?;
        budget.take(usize::try_from(numbers).unwrap_or(usize::MAX))?;
        let find = |node: NodeId, suffix: &'static str| {
            let given = self.given.get(&node)?.iter();
            let mut given = given.filter(|(own, _)| *own == suffix);
            given.next().map(|(_, array)| array.to_f64())
        };
        let found = network.evaluate(live.node, &[0.0], &find)?;
        let shape = live.shape.clone();
        Ok(match whole {
            true => Tensor::int(shape, found.iter().map(|v| v.round() as i64).collect()),
            false => Tensor::float(shape, found.iter().map(|&v| v as f32).collect()),
        })
    }
}

/// What is not supported, said of constants.
fn on_constants(error: Error) -> Error {
    match error {
        Error::Model {
            code,
            place,
            message,
            cure,
        } => Error::Model {
            message: message.replace("values that are computed from the image", "these constants"),
            code,
            place,
            cure,
        },
        other => other,
    }
}
