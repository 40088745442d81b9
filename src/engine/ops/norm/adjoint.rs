//! Adjoint of norms, on the CPU: with centred c, r = (mean(c²) + ε)^(−½), u = c·r
//! and the gradient g by the value, scaled: r·(g − mean(g) − u·mean(g·u)). RMS
//! norm is the same without means taken off.

use burn::tensor::Tensor;
use dextr_loops::Number;

use super::Groups;
use super::cpu::centre;
use crate::engine::jet::{Jets, Statistics};
use crate::engine::ops::host::{Back, back, count, number};
use crate::engine::read::host;
use crate::error::Result;
use crate::network::{Norm, Over};

/// The gradient by a norm's operand `axes`; see [`normalise`](super::normalise).
pub(crate) fn normalise(
    x: &Jets,
    gradient: &Jets,
    axes: &[usize],
    norm: &Norm,
    scale: Option<Tensor<1>>,
    live: bool,
) -> Result<Jets> {
    let scale = scale.map(|scale| host(scale.try_into_data())).transpose()?;
    let together = x.layout.statistics == Statistics::Batch && norm.over == Over::Channel;
    let work = Normalised {
        groups: Groups::of(norm, axes, live),
        scale,
        together: if together { x.layout.rows() } else { 1 },
    };
    back(Some(x), gradient, &work)
}

struct Normalised {
    groups: Groups,
    scale: Option<Vec<f64>>,
    /// Rows whose groups share their statistics.
    together: usize,
}

impl Back for Normalised {
    fn run<T: Number>(&self, x: &[T], gradient: &[T]) -> Vec<T> {
        let Groups {
            groups, elements, ..
        } = self.groups;
        let row = groups * elements;
        let mut all = gradient.to_vec();
        self.scaled(&mut all, row);
        let mut values = Vec::with_capacity(self.together * elements);
        let mut gradients = Vec::with_capacity(self.together * elements);
        let block = self.together * row;
        for (x, all) in x.chunks_exact(block).zip(all.chunks_exact_mut(block)) {
            for group in 0..groups {
                let places = (0..self.together).map(|i| {
                    let start = i * row + group * elements;
                    start..start + elements
                });
                values.clear();
                gradients.clear();
                for place in places.clone() {
                    values.extend_from_slice(&x[place.clone()]);
                    gradients.extend_from_slice(&all[place]);
                }
                self.turn(&mut values, &mut gradients);
                for (place, found) in places.zip(gradients.chunks_exact(elements)) {
                    all[place].copy_from_slice(found);
                }
            }
        }
        all
    }
}

impl Normalised {
    /// The gradient by the value before its scale.
    fn scaled<T: Number>(&self, all: &mut [T], row: usize) {
        let Some(scale) = &self.scale else { return };
        for row in all.chunks_exact_mut(row) {
            let runs = row.chunks_exact_mut(self.groups.run);
            for (run, &scale) in runs.zip(scale.iter().cycle()) {
                let scale = number(scale);
                run.iter_mut().for_each(|x| *x = *x * scale);
            }
        }
    }

    /// Makes the gradient by a group's value that by its operand.
    fn turn<T: Number>(&self, x: &mut [T], g: &mut [T]) {
        let r = self.groups.normalise_value(x);
        if self.groups.centred {
            centre(g);
        }
        let along = T::dot(x, g) * r * r / count::<T>(x);
        g.iter_mut()
            .zip(x)
            .for_each(|(g, x)| *g = (*g - *x * along) * r);
    }
}
