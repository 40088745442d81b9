//! Normalisations, and those that were written out in parts.

use super::call::Call;
use super::context::{Live, Lowering, Value};
use super::conv::layer_name;
use crate::error::Result;
use crate::network::{Function, NodeId, Op, Reduction};
use crate::onnx::tensor::Tensor;

/// A map `[1, C, …]` as `[C, …]`.
fn channels_first<'a>(cx: &mut Lowering<'a>, call: &Call<'a>, x: &Live) -> Result<NodeId> {
    let [batch, channels, rest @ ..] = x.shape.as_slice() else {
        return Err(call.fail(
            format!("normalises {:?}, which has no channels", x.shape),
            "export the network again",
        ));
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

/// Scale and shift: constants of `n` numbers.
fn affine<'a>(call: &Call<'a>, n: usize) -> Result<(Tensor<'a>, Tensor<'a>)> {
    let of = |i: usize| match call.value(i)? {
        Value::Const(tensor) if tensor.len() == n => Ok(tensor.clone()),
        Value::Const(tensor) => Err(call.fail(
            format!(
                "has a scale or shift {:?} where {n} numbers are needed",
                tensor.shape
            ),
            "export the network again",
        )),
        Value::Live(_) => Err(call.unsupported("with a scale that is computed from the image")),
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
        let parameters = cx.builder.parameters(node);
        let found = parameters.into_iter().find(|p| p.suffix == suffix);
        let shape = found.map(|p| p.shape).unwrap_or_default();
        cx.parameter(node, suffix, tensor, &shape, false, <[f32]>::to_vec)?;
    }
    Ok(node)
}

pub(super) fn batch<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = call.live(cx, 0)?;
    let input = channels_first(cx, call, &x)?;
    let (scale, shift) = affine(call, x.shape[1])?;
    let op = Op::BatchNorm {
        eps: call.float("epsilon", 1e-5),
        affine: true,
    };
    let node = place(
        cx,
        &layer_name(call, &scale),
        op,
        input,
        &scale,
        Some(&shift),
    )?;
    Ok(Live::new(node, x.shape))
}

pub(super) fn instance<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = call.live(cx, 0)?;
    let groups = x.shape.get(1).copied().unwrap_or(0);
    let (scale, shift) = affine(call, groups)?;
    let eps = call.float("epsilon", 1e-5);
    // PyTorch writes a group norm as an instance norm of a reshaped map, with
    // ones and zeros for scale and shift.
    let reshaped = cx.own(x.node).first() != Some(&groups);
    let all = |values: &[f32], n: f32| values.iter().all(|&v| v == n);
    let plain = reshaped && all(&cx.floats(&scale)?, 1.0) && all(&cx.floats(&shift)?, 0.0);
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
    let input = channels_first(cx, call, &x)?;
    let op = Op::GroupNorm {
        groups,
        eps,
        affine: true,
    };
    let node = place(
        cx,
        &layer_name(call, &scale),
        op,
        input,
        &scale,
        Some(&shift),
    )?;
    Ok(Live::new(node, x.shape))
}

pub(super) fn group<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = call.live(cx, 0)?;
    let input = channels_first(cx, call, &x)?;
    let channels = x.shape[1];
    let groups = call.size("num_groups", call.int("num_groups", 1))?;
    let op = Op::GroupNorm {
        groups,
        eps: call.float("epsilon", 1e-5),
        affine: true,
    };
    // Until opset 21, scale and shift were those of a group.
    let per_group = call.opset < 21;
    let (scale, shift) = affine(call, if per_group { groups } else { channels })?;
    let node = cx.push(&layer_name(call, &scale), op, &[input])?;
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
    let (lead, tail) = x.shape.split_at(x.shape.len() - axes);
    let own = cx.own(x.node);
    if own.ends_with(tail) && own.len() <= axes + 1 {
        return Ok(x.node);
    }
    let rows: usize = lead.iter().product();
    let shape = if rows == 1 {
        tail.to_vec()
    } else {
        [&[rows], tail].concat()
    };
    cx.view(name, x.node, &shape)
}

