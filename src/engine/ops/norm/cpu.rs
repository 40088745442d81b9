//! Norms on the CPU: one fused loop, in place.

use dextr_loops::Number;

use super::{Affine, Groups};
use crate::engine::jet::Jets;
use crate::engine::ops::host::{Rows, Work, count, number, update};
use crate::engine::read::host;
use crate::error::Result;

/// Normalises each group; see [`super::normalise`].
pub(super) fn normalise(x: Jets, groups: Groups, affine: Option<Affine>) -> Result<Jets> {
    update(x, &Norm::new(groups, affine)?)
}

impl Groups {
    /// Centres v and returns r = 1/√(mean(v²) + ε).
    pub(super) fn normalise_value<T: Number>(&self, v: &mut [T]) -> T {
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
        (T::dot(v, v) / count::<T>(v) + number(self.eps))
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
    fn run<T: Number>(&self, rows: Rows<'_, T>) {
        let Groups {
            groups, elements, ..
        } = self.0.groups;
        for group in 0..groups {
            let place = group * elements..(group + 1) * elements;
            let all = rows.images.chunks_exact_mut(groups * elements);
            let mut blocks: Vec<&mut [T]> = all.map(|row| &mut row[place.clone()]).collect();
            let r = self.0.groups.normalise_blocks(&mut blocks);
            for block in blocks {
                T::scale(block, r, T::zero());
                self.0.affine(group, block, true);
            }
        }
    }
}

impl Groups {
    /// The same as [`Self::normalise_value`] over blocks that lie apart: each is
    /// lowered and summed up while it is near.
    fn normalise_blocks<T: Number>(&self, blocks: &mut [&mut [T]]) -> T {
        let count = number::<T>((blocks.len() * self.elements) as f64);
        let mean = |sums: T| sums / count;
        let first = blocks.first().and_then(|block| block.first().copied());
        // A constant must come out as exactly zero.
        let constant = first.filter(|_| self.dead).unwrap_or_else(T::zero);
        let mut sum_lowered = |by: T| {
            let sums = blocks.iter_mut().map(|block| {
                if by != T::zero() {
                    T::lower(block, by);
                }
                T::sum(block)
            });
            sums.fold(T::zero(), |sum, x| sum + x)
        };
        let by = mean(sum_lowered(constant));
        // Once more; see above.
        let by = mean(sum_lowered(by));
        let squares = blocks.iter_mut().map(|block| {
            T::lower(block, by);
            T::dot(block, block)
        });
        let squares = squares.fold(T::zero(), |sum, x| sum + x);
        (squares / count + number(self.eps)).sqrt().recip()
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

    fn affine<T: Number>(&self, group: usize, part: &mut [T], value: bool) {
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
            T::scale(run, number(scale[i]), shift(i));
        }
    }
}

impl Work for Norm {
    fn run<T: Number>(&self, rows: Rows<'_, T>) {
        let Groups {
            groups,
            elements: n,
            ..
        } = self.groups;
        for (i, v) in rows.images.chunks_exact_mut(n).enumerate() {
            let r = self.groups.normalise_value(v);
            T::scale(v, r, T::zero());
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
    fn normalise_jet<T: Number>(&self, v: &mut [T], d: &mut [T], a: &mut [T]) {
        let r = self.groups.normalise_value(v);
        if self.groups.centred {
            centre(d);
            centre(a);
        }
        let n = count::<T>(v);
        let two = number::<T>(2.0);
        let s1 = two * T::dot(v, d) / n;
        let s2 = two * (T::dot(d, d) + T::dot(v, a)) / n;
        let cube = r * r * r;
        let r1 = number::<T>(-0.5) * cube * s1;
        let r2 = number::<T>(0.75) * cube * r * r * s1 * s1 - number::<T>(0.5) * cube * s2;
        T::times([v, d, a], [r, r1, r2]);
    }
}

pub(super) fn centre<T: Number>(x: &mut [T]) {
    let mean = T::sum(x) / count(x);
    T::lower(x, mean);
}
