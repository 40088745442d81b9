//! Shapes, and axes in another order.

use super::context::Lowering;
use crate::error::Result;
use crate::network::Op;
use crate::sources::onnx::operator::{
    Call, Live, broadcast, order, reshaped, without_leading_ones,
};
use crate::sources::onnx::tensor::elements;

/// No node: the value keeps its own shape until something needs another.
pub(super) fn reshape<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = cx.live(call, 0)?;
    let shape = reshaped(&cx.constants, call, &x.shape)?;
    Ok(x.shaped(shape))
}

pub(super) fn transpose<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = cx.live(call, 0)?;
    let order = order(call, x.shape.len())?;
    permute(cx, &call.name, &x, &order)
}

/// Axes in another order. Axes of length 1 can stand anywhere, and axes that
/// stay neighbours are one, so that most orders become short.
pub(super) fn permute(
    cx: &mut Lowering<'_>,
    name: &str,
    x: &Live,
    order: &[usize],
) -> Result<Live> {
    let shape: Vec<usize> = order.iter().map(|&a| x.shape[a]).collect();
    let long: Vec<usize> = order.iter().copied().filter(|&a| x.shape[a] != 1).collect();
    if long.is_sorted() {
        return Ok(x.shaped(shape));
    }
    // The long axes by their place among the long ones.
    let mut sorted = long.clone();
    sorted.sort_unstable();
    let from: Vec<usize> = sorted.iter().map(|&a| x.shape[a]).collect();
    let places: Vec<usize> = long
        .iter()
        .map(|a| sorted.binary_search(a).unwrap_or(0))
        .collect();
    let view = cx.view(name, x.node, &from)?;
    let node = cx.push(name, Op::Permute(places), &[view])?;
    Ok(Live::new(node, shape))
}

pub(super) fn expand<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = cx.live(call, 0)?;
    let wanted = call.ints(&cx.constants, 1)?;
    let wanted = wanted
        .iter()
        .map(|&n| call.size("shape", n))
        .collect::<Result<Vec<_>>>()?;
    let shape = broadcast(&x.shape, &wanted);
    let shape = shape
        .filter(|s| elements(s).is_some())
        .ok_or_else(|| call.misfit(format!("expands {:?} to {wanted:?}", x.shape)))?;
    repeat(cx, &call.name, &x, &shape)
}

/// A value broadcast to a shape.
fn repeat(cx: &mut Lowering<'_>, name: &str, x: &Live, shape: &[usize]) -> Result<Live> {
    if elements(shape) == Some(x.len()) {
        return Ok(x.shaped(shape.to_vec()));
    }
    let own = without_leading_ones(shape);
    let mut from = vec![1; shape.len() - x.shape.len()];
    from.extend(&x.shape);
    let from = from.split_off(shape.len() - own.len());
    let view = cx.view(name, x.node, &from)?;
    let node = cx.push(name, Op::Expand(own), &[view])?;
    Ok(Live::new(node, shape.to_vec()))
}

/// The value several times along each axis.
pub(super) fn tile<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = cx.live(call, 0)?;
    let times = call.ints(&cx.constants, 1)?;
    if times.len() != x.shape.len() {
        return Err(call.broken(format!("repeats {:?} by {times:?}", x.shape)));
    }
    let mut value = x;
    for (axis, &n) in times.iter().enumerate() {
        let n = call.size("repeats", n)?;
        if n == 1 {
            continue;
        }
        let (lead, tail) = value.shape.split_at(axis);
        let (lead, tail): (usize, usize) = (lead.iter().product(), tail.iter().product());
        let wide = repeat(
            cx,
            &call.name,
            &value.shaped(vec![lead, 1, tail]),
            &[lead, n, tail],
        )?;
        let mut shape = value.shape.clone();
        shape[axis] = shape[axis].saturating_mul(n);
        value = wide.shaped(shape);
    }
    Ok(value)
}

/// Channels to squares of pixels, and back.
pub(super) fn depth_space<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = cx.live(call, 0)?;
    let block = call.size("blocksize", call.int("blocksize", 1))?.max(1);
    let &[n, c, h, w] = x.shape.as_slice() else {
        return Err(call.broken(format!("takes {:?}, not a map [N, C, H, W]", x.shape)));
    };
    let square = block.saturating_mul(block);
    let to_space = call.node.op_type == "DepthToSpace";
    let fits = if to_space {
        c % square == 0
    } else {
        h % block == 0 && w % block == 0
    };
    if !fits {
        return Err(call.fail(
            format!("does not divide {:?} by blocks of {block}", x.shape),
            "give an image whose sides are multiples of the block",
        ));
    }
    let (split, order, shape) = if to_space {
        let rest = c / square;
        let shape = vec![n, rest, h * block, w * block];
        match call.text("mode", "DCR") {
            "CRD" => (vec![n, rest, block, block, h, w], [0, 1, 4, 2, 5, 3], shape),
            _ => (vec![n, block, block, rest, h, w], [0, 3, 4, 1, 5, 2], shape),
        }
    } else {
        let (rows, columns) = (h / block, w / block);
        let shape = vec![n, c * square, rows, columns];
        let order = match call.text("mode", "DCR") {
            "CRD" => [0, 1, 3, 5, 2, 4],
            _ => [0, 3, 5, 1, 2, 4],
        };
        (vec![n, c, rows, block, columns, block], order, shape)
    };
    let turned = permute(cx, &call.name, &x.shaped(split), &order)?;
    Ok(turned.shaped(shape))
}
