//! Constants whose elements move, and are not changed.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "sizes and axes were held against their ranges where they were read"
)]

use std::sync::Arc;

use super::{count, dims};
use crate::error::Result;
use crate::sources::onnx::operator::{
    Call, Constants, broadcast, order, parts, place, reshaped, split_sizes, spread,
};
use crate::sources::onnx::tensor::{Data, Kind, Tensor, strides, walk};

/// The result of an operator that moves elements; none for another.
pub(super) fn compute<'a>(
    cx: &Constants<'a>,
    call: &Call<'a>,
    name: &str,
) -> Result<Option<Tensor<'a>>> {
    Ok(Some(match name {
        "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" => {
            let x = call.constant(0)?;
            let shape = reshaped(cx, call, &x.shape)?;
            reshape(cx, x, shape)?
        }
        "Transpose" => {
            let x = call.constant(0)?;
            let order = order(call, x.shape.len())?;
            transpose(cx, x, &order)?
        }
        "Expand" => {
            let x = call.constant(0)?;
            let wanted = dims(call, &call.ints(cx, 1)?)?;
            let shape = broadcast(&x.shape, &wanted)
                .ok_or_else(|| call.broken(format!("expands {:?} to {wanted:?}", x.shape)))?;
            let n = count(call, &shape)?;
            if n == x.len() {
                reshape(cx, x, shape)?
            } else {
                cx.budget.take(n)?;
                let places: Vec<usize> = spread(&x.shape, &shape).collect();
                pick(cx, x, shape, &places)?
            }
        }
        "Tile" => tile(cx, call)?,
        "Slice" => {
            let mut x = call.constant(0)?.clone();
            for part in parts(cx, call, &x.shape)? {
                if part.count == x.shape[part.axis] && part.step == 1 {
                    continue;
                }
                x = along(cx, call, &x, part.axis, &part.places().collect::<Vec<_>>())?;
            }
            x
        }
        "Gather" => {
            let x = call.constant(0)?;
            let axis = call.axis(call.int("axis", 0), x.shape.len())?;
            let indices = call.constant(1)?;
            let wanted = call.ints(cx, 1)?;
            let places = wanted
                .iter()
                .map(|&i| place(call, i, x.shape[axis]))
                .collect::<Result<Vec<_>>>()?;
            let shape = [&x.shape[..axis], &indices.shape, &x.shape[axis + 1..]].concat();
            let taken = along(cx, call, x, axis, &places)?;
            Tensor { shape, ..taken }
        }
        "Concat" => concat(cx, call)?,
        "Trilu" => trilu(cx, call)?,
        "ScatterND" => scatter(cx, call)?,
        "NonZero" => {
            let x = call.constant(0)?;
            let values = call.floats(cx, 0)?;
            let found: Vec<usize> = (0..x.len()).filter(|&i| values[i] != 0.0).collect();
            cx.budget.take(found.len().saturating_mul(x.shape.len()))?;
            let strides = strides(&x.shape);
            let mut out = Vec::new();
            for (axis, stride) in strides.iter().enumerate() {
                out.extend(
                    found
                        .iter()
                        .map(|i| (i / stride % x.shape[axis].max(1)) as i64),
                );
            }
            Tensor::int(vec![x.shape.len(), found.len()], out)
        }
        _ => return Ok(None),
    }))
}

/// Another shape. A weight in the file stays there unless its axes were turned.
fn reshape<'a>(cx: &Constants<'a>, x: &Tensor<'a>, shape: Vec<usize>) -> Result<Tensor<'a>> {
    let data = match &x.data {
        Data::File { order: Some(_), .. } => read(cx, x)?,
        Data::File { proto, .. } => Data::File {
            proto,
            dims: shape.clone(),
            order: None,
        },
        data => data.clone(),
    };
    Ok(Tensor {
        shape,
        kind: x.kind,
        data,
        name: x.name,
        computed: None,
    })
}

fn read<'a>(cx: &Constants<'a>, x: &Tensor<'a>) -> Result<Data<'a>> {
    Ok(match x.kind {
        Kind::Float => Data::Float(cx.floats(x)?),
        _ => Data::Int(cx.ints(x)?),
    })
}

