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
    /// The singular vectors of the drawn matrix, `[rows]` and `[columns]`, where
    /// it is divided by its largest singular value; they follow the drawing.
    pub singular: Option<[NodeId; 2]>,
    /// How many numbers are learned, all in all.
    pub learned: u64,
}

/// Power iterations for the singular vectors of a drawn matrix: PyTorch's
/// number for a matrix that begins.
const ITERATIONS: usize = 15;

impl Made {
    /// The parameter, from what was drawn.
    pub(crate) fn of(&self, drawn: &Array) -> Vec<f64> {
        let mut numbers = BTreeMap::from([(self.drawn, drawn.to_f64())]);
        if let Some(vectors) = self.singular {
            let followed = self.follow(&drawn.to_f64(), vectors);
            numbers.extend(vectors.into_iter().zip(followed));
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

    /// The vectors that belong to the largest singular value of a matrix.
    fn follow(&self, matrix: &[f64], vectors: [NodeId; 2]) -> [Vec<f64>; 2] {
        let [mut u, mut v] = vectors.map(|node| {
            let given = self.given.get(&(node, "weight"));
            given.map_or_else(Vec::new, Array::to_f64)
        });
        for _ in 0..ITERATIONS {
            v.fill(0.0);
            for (row, u) in matrix.chunks_exact(v.len().max(1)).zip(&u) {
                v.iter_mut().zip(row).for_each(|(v, w)| *v += w * u);
            }
            unit(&mut v);
            for (row, u) in matrix.chunks_exact(v.len().max(1)).zip(&mut u) {
                *u = row.iter().zip(&v).map(|(w, v)| w * v).sum();
            }
            unit(&mut u);
        }
        [u, v]
    }
}

fn unit(vector: &mut [f64]) {
    let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
    vector.iter_mut().for_each(|x| *x /= length.max(1e-12));
}
