//! Parts of values.

use super::context::Lowering;
use crate::error::Result;
use crate::network::{NodeId, Op};
use crate::sources::onnx::operator::{Call, Live, parts, place, split_sizes, without_leading_ones};
use crate::sources::onnx::tensor::Kind;

/// A value as a node whose axes are the file's but for leading ones, and how
/// many those are. The axis `keep` stays, even with length 1.
pub(super) fn by_axis<'a>(
    cx: &mut Lowering<'a>,
    name: &str,
    x: &Live,
    keep: usize,
) -> Result<(NodeId, usize)> {
    let lead = (x.shape.len() - without_leading_ones(&x.shape).len()).min(keep);
    let own = x.shape[lead..].to_vec();
    Ok((cx.view(name, x.node, &own)?, lead))
}

pub(super) fn split<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Vec<Live>> {
    let x = cx.live(call, 0)?;
    let axis = call.axis(call.int("axis", 0), x.shape.len())?;
    let n = x.shape[axis];
    let sizes = split_sizes(&cx.constants, call, n)?;
    let (view, lead) = by_axis(cx, &call.name, &x, axis)?;
    let mut parts = Vec::with_capacity(sizes.len());
    let mut start = 0;
    for size in sizes {
        let op = Op::slice(axis - lead, start, start + size);
        let node = cx.push(&call.name, op, &[view])?;
        start += size;
        let mut shape = x.shape.clone();
        shape[axis] = size;
        parts.push(cx.settle(&call.name, node, shape)?);
    }
    Ok(parts)
}

pub(super) fn slice<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let mut x = cx.live(call, 0)?;
    for part in parts(&cx.constants, call, &x.shape)? {
        if part.count == x.shape[part.axis] && part.step == 1 {
            continue;
        }
        if part.count == 0 {
            return Err(call.misfit(format!(
                "takes nothing of axis {} of {:?}",
                part.axis, x.shape
            )));
        }
        let (view, lead) = by_axis(cx, &call.name, &x, part.axis)?;
        let axis = part.axis - lead;
        let op = match usize::try_from(part.step) {
            Ok(step) => Op::Slice {
                axis,
                start: part.start,
                end: part.start + (part.count - 1) * step + 1,
                step,
            },
            Err(_) => Op::Gather {
                axis,
                indices: part.places().collect(),
            },
        };
        let node = cx.push(&call.name, op, &[view])?;
        let mut shape = x.shape.clone();
        shape[part.axis] = part.count;
        x = cx.settle(&call.name, node, shape)?;
    }
    Ok(x)
}

/// Entries of an axis by constant indices.
pub(super) fn gather<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = cx.live(call, 0)?;
    let axis = call.axis(call.int("axis", 0), x.shape.len())?;
    let indices = call.constant(1)?.clone();
    if indices.kind != Kind::Int {
        return Err(call.broken("has indices that are no whole numbers"));
    }
    let n = x.shape[axis];
    let wanted = call.ints(&cx.constants, 1)?;
    let places = wanted
        .iter()
        .map(|&i| place(call, i, n))
        .collect::<Result<Vec<_>>>()?;
    let shape = [&x.shape[..axis], &indices.shape, &x.shape[axis + 1..]].concat();
    let (view, lead) = by_axis(cx, &call.name, &x, axis)?;
    let axis = axis - lead;
    let consecutive = places.windows(2).all(|w| w[1] == w[0] + 1);
    let op = match (places.first(), consecutive) {
        (None, _) => return Err(call.broken("takes nothing")),
        (Some(&start), true) => Op::slice(axis, start, start + places.len()),
        _ => Op::Gather {
            axis,
            indices: places.into(),
        },
    };
    let node = cx.push(&call.name, op, &[view])?;
    cx.settle(&call.name, node, shape)
}
