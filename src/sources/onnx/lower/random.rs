//! Random numbers, which networks draw in training: masks of stochastic depth
//! and dropout, noise. In their stead stands their mean, so that a mask over its
//! survival rate is the identity.

use super::binary;
use super::context::Lowering;
use crate::error::Result;
use crate::sources::onnx::operator::{
    Call, Law, Live, Random, Value, broadcast, reshaped, without_leading_ones,
};
use crate::sources::onnx::tensor::{Kind, Tensor, elements};

/// The operators that draw.
pub(super) const OPERATORS: &[&str] = &[
    "Bernoulli",
    "RandomNormal",
    "RandomNormalLike",
    "RandomUniform",
    "RandomUniformLike",
];

/// A factor this near to 1 is 1: a survival rate and its reciprocal were rounded.
const NEAR: f64 = 1e-6;

/// A node's results where it draws numbers, or takes drawn ones; none where it
/// does neither.
pub(super) fn compute<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
) -> Result<Option<Vec<Value<'a>>>> {
    if OPERATORS.contains(&call.node.op_type.as_str()) {
        return Ok(Some(vec![Value::Random(drawn(cx, call)?)]));
    }
    let random = |v: &Value<'_>| matches!(v, Value::Random(_));
    if !call.inputs.iter().flatten().any(random) {
        return Ok(None);
    }
    if matches!(call.node.op_type.as_str(), "Shape" | "Size") {
        return Ok(None);
    }
    if let (Some(Value::Random(mask)), "Where") = (call.optional(0), call.node.op_type.as_str()) {
        // One of two values, by a mask.
        return Ok(Some(vec![chosen(cx, call, mask)?]));
    }
    if let (Some(Value::Random(x)), "CastLike") = (call.optional(0), call.node.op_type.as_str()) {
        // Of the second operand the type counts alone.
        return Ok(Some(vec![Value::Random(x.clone())]));
    }
    let turns = matches!(call.node.op_type.as_str(), "Add" | "Mul");
    let result = match (call.optional(0), call.optional(1)) {
        (Some(Value::Random(x)), None) => Value::Random(unary(cx, call, x)?),
        (Some(Value::Random(x)), Some(Value::Const(c))) => constant(cx, call, x, c, false)?,
        (Some(Value::Const(c)), Some(Value::Random(x))) => constant(cx, call, x, c, true)?,
        (Some(Value::Live(live)), Some(Value::Random(x))) => {
            Value::Live(joined(cx, call, live, x)?)
        }
        (Some(Value::Random(x)), Some(Value::Live(live))) if turns => {
            Value::Live(joined(cx, call, live, x)?)
        }
        _ => return Err(call.random()),
    };
    Ok(Some(vec![result]))
}

fn drawn<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Random> {
    let name = call.node.op_type.as_str();
    let shape = match call.optional(0) {
        Some(value) => value.shape().to_vec(),
        None => {
            let list = call.list("shape").unwrap_or_default();
            let sides = list.iter().map(|&n| call.size("shape", n));
            sides.collect::<Result<Vec<_>>>()?
        }
    };
    let law = match name {
        "Bernoulli" => {
            let Value::Const(chance) = call.value(0)? else {
                return Err(call.unsupported("with chances that are computed from the image"));
            };
            match same(cx, chance)? {
                Some(p) => Law::Either(p, [1.0, 0.0]),
                None => return Err(call.unsupported("with several chances")),
            }
        }
        "RandomNormal" | "RandomNormalLike" => Law::Mean(call.float("mean", 0.0)),
        _ => Law::Uniform(call.float("low", 0.0), call.float("high", 1.0)),
    };
    cx.drawn += 1;
    Ok(Random { shape, law })
}

/// The one number that a constant has everywhere.
fn same(cx: &Lowering<'_>, tensor: &Tensor<'_>) -> Result<Option<f64>> {
    let values = match tensor.kind {
        Kind::Float => cx.constants.floats(tensor)?,
        _ => cx
            .constants
            .ints(tensor)?
            .iter()
            .map(|&v| v as f32)
            .collect(),
    };
    let first = values.first().copied();
    Ok(first
        .filter(|f| values.iter().all(|v| v == f))
        .map(f64::from))
}

