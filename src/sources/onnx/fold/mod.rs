//! Arithmetic on constants: shapes, indices, masks, small tables.
//!
//! What a node computes from constants alone is a constant. Weights stay in
//! the file through the changes of shape and order that exporters write; all
//! else is computed within a budget that grows with the file.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "sizes and axes were held against their ranges where they were read"
)]

mod arithmetic;
mod gather;
mod move_data;
mod reduction;

use super::operator::{Call, Constants, Value, broadcast, is_table};
use super::proto::tensor_proto::DataType;
use super::tensor::{Data, Kind, Tensor, elements};
use crate::error::Result;

/// A node's results where they are constant and simple: whole numbers, shapes,
/// entries that move, arithmetic. All else is lowered, on constants as on values
/// that are computed from the image, and evaluated.
pub(super) fn compute<'a>(cx: &Constants<'a>, call: &Call<'a>) -> Result<Option<Vec<Value<'a>>>> {
    let one = |tensor: Tensor<'a>| Ok(Some(vec![Value::Const(tensor)]));
    match call.node.op_type.as_str() {
        "Constant" => return one(constant(call)?),
        "Shape" => return one(shape(call)?),
        "Size" => {
            let n = call.value(0)?.shape().iter().product::<usize>();
            return one(Tensor::int(vec![], vec![n as i64]));
        }
        // Of the second operand the type counts alone.
        "CastLike" => {
            if let Value::Const(x) = call.value(0)? {
                let kind = match call.value(1)? {
                    Value::Const(like) => like.kind,
                    Value::Live(_) | Value::Random(_) => Kind::Float,
                };
                return one(of_kind(cx, x, kind)?);
            }
        }
        "IsNaN" => return one(not_numbers(cx, call)?),
        // The condition decides which operand is the value, if it is the same
        // everywhere.
        "Where" => {
            if let Some(value) = chosen(cx, call)? {
                return Ok(Some(vec![value]));
            }
        }
        _ => {}
    }
    if !is_constant(call) {
        return Ok(None);
    }
    let result = match call.node.op_type.as_str() {
        "Identity" | "Dropout" => call.constant(0)?.clone(),
        "Cast" => cast(cx, call)?,
        "ConstantOfShape" => filled(cx, call)?,
        "GatherElements" => gather::elementwise(cx, call)?,
        "GatherND" => gather::parts(cx, call)?,
        "Split" => {
            let parts = move_data::split(cx, call)?;
            return Ok(Some(parts.into_iter().map(Value::Const).collect()));
        }
        name => {
            let found = move_data::compute(cx, call, name)?;
            let found = match found {
                None => reduction::compute(cx, call, name)?,
                found => found,
            };
            let found = match found {
                None => arithmetic::compute(cx, call, name)?,
                found => found,
            };
            match found {
                Some(tensor) => tensor,
                None => return Ok(None),
            }
        }
    };
    one(result)
}

/// Whether a node takes constants alone. What is looked up in a learned table
/// is part of the network.
pub(super) fn is_constant(call: &Call<'_>) -> bool {
    let mut operands = call.inputs.iter().flatten().peekable();
    let table = call.node.op_type == "Gather" && call.optional(0).is_some_and(is_table);
    operands.peek().is_some() && !table && operands.all(|v| matches!(v, Value::Const(_)))
}

fn constant<'a>(call: &Call<'a>) -> Result<Tensor<'a>> {
    if let Some(tensor) = call.tensor("value")? {
        // A number written into the graph is no initialiser.
        return Ok(Tensor {
            name: None,
            ..tensor
        });
    }
    if call.has("value_float") {
        return Ok(Tensor::float(
            vec![],
            vec![call.float("value_float", 0.0) as f32],
        ));
    }
    if call.has("value_int") {
        return Ok(Tensor::int(vec![], vec![call.int("value_int", 0)]));
    }
    if let Some(list) = call
        .numbers("value_floats")
        .filter(|_| call.has("value_floats"))
    {
        return Ok(Tensor::float(vec![list.len()], list.to_vec()));
    }
    if let Some(list) = call.list("value_ints").filter(|_| call.has("value_ints")) {
        return Ok(Tensor::int(vec![list.len()], list.to_vec()));
    }
    Err(call.unsupported("of this kind"))
}

fn shape<'a>(call: &Call<'a>) -> Result<Tensor<'a>> {
    let shape = call.value(0)?.shape();
    let rank = shape.len() as i64;
    let bound = |n: i64| (if n < 0 { n.saturating_add(rank) } else { n }).clamp(0, rank) as usize;
    let (start, end) = (bound(call.int("start", 0)), bound(call.int("end", rank)));
    let dims: Vec<i64> = shape
        .get(start..end)
        .unwrap_or_default()
        .iter()
        .map(|&n| n as i64)
        .collect();
    Ok(Tensor::int(vec![dims.len()], dims))
}

