//! Sums and extremes over axes of whole numbers, and products over axes.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "sizes and axes were held against their ranges where they were read"
)]

use crate::error::Result;
use crate::sources::onnx::operator::{Call, Constants, axes_of};
use crate::sources::onnx::tensor::{Kind, Tensor, strides};

/// The result of a reduction; none for another operator.
pub(super) fn compute<'a>(
    cx: &Constants<'a>,
    call: &Call<'a>,
    name: &str,
) -> Result<Option<Tensor<'a>>> {
    if name == "CumSum" {
        return cumulative(cx, call).map(Some);
    }
    if !matches!(
        name,
        "ReduceSum" | "ReduceMean" | "ReduceProd" | "ReduceMax" | "ReduceMin"
    ) {
        return Ok(None);
    }
    let x = call.constant(0)?;
    if x.kind == Kind::Float && name != "ReduceProd" {
        return Ok(None);
    }
    let axes = axes_of(cx, call, x.shape.len())?;
    let keep = call.int("keepdims", 1) != 0;
    let kept: Vec<usize> = (0..x.shape.len())
        .map(|a| if axes.contains(&a) { 1 } else { x.shape[a] })
        .collect();
    let n: usize = kept.iter().product();
    cx.budget.take(n)?;
    let (from, to) = (strides(&x.shape), strides(&kept));
    let target = |i: usize| -> usize {
        let along = |a: usize| {
            if axes.contains(&a) {
                0
            } else {
                i / from[a] % x.shape[a] * to[a]
            }
        };
        (0..from.len()).map(along).sum()
    };
    let all: usize = axes.iter().map(|&a| x.shape[a]).product();
    let shape: Vec<usize> = (0..kept.len())
        .filter(|a| keep || !axes.contains(a))
        .map(|a| kept[a])
        .collect();
    if all == 0 {
        return Err(call.broken("joins nothing"));
    }
    if x.kind == Kind::Float {
        let values = call.floats(cx, 0)?;
        let mut out = vec![1.0; n];
        for (i, &v) in values.iter().enumerate() {
            out[target(i)] *= v;
        }
        return Ok(Some(Tensor::float(shape, out)));
    }
    let values = call.ints(cx, 0)?;
    let mut out: Vec<Option<i64>> = vec![None; n];
    for (i, &v) in values.iter().enumerate() {
        let place = &mut out[target(i)];
        *place = Some(place.map_or(v, |o| match name {
            "ReduceProd" => o.wrapping_mul(v),
            "ReduceMax" => o.max(v),
            "ReduceMin" => o.min(v),
            _ => o.wrapping_add(v),
        }));
    }
    let mean = if name == "ReduceMean" { all as i64 } else { 1 };
    let out = out.into_iter().map(|v| v.unwrap_or(0) / mean).collect();
    Ok(Some(Tensor::int(shape, out)))
}

/// Running sums along an axis.
fn cumulative<'a>(cx: &Constants<'a>, call: &Call<'a>) -> Result<Tensor<'a>> {
    let x = call.constant(0)?;
    let axis = call.axis(call.scalar(cx, 1)? as i64, x.shape.len())?;
    if call.flag("exclusive") || call.flag("reverse") {
        return Err(call.unsupported("exclusive or reversed"));
    }
    cx.budget.take(x.len())?;
    let (step, n) = (strides(&x.shape)[axis], x.shape[axis]);
    let before = |i: usize| (!(i / step).is_multiple_of(n.max(1))).then(|| i - step);
    if x.kind == Kind::Float {
        let mut values = call.floats(cx, 0)?.to_vec();
        for i in 0..values.len() {
            values[i] += before(i).map_or(0.0, |b| values[b]);
        }
        return Ok(Tensor::float(x.shape.clone(), values));
    }
    let mut values = call.ints(cx, 0)?.to_vec();
    for i in 0..values.len() {
        values[i] = values[i].wrapping_add(before(i).map_or(0, |b| values[b]));
    }
    Ok(Tensor::int(x.shape.clone(), values))
}