fn unary<'a>(cx: &Lowering<'a>, call: &Call<'a>, x: &Random) -> Result<Random> {
    let law = match (call.node.op_type.as_str(), x.law) {
        ("Identity" | "Dropout", law) => law,
        // To whole numbers and truth values floats are cut off; a mask stays.
        ("Cast", law @ Law::Either(..)) => law,
        ("Cast", law) if matches!(call.int("to", 1), 1 | 10 | 11 | 16) => law,
        ("Floor" | "Cast", Law::Uniform(low, high)) => {
            return Ok(Random {
                law: floor(call, low, high)?,
                shape: x.shape.clone(),
            });
        }
        ("Not", Law::Either(p, _)) => Law::Either(p, [0.0, 1.0]),
        ("Neg", law) => scaled(law, -1.0),
        ("Reshape" | "Flatten" | "Squeeze" | "Unsqueeze", law) => {
            let shape = reshaped(&cx.constants, call, &x.shape)?;
            return Ok(Random { shape, law });
        }
        _ => return Err(call.random()),
    };
    Ok(Random {
        shape: x.shape.clone(),
        law,
    })
}

/// Uniform numbers cut down to whole ones, where that leaves two.
fn floor(call: &Call<'_>, low: f64, high: f64) -> Result<Law> {
    let first = low.floor();
    if high - first > 2.0 || high <= low {
        return Err(call.random());
    }
    let chance = ((high - first - 1.0) / (high - low)).clamp(0.0, 1.0);
    Ok(Law::Either(chance, [first + 1.0, first]))
}

fn scaled(law: Law, factor: f64) -> Law {
    match law {
        Law::Uniform(low, high) if factor >= 0.0 => Law::Uniform(low * factor, high * factor),
        Law::Uniform(low, high) => Law::Uniform(high * factor, low * factor),
        Law::Either(p, two) => Law::Either(p, two.map(|v| v * factor)),
        Law::Mean(mean) => Law::Mean(mean * factor),
    }
}

fn shifted(law: Law, number: f64) -> Law {
    match law {
        Law::Uniform(low, high) => Law::Uniform(low + number, high + number),
        Law::Either(p, two) => Law::Either(p, two.map(|v| v + number)),
        Law::Mean(mean) => Law::Mean(mean + number),
    }
}

fn mean(law: Law) -> f64 {
    match law {
        Law::Uniform(low, high) => 0.5 * (low + high),
        Law::Either(p, [a, b]) => p * a + (1.0 - p) * b,
        Law::Mean(mean) => mean,
    }
}

