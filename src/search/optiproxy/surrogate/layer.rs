//! A layer: what a node and its sources say, and what it and its targets say,
//! joined by a dense layer, normalised.
//!
//! y₁ = ReLU(Â X W₁), y₂ = ReLU(B̂ X W₂), where Â is A + I and B̂ is Âᵀ with rows
//! divided by their sums; then a dense layer of [y₁ y₂], layer norm, dropout.

use std::ops::Range;

use super::links::Links;
use super::{By, drop_out, uniform};
use crate::random::Stream;
use crate::search::optiproxy::numbers::{Real, count, real};

/// What keeps a node without variance finite.
const SMALL: f64 = 1e-5;

/// Where a layer's weights lie among all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layer {
    begin: usize,
    nodes: usize,
    inputs: usize,
    hidden: usize,
}

/// What a layer's forward pass keeps.
pub(super) struct Trace<T> {
    /// What went in, `[rows, inputs]`; a row is a node of a cell.
    given: Vec<T>,
    /// X W₁ and X W₂, `[rows, hidden]`.
    products: [Vec<T>; 2],
    /// [y₁ y₂], `[rows, 2 hidden]`.
    joined: Vec<T>,
    /// The normalised numbers, and one over each row's deviation.
    normal: Vec<T>,
    scales: Vec<T>,
    dropped: Vec<T>,
    /// What comes out, `[rows, hidden]`.
    pub(super) made: Vec<T>,
}

impl Layer {
    pub(super) fn new(begin: usize, [nodes, inputs, hidden]: [usize; 3]) -> Self {
        Self {
            begin,
            nodes,
            inputs,
            hidden,
        }
    }

    /// W₁, W₂, the dense layer's matrix and shift, the norm's scale and shift.
    fn places(self) -> [Range<usize>; 6] {
        let (product, joined) = (self.inputs * self.hidden, 2 * self.hidden * self.hidden);
        let mut next = self.begin;
        [
            product,
            product,
            joined,
            self.hidden,
            self.hidden,
            self.hidden,
        ]
        .map(|length| {
            next += length;
            next - length..next
        })
    }

    pub(super) fn end(self) -> usize {
        let [.., last] = self.places();
        last.end
    }

    /// Weights before the first fit: W after Glorot and Bengio (AISTATS 2010), the
    /// dense layer as PyTorch begins one.
    pub(super) fn begin<T: Real>(self, weights: &mut [T], stream: &mut Stream) {
        let [forth, back, joined, shift, scale, _] = self.places();
        let most = libm::sqrt(6.0 / (self.inputs + self.hidden) as f64);
        uniform(&mut weights[forth], most, stream);
        uniform(&mut weights[back], most, stream);
        let most = 1.0 / libm::sqrt(2.0 * self.hidden as f64);
        uniform(&mut weights[joined], most, stream);
        uniform(&mut weights[shift], most, stream);
        weights[scale].fill(T::one());
    }

    pub(super) fn forward<T: Real>(
        self,
        weights: &[T],
        given: Vec<T>,
        links: &Links<T>,
        stream: Option<&mut Stream>,
    ) -> Trace<T> {
        let hidden = self.hidden;
        let rows = given.len() / self.inputs;
        let [forth, back, dense, shift, scale, lift] = self.places().map(|at| &weights[at]);
        let mut joined = vec![T::zero(); rows * 2 * hidden];
        let products = [forth, back].map(|matrix| {
            let mut product = vec![T::zero(); rows * hidden];
            let sides = [rows, self.inputs, hidden];
            T::product(sides, (&given, false), (matrix, false), &mut product);
            product
        });
        for (way, product) in products.iter().enumerate() {
            self.mix(&links.0[way], product, &mut joined[..], way);
        }
        T::rectify(&mut joined);
        let mut normal: Vec<T> = (0..rows).flat_map(|_| shift.iter().copied()).collect();
        T::product(
            [rows, 2 * hidden, hidden],
            (&joined, false),
            (dense, false),
            &mut normal,
        );
        let mut scales = Vec::with_capacity(rows);
        for row in normal.chunks_exact_mut(hidden) {
            T::lower(row, T::sum(row) / count(hidden));
            let variance = T::dot(row, row) / count(hidden);
            let by = T::one() / (variance + real(SMALL)).sqrt();
            T::scale(row, by, T::zero());
            scales.push(by);
        }
        let dropped = drop_out(normal.len(), stream);
        let affine = scale.iter().zip(lift).cycle();
        let made = normal.iter().zip(&dropped).zip(affine);
        let made = made.map(|((&x, &kept), (&by, &lift))| (x * by + lift) * kept);
        Trace {
            made: made.collect(),
            given,
            products,
            joined,
            normal,
            scales,
            dropped,
        }
    }

