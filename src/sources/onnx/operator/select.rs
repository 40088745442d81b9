//! The parts that operators take.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "sizes and axes were held against their ranges where they were read"
)]

use super::call::Call;
use super::constants::Constants;
use super::value::Value;
use crate::error::Result;
use crate::sources::onnx::tensor::Kind;

/// How an axis of `n` is split.
pub(in crate::sources::onnx) fn split_sizes<'a>(
    cx: &Constants<'a>,
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
        return Err(call.misfit(format!("splits an axis of {n} into {sizes:?}")));
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
    cx: &Constants<'a>,
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
    let wrong = || call.broken("has starts, ends, axes and steps that do not fit");
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

/// An index into an axis of `n`; negative ones count from the end.
pub(in crate::sources::onnx) fn place(call: &Call<'_>, index: i64, n: usize) -> Result<usize> {
    let counted = if index < 0 {
        index.saturating_add(n as i64)
    } else {
        index
    };
    let found = usize::try_from(counted).ok().filter(|&i| i < n);
    found.ok_or_else(|| call.misfit(format!("takes entry {index} of an axis of {n}")))
}

/// Whether a value is an initialiser that is looked up in: a table that is
/// learned, so that looking up in it is part of the network.
pub(in crate::sources::onnx) fn is_table(value: &Value<'_>) -> bool {
    matches!(value, Value::Const(t) if t.name.is_some() && t.kind == Kind::Float && t.shape.len() >= 2)
}