/// With one constant number; `turned`, the constant stands first.
fn constant<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    x: &Random,
    other: &Tensor<'a>,
    turned: bool,
) -> Result<Value<'a>> {
    let name = call.node.op_type.as_str();
    match name {
        "Reshape" | "Squeeze" | "Unsqueeze" if !turned => {
            let shape = reshaped(&cx.constants, call, &x.shape)?;
            return Ok(Value::Random(Random { shape, law: x.law }));
        }
        "Expand" if !turned => {
            let wanted = call.ints(&cx.constants, 1)?;
            let wanted = wanted.iter().map(|&n| call.size("shape", n));
            let shape = broadcast(&x.shape, &wanted.collect::<Result<Vec<_>>>()?);
            let shape = shape.filter(|s| elements(s).is_some());
            let shape = shape.ok_or_else(|| call.random())?;
            return Ok(Value::Random(Random { shape, law: x.law }));
        }
        "Dropout" if !turned => return Ok(Value::Random(x.clone())),
        _ => {}
    }
    let Some(number) = same(cx, other)? else {
        // A table times a mask (dropout of a constant).
        let table = cx.constant(call, other)?;
        return Ok(Value::Live(joined(cx, call, &table, x)?));
    };
    // The chance that a number of the law lies below another.
    let below = |number: f64| match x.law {
        Law::Uniform(low, high) if high > low => {
            Some(((number - low) / (high - low)).clamp(0.0, 1.0))
        }
        _ => None,
    };
    let law = match (name, turned) {
        ("Add", _) => Some(shifted(x.law, number)),
        ("Sub", false) => Some(shifted(x.law, -number)),
        ("Sub", true) => Some(shifted(scaled(x.law, -1.0), number)),
        ("Mul", _) => Some(scaled(x.law, number)),
        ("Div", false) if number != 0.0 => Some(scaled(x.law, 1.0 / number)),
        ("Less" | "LessOrEqual", false) | ("Greater" | "GreaterOrEqual", true) => {
            below(number).map(|p| Law::Either(p, [1.0, 0.0]))
        }
        ("Greater" | "GreaterOrEqual", false) | ("Less" | "LessOrEqual", true) => {
            below(number).map(|p| Law::Either(p, [0.0, 1.0]))
        }
        _ => None,
    };
    let shape = broadcast(&x.shape, &other.shape);
    match (law, shape.filter(|s| elements(s).is_some())) {
        (Some(law), Some(shape)) => Ok(Value::Random(Random { shape, law })),
        _ => Err(call.random()),
    }
}

/// `Where` with a random mask for its condition: the mean of the two.
fn chosen<'a>(cx: &mut Lowering<'a>, call: &Call<'a>, x: &Random) -> Result<Value<'a>> {
    let chance = mean(x.law);
    let one = |value: &Value<'a>| match value {
        Value::Const(tensor) => same(cx, tensor),
        _ => Ok(None),
    };
    let (a, b) = (call.value(1)?, call.value(2)?);
    if let (Some(a), Some(b)) = (one(a)?, one(b)?) {
        return Ok(Value::Random(Random {
            shape: x.shape.clone(),
            law: Law::Either(chance, [a, b]),
        }));
    }
    // A value or nothing.
    let (kept, rate) = match (one(a)?, one(b)?) {
        (_, Some(0.0)) => (1, chance),
        (Some(0.0), _) => (2, 1.0 - chance),
        _ => return Err(call.random()),
    };
    let live = cx.live(call, kept)?;
    binary::scale(cx, call, &live, rate).map(Value::Live)
}

/// With a value that is computed from the image.
fn joined<'a>(cx: &mut Lowering<'a>, call: &Call<'a>, x: &Live, random: &Random) -> Result<Live> {
    // A mask for each image of the batch that the file was exported with.
    let mut mask = without_leading_ones(&random.shape);
    if random.shape.len() == x.shape.len() && !mask.is_empty() {
        mask = random.shape[1..].to_vec();
    }
    if broadcast(&x.shape, &mask).as_deref() != Some(&x.shape) {
        return Err(call.random());
    }
    let mean = mean(random.law);
    match call.node.op_type.as_str() {
        "Mul" => survived(cx, call, x, mean),
        "Div" if mean != 0.0 => survived(cx, call, x, 1.0 / mean),
        "Add" => binary::shift(cx, call, x, mean),
        "Sub" => binary::shift(cx, call, x, -mean),
        "CastLike" => Ok(x.clone()),
        _ => Err(call.random()),
    }
}

/// A value times a mask's mean; with a division by the survival rate before it,
/// the value itself.
fn survived<'a>(cx: &mut Lowering<'a>, call: &Call<'a>, x: &Live, factor: f64) -> Result<Live> {
    if (factor - 1.0).abs() < NEAR {
        return Ok(x.clone());
    }
    let node = cx.builder.so_far().node(x.node);
    if let crate::network::Op::Scale(before) = node.op
        && (before * factor - 1.0).abs() < NEAR
    {
        return Ok(Live::new(node.inputs[0], x.shape.clone()));
    }
    binary::scale(cx, call, x, factor)
}
