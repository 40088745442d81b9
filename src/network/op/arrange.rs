//! Shape rules of what moves, joins or repeats entries along axes.

use super::Op;
use super::shape::{Fit, elements, wrong};

impl Op {
    pub(super) fn rearranged(&self, first: &[usize], inputs: &[&[usize]]) -> Fit<Vec<usize>> {
        let place = |axis: usize| {
            first.get(axis).copied().ok_or_else(|| {
                (
                    format!("{first:?} has no axis {axis}"),
                    "count axes from 0, without the batch".to_owned(),
                )
            })
        };
        let with = |axis: usize, n: usize| {
            let mut shape = first.to_vec();
            shape[axis] = n;
            shape
        };
        Ok(match self {
            Self::Reduce { axes, keep, .. } => {
                let mut out = first.iter().map(|&n| Some(n)).collect::<Vec<_>>();
                for &axis in axes {
                    place(axis)?;
                    if out[axis].take().is_none() {
                        return wrong(format!("axis {axis} is named twice"), "name each axis once");
                    }
                }
                let left = |n: Option<usize>| n.or(keep.then_some(1));
                out.into_iter().filter_map(left).collect()
            }
            Self::Concat { axis } => {
                place(*axis)?;
                let fits = |s: &&[usize]| {
                    s.len() == first.len() && (0..s.len()).all(|i| i == *axis || s[i] == first[i])
                };
                if !inputs.iter().all(fits) {
                    return wrong(
                        format!("shapes {inputs:?} cannot be joined along axis {axis}"),
                        "give all operands one shape but for that axis",
                    );
                }
                let mut sum = 0usize;
                inputs
                    .iter()
                    .for_each(|s| sum = sum.saturating_add(s[*axis]));
                with(*axis, sum)
            }
            Self::Expand(to) => {
                let behind = to.len().checked_sub(first.len());
                let fits = |n: usize| {
                    first
                        .iter()
                        .zip(&to[n..])
                        .all(|(&from, &to)| from == to || from == 1)
                };
                if !behind.is_some_and(fits) {
                    return wrong(
                        format!("{first:?} cannot be broadcast to {to:?}"),
                        "axes are matched from the last; each must be equal or 1",
                    );
                }
                to.clone()
            }
            Self::Reshape(to) => {
                if elements(to) != elements(first) {
                    return wrong(
                        format!("{first:?} cannot become {to:?}"),
                        "keep the number of elements",
                    );
                }
                to.clone()
            }
            Self::Permute(axes) => {
                let mut sorted = axes.clone();
                sorted.sort_unstable();
                if !sorted.iter().copied().eq(0..first.len()) {
                    return wrong(
                        format!("axes {axes:?} are no permutation of {first:?}"),
                        "name each axis once",
                    );
                }
                axes.iter().map(|&a| first[a]).collect()
            }
            &Self::Slice {
                axis,
                start,
                end,
                step,
            } => {
                if start >= end || end > place(axis)? || step == 0 {
                    return wrong(
                        format!(
                            "{start}..{end} in steps of {step} is not in axis {axis} of {first:?}"
                        ),
                        "give a range inside the axis and a step of at least 1",
                    );
                }
                with(axis, (end - start).div_ceil(step))
            }
            Self::Gather { axis, indices } => {
                let n = place(*axis)?;
                if let Some(bad) = indices.iter().find(|&&i| i >= n) {
                    return wrong(
                        format!("index {bad} is not in axis {axis} of {first:?}"),
                        "give indices below the axis's length",
                    );
                }
                with(*axis, indices.len())
            }
            Self::Pad { before, after, .. } => {
                if before.len() != first.len() || after.len() != first.len() {
                    return wrong(
                        format!("padding {before:?}, {after:?} does not fit {first:?}"),
                        "give two numbers for each axis",
                    );
                }
                let sides = first.iter().zip(before.iter().zip(after));
                sides
                    .map(|(&n, (&b, &a))| n.saturating_add(b).saturating_add(a))
                    .collect()
            }
            Self::LinearAlong { axis, out, matrix } => {
                let n = place(*axis)?;
                if out.checked_mul(n) != Some(matrix.len()) {
                    return wrong(
                        format!("{} numbers are no {out}×{n} matrix", matrix.len()),
                        "give a row for each place of the output",
                    );
                }
                with(*axis, *out)
            }
            _ => first.to_vec(),
        })
    }
}
