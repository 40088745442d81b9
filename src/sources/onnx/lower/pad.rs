//! Values padded, or cut off where padding is negative.

#![allow(
    clippy::cast_possible_wrap,
    reason = "sizes and axes were held against their ranges where they were read"
)]

use super::context::Lowering;
use super::select::by_axis;
use crate::error::Result;
use crate::network::Op;
use crate::sources::onnx::operator::{Call, Live};

pub(super) fn pad<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let mut x = cx.live(call, 0)?;
    let rank = x.shape.len();
    let given = match (call.list("pads"), call.optional(1)) {
        (Some(list), _) => list.to_vec(),
        (None, _) => call.ints(&cx.constants, 1)?.to_vec(),
    };
    let axes = match call.optional(3) {
        Some(_) => call
            .ints(&cx.constants, 3)?
            .iter()
            .map(|&a| call.axis(a, rank))
            .collect::<Result<Vec<_>>>()?,
        None => (0..rank).collect(),
    };
    if given.len() != 2 * axes.len() {
        return Err(call.broken(format!(
            "has {} numbers of padding for {} axes",
            given.len(),
            axes.len()
        )));
    }
    let value = match call.optional(2) {
        Some(_) => call.scalar(&cx.constants, 2)?,
        None => call.float("value", 0.0),
    };
    let mode = call.text("mode", "constant");
    for (i, &axis) in axes.iter().enumerate() {
        let (before, after) = (given[i], given[axes.len() + i]);
        if (before, after) == (0, 0) {
            continue;
        }
        x = pad_axis(cx, call, &x, axis, [before, after], mode, value)?;
    }
    Ok(x)
}

fn pad_axis<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    x: &Live,
    axis: usize,
    [before, after]: [i64; 2],
    mode: &str,
    value: f64,
) -> Result<Live> {
    let n = x.shape[axis];
    let (view, lead) = by_axis(cx, &call.name, x, axis)?;
    let mut shape = x.shape.clone();
    let node = if mode == "constant" {
        // Negative padding cuts off.
        let (cut_before, cut_after) = (
            call.size("pads", (-before).max(0))?,
            call.size("pads", (-after).max(0))?,
        );
        let end = n.checked_sub(cut_after).filter(|&e| e > cut_before);
        let end = end
            .ok_or_else(|| call.broken(format!("cuts all of axis {axis} of {:?} off", x.shape)))?;
        let mut node = view;
        if (cut_before, end) != (0, n) {
            node = cx.push(&call.name, Op::slice(axis - lead, cut_before, end), &[node])?;
        }
        let rank = x.shape.len() - lead;
        let along = |n: i64| -> Result<Vec<usize>> {
            let mut sides = vec![0; rank];
            sides[axis - lead] = call.size("pads", n.max(0))?;
            Ok(sides)
        };
        let (before, after) = (along(before)?, along(after)?);
        shape[axis] = end - cut_before + before[axis - lead] + after[axis - lead];
        if before.iter().chain(&after).any(|&n| n > 0) {
            node = cx.push(
                &call.name,
                Op::Pad {
                    before,
                    after,
                    value,
                },
                &[node],
            )?;
        }
        node
    } else {
        let (first, last) = (-before, n as i64 + after);
        let count = last.saturating_sub(first);
        call.size("pads", before.saturating_abs())?;
        call.size("pads", after.saturating_abs())?;
        if count <= 0 {
            return Err(call.broken("cuts everything off"));
        }
        let indices = (first..last)
            .map(|i| mirrored(mode, i, n as i64))
            .collect::<Option<Vec<usize>>>()
            .ok_or_else(|| call.unsupported(format_args!("with mode {mode}")))?;
        shape[axis] = indices.len();
        let op = Op::Gather {
            axis: axis - lead,
            indices: indices.into(),
        };
        cx.push(&call.name, op, &[view])?
    };
    cx.settle(&call.name, node, shape)
}

/// The entry that stands at a place outside an axis of `n`.
fn mirrored(mode: &str, i: i64, n: i64) -> Option<usize> {
    let place = match mode {
        "edge" => i.clamp(0, n - 1),
        "wrap" => i.rem_euclid(n),
        "reflect" if n == 1 => 0,
        "reflect" => {
            let period = 2 * (n - 1);
            let i = i.rem_euclid(period);
            if i < n { i } else { period - i }
        }
        _ => return None,
    };
    usize::try_from(place).ok()
}
