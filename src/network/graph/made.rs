//! Parameters that are not their node's own: shared by several nodes, or
//! computed from what is learned in their stead.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Network, NodeId};
use crate::array::Array;
use crate::network::op::Parameter;

/// What a node's parameter is, if not its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Tied {
    /// Which parameter: `weight` or `bias`.
    pub suffix: &'static str,
    /// How.
    pub to: Tie,
}

/// See [`Tied`].
#[derive(Debug, Clone, PartialEq)]
pub enum Tie {
    /// It is the tensor of this name, a parameter of an earlier node.
    Shared(String),
    /// It is computed.
    Made(Arc<Made>),
}

/// A parameter that is computed from others: by weight standardisation, weight
/// norm, spectral norm, or whatever a file writes.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// What computes it; its input stands for nothing.
    pub network: Network,
    /// The node whose numbers are drawn, a constant.
    pub drawn: NodeId,
    /// What is drawn: its shape, and how it starts.
    pub parameter: Parameter,
    /// The numbers of the other parameters, which are as given.
    pub given: BTreeMap<(NodeId, &'static str), Array>,
    /// Where the drawn numbers are divided by their largest singular value.
    pub singular: Option<Singular>,
    /// How many numbers are learned, all in all.
    pub learned: u64,
}

/// The singular vectors of drawn numbers as a matrix; they follow the drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Singular {
    /// The axis that is the matrix's rows; the others are its columns.
    pub axis: usize,
    /// The nodes of the left and of the right one, `[rows]` and `[columns]`.
    pub vectors: [NodeId; 2],
}

impl Singular {
    /// M·v, for numbers of a shape as a matrix whose rows are an axis.
    pub(crate) fn product(shape: &[usize], axis: usize, numbers: &[f64], v: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; shape[axis]];
        Self::walk(shape, axis, |row, column, i| {
            out[row] += numbers[i] * v[column];
        });
        out
    }

    /// Mᵀ·u.
    fn turned(shape: &[usize], axis: usize, numbers: &[f64], u: &[f64]) -> Vec<f64> {
        let rows = shape[axis].max(1);
        let mut out = vec![0.0; numbers.len() / rows];
        Self::walk(shape, axis, |row, column, i| {
            out[column] += numbers[i] * u[row];
        });
        out
    }

    /// Each place's row, column and index.
    fn walk(shape: &[usize], axis: usize, mut at: impl FnMut(usize, usize, usize)) {
        let rows = shape[axis];
        let before: usize = shape[..axis].iter().product();
        let behind: usize = shape[axis + 1..].iter().product();
        for b in 0..before {
            for row in 0..rows {
                for a in 0..behind {
                    at(row, b * behind + a, (b * rows + row) * behind + a);
                }
            }
        }
    }
}

/// Power iterations for the singular vectors of a drawn matrix: PyTorch's
/// number for a matrix that begins.
const ITERATIONS: usize = 15;

impl Made {
    /// The parameter, from what was drawn.
    pub(crate) fn of(&self, drawn: &Array) -> Vec<f64> {
        let mut numbers = BTreeMap::from([(self.drawn, drawn.to_f64())]);
        if let Some(singular) = self.singular {
            let followed = self.follow(&drawn.to_f64(), singular);
            numbers.extend(singular.vectors.into_iter().zip(followed));
        }
        let find = |node: NodeId, suffix: &'static str| {
            let followed = numbers.get(&node).cloned();
            followed.or_else(|| self.given.get(&(node, suffix)).map(Array::to_f64))
        };
        let output = self.network.outputs()[0];
        // All of its parameters are there, so that it cannot fail.
        let made = self.network.evaluate(output, &[0.0], &find);
        made.unwrap_or_else(|_| vec![f64::NAN; self.network.node(output).len()])
    }

    /// The vectors that belong to the largest singular value of what was drawn.
    fn follow(&self, matrix: &[f64], Singular { axis, vectors }: Singular) -> [Vec<f64>; 2] {
        let given = self.given.get(&(vectors[0], "weight"));
        let (mut u, mut v) = (given.map_or_else(Vec::new, Array::to_f64), Vec::new());
        let shape = &self.parameter.shape;
        for _ in 0..ITERATIONS {
            v = Singular::turned(shape, axis, matrix, &u);
            unit(&mut v);
            u = Singular::product(shape, axis, matrix, &v);
            unit(&mut u);
        }
        [u, v]
    }
}

fn unit(vector: &mut [f64]) {
    let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
    vector.iter_mut().for_each(|x| *x /= length.max(1e-12));
}
