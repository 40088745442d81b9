//! Adjoints of what moves, repeats or drops entries.

use dextr_loops::Number;

use super::{around, slice};
use crate::engine::jet::Jets;
use crate::engine::ops::host::{Back, back};
use crate::error::Result;

/// The gradient by an operand `axes` whose axes were put in another order.
pub(crate) fn permute(gradient: &Jets, axes: &[usize], order: &[usize]) -> Jets {
    let turned: Vec<usize> = order.iter().map(|&a| axes[a]).collect();
    let mut back = vec![0; order.len()];
    order
        .iter()
        .enumerate()
        .for_each(|(to, &from)| back[from] = to);
    super::permute(gradient, &turned, &back)
}

/// The gradient by an operand `axes` that was repeated to a larger shape.
pub(crate) fn expand(gradient: &Jets, axes: &[usize], to: &[usize]) -> Jets {
    let new = to.len() - axes.len();
    let mut sum = gradient.clone();
    let mut sides = to.to_vec();
    for axis in 0..to.len() {
        let from = if axis < new { 1 } else { axes[axis - new] };
        if from != to[axis] {
            let batch = sum.view::<4>(&around(&sides, axis));
            sum = sum.with(batch.sum_dim(2));
            sides[axis] = 1;
        }
    }
    sum
}

/// The gradient by an operand `axes` that was padded to `padded`, with so many
/// entries before each axis.
pub(crate) fn pad(gradient: &Jets, axes: &[usize], padded: &[usize], before: &[usize]) -> Jets {
    let mut sides = padded.to_vec();
    let mut inside = gradient.clone();
    for (axis, (&n, &before)) in axes.iter().zip(before).enumerate() {
        if sides[axis] != n {
            inside = slice(&inside, &sides, axis, [before, before + n, 1]);
            sides[axis] = n;
        }
    }
    inside
}

/// The gradient by an operand `axes` of which entries were taken along an axis,
/// some perhaps several times.
///
/// # Errors
/// [`Error::Device`](crate::Error::Device) where the gradient cannot be read.
pub(crate) fn gather(
    gradient: &Jets,
    axes: &[usize],
    axis: usize,
    taken: &[usize],
) -> Result<Jets> {
    let [_, n, inner] = around(axes, axis);
    back(None, gradient, &Scatter { taken, n, inner })
}

struct Scatter<'a> {
    taken: &'a [usize],
    n: usize,
    inner: usize,
}

impl Back for Scatter<'_> {
    fn run<T: Number>(&self, _: &[T], gradient: &[T]) -> Vec<T> {
        let (from, to) = (self.taken.len() * self.inner, self.n * self.inner);
        let mut sums = vec![T::zero(); gradient.len() / from.max(1) * to];
        let blocks = gradient.chunks_exact(from.max(1));
        for (block, sums) in blocks.zip(sums.chunks_exact_mut(to.max(1))) {
            for (entry, &place) in block.chunks_exact(self.inner).zip(self.taken) {
                let sums = &mut sums[place * self.inner..(place + 1) * self.inner];
                sums.iter_mut()
                    .zip(entry)
                    .for_each(|(sum, &x)| *sum = *sum + x);
            }
        }
        sums
    }
}
