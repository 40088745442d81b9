//! Parts of values.

use super::call::Call;
use super::context::{Live, Lowering, Value, without_leading_ones};
use crate::error::Result;
use crate::network::{NodeId, Op};
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

/// A result whose node may still have leading ones.
pub(super) fn settle<'a>(
    cx: &mut Lowering<'a>,
    name: &str,
    node: NodeId,
    shape: Vec<usize>,
) -> Result<Live> {
    let own = without_leading_ones(&shape);
    let own = if own.is_empty() { vec![1] } else { own };
    let node = cx.view(name, node, &own)?;
    Ok(Live::new(node, shape))
}

pub(super) fn split<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Vec<Live>> {
    let x = call.live(cx, 0)?;
    let axis = call.axis(call.int("axis", 0), x.shape.len())?;
    let n = x.shape[axis];
    let sizes = split_sizes(cx, call, n)?;
    let (view, lead) = by_axis(cx, &call.name, &x, axis)?;
    let mut parts = Vec::with_capacity(sizes.len());
    let mut start = 0;
    for size in sizes {
        let op = Op::slice(axis - lead, start, start + size);
        let node = cx.push(&call.name, op, &[view])?;
        start += size;
        let mut shape = x.shape.clone();
        shape[axis] = size;
        parts.push(settle(cx, &call.name, node, shape)?);
    }
    Ok(parts)
}

/// How an axis of `n` is split.
pub(in crate::sources::onnx) fn split_sizes<'a>(
    cx: &Lowering<'a>,
    call: &Call<'a>,
    n: usize,
) -> Result<Vec<usize>> {
    let given = match (call.list("split"), call.optional(1)) {
        (Some(list), _) => Some(list.to_vec()),
        (None, Some(_)) => Some(call.ints(cx, 1)?.to_vec()),
        (None, None) => None,
    };
    let sizes = match given {
        Some(list) => list
            .iter()
            .map(|&n| call.size("split", n))
            .collect::<Result<Vec<_>>>()?,
        None => {
            let parts = call.size(
                "num_outputs",
                call.int("num_outputs", call.node.output.len() as i64),
            )?;
            let parts = parts.clamp(1, call.node.output.len().max(1));
            let each = n.div_ceil(parts);
            (0..parts)
                .map(|i| each.min(n.saturating_sub(i * each)))
                .collect()
        }
    };
    if sizes.iter().try_fold(0usize, |a, &b| a.checked_add(b)) != Some(n) {
        return Err(call.fail(
            format!("splits an axis of {n} into {sizes:?}"),
            "give an image of the size that the network was exported for",
        ));
    }
    Ok(sizes)
}

/// A part of an axis: first, step (negative backwards), number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sources::onnx) struct Part {
    pub(in crate::sources::onnx) axis: usize,
    pub(in crate::sources::onnx) start: usize,
    pub(in crate::sources::onnx) step: i64,
    pub(in crate::sources::onnx) count: usize,
}

