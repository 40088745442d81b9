//! Normalisations.

#![allow(
    clippy::cast_possible_truncation,
    reason = "scales have the precision of the file's numbers"
)]

mod written;

use super::combine::combine;
use super::context::Lowering;
use super::conv::layer_name;
use crate::error::Result;
use crate::network::{Function, NodeId, Op};
use crate::sources::onnx::inputs::WeightSource;
use crate::sources::onnx::operator::{Call, Live, Value};
use crate::sources::onnx::tensor::Tensor;
pub(super) use written::{with_bias, with_scale, written_out};

/// A map `[1, C, …]` as `[C, …]`.
fn channels_first<'a>(cx: &mut Lowering<'a>, call: &Call<'a>, x: &Live) -> Result<NodeId> {
    let [batch, channels, rest @ ..] = x.shape.as_slice() else {
        return Err(call.broken(format!("normalises {:?}, which has no channels", x.shape)));
    };
    if *batch != 1 {
        return Err(call.unsupported(format_args!("with a batch of {batch}")));
    }
    let own = cx.own(x.node);
    if own.first() == Some(channels) {
        return Ok(x.node);
    }
    let shape = [&[*channels], rest].concat();
    cx.view(&call.name, x.node, &shape)
}

/// The batch of a value `[N, C, …]`: tokens, windows or groups of the one image.
fn batch_of(x: &Live) -> usize {
    x.shape.first().copied().unwrap_or(1)
}

/// A constant for each channel of a value, as it broadcasts with it.
fn for_each_channel<'a>(tensor: &Tensor<'a>, x: &Live) -> Tensor<'a> {
    let mut shape = vec![1; x.shape.len() - 1];
    shape[0] = tensor.shape.iter().product();
    Tensor {
        shape,
        ..tensor.clone()
    }
}

/// Scale and shift: constants of `n` numbers.
fn affine<'a>(call: &Call<'a>, n: usize) -> Result<(Tensor<'a>, Tensor<'a>)> {
    let of = |i: usize| match call.value(i)? {
        Value::Const(tensor) if tensor.len() == n => Ok(tensor.clone()),
        Value::Const(tensor) => Err(call.broken(format!(
            "has a scale or shift {:?} where {n} numbers are needed",
            tensor.shape
        ))),
        Value::Live(_) => Err(call.unsupported("with a scale that is computed from the image")),
        Value::Random(_) => Err(call.random()),
    };
    Ok((of(1)?, of(2)?))
}

fn place<'a>(
    cx: &mut Lowering<'a>,
    name: &str,
    op: Op,
    input: NodeId,
    scale: &Tensor<'a>,
    shift: Option<&Tensor<'a>>,
) -> Result<NodeId> {
    let node = cx.push(name, op, &[input])?;
    for (suffix, tensor) in [("weight", Some(scale)), ("bias", shift)] {
        let Some(tensor) = tensor else { continue };
        let parameters = cx.builder.so_far().parameters(node);
        let found = parameters.into_iter().find(|p| p.suffix == suffix);
        let shape = found.map(|p| p.shape).unwrap_or_default();
        cx.parameter(node, suffix, tensor, &shape, false, <[f32]>::to_vec)?;
    }
    Ok(node)
}

/// A batch norm behind a global pool, in a head: one vector has no statistics, so
/// the running ones scale and shift it. Those begin with 0 and 1.
fn of_vector<'a>(cx: &mut Lowering<'a>, call: &Call<'a>, x: &Live) -> Result<Live> {
    let (scale, shift) = affine(call, x.shape[1])?;
    let eps = call.float("epsilon", 1e-5);
    let mut numbers = [vec![1.0; scale.len()], vec![0.0; scale.len()]];
    let mut variance = 1.0f64;
    if cx.source == WeightSource::File {
        let of = |i: usize| call.floats(&cx.constants, i);
        let (mean, spread) = (of(3)?, of(4)?);
        let (scale, shift) = (of(1)?, of(2)?);
        if mean.len() != scale.len() || spread.len() != scale.len() {
            return Err(call.broken("has running statistics of another length"));
        }
        let pairs = scale.iter().zip(spread.iter());
        numbers[0] = pairs
            .map(|(s, v)| (f64::from(*s) / (f64::from(*v) + eps).sqrt()) as f32)
            .collect();
        let pairs = shift.iter().zip(mean.iter()).zip(&numbers[0]);
        numbers[1] = pairs.map(|((b, m), s)| b - m * s).collect();
    } else {
        variance += eps;
    }
    let name = layer_name(call, scale.name);
    let mut result = x.clone();
    let parts = [("weight", Op::Multiply, &scale), ("bias", Op::Sum, &shift)];
    for ((suffix, op, tensor), numbers) in parts.into_iter().zip(numbers) {
        let n = tensor.len();
        let node = cx.push(&format!("{name}/{suffix}"), Op::Constant(vec![n]), &[])?;
        let size = if suffix == "weight" {
            variance.sqrt() as f32
        } else {
            1.0
        };
        cx.parameter(node, "weight", tensor, &[n], true, |_| {
            numbers.iter().map(|v| v / size).collect()
        })?;
        let mut shape = vec![1; x.shape.len()];
        shape[1] = n;
        result = combine(cx, call, op, &[result, Live::new(node, shape)])?;
    }
    cx.vectors += 1;
    Ok(result)
}

