//! Arithmetic, comparisons and logic on constants.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes and axes were held against their ranges where they were read"
)]

use super::count;
use crate::error::Result;
use crate::sources::onnx::operator::{Call, Constants, broadcast, joined, spread};
use crate::sources::onnx::tensor::{Data, Kind, Tensor};

/// The result of a pointwise operator; none for another.
pub(super) fn compute<'a>(
    cx: &Constants<'a>,
    call: &Call<'a>,
    name: &str,
) -> Result<Option<Tensor<'a>>> {
    match name {
        "Range" => return range(cx, call).map(Some),
        "Where" => return choose(cx, call).map(Some),
        "Not" => {
            let x = call.constant(0)?;
            let values = call.ints(cx, 0)?;
            let flipped = values.iter().map(|&v| i64::from(v == 0)).collect();
            return Ok(Some(Tensor::bool(x.shape.clone(), flipped)));
        }
        _ => {}
    }
    if let Some(function) = unary(name) {
        let x = call.constant(0)?;
        if x.kind == Kind::Float {
            let values = call.floats(cx, 0)?;
            cx.budget.take(values.len())?;
            let values = values
                .iter()
                .map(|&v| function(f64::from(v)) as f32)
                .collect();
            return Ok(Some(Tensor::float(x.shape.clone(), values)));
        }
        let values = call.ints(cx, 0)?;
        let values = match name {
            "Neg" => values.iter().map(|v| v.wrapping_neg()).collect(),
            "Abs" => values.iter().map(|v| v.wrapping_abs()).collect(),
            "Sign" => values.iter().map(|v| v.signum()).collect(),
            _ => return Ok(None),
        };
        return Ok(Some(Tensor::int(x.shape.clone(), values)));
    }
    if !is_binary(name) || call.inputs.is_empty() {
        return Ok(None);
    }
    let mut result = call.constant(0)?.clone();
    for i in 1..call.inputs.len() {
        result = binary(cx, call, name, &result, call.constant(i)?)?;
    }
    if name == "Mean" {
        let n = call.inputs.len() as f32;
        let values = cx.floats(&result)?;
        result = Tensor::float(result.shape, values.iter().map(|v| v / n).collect());
    }
    Ok(Some(result))
}

fn unary(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "Neg" => |v| -v,
        "Abs" => f64::abs,
        "Floor" => f64::floor,
        "Ceil" => f64::ceil,
        "Round" => f64::round_ties_even,
        "Sign" => |v| if v == 0.0 { 0.0 } else { v.signum() },
        _ => return None,
    })
}

fn is_binary(name: &str) -> bool {
    matches!(
        name,
        "Add"
            | "Sub"
            | "Mul"
            | "Div"
            | "Mod"
            | "Pow"
            | "Min"
            | "Max"
            | "Sum"
            | "Mean"
            | "Equal"
            | "Greater"
            | "GreaterOrEqual"
            | "Less"
            | "LessOrEqual"
            | "And"
            | "Or"
            | "Xor"
    )
}

fn binary<'a>(
    cx: &Constants<'a>,
    call: &Call<'a>,
    name: &str,
    a: &Tensor<'a>,
    b: &Tensor<'a>,
) -> Result<Tensor<'a>> {
    let shape = joined(call, &a.shape, &b.shape)?;
    let n = count(call, &shape)?;
    cx.budget.take(n.saturating_mul(3))?;
    let pairs = spread(&a.shape, &shape).zip(spread(&b.shape, &shape));
    if a.kind == Kind::Float || b.kind == Kind::Float {
        let (x, y) = (cx.floats(a)?, cx.floats(b)?);
        if let Some(test) = compare::<f32>(name) {
            let values = pairs.map(|(i, j)| i64::from(test(&x[i], &y[j]))).collect();
            return Ok(Tensor::bool(shape, values));
        }
        let values = pairs.map(|(i, j)| float(name, x[i], y[j])).collect();
        return Ok(Tensor::float(shape, values));
    }
    let (x, y) = (cx.ints(a)?, cx.ints(b)?);
    if let Some(test) = compare::<i64>(name) {
        let values = pairs.map(|(i, j)| i64::from(test(&x[i], &y[j]))).collect();
        return Ok(Tensor::bool(shape, values));
    }
    let sign = call.int("fmod", 0) != 0;
    let values = pairs
        .map(|(i, j)| int(name, x[i], y[j], sign))
        .collect::<Option<Vec<_>>>();
    let values = values.ok_or_else(|| call.broken("divides by zero"))?;
    let logic = matches!(name, "And" | "Or" | "Xor");
    Ok(if logic {
        Tensor::bool(shape, values)
    } else {
        Tensor::int(shape, values)
    })
}