    /// Link · product of each cell, into one half of what is joined.
    fn mix<T: Real>(self, links: &[T], product: &[T], joined: &mut [T], half: usize) {
        let (n, hidden) = (self.nodes, self.hidden);
        for (row, joined) in joined.chunks_exact_mut(2 * hidden).enumerate() {
            let cell = row / n * n;
            let sums = &mut joined[half * hidden..][..hidden];
            for (node, &link) in links[row * n..][..n].iter().enumerate() {
                if link != T::zero() {
                    let other = &product[(cell + node) * hidden..][..hidden];
                    sums.iter_mut()
                        .zip(other)
                        .for_each(|(sum, &x)| *sum = *sum + link * x);
                }
            }
        }
    }

    /// From the gradient by what came out to that by what went in; adds that by the
    /// weights, or that by the links.
    pub(super) fn reverse<T: Real>(
        self,
        weights: &[T],
        trace: &Trace<T>,
        links: &Links<T>,
        mut slopes: Vec<T>,
        by: By,
        (own, moved): (&mut [T], &mut Links<T>),
    ) -> Vec<T> {
        let hidden = self.hidden;
        let rows = trace.scales.len();
        let [forth, back, dense, shift, scale, lift] = self.places();
        slopes
            .iter_mut()
            .zip(&trace.dropped)
            .for_each(|(slope, &kept)| *slope = *slope * kept);
        for (row, slopes) in slopes.chunks_exact_mut(hidden).enumerate() {
            let normal = &trace.normal[row * hidden..][..hidden];
            if by == By::Weights {
                for (i, (&slope, &x)) in slopes.iter().zip(normal).enumerate() {
                    own[scale.start + i] = own[scale.start + i] + slope * x;
                    own[lift.start + i] = own[lift.start + i] + slope;
                }
            }
            let scaled = slopes.iter_mut().zip(&weights[scale.clone()]);
            scaled.for_each(|(slope, &by)| *slope = *slope * by);
            let mean = T::sum(slopes) / count(hidden);
            let along = T::dot(slopes, normal) / count(hidden);
            let by = trace.scales[row];
            for (slope, &x) in slopes.iter_mut().zip(normal) {
                *slope = by * (*slope - mean - x * along);
            }
        }
        if by == By::Weights {
            let sides = [2 * hidden, rows, hidden];
            T::product(
                sides,
                (&trace.joined, true),
                (&slopes, false),
                &mut own[dense.clone()],
            );
            for row in slopes.chunks_exact(hidden) {
                let sums = own[shift.clone()].iter_mut().zip(row);
                sums.for_each(|(sum, &x)| *sum = *sum + x);
            }
        }
        let mut joined = vec![T::zero(); rows * 2 * hidden];
        T::product(
            [rows, hidden, 2 * hidden],
            (&slopes, false),
            (&weights[dense], true),
            &mut joined,
        );
        let masked = joined.iter_mut().zip(&trace.joined);
        masked
            .filter(|(_, y)| **y == T::zero())
            .for_each(|(slope, _)| *slope = T::zero());
        let mut given = vec![T::zero(); trace.given.len()];
        for (way, places) in [forth, back].into_iter().enumerate() {
            let (links, moved) = (&links.0[way], &mut moved.0[way]);
            let mut product = vec![T::zero(); rows * hidden];
            self.unmix(
                (links, &joined),
                &trace.products[way],
                (&mut product, moved),
                (way, by),
            );
            if by == By::Weights {
                let sides = [self.inputs, rows, hidden];
                T::product(
                    sides,
                    (&trace.given, true),
                    (&product, false),
                    &mut own[places.clone()],
                );
            }
            let sides = [rows, hidden, self.inputs];
            T::product(
                sides,
                (&product, false),
                (&weights[places], true),
                &mut given,
            );
        }
        given
    }

    /// From the gradient by one half of what was joined to that by its product,
    /// and by its links.
    fn unmix<T: Real>(
        self,
        (links, joined): (&[T], &[T]),
        product: &[T],
        (by_product, by_links): (&mut [T], &mut [T]),
        (half, by): (usize, By),
    ) {
        let (n, hidden) = (self.nodes, self.hidden);
        for (row, joined) in joined.chunks_exact(2 * hidden).enumerate() {
            let cell = row / n * n;
            let slopes = &joined[half * hidden..][..hidden];
            for node in 0..n {
                let link = links[row * n + node];
                let other = (cell + node) * hidden..(cell + node + 1) * hidden;
                if link != T::zero() {
                    let sums = by_product[other.clone()].iter_mut().zip(slopes);
                    sums.for_each(|(sum, &slope)| *sum = *sum + link * slope);
                }
                if by == By::Cells {
                    let place = &mut by_links[row * n + node];
                    *place = *place + T::dot(slopes, &product[other]);
                }
            }
        }
    }
}