fn transpose<'a>(cx: &Constants<'a>, x: &Tensor<'a>, order: &[usize]) -> Result<Tensor<'a>> {
    let shape: Vec<usize> = order.iter().map(|&a| x.shape[a]).collect();
    if let Data::File {
        proto,
        dims,
        order: before,
    } = &x.data
    {
        let order = match before {
            None => order.to_vec(),
            Some(before) => order.iter().map(|&a| before[a]).collect(),
        };
        return Ok(Tensor {
            shape,
            data: Data::File {
                proto,
                dims: dims.clone(),
                order: Some(order),
            },
            ..x.clone()
        });
    }
    if let Data::Filled(_) = x.data {
        return Ok(Tensor { shape, ..x.clone() });
    }
    let own = strides(&x.shape);
    let steps: Vec<usize> = order.iter().map(|&a| own[a]).collect();
    cx.budget.take(x.len())?;
    let places: Vec<usize> = walk(&shape, &steps).collect();
    let turned = pick(cx, x, shape.clone(), &places)?;
    Ok(Tensor {
        name: x.name,
        ..turned
    })
}

/// A tensor of elements of another.
pub(super) fn pick<'a>(
    cx: &Constants<'a>,
    x: &Tensor<'a>,
    shape: Vec<usize>,
    places: &[usize],
) -> Result<Tensor<'a>> {
    cx.budget.take(places.len())?;
    let data = match read(cx, x)? {
        Data::Float(values) => Data::Float(places.iter().map(|&i| values[i]).collect()),
        Data::Int(values) => Data::Int(places.iter().map(|&i| values[i]).collect()),
        data => data,
    };
    Ok(Tensor {
        shape,
        kind: x.kind,
        data,
        name: None,
        computed: None,
    })
}

/// Entries of one axis.
fn along<'a>(
    cx: &Constants<'a>,
    call: &Call<'a>,
    x: &Tensor<'a>,
    axis: usize,
    wanted: &[usize],
) -> Result<Tensor<'a>> {
    let mut shape = x.shape.clone();
    shape[axis] = wanted.len();
    cx.budget.take(count(call, &shape)?)?;
    let inner: usize = x.shape[axis + 1..].iter().product();
    let outer: usize = x.shape[..axis].iter().product();
    let mut places = Vec::new();
    for o in 0..outer {
        for &w in wanted {
            let start = (o * x.shape[axis] + w) * inner;
            places.extend(start..start + inner);
        }
    }
    pick(cx, x, shape, &places)
}

pub(super) fn split<'a>(cx: &Constants<'a>, call: &Call<'a>) -> Result<Vec<Tensor<'a>>> {
    let x = call.constant(0)?;
    let axis = call.axis(call.int("axis", 0), x.shape.len())?;
    let mut start = 0;
    let mut parts = Vec::new();
    for size in split_sizes(cx, call, x.shape[axis])? {
        let wanted: Vec<usize> = (start..start + size).collect();
        parts.push(along(cx, call, x, axis, &wanted)?);
        start += size;
    }
    Ok(parts)
}

fn tile<'a>(cx: &Constants<'a>, call: &Call<'a>) -> Result<Tensor<'a>> {
    let mut x = call.constant(0)?.clone();
    let times = call.ints(cx, 1)?;
    if times.len() != x.shape.len() {
        return Err(call.broken(format!("repeats {:?} by {times:?}", x.shape)));
    }
    for (axis, &n) in times.iter().enumerate() {
        let n = call.size("repeats", n)?;
        if n != 1 {
            let mut shape = x.shape.clone();
            shape[axis] = shape[axis].saturating_mul(n);
            cx.budget.take(count(call, &shape)?)?;
            let wanted: Vec<usize> = (0..shape[axis]).map(|i| i % x.shape[axis]).collect();
            x = along(cx, call, &x, axis, &wanted)?;
        }
    }
    Ok(x)
}

fn concat<'a>(cx: &Constants<'a>, call: &Call<'a>) -> Result<Tensor<'a>> {
    let mut operands = Vec::new();
    for i in 0..call.inputs.len() {
        operands.push(call.constant(i)?);
    }
    let first = operands[0];
    let axis = call.axis(call.int("axis", 1), first.shape.len())?;
    let mut shape = first.shape.clone();
    shape[axis] = 0;
    for x in &operands {
        let rank = x.shape.len() == shape.len();
        if !rank || (0..shape.len()).any(|i| i != axis && x.shape[i] != shape[i]) {
            return Err(call.broken(format!(
                "joins {:?} and {:?} along axis {axis}",
                first.shape, x.shape
            )));
        }
        shape[axis] = shape[axis].saturating_add(x.shape[axis]);
    }
    let n = count(call, &shape)?;
    cx.budget.take(n)?;
    let outer: usize = shape[..axis].iter().product();
    let widths: Vec<usize> = operands
        .iter()
        .map(|x| x.shape[axis..].iter().product())
        .collect();
    let float = operands.iter().any(|x| x.kind == Kind::Float);
    let kind = if float { Kind::Float } else { first.kind };
    let data = if float {
        let all = operands
            .iter()
            .map(|x| cx.floats(x))
            .collect::<Result<Vec<_>>>()?;
        Data::Float(interleave(&all, &widths, outer))
    } else {
        let all = operands
            .iter()
            .map(|x| cx.ints(x))
            .collect::<Result<Vec<_>>>()?;
        Data::Int(interleave(&all, &widths, outer))
    };
    Ok(Tensor {
        shape,
        kind,
        data,
        name: None,
        computed: None,
    })
}