pub(super) fn layer<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = call.live(cx, 0)?;
    let axes = x.shape.len() - call.axis(call.int("axis", -1), x.shape.len())?;
    let tail: usize = x.shape[x.shape.len() - axes..].iter().product();
    let eps = call.float("epsilon", 1e-5);
    let input = last_axes(cx, &call.name, &x, axes)?;
    if let (Some(Value::Const(scale)), Some(Value::Const(shift))) =
        (call.optional(1), call.optional(2))
        && scale.len() == tail
        && shift.len() == tail
    {
        let (scale, shift) = (scale.clone(), shift.clone());
        let op = Op::LayerNorm {
            eps,
            affine: true,
            axes,
        };
        let node = place(
            cx,
            &layer_name(call, &scale),
            op,
            input,
            &scale,
            Some(&shift),
        )?;
        return Ok(Live::new(node, x.shape));
    }
    let op = Op::LayerNorm {
        eps,
        affine: false,
        axes,
    };
    let node = cx.push(&call.name, op, &[input])?;
    let mut result = Live::new(node, x.shape);
    if call.optional(1).is_some() {
        let scale = call.live(cx, 1)?;
        result = super::binary::combine(cx, call, Op::Multiply, &[result, scale])?;
    }
    if call.optional(2).is_some() {
        let shift = call.live(cx, 2)?;
        result = super::binary::combine(cx, call, Op::Sum, &[result, shift])?;
    }
    Ok(result)
}

pub(super) fn rms<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = call.live(cx, 0)?;
    let axes = x.shape.len() - call.axis(call.int("axis", -1), x.shape.len())?;
    let tail: usize = x.shape[x.shape.len() - axes..].iter().product();
    let eps = call.float("epsilon", 1e-5);
    let input = last_axes(cx, &call.name, &x, axes)?;
    if let Some(Value::Const(scale)) = call.optional(1)
        && scale.len() == tail
    {
        let scale = scale.clone();
        let op = Op::RmsNorm {
            eps,
            affine: true,
            axes,
        };
        let node = place(cx, &layer_name(call, &scale), op, input, &scale, None)?;
        return Ok(Live::new(node, x.shape));
    }
    let node = cx.push(
        &call.name,
        Op::RmsNorm {
            eps,
            affine: false,
            axes,
        },
        &[input],
    )?;
    let scale = call.live(cx, 1)?;
    super::binary::combine(cx, call, Op::Multiply, &[Live::new(node, x.shape), scale])
}

/// x / (k + α/n · Σ x²)^β over a window of `n` channels.
pub(super) fn local_response<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = call.live(cx, 0)?;
    let input = channels_first(cx, call, &x)?;
    let channels = x.shape[1];
    let size = call.size("size", call.int("size", 1))?.max(1);
    let (alpha, beta) = (call.float("alpha", 1e-4), call.float("beta", 0.75));
    let bias = call.float("bias", 1.0);
    cx.budget.take(channels.saturating_mul(channels))?;
    let (before, after) = ((size - 1) / 2, size / 2);
    let mut matrix = vec![0f32; channels * channels];
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

/// A constant that multiplies a norm without a scale is its scale. The norm
/// takes it once the shift is added, too (an RMS norm at once).
pub(super) fn with_scale<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    x: &Live,
    tensor: &Tensor<'a>,
) -> Result<Option<Live>> {
    let node = cx.builder.node(x.node);
    match node.op {
        Op::RmsNorm {
            eps,
            affine: false,
            axes,
        } if fits(cx, x, axes, tensor) => {
            let input = node.inputs[0];
            let op = Op::RmsNorm {
                eps,
                affine: true,
                axes,
            };
            let node = place(cx, &layer_name(call, tensor), op, input, tensor, None)?;
            Ok(Some(Live::new(node, x.shape.clone())))
        }
        Op::LayerNorm {
            affine: false,
            axes,
            ..
        } if fits(cx, x, axes, tensor) => {
            let norm = x.node;
            let scale = cx.constant(call, tensor)?;
            let scaled = super::binary::combine(cx, call, Op::Multiply, &[x.clone(), scale])?;
            cx.scaled.insert(scaled.node, (norm, tensor.clone()));
            Ok(Some(scaled))
        }
        _ => Ok(None),
    }
}

/// The norm with scale and shift.
pub(super) fn with_bias<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    x: &Live,
    tensor: &Tensor<'a>,
) -> Result<Option<Live>> {
    let Some((norm, scale)) = cx.scaled.get(&x.node).cloned() else {
        return Ok(None);
    };
    let node = cx.builder.node(norm);
    let (Op::LayerNorm { eps, axes, .. }, input) = (node.op.clone(), node.inputs[0]) else {
        return Ok(None);
    };
    if !fits(cx, x, axes, tensor) {
        return Ok(None);
    }
    // The scale was counted when it was taken for a constant.
    if let Some(count) = scale.name.and_then(|n| cx.parameters.get_mut(n)) {
        *count = count.saturating_sub(1);
    }
    cx.kept = cx.kept.saturating_sub(1);
    let op = Op::LayerNorm {
        eps,
        affine: true,
        axes,
    };
    let node = place(
        cx,
        &layer_name(call, &scale),
        op,
        input,
        &scale,
        Some(tensor),
    )?;
    Ok(Some(Live::new(node, x.shape.clone())))
}

