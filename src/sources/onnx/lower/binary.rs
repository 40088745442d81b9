//! Arithmetic of several operands, with numpy's broadcasting.

use super::combine::combine;
use super::constant::is_gain;
use super::context::Lowering;
use super::norm;
use crate::error::Result;
use crate::network::{Activation, Function, Op};
use crate::sources::onnx::operator::{
    Call, Live, Value, along_channels, broadcast, joined, spread,
};
use crate::sources::onnx::tensor::{Tensor, elements};

/// One computed value and one constant number of the graph: none that is learned.
fn with_scalar<'a>(cx: &Lowering<'a>, live: &Value<'a>, other: &Value<'a>) -> Option<(Live, f64)> {
    match other {
        Value::Const(tensor) if is_gain(tensor) => None,
        _ => with_number(cx, live, other),
    }
}

/// One computed value and one constant number, whatever it is called.
fn with_number<'a>(cx: &Lowering<'a>, live: &Value<'a>, other: &Value<'a>) -> Option<(Live, f64)> {
    let (Value::Live(live), Value::Const(tensor)) = (live, other) else {
        return None;
    };
    let number = cx.constants.scalar(tensor)?;
    let shape = broadcast(&live.shape, &tensor.shape)?;
    Some((live.shaped(shape), number))
}

pub(super) fn add<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let (a, b) = (call.value(0)?.clone(), call.value(1)?.clone());
    for (x, y) in [(&a, &b), (&b, &a)] {
        if let Some((x, number)) = with_scalar(cx, x, y) {
            return shift(cx, call, &x, number);
        }
        if let (Value::Live(x), Value::Const(tensor)) = (x, y)
            && let Some(layer) = bias(cx, call, x, tensor)?
        {
            return Ok(layer);
        }
    }
    let operands = [cx.live(call, 0)?, cx.live(call, 1)?];
    combine(cx, call, Op::Sum, &operands)
}

pub(super) fn shift<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    x: &Live,
    number: f64,
) -> Result<Live> {
    if number == 0.0 {
        return Ok(x.clone());
    }
    cx.map(call, Op::Shift(number), x)
}

/// A constant that is added to a layer without a bias is its bias.
fn bias<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    x: &Live,
    tensor: &Tensor<'a>,
) -> Result<Option<Live>> {
    if let Some(layer) = norm::with_bias(cx, call, x, tensor)? {
        return Ok(Some(layer));
    }
    if cx.is_padded(tensor)? {
        return Ok(None);
    }
    // Equal biases are stored once, so only the layer's value must be used once.
    let operands = call.node.input.iter().zip(&call.inputs);
    let mut values = operands.filter(|(_, value)| matches!(value, Some(Value::Live(_))));
    let alone = values.all(|(name, _)| cx.uses_of(name) == 1);
    let node = cx.builder.so_far().node(x.node);
    let mut op = node.op.clone();
    let fits = match &mut op {
        Op::Dense { out, bias } if !*bias && alone => {
            *bias = true;
            tensor.shape.last() == Some(out) && tensor.len() == *out && x.shape.last() == Some(out)
        }
        Op::Conv2d { out, bias, .. } | Op::ConvTranspose2d { out, bias, .. } if !*bias && alone => {
            *bias = true;
            tensor.len() == *out && along_channels(&tensor.shape, &x.shape)
        }
        _ => false,
    };
    if !fits {
        return Ok(None);
    }
    let (name, inputs) = (node.name.clone(), node.inputs.clone());
    let layer = cx.push(&name, op, &inputs)?;
    if let Some(weight) = cx.given.remove(&x.node) {
        cx.given.insert(layer, weight);
    }
    if let Some(held) = cx.held.remove(&x.node) {
        cx.held.insert(layer, held);
    }
    cx.biases
        .extend(tensor.source().map(|source| (layer, source)));
    cx.parameter(
        layer,
        "bias",
        tensor,
        &[tensor.len()],
        false,
        <[f32]>::to_vec,
    )?;
    Ok(Some(Live::new(layer, x.shape.clone())))
}

pub(super) fn sub<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let (a, b) = (call.value(0)?.clone(), call.value(1)?.clone());
    if let Some((x, number)) = with_scalar(cx, &a, &b) {
        return shift(cx, call, &x, -number);
    }
    if let Some((x, number)) = with_scalar(cx, &b, &a) {
        let x = cx.map(call, Op::Scale(-1.0), &x)?;
        return shift(cx, call, &x, number);
    }
    let a = cx.live(call, 0)?;
    let b = cx.live(call, 1)?;
    let b = cx.map(call, Op::Scale(-1.0), &b)?;
    combine(cx, call, Op::Sum, &[a, b])
}

pub(super) fn scale<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    x: &Live,
    factor: f64,
) -> Result<Live> {
    if factor == 1.0 {
        return Ok(x.clone());
    }
    let op = if factor == 0.0 {
        Op::Zero
    } else {
        Op::Scale(factor)
    };
    cx.map(call, op, x)
}

