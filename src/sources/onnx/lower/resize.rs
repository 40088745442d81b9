//! Resizing: a fixed matrix along each axis that changes.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "sizes and axes were held against their ranges where they were read"
)]

use super::context::Lowering;
use crate::error::Result;
use crate::network::Op;
use crate::sources::onnx::operator::{Call, Live, Value, without_leading_ones};

/// How an axis is resized.
#[derive(Debug, Clone, Copy)]
struct Axis<'s> {
    input: usize,
    output: usize,
    scale: f64,
    coordinates: &'s str,
}

impl Axis<'_> {
    /// The place in the input of a place in the output.
    fn source(&self, x: f64) -> Option<f64> {
        let (n, m) = (self.input as f64, self.output as f64);
        Some(match self.coordinates {
            "asymmetric" => x / self.scale,
            "align_corners" if self.output == 1 => 0.0,
            // The side before it was rounded, as in ONNX's own code.
            "align_corners" => x * (n - 1.0) / (self.scale * n - 1.0),
            "pytorch_half_pixel" if self.output == 1 => -0.5,
            "half_pixel" | "pytorch_half_pixel" => (x + 0.5) / self.scale - 0.5,
            "half_pixel_symmetric" => {
                let adjust = m / (self.scale * n);
                let offset = n / 2.0 * (1.0 - adjust);
                offset + (x + 0.5) / self.scale - 0.5
            }
            _ => return None,
        })
    }
}

pub(super) fn resize<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = cx.live(call, 0)?;
    let rank = x.shape.len();
    let axes: Vec<usize> = match call.list("axes") {
        Some(list) => list
            .iter()
            .map(|&a| call.axis(a, rank))
            .collect::<Result<_>>()?,
        None => (0..rank).collect(),
    };
    let (scales, sizes) = targets(cx, call)?;
    let old = call.node.op_type == "Upsample" || call.opset < 11;
    let coordinates = if old {
        "asymmetric"
    } else {
        call.text("coordinate_transformation_mode", "half_pixel")
    };
    let mut plan = Vec::new();
    for (i, &axis) in axes.iter().enumerate() {
        let input = x.shape[axis];
        let of = |list: &[f64]| {
            list.get(i)
                .copied()
                .filter(|s| s.is_finite() && *s > 0.0)
                .ok_or_else(|| call.broken("has scales or sizes that do not fit its axes"))
        };
        let (scale, output) = if sizes.is_empty() {
            let scale = of(&scales)?;
            (scale, (input as f64 * scale).floor())
        } else {
            let size = of(&sizes)?;
            (size / input as f64, size)
        };
        let output = call.size("sizes", output as i64)?;
        plan.push((axis, scale, output));
    }
    keep_ratio(call, &x, &mut plan, !sizes.is_empty());
    let mut value = x;
    for (axis, scale, output) in plan {
        let axis_of = Axis {
            input: value.shape[axis],
            output,
            scale,
            coordinates,
        };
        if output == axis_of.input && (scale - 1.0).abs() < 1e-9 {
            continue;
        }
        value = along(cx, call, &value, axis, axis_of, old)?;
    }
    Ok(value)
}

/// The scales and the sizes, of which one list is empty.
fn targets<'a>(cx: &Lowering<'a>, call: &Call<'a>) -> Result<(Vec<f64>, Vec<f64>)> {
    let numbers = |i: usize| -> Result<Vec<f64>> {
        match call.optional(i) {
            Some(Value::Const(t)) if !t.shape.contains(&0) => Ok(call
                .floats(&cx.constants, i)?
                .iter()
                .map(|&v| f64::from(v))
                .collect()),
            Some(Value::Live(_)) => {
                Err(call.unsupported("to a size that is computed from the image"))
            }
            _ => Ok(Vec::new()),
        }
    };
    if let Some(list) = call.numbers("scales") {
        return Ok((list.iter().map(|&v| f64::from(v)).collect(), Vec::new()));
    }
    if call.node.op_type == "Upsample" || call.opset < 11 {
        return Ok((numbers(1)?, Vec::new()));
    }
    let sizes = match call.optional(3) {
        Some(_) => call
            .ints(&cx.constants, 3)?
            .iter()
            .map(|&v| v as f64)
            .collect(),
        None => Vec::new(),
    };
    Ok((numbers(2)?, sizes))
}