/// What a `Slice` takes of each axis that it names.
pub(in crate::sources::onnx) fn parts<'a>(
    cx: &Lowering<'a>,
    call: &Call<'a>,
    shape: &[usize],
) -> Result<Vec<Part>> {
    let list = |name: &str, i: usize| -> Result<Option<Vec<i64>>> {
        match (call.list(name), call.optional(i)) {
            (Some(list), _) => Ok(Some(list.to_vec())),
            (None, Some(_)) => Ok(Some(call.ints(cx, i)?.to_vec())),
            (None, None) => Ok(None),
        }
    };
    let wrong = || {
        call.fail(
            "has starts, ends, axes and steps that do not fit",
            "export the network again",
        )
    };
    let starts = list("starts", 1)?.ok_or_else(wrong)?;
    let ends = list("ends", 2)?.ok_or_else(wrong)?;
    let axes = list("axes", 3)?.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = list("steps", 4)?.unwrap_or_else(|| vec![1; starts.len()]);
    if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
        return Err(wrong());
    }
    let mut parts = Vec::new();
    for i in 0..starts.len() {
        let axis = call.axis(axes[i], shape.len())?;
        let (n, step) = (shape[axis] as i64, steps[i]);
        let from_end = |v: i64| if v < 0 { v.saturating_add(n) } else { v };
        let (start, end) = (from_end(starts[i]), from_end(ends[i]));
        let (start, room) = match step {
            0 => return Err(wrong()),
            1.. => {
                let start = start.clamp(0, n);
                (start, end.clamp(0, n) - start)
            }
            _ => {
                let start = start.clamp(-1, n - 1);
                (start, start - end.clamp(-1, n - 1))
            }
        };
        let count = if room <= 0 {
            0
        } else {
            (room as u64).div_ceil(step.unsigned_abs()) as usize
        };
        parts.push(Part {
            axis,
            start: start.max(0) as usize,
            step,
            count,
        });
    }
    Ok(parts)
}

impl Part {
    /// The places that are taken.
    pub(in crate::sources::onnx) fn places(self) -> impl Iterator<Item = usize> {
        (0..self.count).map(move |i| (self.start as i64 + i as i64 * self.step).max(0) as usize)
    }
}

pub(super) fn slice<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let mut x = call.live(cx, 0)?;
    for part in parts(cx, call, &x.shape)? {
        if part.count == x.shape[part.axis] && part.step == 1 {
            continue;
        }
        if part.count == 0 {
            return Err(call.fail(
                format!("takes nothing of axis {} of {:?}", part.axis, x.shape),
                "give an image of the size that the network was exported for",
            ));
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
        x = settle(cx, &call.name, node, shape)?;
    }
    Ok(x)
}

/// Entries of an axis by constant indices.
pub(super) fn gather<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = call.live(cx, 0)?;
    let axis = call.axis(call.int("axis", 0), x.shape.len())?;
    let indices = call.constant(1)?.clone();
    if indices.kind != Kind::Int {
        return Err(call.fail(
            "has indices that are no whole numbers",
            "export the network again",
        ));
    }
    let n = x.shape[axis];
    let wanted = call.ints(cx, 1)?;
    let places = wanted
        .iter()
        .map(|&i| place(call, i, n))
        .collect::<Result<Vec<_>>>()?;
    let shape = [&x.shape[..axis], &indices.shape, &x.shape[axis + 1..]].concat();
    let (view, lead) = by_axis(cx, &call.name, &x, axis)?;
    let axis = axis - lead;
    let consecutive = places.windows(2).all(|w| w[1] == w[0] + 1);
    let op = match (places.first(), consecutive) {
        (None, _) => return Err(call.fail("takes nothing", "export the network again")),
        (Some(&start), true) => Op::slice(axis, start, start + places.len()),
        _ => Op::Gather {
            axis,
            indices: places.into(),
        },
    };
    let node = cx.push(&call.name, op, &[view])?;
    settle(cx, &call.name, node, shape)
}

/// An index into an axis of `n`; negative ones count from the end.
pub(in crate::sources::onnx) fn place(call: &Call<'_>, index: i64, n: usize) -> Result<usize> {
    let counted = if index < 0 {
        index.saturating_add(n as i64)
    } else {
        index
    };
    let found = usize::try_from(counted).ok().filter(|&i| i < n);
    found.ok_or_else(|| {
        call.fail(
            format!("takes entry {index} of an axis of {n}"),
            "give an image of the size that the network was exported for",
        )
    })
}

/// Whether a value is an initialiser that is looked up in: a table that is
/// learned, so that looking up in it is part of the network.
pub(in crate::sources::onnx) fn is_table(value: &Value<'_>) -> bool {
    matches!(value, Value::Const(t) if t.name.is_some() && t.kind == Kind::Float && t.shape.len() >= 2)
}
