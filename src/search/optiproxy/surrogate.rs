//! The surrogate: a graph network that predicts a cell's accuracy, and its
//! gradient by its weights and by the cell.
//!
//! Two layers, the mean over the nodes, GELU, dropout, one product (OptiProxy-NAS,
//! arXiv 2509.05656, whose layers are those of GATES; Ning et al., ECCV 2020). The
//! reverse pass is written out: five kinds of steps do not earn a library of
//! automatic differentiation, and its sums have the same bits on every machine.

mod layer;
mod links;

use std::ops::Range;

use layer::{Layer, Trace};

use super::encoding::{Batch, Graph};
use super::numbers::{Real, count, real};
use crate::random::Stream;

/// The share of numbers that a fit leaves out at random.
const DROPPED: f64 = 0.1;

/// How large a surrogate is: what its weights are laid out by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// Nodes of a cell.
    pub(super) nodes: usize,
    /// Numbers of a node at first.
    pub(super) width: usize,
    /// Numbers of a node within.
    pub(super) hidden: usize,
}

/// What the forward pass of a fit keeps.
pub(super) struct Pass<T> {
    /// A prediction for each cell.
    pub(super) predictions: Vec<T>,
    layers: [Trace<T>; 2],
    /// The mean over the nodes, `[cells, hidden]`, and what the last product sees.
    means: Vec<T>,
    seen: Vec<T>,
    dropped: Vec<T>,
}

/// What a reverse pass is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// The gradient by the weights.
    Weights,
    /// The gradient by the cells' rows, and by their connections.
    Cells,
}

/// A gradient: by the weights, or by the cells.
pub(super) struct Gradient<T> {
    pub(super) weights: Vec<T>,
    pub(super) cells: Batch<T>,
}

impl Shape {
    pub(super) fn of(graph: &Graph, hidden: usize) -> Self {
        Self {
            nodes: graph.nodes,
            width: graph.width(),
            hidden,
        }
    }

    fn layers(self) -> [Layer; 2] {
        let first = Layer::new(0, [self.nodes, self.width, self.hidden]);
        [
            first,
            Layer::new(first.end(), [self.nodes, self.hidden, self.hidden]),
        ]
    }

    /// The weights of the last product.
    fn head(self) -> Range<usize> {
        let [_, last] = self.layers();
        last.end()..last.end() + self.hidden
    }

    /// How many weights there are.
    pub(super) fn weights(self) -> usize {
        self.head().end
    }

    /// Weights before the first fit.
    pub(super) fn begin<T: Real>(self, stream: &mut Stream) -> Vec<T> {
        let mut weights = vec![T::zero(); self.weights()];
        self.layers()
            .iter()
            .for_each(|layer| layer.begin(&mut weights, stream));
        uniform(
            &mut weights[self.head()],
            1.0 / libm::sqrt(self.hidden as f64),
            stream,
        );
        weights
    }

    /// Predictions for cells. With a stream, numbers are left out at random, as a
    /// fit does.
    pub(super) fn forward<T: Real>(
        self,
        weights: &[T],
        batch: &Batch<T>,
        mut stream: Option<&mut Stream>,
    ) -> Pass<T> {
        let [first, second] = self.layers();
        let links = links::of(batch, self.nodes);
        let a = first.forward(weights, batch.nodes.clone(), &links, stream.as_deref_mut());
        let b = second.forward(weights, a.made.clone(), &links, stream.as_deref_mut());
        let hidden = self.hidden;
        let mut means = vec![T::zero(); batch.cells * hidden];
        let share: T = T::one() / count(self.nodes);
        let cells = b.made.chunks_exact(self.nodes * hidden);
        for (mean, nodes) in means.chunks_exact_mut(hidden).zip(cells) {
            for node in nodes.chunks_exact(hidden) {
                mean.iter_mut()
                    .zip(node)
                    .for_each(|(mean, &x)| *mean = *mean + x * share);
            }
        }
        let dropped = drop_out(means.len(), stream);
        let seen = means
            .iter()
            .zip(&dropped)
            .map(|(&x, &kept)| gelu(x).0 * kept);
        let seen: Vec<T> = seen.collect();
        let head = &weights[self.head()];
        let predictions = seen.chunks_exact(hidden).map(|seen| T::dot(seen, head));
        Pass {
            predictions: predictions.collect(),
            layers: [a, b],
            means,
            seen,
            dropped,
        }
    }

    /// The gradient of what has this gradient by the predictions.
    pub(super) fn reverse<T: Real>(
        self,
        weights: &[T],
        batch: &Batch<T>,
        pass: &Pass<T>,
        slopes: &[T],
        by: By,
    ) -> Gradient<T> {
        let hidden = self.hidden;
        let [first, second] = self.layers();
        let links = links::of(batch, self.nodes);
        let mut own = vec![T::zero(); if by == By::Weights { weights.len() } else { 0 }];
        let head = self.head();
        let mut below = Vec::with_capacity(batch.nodes.len());
        let share: T = T::one() / count(self.nodes);
        for (cell, &slope) in slopes.iter().enumerate() {
            let places = cell * hidden..(cell + 1) * hidden;
            if by == By::Weights {
                let seen = &pass.seen[places.clone()];
                let sums = own[head.clone()].iter_mut().zip(seen);
                sums.for_each(|(sum, &x)| *sum = *sum + slope * x);
            }
            let numbers = weights[head.clone()].iter().zip(places);
            let row =
                numbers.map(|(&w, i)| slope * w * pass.dropped[i] * gelu(pass.means[i]).1 * share);
            let row: Vec<T> = row.collect();
            (0..self.nodes).for_each(|_| below.extend_from_slice(&row));
        }
        let [a, b] = &pass.layers;
        let mut moved = links.zeros();
        let below = second.reverse(weights, b, &links, below, by, (&mut own, &mut moved));
        let nodes = first.reverse(weights, a, &links, below, by, (&mut own, &mut moved));
        let connections = match by {
            By::Weights => Vec::new(),
            By::Cells => links::by_connections(batch, self.nodes, &links, &moved),
        };
        Gradient {
            weights: own,
            cells: Batch {
                cells: batch.cells,
                nodes,
                connections,
            },
        }
    }
}

/// Fills a row with uniform numbers between −`most` and `most`.
fn uniform<T: Real>(row: &mut [T], most: f64, stream: &mut Stream) {
    row.iter_mut()
        .for_each(|x| *x = real(most * (2.0 * stream.uniform() - 1.0)));
}

/// What each number is multiplied by: 0 for those that are left out, and a little
/// above 1 for the others; 1 without a stream.
fn drop_out<T: Real>(numbers: usize, stream: Option<&mut Stream>) -> Vec<T> {
    let Some(stream) = stream else {
        return vec![T::one(); numbers];
    };
    let kept: T = real(1.0 / (1.0 - DROPPED));
    let drawn = (0..numbers).map(|_| match f64::from(stream.uniform_f32()) < DROPPED {
        true => T::zero(),
        false => kept,
    });
    drawn.collect()
}

/// GELU (Hendrycks and Gimpel, 2016), x Φ(x), and its slope.
fn gelu<T: Real>(x: T) -> (T, T) {
    let x = x.double();
    let below = 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2);
    let density = libm::exp(-0.5 * x * x) / libm::sqrt(std::f64::consts::TAU);
    (real(x * below), real(below + x * density))
}

#[cfg(test)]
mod tests;
