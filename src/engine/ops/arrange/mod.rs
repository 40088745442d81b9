//! What moves, repeats or drops entries: on every row alike.
//!
//! An operation along one axis sees the sample as (outer, axis, inner), so
//! that it works on any number of axes.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "counts are far below the types' ranges, and f32 is the passes' precision"
)]

pub(super) mod adjoint;
mod cpu;
#[cfg(test)]
pub(super) mod tests;

use burn::tensor::{Slice, Tensor, TensorData};

use crate::engine::jet::Jets;
use crate::error::Result;

/// A sample's axes around one of them: (outer, axis, inner).
pub(super) fn around(axes: &[usize], axis: usize) -> [usize; 3] {
    [
        axes[..axis].iter().product(),
        axes[axis],
        axes[axis + 1..].iter().product(),
    ]
}

/// All outputs one after the other, whatever their shapes.
pub(crate) fn flat(operands: Vec<Jets>) -> Option<Jets> {
    let layout = operands.first()?.layout;
    let data = Tensor::cat(operands.into_iter().map(|x| x.data).collect(), 1);
    Some(Jets { data, layout })
}

/// Zeros: also where the input is not finite.
pub(crate) fn zero(x: &Jets) -> Jets {
    x.with(x.data.zeros_like())
}

/// The sample's axes in another order.
pub(crate) fn permute(x: &Jets, axes: &[usize], order: &[usize]) -> Jets {
    let (axes, order) = merged(axes, order);
    match axes.len() {
        0 | 1 => x.clone(),
        2 => permute_ranked::<3>(x, &axes, &order),
        3 => permute_ranked::<4>(x, &axes, &order),
        4 => permute_ranked::<5>(x, &axes, &order),
        5 => permute_ranked::<6>(x, &axes, &order),
        _ => permute_ranked::<7>(x, &axes, &order),
    }
}

/// The same permutation on fewer axes: those of length 1 are dropped, and
/// neighbours that stay neighbours become one.
fn merged(axes: &[usize], order: &[usize]) -> (Vec<usize>, Vec<usize>) {
    // Runs of input axes in the order of the output.
    let mut runs: Vec<(usize, usize, usize)> = Vec::new();
    let mut places = vec![0; axes.len()];
    let long = (0..axes.len()).filter(|&a| axes[a] != 1);
    long.enumerate().for_each(|(place, a)| places[a] = place);
    for &a in order.iter().filter(|&&a| axes[a] != 1) {
        match runs.last_mut() {
            Some((_, end, length)) if *end + 1 == places[a] => {
                *end += 1;
                *length *= axes[a];
            }
            _ => runs.push((places[a], places[a], axes[a])),
        }
    }
    let mut by_input: Vec<usize> = (0..runs.len()).collect();
    by_input.sort_unstable_by_key(|&i| runs[i].0);
    let mut order = vec![0; runs.len()];
    let input = by_input.iter().enumerate();
    let axes = input
        .map(|(place, &i)| {
            order[i] = place;
            runs[i].2
        })
        .collect();
    (axes, order)
}

fn permute_ranked<const D: usize>(x: &Jets, axes: &[usize], order: &[usize]) -> Jets {
    let mut full = [0isize; D];
    for (to, from) in full[1..].iter_mut().zip(order) {
        *to = *from as isize + 1;
    }
    x.with(x.view::<D>(axes).permute(full))
}

/// Every `step`-th of `start..end` along an axis.
pub(crate) fn slice(x: &Jets, axes: &[usize], axis: usize, [start, end, step]: [usize; 3]) -> Jets {
    let batch: Tensor<4> = x.view(&around(axes, axis));
    let range = Slice::new(start as isize, Some(end as isize), step as isize);
    x.with(batch.slice_dim(2, range))
}

/// Entries along an axis in the order of `indices`.
pub(crate) fn gather(x: &Jets, axes: &[usize], axis: usize, indices: &[usize]) -> Result<Jets> {
    if x.layout.host {
        return cpu::gather(x, axes, axis, indices);
    }
    let batch: Tensor<4> = x.view(&around(axes, axis));
    let numbers: Vec<i32> = indices.iter().map(|&i| i as i32).collect();
    let indices = Tensor::from_data(TensorData::new(numbers, [indices.len()]), &x.data.device());
    Ok(x.with(batch.select(2, indices)))
}

/// Constant padding of each axis; derivatives are padded with zeros.
pub(crate) fn pad(x: Jets, axes: &[usize], before: &[usize], after: &[usize], value: f64) -> Jets {
    let mut axes = axes.to_vec();
    let mut y = x;
    for axis in 0..axes.len() {
        let (before, after) = (before[axis], after[axis]);
        if before + after == 0 {
            continue;
        }
        let [outer, n, inner] = around(&axes, axis);
        let batch: Tensor<3> = y.view(&[outer, n * inner]);
        let block = |length: usize| {
            let shape = [y.layout.rows(), outer, length * inner];
            let zeros = Tensor::<3>::zeros(shape, (&batch.device(), batch.dtype()));
            if value == 0.0 {
                return zeros;
            }
            let rows = y.layout.values();
            let first = zeros.clone().slice_dim(0, 0..rows).add_scalar(value);
            match y.layout.curves {
                0 => first,
                _ => Tensor::cat(vec![first, zeros.slice_dim(0, rows..y.layout.rows())], 0),
            }
        };
        let mut parts = Vec::with_capacity(3);
        if before > 0 {
            parts.push(block(before));
        }
        parts.push(batch.clone());
        if after > 0 {
            parts.push(block(after));
        }
        axes[axis] = before + n + after;
        y = y.with(Tensor::cat(parts, 2));
    }
    y
}

/// Repeated to a larger shape by numpy's broadcasting.
pub(crate) fn expand(x: &Jets, axes: &[usize], to: &[usize]) -> Jets {
    let ones = vec![1; to.len() - axes.len()];
    let from = [&ones, axes].concat();
    // Axes that are treated alike become one.
    let mut runs: Vec<(usize, usize, bool)> = Vec::new();
    for (&from, &to) in from.iter().zip(to) {
        let repeated = from != to;
        match runs.last_mut() {
            Some(run) if run.2 == repeated => {
                run.0 *= from;
                run.1 *= to;
            }
            _ => runs.push((from, to, repeated)),
        }
    }
    let mut small = [1usize; 6];
    let mut large = [1usize; 7];
    large[0] = x.layout.rows();
    for (i, (from, to, _)) in runs.into_iter().enumerate() {
        small[i] = from;
        large[i + 1] = to;
    }
    x.with(x.view::<7>(&small).expand(large))
}