pub(super) fn mul<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let (a, b) = (call.value(0)?.clone(), call.value(1)?.clone());
    for (x, y) in [(&a, &b), (&b, &a)] {
        if let Some((x, factor)) = with_scalar(cx, x, y) {
            return scale(cx, call, &x, factor);
        }
        if let (Value::Live(x), Value::Const(tensor)) = (x, y)
            && let Some(scaled) = norm::with_scale(cx, call, x, tensor)?
        {
            return Ok(scaled);
        }
        if let (Value::Live(x), Value::Live(y)) = (x, y)
            && let Some(layer) = norm::written_out(cx, call, x, y, true)?
        {
            return Ok(layer);
        }
    }
    let operands = [cx.live(call, 0)?, cx.live(call, 1)?];
    combine(cx, call, Op::Multiply, &operands)
}

pub(super) fn div<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let (a, b) = (call.value(0)?.clone(), call.value(1)?.clone());
    if let Some((x, number)) = with_scalar(cx, &a, &b) {
        if number == 0.0 {
            return Err(call.broken("divides by zero"));
        }
        return scale(cx, call, &x, 1.0 / number);
    }
    if let Some((x, number)) = with_scalar(cx, &b, &a) {
        let x = cx.map(call, Op::Map(Function::Reciprocal), &x)?;
        return scale(cx, call, &x, number);
    }
    if let (Value::Live(x), Value::Live(y)) = (&a, &b)
        && let Some(layer) = norm::written_out(cx, call, x, y, false)?
    {
        return Ok(layer);
    }
    let a = cx.live(call, 0)?;
    let b = cx.live(call, 1)?;
    let b = cx.map(call, Op::Map(Function::Reciprocal), &b)?;
    combine(cx, call, Op::Multiply, &[a, b])
}

pub(super) fn pow<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let (a, b) = (call.value(0)?.clone(), call.value(1)?.clone());
    let Some((x, exponent)) = with_number(cx, &a, &b) else {
        return Err(call.unsupported("with an exponent that is not one constant number"));
    };
    let op = if exponent == 1.0 {
        return Ok(x);
    } else if exponent == 0.5 {
        Op::Map(Function::Sqrt)
    } else if exponent == -1.0 {
        Op::Map(Function::Reciprocal)
    } else {
        Op::Map(Function::Power(exponent))
    };
    cx.map(call, op, &x)
}

/// `Min` and `Max`. One constant number cuts off.
pub(super) fn extreme<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let largest = call.node.op_type == "Max";
    if let [Some(a), Some(b)] = call.inputs.as_slice() {
        for (x, y) in [(a, b), (b, a)] {
            if let Some((x, bound)) = with_number(cx, x, y) {
                let (min, max) = match largest {
                    true => (bound, f64::INFINITY),
                    false => (f64::NEG_INFINITY, bound),
                };
                if bound.is_nan() {
                    return Err(call.broken("compares with no number"));
                }
                let op = match (min, max) {
                    (0.0, f64::INFINITY) => Activation::Relu,
                    _ => Activation::Clip { min, max },
                };
                return cx.map(call, Op::Activate(op), &x);
            }
        }
    }
    let op = if largest { Op::Maximum } else { Op::Minimum };
    let operands = all(cx, call)?;
    match operands.as_slice() {
        [one] => Ok(one.clone()),
        _ => combine(cx, call, op, &operands),
    }
}

fn all<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Vec<Live>> {
    (0..call.inputs.len().max(1))
        .map(|i| cx.live(call, i))
        .collect()
}

/// `Sum` and `Mean` of any number of operands.
pub(super) fn variadic<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let operands = all(cx, call)?;
    let sum = match operands.as_slice() {
        [one] => one.clone(),
        _ => combine(cx, call, Op::Sum, &operands)?,
    };
    match call.node.op_type.as_str() {
        "Mean" => scale(cx, call, &sum, 1.0 / operands.len() as f64),
        _ => Ok(sum),
    }
}

/// `Where` with a constant condition: a mask of each side.
pub(super) fn choose<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let Value::Const(condition) = call.value(0)?.clone() else {
        return Err(call.unsupported("on a condition that is computed from the image"));
    };
    let mut shape = condition.shape.clone();
    for i in [1, 2] {
        shape = joined(call, &shape, call.value(i)?.shape())?;
    }
    let n = elements(&shape)
        .ok_or_else(|| call.fail("makes too large a value", "give a smaller image"))?;
    cx.constants.budget.take(2 * n)?;
    let chosen = cx.constants.ints(&condition)?;
    let chosen: Vec<bool> = spread(&condition.shape, &shape)
        .map(|i| chosen[i] != 0)
        .collect();
    let mut sides = Vec::new();
    for (i, wanted) in [(1, true), (2, false)] {
        let side = match call.value(i)?.clone() {
            Value::Const(tensor) => {
                // Not a product with the mask: the constant may be infinite.
                let values = cx.constants.floats(&tensor)?;
                let picked = spread(&tensor.shape, &shape).zip(&chosen);
                let picked = picked.map(|(i, &c)| if c == wanted { values[i] } else { 0.0 });
                cx.constant(call, &Tensor::float(shape.clone(), picked.collect()))?
            }
            Value::Live(x) => {
                let mask = chosen.iter().map(|&c| f32::from(c == wanted)).collect();
                let mask = cx.constant(call, &Tensor::float(shape.clone(), mask))?;
                combine(cx, call, Op::Multiply, &[x, mask])?
            }
            Value::Random(_) => return Err(call.random()),
        };
        sides.push(side);
    }
    combine(cx, call, Op::Sum, &sides)
}