fn cast<'a>(cx: &Constants<'a>, call: &Call<'a>) -> Result<Tensor<'a>> {
    let x = call.constant(0)?;
    let to = i32::try_from(call.int("to", 1))
        .ok()
        .and_then(|t| DataType::try_from(t).ok());
    let kind = match to {
        Some(DataType::Float | DataType::Float16 | DataType::Bfloat16 | DataType::Double) => {
            Kind::Float
        }
        Some(DataType::Bool) => Kind::Bool,
        Some(
            DataType::Int8
            | DataType::Uint8
            | DataType::Int16
            | DataType::Uint16
            | DataType::Int32
            | DataType::Uint32
            | DataType::Int64
            | DataType::Uint64,
        ) => Kind::Int,
        _ => return Err(call.unsupported("to this type")),
    };
    of_kind(cx, x, kind)
}

fn of_kind<'a>(cx: &Constants<'a>, x: &Tensor<'a>, kind: Kind) -> Result<Tensor<'a>> {
    if kind == x.kind {
        return Ok(x.clone());
    }
    let data = match kind {
        Kind::Float => Data::Float(cx.floats(x)?),
        Kind::Int => Data::Int(cx.ints(x)?),
        Kind::Bool if x.kind == Kind::Float => {
            Data::Int(cx.floats(x)?.iter().map(|&v| i64::from(v != 0.0)).collect())
        }
        Kind::Bool => Data::Int(cx.ints(x)?.iter().map(|&v| i64::from(v != 0)).collect()),
    };
    Ok(Tensor {
        shape: x.shape.clone(),
        kind,
        data,
        name: None,
        computed: None,
    })
}

fn filled<'a>(cx: &Constants<'a>, call: &Call<'a>) -> Result<Tensor<'a>> {
    let shape = dims(call, &call.ints(cx, 0)?)?;
    let n = count(call, &shape)?;
    let value = call
        .tensor("value")?
        .unwrap_or_else(|| Tensor::float(vec![1], vec![0.0]));
    match value.kind {
        Kind::Float => {
            let v = cx.floats(&value)?.first().copied().unwrap_or(0.0);
            Ok(Tensor::filled(shape, v))
        }
        kind => {
            cx.budget.take(n)?;
            let v = cx.ints(&value)?.first().copied().unwrap_or(0);
            Ok(Tensor {
                kind,
                ..Tensor::int(shape, vec![v; n])
            })
        }
    }
}

/// Which numbers are none. Of values that are computed from the input none is:
/// exporters ask where a mask may leave a softmax nothing to add up, and a value
/// that is not finite ends a score by itself.
fn not_numbers<'a>(cx: &Constants<'a>, call: &Call<'a>) -> Result<Tensor<'a>> {
    let x = call.value(0)?;
    let shape = x.shape().to_vec();
    let n = count(call, &shape)?;
    cx.budget.take(n)?;
    let found = match x {
        Value::Const(x) if x.kind == Kind::Float => {
            let values = cx.floats(x)?;
            values.iter().map(|v| i64::from(v.is_nan())).collect()
        }
        _ => vec![0; n],
    };
    Ok(Tensor::bool(shape, found))
}

/// The operand that `Where` takes everywhere.
fn chosen<'a>(cx: &Constants<'a>, call: &Call<'a>) -> Result<Option<Value<'a>>> {
    let Value::Const(condition) = call.value(0)? else {
        return Ok(None);
    };
    let all = match &condition.data {
        Data::Int(v) if v.windows(2).all(|w| w[0] == w[1]) => v.first().map(|&v| v as f64),
        _ => cx.scalar(condition),
    };
    let Some(all) = all else {
        return Ok(None);
    };
    let taken = call.value(if all != 0.0 { 1 } else { 2 })?;
    let other = call.value(if all != 0.0 { 2 } else { 1 })?;
    let mut shape = broadcast(taken.shape(), other.shape());
    shape = shape.and_then(|s| broadcast(&s, &condition.shape));
    Ok((shape.as_deref() == Some(taken.shape())).then(|| taken.clone()))
}

/// Dimensions from whole numbers.
fn dims(call: &Call<'_>, list: &[i64]) -> Result<Vec<usize>> {
    list.iter()
        .map(|&n| usize::try_from(n).map_err(|_| call.misfit(format!("makes a shape {list:?}"))))
        .collect()
}

/// The number of elements of a shape, within reason.
fn count(call: &Call<'_>, shape: &[usize]) -> Result<usize> {
    elements(shape).ok_or_else(|| {
        call.misfit(format!(
            "makes a constant of shape {shape:?}, which is too large"
        ))
    })
}
