//! Reductions and softmax.

use super::context::Lowering;
use crate::error::Result;
use crate::network::{Function, Op, Reduction};
use crate::sources::onnx::operator::{Call, Live, axes_of, without_leading_ones};

pub(super) fn reduce<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = cx.live(call, 0)?;
    let axes = axes_of(&cx.constants, call, x.shape.len())?;
    let keep = call.int("keepdims", 1) != 0;
    let kind = call.node.op_type.as_str();
    let mut value = x.clone();
    match kind {
        "ReduceL1" => value = cx.map(call, Op::Map(Function::Abs), &value)?,
        "ReduceSumSquare" => value = cx.map(call, Op::Map(Function::Power(2.0)), &value)?,
        _ => {}
    }
    if axes.is_empty() {
        return Ok(match kind {
            "ReduceL2" => cx.map(call, Op::Map(Function::Abs), &value)?,
            _ => value,
        });
    }
    let kind = match kind {
        "ReduceMean" => Reduction::Mean,
        "ReduceMax" => Reduction::Max,
        "ReduceMin" => Reduction::Min,
        "ReduceL2" => Reduction::L2,
        _ => Reduction::Sum,
    };
    let mut shape = Vec::new();
    for (axis, &n) in x.shape.iter().enumerate() {
        match axes.contains(&axis) {
            true if keep => shape.push(1),
            true => {}
            false => shape.push(n),
        }
    }
    // A mean over height and width of a map is a global pool.
    let own = cx.own(value.node);
    if kind == Reduction::Mean
        && axes == [2, 3]
        && own == &x.shape[1..]
        && own.len() == 3
        && x.shape[0] == 1
    {
        let node = cx.push(&call.name, Op::GlobalAvgPool, &[value.node])?;
        return Ok(Live::new(node, shape));
    }
    let whole = without_leading_ones(&x.shape);
    let lead = x.shape.len() - whole.len();
    let inner: Vec<usize> = axes.iter().filter_map(|&a| a.checked_sub(lead)).collect();
    let view = cx.view(&call.name, value.node, &whole)?;
    let op = Op::Reduce {
        kind,
        axes: inner,
        keep: true,
    };
    let node = cx.push(&call.name, op, &[view])?;
    cx.settle(&call.name, node, shape)
}

/// Softmax over an axis; before opset 13, over it and all that follow.
pub(super) fn softmax<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = cx.live(call, 0)?;
    let op = match call.node.op_type.as_str() {
        "Softmax" => Op::Softmax,
        _ => Op::LogSoftmax,
    };
    let rank = x.shape.len();
    let old = call.opset < 13;
    let axis = call.axis(call.int("axis", if old { 1 } else { -1 }), rank.max(1))?;
    let last = axis + 1 >= rank;
    if !old && !last {
        let mut order: Vec<usize> = (0..rank).collect();
        order.swap(axis, rank - 1);
        let turned = super::shape::permute(cx, &call.name, &x, &order)?;
        let result = rows(cx, call, op, &turned, rank - 1)?;
        return super::shape::permute(cx, &call.name, &result, &order);
    }
    rows(cx, call, op, &x, axis)
}

/// Over all axes from `axis` on as one.
fn rows<'a>(cx: &mut Lowering<'a>, call: &Call<'a>, op: Op, x: &Live, axis: usize) -> Result<Live> {
    let width: usize = x.shape.get(axis..).unwrap_or_default().iter().product();
    let own = cx.own(x.node).to_vec();
    let view = if own.last() == Some(&width) {
        x.node
    } else {
        cx.rows(&call.name, x, &[width])?
    };
    let node = cx.push(&call.name, op, &[view])?;
    let node = cx.view(&call.name, node, &own)?;
    Ok(Live::new(node, x.shape.clone()))
}