pub(super) fn batch<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = cx.live(call, 0)?;
    if x.shape.len() > 1 && x.len() == x.shape[1] && !cx.aside {
        return of_vector(cx, call, &x);
    }
    let tokens = batch_of(&x) != 1 && x.shape.len() > 1;
    // The statistics are those of all tokens of the one image, each channel's.
    let mut order: Vec<usize> = (0..x.shape.len()).collect();
    let input = if tokens {
        order.swap(0, 1);
        let turned = super::shape::permute(cx, &call.name, &x, &order)?;
        cx.view(&call.name, turned.node, &turned.shape)?
    } else {
        channels_first(cx, call, &x)?
    };
    let (scale, shift) = affine(call, x.shape[1])?;
    let plain = cx.is_filler(&scale, 1.0)? && cx.is_filler(&shift, 0.0)?;
    let op = Op::BatchNorm {
        eps: call.float("epsilon", 1e-5),
        affine: !plain,
    };
    let node = match plain {
        true => cx.push(&call.name, op, &[input])?,
        false => {
            let name = layer_name(call, scale.name);
            place(cx, &name, op, input, &scale, Some(&shift))?
        }
    };
    if tokens {
        let shape = order.iter().map(|&a| x.shape[a]).collect();
        return super::shape::permute(cx, &call.name, &Live::new(node, shape), &order);
    }
    Ok(Live::new(node, x.shape))
}

/// Groups of each of several samples (windows, tokens) in their own right.
fn of_several<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    x: &Live,
    groups: usize,
    affine: &[Tensor<'a>; 2],
) -> Result<Live> {
    let all = x.shape[0].saturating_mul(x.shape[1]);
    let rest: usize = x.shape[2..].iter().product();
    let view = cx.view(&call.name, x.node, &[all, rest])?;
    let op = Op::GroupNorm {
        groups: x.shape[0].saturating_mul(groups),
        eps: call.float("epsilon", 1e-5),
        affine: false,
    };
    let node = cx.push(&call.name, op, &[view])?;
    let mut result = Live::new(node, x.shape.clone());
    for (tensor, op) in affine.iter().zip([Op::Multiply, Op::Sum]) {
        let constant = cx.constant(call, &for_each_channel(tensor, x))?;
        result = combine(cx, call, op, &[result, constant])?;
    }
    Ok(result)
}

pub(super) fn instance<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = cx.live(call, 0)?;
    let groups = x.shape.get(1).copied().unwrap_or(0);
    let (scale, shift) = affine(call, groups)?;
    let eps = call.float("epsilon", 1e-5);
    // PyTorch writes a group norm as an instance norm of a reshaped map, with
    // ones and zeros for scale and shift.
    let reshaped = cx.own(x.node).first() != Some(&groups);
    let all = |values: &[f32], n: f32| values.iter().all(|&v| v == n);
    let plain = reshaped
        && all(&cx.constants.floats(&scale)?, 1.0)
        && all(&cx.constants.floats(&shift)?, 0.0);
    if plain
        && x.shape[0] == 1
        && cx
            .own(x.node)
            .first()
            .is_some_and(|c| c % groups.max(1) == 0)
    {
        let op = Op::GroupNorm {
            groups,
            eps,
            affine: false,
        };
        let node = cx.push(&call.name, op, &[x.node])?;
        return Ok(Live::new(node, x.shape));
    }
    if batch_of(&x) != 1 && x.shape.len() > 2 {
        return of_several(cx, call, &x, groups, &[scale, shift]);
    }
    let input = channels_first(cx, call, &x)?;
    let op = Op::GroupNorm {
        groups,
        eps,
        affine: true,
    };
    let node = place(
        cx,
        &layer_name(call, scale.name),
        op,
        input,
        &scale,
        Some(&shift),
    )?;
    Ok(Live::new(node, x.shape))
}