fn interleave<T: Copy>(all: &[Arc<[T]>], widths: &[usize], outer: usize) -> Arc<[T]> {
    let mut out = Vec::new();
    for o in 0..outer {
        for (values, &width) in all.iter().zip(widths) {
            out.extend_from_slice(&values[o * width..(o + 1) * width]);
        }
    }
    out.into()
}

/// The upper or lower triangle of the last two axes.
fn trilu<'a>(cx: &Constants<'a>, call: &Call<'a>) -> Result<Tensor<'a>> {
    let x = call.constant(0)?;
    let &[.., rows, columns] = x.shape.as_slice() else {
        return Err(call.broken(format!("takes {:?}, no matrix", x.shape)));
    };
    let k = match call.optional(1) {
        Some(_) => call.scalar(cx, 1)? as i64,
        None => 0,
    };
    let upper = call.int("upper", 1) != 0;
    cx.budget.take(x.len())?;
    let keeps = |i: usize| {
        let (row, column) = (
            (i / columns.max(1) % rows.max(1)) as i64,
            (i % columns.max(1)) as i64,
        );
        let distance = (column - row).saturating_sub(k);
        if upper { distance >= 0 } else { distance <= 0 }
    };
    let data = match read(cx, x)? {
        Data::Float(v) => Data::Float(
            v.iter()
                .enumerate()
                .map(|(i, &v)| if keeps(i) { v } else { 0.0 })
                .collect(),
        ),
        Data::Int(v) => Data::Int(
            v.iter()
                .enumerate()
                .map(|(i, &v)| if keeps(i) { v } else { 0 })
                .collect(),
        ),
        data => data,
    };
    Ok(Tensor {
        data,
        name: None,
        ..x.clone()
    })
}

/// Where the parts of the constant (operand 0) begin that the rows of the indices
/// (operand 1) lead to, and the shape of each.
pub(super) fn starts<'c>(
    cx: &Constants<'_>,
    call: &'c Call<'_>,
) -> Result<(Vec<usize>, &'c [usize])> {
    let (x, indices) = (call.constant(0)?, call.constant(1)?);
    let depth = indices.shape.last().copied().unwrap_or(0);
    if depth == 0 || depth > x.shape.len() {
        return Err(call.broken("has indices that do not fit"));
    }
    let strides = strides(&x.shape);
    let start = |index: &[i64]| {
        let axes = index.iter().zip(&x.shape).zip(&strides);
        axes.map(|((&i, &size), stride)| Ok(place(call, i, size)? * stride))
            .sum()
    };
    let wanted = call.ints(cx, 1)?;
    let starts = wanted.chunks_exact(depth).map(start);
    Ok((starts.collect::<Result<_>>()?, &x.shape[depth..]))
}

/// Writes slices at indices.
fn scatter<'a>(cx: &Constants<'a>, call: &Call<'a>) -> Result<Tensor<'a>> {
    let (x, updates) = (call.constant(0)?, call.constant(2)?);
    if call.text("reduction", "none") != "none" {
        return Err(call.unsupported("with a reduction"));
    }
    let (starts, part) = starts(cx, call)?;
    let width: usize = part.iter().product();
    if updates.len() != starts.len().saturating_mul(width) {
        return Err(call.broken("has updates that do not fit"));
    }
    cx.budget.take(x.len())?;
    let data = match read(cx, x)? {
        Data::Float(values) => {
            let new = cx.floats(updates)?;
            Data::Float(write(&values, &new, &starts, width))
        }
        Data::Int(values) => {
            let new = cx.ints(updates)?;
            Data::Int(write(&values, &new, &starts, width))
        }
        data => data,
    };
    Ok(Tensor {
        data,
        name: None,
        ..x.clone()
    })
}

fn write<T: Copy>(values: &[T], new: &[T], starts: &[usize], width: usize) -> Arc<[T]> {
    let mut out = values.to_vec();
    for (i, &start) in starts.iter().enumerate() {
        out[start..start + width].copy_from_slice(&new[i * width..(i + 1) * width]);
    }
    out.into()
}
