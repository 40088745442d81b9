//! The shapes that operators make, and their axes.

#![allow(
    clippy::cast_possible_wrap,
    reason = "sizes and axes were held against their ranges where they were read"
)]

use super::call::Call;
use super::constants::Constants;
use crate::error::Result;
use crate::sources::onnx::tensor::{elements, strides, walk};

/// The shape that two shapes broadcast to.
pub(in crate::sources::onnx) fn broadcast(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let rank = a.len().max(b.len());
    let side = |shape: &[usize], i: usize| {
        let behind = rank - shape.len();
        if i < behind { 1 } else { shape[i - behind] }
    };
    (0..rank)
        .map(|i| match (side(a, i), side(b, i)) {
            (x, y) if x == y => Some(x),
            (1, y) => Some(y),
            (x, 1) => Some(x),
            _ => None,
        })
        .collect()
}

/// The same for the operands of a node, or the error that there is none.
pub(in crate::sources::onnx) fn joined(
    call: &Call<'_>,
    a: &[usize],
    b: &[usize],
) -> Result<Vec<usize>> {
    broadcast(a, b)
        .ok_or_else(|| call.misfit(format!("joins {a:?} and {b:?}, which do not broadcast")))
}

/// The places in an array of a shape for each place in the one it is
/// broadcast to.
pub(in crate::sources::onnx) fn spread(
    shape: &[usize],
    to: &[usize],
) -> impl Iterator<Item = usize> {
    let behind = to.len().saturating_sub(shape.len());
    let own = strides(shape);
    let steps: Vec<usize> = (0..to.len())
        .map(|i| match i.checked_sub(behind) {
            Some(i) if shape[i] != 1 => own[i],
            _ => 0,
        })
        .collect();
    let places: Vec<usize> = walk(to, &steps).collect();
    places.into_iter()
}

/// Whether a constant has one number for each channel of `[N, C, …]`.
pub(in crate::sources::onnx) fn along_channels(shape: &[usize], x: &[usize]) -> bool {
    let behind = x.len().checked_sub(shape.len());
    let Some(behind) = behind.filter(|_| x.len() >= 2) else {
        return false;
    };
    shape.iter().enumerate().all(|(i, &n)| {
        let axis = behind + i;
        if axis == 1 { n == x[1] } else { n == 1 }
    }) && behind <= 1
        && x[0] == 1
}

/// The axes of a reduction: an attribute, later an operand.
pub(in crate::sources::onnx) fn axes_of<'a>(
    cx: &Constants<'a>,
    call: &Call<'a>,
    rank: usize,
) -> Result<Vec<usize>> {
    let given: Vec<i64> = match (call.list("axes"), call.optional(1)) {
        (Some(list), _) => list.to_vec(),
        (None, Some(_)) => call.ints(cx, 1)?.to_vec(),
        (None, None) => Vec::new(),
    };
    if given.is_empty() {
        return Ok(if call.flag("noop_with_empty_axes") {
            Vec::new()
        } else {
            (0..rank).collect()
        });
    }
    call.axes(&given, rank)
}

/// The shape that `Reshape`, `Flatten`, `Squeeze` or `Unsqueeze` makes of one.
pub(in crate::sources::onnx) fn reshaped<'a>(
    cx: &Constants<'a>,
    call: &Call<'a>,
    from: &[usize],
) -> Result<Vec<usize>> {
    let rank = from.len();
    let list = || -> Result<Option<Vec<i64>>> {
        match (call.list("axes"), call.optional(1)) {
            (Some(list), _) => Ok(Some(list.to_vec())),
            (None, Some(_)) => Ok(Some(call.ints(cx, 1)?.to_vec())),
            (None, None) => Ok(None),
        }
    };
    match call.node.op_type.as_str() {
        "Flatten" => {
            let axis = call.int("axis", 1);
            let axis = if axis == rank as i64 {
                rank
            } else {
                call.axis(axis, rank)?
            };
            Ok(vec![
                from[..axis].iter().product(),
                from[axis..].iter().product(),
            ])
        }
        "Squeeze" => {
            let axes = match list()? {
                Some(axes) => call.axes(&axes, rank)?,
                None => (0..rank).filter(|&a| from[a] == 1).collect(),
            };
            if let Some(&axis) = axes.iter().find(|&&a| from[a] != 1) {
                return Err(
                    call.misfit(format!("squeezes axis {axis} of {from:?}, which is not 1"))
                );
            }
            let kept = from.iter().enumerate().filter(|(a, _)| !axes.contains(a));
            Ok(kept.map(|(_, &n)| n).collect())
        }
        "Unsqueeze" => {
            let axes = list()?.unwrap_or_default();
            let rank = rank + axes.len();
            let axes = call.axes(&axes, rank)?;
            let mut shape = from.to_vec();
            for axis in axes {
                shape.insert(axis.min(shape.len()), 1);
            }
            Ok(shape)
        }
        _ => {
            let wanted = match call.list("shape") {
                Some(list) => list.to_vec(),
                None => call.ints(cx, 1)?.to_vec(),
            };
            resolve(call, from, &wanted)
        }
    }
}

/// A `Reshape`'s shape, where 0 copies an axis and −1 takes the rest.
fn resolve(call: &Call<'_>, from: &[usize], wanted: &[i64]) -> Result<Vec<usize>> {
    let zero = call.flag("allowzero");
    let misfit = || {
        call.fail(
            format!("reshapes {from:?} to {wanted:?}"),
            "give an image of the size that the network was exported for, or export it with dynamic height and width",
        )
    };
    let mut open = None;
    let mut shape = Vec::with_capacity(wanted.len());
    for (i, &n) in wanted.iter().enumerate() {
        shape.push(match n {
            -1 if open.is_none() => {
                open = Some(i);
                1
            }
            0 if !zero => *from.get(i).ok_or_else(misfit)?,
            n => usize::try_from(n).map_err(|_| misfit())?,
        });
    }
    let total = elements(from).ok_or_else(misfit)?;
    let known = elements(&shape).ok_or_else(misfit)?;
    if let Some(open) = open {
        shape[open] = total.checked_div(known).ok_or_else(misfit)?;
    }
    if elements(&shape) != Some(total) {
        return Err(misfit());
    }
    Ok(shape)
}

/// A `Transpose`'s order of axes.
pub(in crate::sources::onnx) fn order(call: &Call<'_>, rank: usize) -> Result<Vec<usize>> {
    let Some(perm) = call.list("perm") else {
        return Ok((0..rank).rev().collect());
    };
    let order: Vec<usize> = perm
        .iter()
        .map(|&a| call.axis(a, rank))
        .collect::<Result<_>>()?;
    let mut sorted = order.clone();
    sorted.sort_unstable();
    if !sorted.into_iter().eq(0..rank) {
        return Err(call.broken(format!("orders {rank} axes as {perm:?}")));
    }
    Ok(order)
}