/// Whether a constant has the shape of a norm's last axes.
fn fits(cx: &Lowering<'_>, x: &Live, axes: usize, tensor: &Tensor<'_>) -> bool {
    let own = cx.own(x.node);
    let tail = &own[own.len() - axes..];
    let shape: Vec<usize> = tensor
        .shape
        .iter()
        .copied()
        .skip_while(|&n| n == 1)
        .collect();
    shape == tail && x.shape.ends_with(tail)
}

/// The node behind changes of shape and repetitions.
fn behind(cx: &Lowering<'_>, mut node: NodeId) -> NodeId {
    for _ in 0..6 {
        let n = cx.builder.node(node);
        match n.op {
            Op::Reshape(_) | Op::Expand(_) => node = n.inputs[0],
            _ => break,
        }
    }
    node
}

/// Recognises `d / √(mean(d²) + ε)` over the last axes, where d is x − mean(x)
/// (layer norm) or x itself (RMS norm). With `multiplied`, the second operand
/// is 1/√….
pub(super) fn written_out<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    x: &Live,
    root: &Live,
    multiplied: bool,
) -> Result<Option<Live>> {
    let Some((input, axes, eps, centred)) = parts(cx, x, root, multiplied) else {
        return Ok(None);
    };
    let source = Live::new(input, x.shape.clone());
    let input = last_axes(cx, &call.name, &source, axes)?;
    let op = if centred {
        Op::LayerNorm {
            eps,
            affine: false,
            axes,
        }
    } else {
        Op::RmsNorm {
            eps,
            affine: false,
            axes,
        }
    };
    let node = cx.push(&call.name, op, &[input])?;
    Ok(Some(Live::new(node, x.shape.clone())))
}

/// What is normalised, over how many last axes, ε, and whether it is centred.
fn parts(
    cx: &Lowering<'_>,
    x: &Live,
    root: &Live,
    multiplied: bool,
) -> Option<(NodeId, usize, f64, bool)> {
    let step = |node: NodeId| {
        let node = cx.builder.node(behind(cx, node));
        (node.op.clone(), node.inputs.clone())
    };
    let mut at = root.node;
    if multiplied {
        match step(at) {
            (Op::Map(Function::Reciprocal), inputs) => at = inputs[0],
            (Op::Map(Function::Power(-0.5)), _) => {}
            _ => return None,
        }
    }
    let (Op::Map(Function::Sqrt | Function::Power(_)), inputs) = step(at) else {
        return None;
    };
    let (Op::Shift(eps), inputs) = step(inputs[0]) else {
        return None;
    };
    let (squares, axes) = mean_of(cx, inputs[0], &x.shape)?;
    let d = match step(squares) {
        (Op::Map(Function::Power(2.0)), inputs) => inputs[0],
        (Op::Multiply, inputs)
            if inputs.len() == 2 && behind(cx, inputs[0]) == behind(cx, inputs[1]) =>
        {
            inputs[0]
        }
        _ => return None,
    };
    let (d, x_node) = (behind(cx, d), behind(cx, x.node));
    let centre = |node: NodeId| {
        let (Op::Sum, inputs) = step(node) else {
            return None;
        };
        let [source, mean] = inputs.as_slice() else {
            return None;
        };
        let (Op::Scale(-1.0), inputs) = step(*mean) else {
            return None;
        };
        let (of, over) = mean_of(cx, inputs[0], &x.shape)?;
        (behind(cx, of) == behind(cx, *source) && over == axes).then_some(behind(cx, *source))
    };
    match (centre(x_node), centre(d)) {
        (Some(a), Some(b)) if a == b => Some((a, axes, eps, true)),
        _ if d == x_node => Some((x_node, axes, eps, false)),
        _ => None,
    }
}

/// The operand of a mean over the last axes of a value of this shape.
fn mean_of(cx: &Lowering<'_>, node: NodeId, shape: &[usize]) -> Option<(NodeId, usize)> {
    let node = cx.builder.node(behind(cx, node));
    let Op::Reduce {
        kind: Reduction::Mean,
        axes,
        ..
    } = &node.op
    else {
        return None;
    };
    let own = cx.own(node.inputs[0]);
    let count = axes.len();
    let mut sorted = axes.clone();
    sorted.sort_unstable();
    let last = sorted.iter().copied().eq(own.len() - count..own.len());
    let tail = &own[own.len() - count..];
    (last && shape.ends_with(tail)).then_some((node.inputs[0], count))
}
