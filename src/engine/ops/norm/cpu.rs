//! Norms on the CPU: one fused loop, in place.

use num_traits::Float;

use super::{Affine, Groups};
use crate::engine::jet::Jets;
use crate::engine::ops::host::{Rows, Work, count, number, update};
use crate::engine::read::host;
use crate::error::Result;

/// Partial sums, so that additions do not wait for one another: their order is
/// the same on every machine.
const LANES: usize = 16;

/// Normalises each group; see [`super::normalise`].
pub(super) fn normalise(x: Jets, groups: Groups, affine: Option<Affine>) -> Result<Jets> {
    update(x, &Norm::new(groups, affine)?)
}

impl Groups {
    /// Centres v and returns r = 1/√(mean(v²) + ε).
    pub(super) fn normalise_value<T: Float>(&self, v: &mut [T]) -> T {
        if self.centred && self.dead {
            // A constant must come out as exactly zero.
            let first = v[0];
            v.iter_mut().for_each(|x| *x = *x - first);
        }
        if self.centred {
            centre(v);
            // Once more: a mean over thousands of pixels is off by enough to
            // flip the sign of a value near zero before a ReLU.
            centre(v);
        }
        (dot(v, v) / count::<T>(v) + number(self.eps))
            .sqrt()
            .recip()
    }
}

/// Normalises each group over all images.
pub(super) fn together(x: Jets, groups: Groups, affine: Option<Affine>) -> Result<Jets> {
    update(x, &Together(Norm::new(groups, affine)?))
}

struct Together(Norm);

impl Work for Together {
    fn run<T: Float>(&self, rows: Rows<'_, T>) {
        let Groups {
            groups, elements, ..
        } = self.0.groups;
        let all = rows.images;
        let mut values = Vec::with_capacity(all.len() / groups.max(1));
        for group in 0..groups {
            values.clear();
            for row in all.chunks_exact(groups * elements) {
                values.extend_from_slice(&row[group * elements..(group + 1) * elements]);
            }
            let r = self.0.groups.normalise_value(&mut values);
            values.iter_mut().for_each(|x| *x = *x * r);
            let blocks = values.chunks_exact_mut(elements);
            for (row, block) in all.chunks_exact_mut(groups * elements).zip(blocks) {
                self.0.affine(group, block, true);
                row[group * elements..(group + 1) * elements].copy_from_slice(block);
            }
        }
    }
}

struct Norm {
    groups: Groups,
    /// Scale and shift.
    affine: Option<[Vec<f64>; 2]>,
}

impl Norm {
    fn new(groups: Groups, affine: Option<Affine>) -> Result<Self> {
        let read = |numbers: burn::tensor::Tensor<1>| host(numbers.try_into_data());
        let affine = match affine {
            Some([scale, shift]) => Some([read(scale)?, read(shift)?]),
            None => None,
        };
        Ok(Self { groups, affine })
    }

    fn affine<T: Float>(&self, group: usize, part: &mut [T], value: bool) {
        let Some([scale, shift]) = &self.affine else {
            return;
        };
        let Groups { elements, run, .. } = self.groups;
        let shift = |i: usize| {
            if value { number(shift[i]) } else { T::zero() }
        };
        let count = scale.len();
        if run == 1 && count == elements {
            let scaled = part.iter_mut().zip(scale).enumerate();
            scaled.for_each(|(i, (x, &scale))| *x = *x * number(scale) + shift(i));
            return;
        }
        let first = group * elements / run;
        for (k, run) in part.chunks_exact_mut(run).enumerate() {
            let i = (first + k) % count;
            let (scale, shift) = (number::<T>(scale[i]), shift(i));
            run.iter_mut().for_each(|x| *x = *x * scale + shift);
        }
    }
}

impl Work for Norm {
    fn run<T: Float>(&self, rows: Rows<'_, T>) {
        let Groups {
            groups,
            elements: n,
            ..
        } = self.groups;
        for (i, v) in rows.images.chunks_exact_mut(n).enumerate() {
            let r = self.groups.normalise_value(v);
            v.iter_mut().for_each(|x| *x = *x * r);
            self.affine(i % groups, v, true);
        }
        let derivatives = rows.d.chunks_exact_mut(n).zip(rows.a.chunks_exact_mut(n));
        for (i, (v, (d, a))) in rows.v.chunks_exact_mut(n).zip(derivatives).enumerate() {
            self.normalise_jet(v, d, a);
            let group = i % groups;
            self.affine(group, v, true);
            self.affine(group, d, false);
            self.affine(group, a, false);
        }
    }
}

impl Norm {
    fn normalise_jet<T: Float>(&self, v: &mut [T], d: &mut [T], a: &mut [T]) {
        let r = self.groups.normalise_value(v);
        if self.groups.centred {
            centre(d);
            centre(a);
        }
        let n = count::<T>(v);
        let two = number::<T>(2.0);
        let s1 = two * dot(v, d) / n;
        let s2 = two * (dot(d, d) + dot(v, a)) / n;
        let cube = r * r * r;
        let r1 = number::<T>(-0.5) * cube * s1;
        let r2 = number::<T>(0.75) * cube * r * r * s1 * s1 - number::<T>(0.5) * cube * s2;
        for ((v, d), a) in v.iter_mut().zip(d).zip(a) {
            *a = *a * r + two * *d * r1 + *v * r2;
            *d = *d * r + *v * r1;
            *v = *v * r;
        }
    }
}

pub(super) fn centre<T: Float>(x: &mut [T]) {
    let mean = sum(x) / count(x);
    x.iter_mut().for_each(|x| *x = *x - mean);
}

fn sum<T: Float>(x: &[T]) -> T {
    let mut lanes = [T::zero(); LANES];
    let chunks = x.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane = *lane + x;
        }
    }
    let rest = rest.iter().fold(T::zero(), |sum, &x| sum + x);
    lanes.iter().fold(rest, |sum, &lane| sum + lane)
}

pub(super) fn dot<T: Float>(x: &[T], y: &[T]) -> T {
    let mut lanes = [T::zero(); LANES];
    let (xs, ys) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
    let rest = xs.remainder().iter().zip(ys.remainder());
    let rest = rest.fold(T::zero(), |sum, (&x, &y)| sum + x * y);
    for (x, y) in xs.zip(ys) {
        for ((lane, &x), &y) in lanes.iter_mut().zip(x).zip(y) {
            *lane = *lane + x * y;
        }
    }
    lanes.iter().fold(rest, |sum, &lane| sum + lane)
}