/// `keep_aspect_ratio_policy`: one scale for all axes.
fn keep_ratio(call: &Call<'_>, x: &Live, plan: &mut [(usize, f64, usize)], by_size: bool) {
    let policy = call.text("keep_aspect_ratio_policy", "stretch");
    if policy == "stretch" || !by_size {
        return;
    }
    let scales = plan.iter().map(|p| p.1);
    let scale = match policy {
        "not_larger" => scales.fold(f64::INFINITY, f64::min),
        _ => scales.fold(0.0, f64::max),
    };
    for (axis, own, output) in plan {
        *own = scale;
        *output = (scale * x.shape[*axis] as f64 + 0.5).floor() as usize;
    }
}

fn along<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    x: &Live,
    axis: usize,
    plan: Axis<'_>,
    old: bool,
) -> Result<Live> {
    let unknown = || call.unsupported(format_args!("with coordinates {}", plan.coordinates));
    let lead = (x.shape.len() - without_leading_ones(&x.shape).len()).min(axis);
    let view = cx.view(&call.name, x.node, &x.shape[lead..])?;
    let op = match call.text("mode", "nearest") {
        "nearest" => {
            let rounding = if old {
                "floor"
            } else {
                call.text("nearest_mode", "round_prefer_floor")
            };
            let indices = (0..plan.output).map(|i| {
                let place = plan.source(i as f64)?;
                let place = match rounding {
                    "floor" => place.floor(),
                    "ceil" => place.ceil(),
                    "round_prefer_ceil" => (place + 0.5).floor(),
                    _ => (place - 0.5).ceil(),
                };
                Some(place.clamp(0.0, plan.input as f64 - 1.0) as usize)
            });
            Op::Gather {
                axis: axis - lead,
                indices: indices.collect::<Option<_>>().ok_or_else(unknown)?,
            }
        }
        mode @ ("linear" | "bilinear" | "cubic") => {
            cx.constants
                .budget
                .take(plan.output.saturating_mul(plan.input))?;
            let matrix = matrix(call, plan, mode == "cubic").ok_or_else(unknown)?;
            Op::LinearAlong {
                axis: axis - lead,
                out: plan.output,
                matrix: matrix.into(),
            }
        }
        mode => return Err(call.unsupported(format_args!("with mode {mode}"))),
    };
    let node = cx.push(&call.name, op, &[view])?;
    let mut shape = x.shape.clone();
    shape[axis] = plan.output;
    Ok(Live::new(node, shape))
}

/// The matrix of linear or cubic interpolation, `[output, input]`.
fn matrix(call: &Call<'_>, plan: Axis<'_>, cubic: bool) -> Option<Vec<f64>> {
    let a = call.float("cubic_coeff_a", -0.75);
    // With antialiasing the filter is as wide as a pixel of the output.
    let widen = if call.flag("antialias") && plan.scale < 1.0 {
        plan.scale
    } else {
        1.0
    };
    let reach = if cubic { 2.0 } else { 1.0 } / widen;
    let filter = |x: f64| {
        let x = x.abs() * widen;
        if !cubic {
            return (1.0 - x).max(0.0);
        }
        if x < 1.0 {
            ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0
        } else if x < 2.0 {
            ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a
        } else {
            0.0
        }
    };
    let last = plan.input as i64 - 1;
    let mut matrix = vec![0.0; plan.output * plan.input];
    for (i, row) in matrix.chunks_exact_mut(plan.input).enumerate() {
        let centre = plan.source(i as f64)?;
        let first = (centre - reach).floor() as i64;
        let end = (centre + reach).ceil() as i64;
        let mut weights = vec![0f64; plan.input];
        for place in first..=end {
            let inside = (0..=last).contains(&place);
            if inside || !call.flag("exclude_outside") {
                weights[place.clamp(0, last) as usize] += filter(place as f64 - centre);
            }
        }
        let sum: f64 = weights.iter().sum();
        for (out, weight) in row.iter_mut().zip(weights) {
            *out = if sum == 0.0 { 0.0 } else { weight / sum };
        }
    }
    Some(matrix)
}
