//! Activations that were written out in parts (`x · Sigmoid(x)`, GELU from
//! `Erf`) are recognised by what they compute: the function from an earlier
//! node to this one, sampled at a few points, is held against the known ones.
//! So it does not matter in which order an exporter writes the factors.

use std::collections::HashMap;

use crate::network::{Activation, Curved, NodeId, Op};

const COUNT: usize = 9;

/// The β of what CLIP calls quick GELU.
const QUICK: f64 = 1.702;

/// Where functions are sampled: both sides of every kink and bend.
const POINTS: [f64; COUNT] = [-7.3, -3.4, -2.2, -1.1, -0.4, 0.3, 0.9, 2.1, 4.7];

/// How many earlier nodes a function is followed back to.
const ROOTS: usize = 10;

/// What a node computes of earlier nodes, at the points.
type Functions = Vec<(NodeId, [f64; COUNT])>;

/// For each pointwise node, its values as functions of earlier nodes.
#[derive(Debug, Default)]
pub(super) struct Samples {
    of: HashMap<NodeId, Functions>,
}

impl Samples {
    /// A node as a function of itself and of earlier ones.
    fn list(&self, node: NodeId) -> Functions {
        let mut list = vec![(node, POINTS)];
        list.extend(self.of.get(&node).into_iter().flatten().take(ROOTS));
        list
    }

    /// Notes the functions that a node computes.
    pub(super) fn insert(&mut self, node: NodeId, functions: Functions) {
        self.of.insert(node, functions);
    }

    /// The functions of an operation on nodes.
    pub(super) fn through(&self, op: &Op, inputs: &[NodeId]) -> Functions {
        let Some((&first, others)) = inputs.split_first() else {
            return Vec::new();
        };
        let mut list = self.list(first);
        if others.is_empty() {
            list.retain_mut(|(_, values)| values.iter_mut().all(|v| unary(op, v)));
        }
        for &other in others {
            let with = self.list(other);
            list.retain_mut(|(root, values)| {
                let same = with.iter().find(|(r, _)| r == root);
                same.is_some_and(|(_, second)| {
                    let pairs = values.iter_mut().zip(second);
                    pairs.fold(true, |known, (a, b)| binary(op, a, *b) && known)
                })
            });
        }
        list
    }
}

/// The activation that has these values at the points.
pub(super) fn activation(values: &[f64; COUNT]) -> Option<Activation> {
    let known = [
        Activation::Relu,
        Activation::Gelu,
        Activation::GeluTanh,
        Activation::Silu { beta: 1.0 },
        Activation::Silu { beta: QUICK },
        Activation::HardSwish,
        Activation::Mish,
        Activation::Sigmoid,
        Activation::Softplus,
        Activation::HardSigmoid {
            alpha: 1.0 / 6.0,
            beta: 0.5,
        },
        Activation::Clip { min: 0.0, max: 6.0 },
    ];
    known.into_iter().find(|&activation| {
        values.iter().zip(POINTS).all(|(v, x)| {
            let [expected, ..] = Curved::Activation(activation).at(x);
            (v - expected).abs() <= 2e-6 * expected.abs().max(0.1)
        })
    })
}

/// Applies an operation of one operand; whether it is known.
fn unary(op: &Op, v: &mut f64) -> bool {
    let x = *v;
    let value = match op {
        Op::Activate(activation) => Some(Curved::Activation(*activation).at(x)[0]),
        Op::Map(function) => Some(Curved::Function(*function).at(x)[0]),
        Op::Scale(factor) => Some(x * factor),
        Op::Shift(addend) => Some(x + addend),
        _ => None,
    };
    *v = value.unwrap_or(f64::NAN);
    value.is_some()
}

/// Applies an operation of several operands to the next; whether it is known.
fn binary(op: &Op, a: &mut f64, b: f64) -> bool {
    let value = match op {
        Op::Sum => *a + b,
        Op::Multiply => *a * b,
        Op::Minimum => a.min(b),
        Op::Maximum => a.max(b),
        _ => return false,
    };
    *a = value;
    true
}
