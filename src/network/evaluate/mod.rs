//! A network's value on the host, by plain loops in double precision.
//!
//! It serves what is no pass over images: constants that a file computes, and
//! weights that are computed from others. The engine is held against it in the
//! tests of the operations.

mod arrange;
mod layers;
mod numbers;

use std::rc::Rc;

use super::graph::{Network, NodeId};
use super::op::{Dense, Family, Pointwise, Source};
use crate::error::{Error, Result};

/// A value with the shape of its node.
struct Value<'a> {
    shape: &'a [usize],
    numbers: Rc<Vec<f64>>,
}

/// Finds a node's parameter by its suffix.
pub(crate) type Find<'a> = &'a dyn Fn(NodeId, &'static str) -> Option<Vec<f64>>;

impl Network {
    /// The value of one node, for an input.
    ///
    /// # Errors
    /// [`Error::Weights`] for a parameter that is not found, or has too few or
    /// too many numbers.
    pub(crate) fn evaluate(&self, node: NodeId, input: &[f64], find: Find<'_>) -> Result<Vec<f64>> {
        let mut left = self.uses_towards(node);
        let mut values: Vec<Option<Rc<Vec<f64>>>> = vec![None; node + 1];
        for id in 0..=node {
            if left[id] == 0 {
                continue;
            }
            let mut operands = Vec::new();
            for &i in &self.node(id).inputs {
                left[i] -= 1;
                let numbers = match left[i] {
                    0 => values[i].take(),
                    _ => values[i].clone(),
                };
                let shape = self.node(i).shape.as_slice();
                operands.extend(numbers.map(|numbers| Value { shape, numbers }));
            }
            values[id] = Some(self.apply(id, &operands, input, find)?);
        }
        let found = values[node].take().unwrap_or_default();
        Ok(Rc::unwrap_or_clone(found))
    }

    /// How often each node's value is used on the way to one.
    fn uses_towards(&self, node: NodeId) -> Vec<usize> {
        let mut uses = vec![0; node + 1];
        uses[node] = 1;
        for id in (0..=node).rev() {
            if uses[id] > 0 {
                self.node(id).inputs.iter().for_each(|&i| uses[i] += 1);
            }
        }
        uses
    }

    /// What evaluating up to a node takes: products and numbers touched, and
    /// numbers held if none were freed.
    pub(crate) fn effort(&self, node: NodeId) -> [u64; 2] {
        let uses = self.uses_towards(node);
        let size = |shape: &[usize]| shape.iter().map(|&n| n as u64).product::<u64>();
        let mut all = [0u64; 2];
        for (id, node) in self.nodes()[..=node].iter().enumerate() {
            if uses[id] == 0 {
                continue;
            }
            let shapes = self.input_shapes(id);
            let summed = match node.op.family() {
                Family::Pool(pool) => pool.window.kernel.iter().map(|&k| k as u64).product(),
                _ => node.op.cost(&shapes, &node.shape).summed as u64,
            };
            let touched = shapes.iter().map(|s| size(s)).fold(0, u64::saturating_add);
            let own = size(&node.shape);
            let products = own.saturating_mul(summed.saturating_add(1));
            all[0] = all[0].saturating_add(products).saturating_add(touched);
            all[1] = all[1].saturating_add(own);
        }
        all
    }

    fn apply(
        &self,
        id: NodeId,
        operands: &[Value<'_>],
        input: &[f64],
        find: Find<'_>,
    ) -> Result<Rc<Vec<f64>>> {
        let node = self.node(id);
        let shapes = self.input_shapes(id);
        let parameters = node.op.parameters(&shapes);
        let optional = |suffix: &'static str| -> Result<Option<Vec<f64>>> {
            let Some(parameter) = parameters.iter().find(|p| p.suffix == suffix) else {
                return Ok(None);
            };
            let wanted = parameter.shape.iter().product::<usize>();
            match find(id, suffix).filter(|n| n.len() == wanted) {
                Some(numbers) => Ok(Some(numbers)),
                None => Err(missing(&node.tensor(suffix))),
            }
        };
        let weight = || Ok(optional("weight")?.unwrap_or_default());
        let first = || {
            operands.first().ok_or_else(|| Error::Shape {
                node: node.name.clone(),
                message: "has no operand".to_owned(),
                cure: "connect its inputs".to_owned(),
            })
        };
        Ok(Rc::new(match node.op.family() {
            Family::Source(Source::Image) => input.to_vec(),
            Family::Source(Source::Learned(_)) => weight()?,
            Family::Source(Source::Fixed(_, values)) => {
                values.iter().map(|&v| f64::from(v)).collect()
            }
            Family::Conv(conv) => {
                let bias = optional("bias")?;
                layers::conv(first()?, &conv, &weight()?, bias.as_deref(), &node.shape)
            }
            Family::Dense(Dense::Learned(out, _)) => {
                let axis = first()?.shape.len() - 1;
                let mut y = layers::along(first()?, axis, out, &weight()?);
                if let Some(bias) = optional("bias")? {
                    let rows = y.chunks_exact_mut(out);
                    rows.for_each(|row| row.iter_mut().zip(&bias).for_each(|(y, b)| *y += b));
                }
                y
            }
            Family::Dense(Dense::Fixed(axis, out, matrix)) => {
                layers::along(first()?, axis, out, matrix)
            }
            Family::Norm(norm) => {
                let affine = [optional("weight")?, optional("bias")?];
                layers::normalise(first()?, &norm, &affine)
            }
            Family::Pool(pool) => layers::pool(first()?, &pool, &node.shape),
            Family::Pointwise(Pointwise::Curved(function)) => {
                numbers::each(first()?, |v| function.at(v)[0])
            }
            Family::Pointwise(Pointwise::PRelu { .. }) => numbers::prelu(first()?, &weight()?),
            Family::Pointwise(Pointwise::Scale(factor)) => numbers::each(first()?, |v| v * factor),
            Family::Pointwise(Pointwise::Shift(number)) => numbers::each(first()?, |v| v + number),
            Family::Merge(merge) => numbers::merge(operands, merge),
            Family::Product(_) => match operands {
                [a, b] => layers::product(a, b),
                _ => return Err(missing(&node.name)),
            },
            Family::Reduce(reduce) => numbers::reduce(first()?, reduce),
            Family::Softmax(softmax) => numbers::softmax(first()?, softmax.log),
            Family::Arrange(how) => match arrange::arrange(first()?, how, &node.shape) {
                Some(numbers) => numbers,
                None => return Ok(Rc::clone(&first()?.numbers)),
            },
        }))
    }
}

fn missing(tensor: &str) -> Error {
    Error::Weights {
        tensor: tensor.to_owned(),
        message: "is missing, or has not as many numbers as its shape says".to_owned(),
        cure: "give each parameter its numbers".to_owned(),
    }
}