pub(super) fn group<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = cx.live(call, 0)?;
    let channels = x.shape.get(1).copied().unwrap_or(0);
    let groups = call.size("num_groups", call.int("num_groups", 1))?;
    if batch_of(&x) != 1 && call.opset >= 21 && x.shape.len() > 2 {
        let (scale, shift) = affine(call, channels)?;
        return of_several(cx, call, &x, groups, &[scale, shift]);
    }
    let input = channels_first(cx, call, &x)?;
    let op = Op::GroupNorm {
        groups,
        eps: call.float("epsilon", 1e-5),
        affine: true,
    };
    // Until opset 21, scale and shift were those of a group.
    let per_group = call.opset < 21;
    let (scale, shift) = affine(call, if per_group { groups } else { channels })?;
    let node = cx.push(&layer_name(call, scale.name), op, &[input])?;
    let each = if per_group {
        channels / groups.max(1)
    } else {
        1
    };
    for (suffix, tensor) in [("weight", &scale), ("bias", &shift)] {
        cx.parameter(node, suffix, tensor, &[channels], false, |values| {
            values
                .iter()
                .flat_map(|&v| std::iter::repeat_n(v, each))
                .collect()
        })?;
    }
    Ok(Live::new(node, x.shape))
}

/// A value as `[…, normalised axes]`, all others in one.
fn last_axes<'a>(cx: &mut Lowering<'a>, name: &str, x: &Live, axes: usize) -> Result<NodeId> {
    let tail = &x.shape[x.shape.len() - axes..];
    let own = cx.own(x.node);
    if own.ends_with(tail) && own.len() <= axes + 1 {
        return Ok(x.node);
    }
    cx.rows(name, x, tail)
}

/// Layer norm (`centred`) and RMS norm, over the axes from one on.
pub(super) fn over_last_axes<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    centred: bool,
) -> Result<Live> {
    let x = cx.live(call, 0)?;
    let axes = x.shape.len() - call.axis(call.int("axis", -1), x.shape.len())?;
    let tail: usize = x.shape[x.shape.len() - axes..].iter().product();
    let eps = call.float("epsilon", 1e-5);
    let input = last_axes(cx, &call.name, &x, axes)?;
    let whole = |i: usize| match call.optional(i) {
        Some(Value::Const(tensor)) if tensor.len() == tail => Some(tensor.clone()),
        _ => None,
    };
    let (scale, shift) = (whole(1), whole(2));
    let filler = |tensor: &Option<Tensor<'a>>, number| {
        let found = tensor.as_ref().map(|t| cx.is_filler(t, number));
        found.unwrap_or(Ok(false))
    };
    if filler(&scale, 1.0)? && (call.optional(2).is_none() || filler(&shift, 0.0)?) {
        let node = cx.push(&call.name, norm_of(centred, eps, false, axes), &[input])?;
        return Ok(Live::new(node, x.shape));
    }
    if let Some(scale) = scale
        && shift.is_some() == centred
    {
        let op = norm_of(centred, eps, true, axes);
        let name = layer_name(call, scale.name);
        let node = place(cx, &name, op, input, &scale, shift.as_ref())?;
        return Ok(Live::new(node, x.shape));
    }
    let node = cx.push(&call.name, norm_of(centred, eps, false, axes), &[input])?;
    let mut result = Live::new(node, x.shape);
    for (i, op) in [(1, Op::Multiply), (2, Op::Sum)] {
        if call.optional(i).is_some() {
            let other = cx.live(call, i)?;
            result = combine(cx, call, op, &[result, other])?;
        }
    }
    Ok(result)
}

/// A layer norm, or an RMS norm where it is not centred.
fn norm_of(centred: bool, eps: f64, affine: bool, axes: usize) -> Op {
    if centred {
        Op::LayerNorm { eps, affine, axes }
    } else {
        Op::RmsNorm { eps, affine, axes }
    }
}

/// x / (k + α/n · Σ x²)^β over a window of `n` channels.
pub(super) fn local_response<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = cx.live(call, 0)?;
    let input = channels_first(cx, call, &x)?;
    let channels = x.shape[1];
    let size = call.size("size", call.int("size", 1))?.max(1);
    let (alpha, beta) = (call.float("alpha", 1e-4), call.float("beta", 0.75));
    let bias = call.float("bias", 1.0);
    cx.constants
        .budget
        .take(channels.saturating_mul(channels))?;
    let (before, after) = ((size - 1) / 2, size / 2);
    let mut matrix = vec![0.0; channels * channels];
    for row in 0..channels {
        let window = row.saturating_sub(before)..(row + after + 1).min(channels);
        matrix[row * channels..][window].fill(1.0);
    }
    let name = &call.name;
    let squares = cx.push(name, Op::Map(Function::Power(2.0)), &[input])?;
    let sums = Op::LinearAlong {
        axis: 0,
        out: channels,
        matrix: matrix.into(),
    };
    let sums = cx.push(name, sums, &[squares])?;
    let sums = cx.push(name, Op::Scale(alpha / size as f64), &[sums])?;
    let sums = cx.push(name, Op::Shift(bias), &[sums])?;
    let power = cx.push(name, Op::Map(Function::Power(-beta)), &[sums])?;
    let node = cx.push(name, Op::Multiply, &[input, power])?;
    Ok(Live::new(node, x.shape))
}
