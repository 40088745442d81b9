//! Normalisations that were written out in parts, and scales and shifts that
//! stand behind them.

use super::{last_axes, norm_of, place};
use crate::error::Result;
use crate::network::{Function, NodeId, Op, Reduction};
use crate::sources::onnx::lower::combine::combine;
use crate::sources::onnx::lower::context::Lowering;
use crate::sources::onnx::lower::conv::layer_name;
use crate::sources::onnx::operator::{Call, Live, without_leading_ones};
use crate::sources::onnx::tensor::Tensor;

/// A norm without scale and shift as one with them.
fn with_affine(op: &Op) -> Option<Op> {
    let mut op = op.clone();
    match &mut op {
        Op::GroupNorm { affine, .. }
        | Op::LayerNorm { affine, .. }
        | Op::RmsNorm { affine, .. }
            if !*affine =>
        {
            *affine = true;
        }
        _ => return None,
    }
    Some(op)
}

/// A constant that multiplies a norm without a scale is its scale. The norm
/// takes it once the shift is added, too (an RMS norm at once).
pub(in crate::sources::onnx::lower) fn with_scale<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    x: &Live,
    tensor: &Tensor<'a>,
) -> Result<Option<Live>> {
    let node = cx.builder.so_far().node(x.node);
    let Some(op) = with_affine(&node.op).filter(|op| fits(cx, x, op, tensor)) else {
        return Ok(None);
    };
    if matches!(op, Op::RmsNorm { .. }) {
        let input = node.inputs[0];
        let node = place(cx, &layer_name(call, tensor.name), op, input, tensor, None)?;
        return Ok(Some(Live::new(node, x.shape.clone())));
    }
    let norm = x.node;
    let scale = cx.constant(call, tensor)?;
    let scaled = combine(cx, call, Op::Multiply, &[x.clone(), scale])?;
    cx.scaled.insert(scaled.node, (norm, tensor.clone()));
    Ok(Some(scaled))
}

/// The norm with scale and shift.
pub(in crate::sources::onnx::lower) fn with_bias<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    x: &Live,
    tensor: &Tensor<'a>,
) -> Result<Option<Live>> {
    let Some((norm, scale)) = cx.scaled.get(&x.node).cloned() else {
        return Ok(None);
    };
    let node = cx.builder.so_far().node(norm);
    let input = node.inputs[0];
    let Some(op) = with_affine(&node.op).filter(|op| fits(cx, x, op, tensor)) else {
        return Ok(None);
    };
    // The scale was counted when it was taken for a constant.
    cx.kept = cx.kept.saturating_sub(1);
    let name = layer_name(call, scale.name);
    let node = place(cx, &name, op, input, &scale, Some(tensor))?;
    Ok(Some(Live::new(node, x.shape.clone())))
}

/// Whether a constant is one number for each of a norm's scales: of the last
/// axes, or of the channels in a group norm.
fn fits(cx: &Lowering<'_>, x: &Live, op: &Op, tensor: &Tensor<'_>) -> bool {
    let own = cx.own(x.node);
    let tensor = without_leading_ones(&tensor.shape);
    match *op {
        Op::LayerNorm { axes, .. } | Op::RmsNorm { axes, .. } => {
            let tail = &own[own.len() - axes..];
            tensor == tail && x.shape.ends_with(tail)
        }
        _ => {
            let each = |i: usize| if i == 0 { own[0] } else { 1 };
            tensor.len() == own.len()
                && tensor.iter().enumerate().all(|(i, &n)| n == each(i))
                && x.shape.ends_with(own)
        }
    }
}

/// The node behind changes of shape and repetitions.
fn behind(cx: &Lowering<'_>, mut node: NodeId) -> NodeId {
    for _ in 0..6 {
        let n = cx.builder.so_far().node(node);
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
pub(in crate::sources::onnx::lower) fn written_out<'a>(
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
    let op = norm_of(centred, eps, false, axes);
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
        let node = cx.builder.so_far().node(behind(cx, node));
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
    let node = cx.builder.so_far().node(behind(cx, node));
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
