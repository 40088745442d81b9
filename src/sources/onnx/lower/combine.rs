//! Operands of several shapes in one operation, with numpy's broadcasting.

use super::context::Lowering;
use crate::error::Result;
use crate::network::{NodeId, Op};
use crate::sources::onnx::operator::{Call, Live, joined, without_leading_ones};
use crate::sources::onnx::tensor::elements;

/// Joins operands by an operation that takes equal shapes.
pub(super) fn combine<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    op: Op,
    operands: &[Live],
) -> Result<Live> {
    let (nodes, shape) = align(cx, call, operands)?;
    let node = cx.pointwise(&call.name, op, &nodes)?;
    Ok(Live::new(node, shape))
}

/// Operands as nodes of one shape.
fn align<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    operands: &[Live],
) -> Result<(Vec<NodeId>, Vec<usize>)> {
    let mut shape = operands
        .first()
        .map(|x| x.shape.clone())
        .unwrap_or_default();
    for x in operands {
        shape = joined(call, &shape, &x.shape)?;
    }
    let total = elements(&shape).ok_or_else(|| {
        call.fail(
            format!("makes a value of shape {shape:?}"),
            "give a smaller image",
        )
    })?;
    // The map's own shape: that of a full operand, tokens and features before
    // longer shapes.
    let full = operands.iter().filter(|x| x.len() == total);
    let own = full.map(|x| cx.own(x.node).to_vec()).min_by_key(Vec::len);
    let own = own.unwrap_or_else(|| without_leading_ones(&shape));
    let mut nodes = Vec::with_capacity(operands.len());
    for x in operands {
        nodes.push(if x.len() == total {
            cx.view(&call.name, x.node, &own)?
        } else {
            widen(cx, &call.name, x, &shape, &own)?
        });
    }
    Ok((nodes, shape))
}

/// A value repeated to a shape, as a node with the shape `own`.
fn widen<'a>(
    cx: &mut Lowering<'a>,
    name: &str,
    x: &Live,
    shape: &[usize],
    own: &[usize],
) -> Result<NodeId> {
    let mut padded = vec![1; shape.len() - x.shape.len()];
    padded.extend(&x.shape);
    let first = shape.len() - without_leading_ones(shape).len();
    let (from, to) = (&padded[first..], &shape[first..]);
    let name = format!("{name}/expand");
    if to == own {
        let view = cx.view(&name, x.node, from)?;
        return cx.push(&name, Op::Expand(own.to_vec()), &[view]);
    }
    // What differs only in front can be repeated in the map's own shape.
    let ones = from.iter().take_while(|&&n| n == 1).count();
    let ones = ones.min(from.len().saturating_sub(1));
    let tail = &from[ones..];
    if to[ones..] == *tail && own.ends_with(tail) {
        let view = cx.view(&name, x.node, tail)?;
        return cx.push(&name, Op::Expand(own.to_vec()), &[view]);
    }
    let view = cx.view(&name, x.node, from)?;
    let wide = cx.push(&name, Op::Expand(to.to_vec()), &[view])?;
    cx.view(&name, wide, own)
}