fn compare<T: PartialOrd>(name: &str) -> Option<fn(&T, &T) -> bool> {
    Some(match name {
        "Equal" => T::eq,
        "Greater" => T::gt,
        "GreaterOrEqual" => T::ge,
        "Less" => T::lt,
        "LessOrEqual" => T::le,
        _ => return None,
    })
}

fn float(name: &str, x: f32, y: f32) -> f32 {
    match name {
        "Sub" => x - y,
        "Mul" => x * y,
        "Div" => x / y,
        "Mod" => x % y,
        "Pow" => libm::pow(f64::from(x), f64::from(y)) as f32,
        "Min" => x.min(y),
        "Max" => x.max(y),
        _ => x + y,
    }
}

/// None for a division by zero.
fn int(name: &str, x: i64, y: i64, sign_of_dividend: bool) -> Option<i64> {
    Some(match name {
        "Sub" => x.wrapping_sub(y),
        "Mul" => x.wrapping_mul(y),
        "Div" if y == 0 => return None,
        "Div" => x.wrapping_div(y),
        "Mod" if y == 0 => return None,
        "Mod" if sign_of_dividend => x.wrapping_rem(y),
        "Mod" => {
            let rest = x.wrapping_rem(y);
            if rest != 0 && (rest < 0) != (y < 0) {
                rest + y
            } else {
                rest
            }
        }
        "Pow" => x.wrapping_pow(u32::try_from(y).unwrap_or(0)),
        "Min" => x.min(y),
        "Max" => x.max(y),
        "And" => i64::from(x != 0 && y != 0),
        "Or" => i64::from(x != 0 || y != 0),
        "Xor" => i64::from((x != 0) != (y != 0)),
        _ => x.wrapping_add(y),
    })
}

fn range<'a>(cx: &Constants<'a>, call: &Call<'a>) -> Result<Tensor<'a>> {
    let (start, limit, step) = (
        call.scalar(cx, 0)?,
        call.scalar(cx, 1)?,
        call.scalar(cx, 2)?,
    );
    let n = ((limit - start) / step).ceil().max(0.0);
    if !n.is_finite() {
        return Err(call.broken("has no end"));
    }
    // A number too large to be held becomes one that is refused.
    let n = count(call, &[n as usize])?;
    cx.budget.take(n)?;
    if call.constant(0)?.kind == Kind::Float {
        let values = (0..n).map(|i| (start + step * i as f64) as f32).collect();
        return Ok(Tensor::float(vec![n], values));
    }
    let values = (0..n).map(|i| (start + step * i as f64) as i64).collect();
    Ok(Tensor::int(vec![n], values))
}

fn choose<'a>(cx: &Constants<'a>, call: &Call<'a>) -> Result<Tensor<'a>> {
    let (condition, a, b) = (call.constant(0)?, call.constant(1)?, call.constant(2)?);
    let shape = broadcast(&a.shape, &b.shape).and_then(|s| broadcast(&s, &condition.shape));
    let shape = shape.ok_or_else(|| call.broken("joins shapes that do not broadcast"))?;
    let n = count(call, &shape)?;
    cx.budget.take(n.saturating_mul(4))?;
    let chosen = cx.ints(condition)?;
    let places = spread(&condition.shape, &shape)
        .zip(spread(&a.shape, &shape).zip(spread(&b.shape, &shape)));
    let float = a.kind == Kind::Float || b.kind == Kind::Float;
    let (kind, data) = if float {
        let (x, y) = (cx.floats(a)?, cx.floats(b)?);
        let values = places.map(|(c, (i, j))| if chosen[c] != 0 { x[i] } else { y[j] });
        (Kind::Float, Data::Float(values.collect()))
    } else {
        let (x, y) = (cx.ints(a)?, cx.ints(b)?);
        let values = places.map(|(c, (i, j))| if chosen[c] != 0 { x[i] } else { y[j] });
        (a.kind, Data::Int(values.collect()))
    };
    Ok(Tensor {
        shape,
        kind,
        data,
        name: None,
        computed: None,
    })
}
