//! Pointwise functions of one operand.

use super::combine::combine;
use super::context::Lowering;
use crate::error::Result;
use crate::network::{Activation, Function, Op};
use crate::sources::onnx::operator::{Call, Live, Value, along_channels};
use crate::sources::onnx::proto::tensor_proto::DataType;

pub(super) fn unary<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = cx.live(call, 0)?;
    let op = match call.node.op_type.as_str() {
        "Identity" | "CastLike" => return Ok(x),
        "Dropout" => {
            // In training its mask is over its survival rate, too.
            let trains = call.optional(2).is_some() && call.scalar(&cx.constants, 2)? != 0.0;
            cx.drawn += usize::from(trains);
            return Ok(x);
        }
        "Cast" => {
            let to = i32::try_from(call.int("to", 1))
                .ok()
                .and_then(|t| DataType::try_from(t).ok());
            return match to {
                Some(
                    DataType::Float | DataType::Float16 | DataType::Bfloat16 | DataType::Double,
                ) => Ok(x),
                _ => Err(call.unsupported("of computed values to whole numbers")),
            };
        }
        "PRelu" => return prelu(cx, call, &x),
        "Clip" => return clip(cx, call, &x),
        "Selu" => return selu(cx, call, &x),
        "Swish" if call.float("alpha", 1.0) != 1.0 => {
            let alpha = call.float("alpha", 1.0);
            let scaled = cx.map(call, Op::Scale(alpha), &x)?;
            let gate = cx.map(call, Op::Activate(Activation::Sigmoid), &scaled)?;
            let node = cx.pointwise(&call.name, Op::Multiply, &[x.node, gate.node])?;
            return Ok(Live::new(node, x.shape));
        }
        "Neg" => Op::Scale(-1.0),
        "Exp" => Op::Map(Function::Exp),
        "Log" => Op::Map(Function::Log),
        "Sqrt" => Op::Map(Function::Sqrt),
        "Reciprocal" => Op::Map(Function::Reciprocal),
        "Abs" => Op::Map(Function::Abs),
        "Erf" => Op::Map(Function::Erf),
        name => match activation(call, name) {
            Some(activation) => Op::Activate(activation),
            None => {
                return Err(call.unsupported("on values that are computed from the image"));
            }
        },
    };
    cx.map(call, op, &x)
}

fn activation(call: &Call<'_>, name: &str) -> Option<Activation> {
    Some(match name {
        "Relu" => Activation::Relu,
        "LeakyRelu" => Activation::LeakyRelu {
            slope: call.float("alpha", 0.01),
        },
        "Elu" => Activation::Elu {
            alpha: call.float("alpha", 1.0),
        },
        "Celu" => Activation::Celu {
            alpha: call.float("alpha", 1.0),
        },
        "Gelu" if call.text("approximate", "none") == "tanh" => Activation::GeluTanh,
        "Gelu" => Activation::Gelu,
        "Sigmoid" => Activation::Sigmoid,
        "HardSigmoid" => Activation::HardSigmoid {
            alpha: call.float("alpha", 0.2),
            beta: call.float("beta", 0.5),
        },
        "HardSwish" => Activation::HardSwish,
        "Swish" => Activation::Silu {
            beta: call.float("alpha", 1.0),
        },
        "Mish" => Activation::Mish,
        "Tanh" => Activation::Tanh,
        "Softplus" => Activation::Softplus,
        "Softsign" => Activation::Softsign,
        "ThresholdedRelu" => Activation::Thresholded {
            threshold: call.float("alpha", 1.0),
        },
        "Shrink" => Activation::Shrink {
            edge: call.float("lambd", 0.5),
            bias: call.float("bias", 0.0),
        },
        "Sin" => Activation::Sin,
        "Cos" => Activation::Cos,
        _ => return None,
    })
}

/// γ·(x where positive, else α·(eˣ − 1)); with the published numbers, `Selu`.
fn selu<'a>(cx: &mut Lowering<'a>, call: &Call<'a>, x: &Live) -> Result<Live> {
    const ALPHA: f32 = 1.673_263_2;
    const GAMMA: f32 = 1.050_701;
    let (alpha, gamma) = (call.float("alpha", ALPHA), call.float("gamma", GAMMA));
    let close = |a: f64, b: f32| (a - f64::from(b)).abs() < 1e-6;
    if close(alpha, ALPHA) && close(gamma, GAMMA) {
        return cx.map(call, Op::Activate(Activation::Selu), x);
    }
    let elu = cx.map(call, Op::Activate(Activation::Elu { alpha }), x)?;
    cx.map(call, Op::Scale(gamma), &elu)
}

fn clip<'a>(cx: &mut Lowering<'a>, call: &Call<'a>, x: &Live) -> Result<Live> {
    let bound = |i: usize, name: &str, open: f64| -> Result<f64> {
        if call.has(name) {
            return Ok(call.float(name, 0.0));
        }
        match call.optional(i) {
            Some(_) => call.scalar(&cx.constants, i),
            None => Ok(open),
        }
    };
    let min = bound(1, "min", f64::NEG_INFINITY)?;
    let max = bound(2, "max", f64::INFINITY)?;
    if min.is_nan() || max.is_nan() {
        return Err(call.broken("clips at a bound that is no number"));
    }
    // Of bounds that cross, ONNX lets the upper one win.
    let min = min.min(max);
    // The largest single-precision number stands for no bound.
    let min = if min <= f64::from(f32::MIN) {
        f64::NEG_INFINITY
    } else {
        min
    };
    let max = if max >= f64::from(f32::MAX) {
        f64::INFINITY
    } else {
        max
    };
    if min == f64::NEG_INFINITY && max == f64::INFINITY {
        return Ok(x.clone());
    }
    cx.map(call, Op::Activate(Activation::Clip { min, max }), x)
}

/// A learned slope for all, or one for each channel.
fn prelu<'a>(cx: &mut Lowering<'a>, call: &Call<'a>, x: &Live) -> Result<Live> {
    let Value::Const(slope) = call.value(1)?.clone() else {
        return Err(call.unsupported("with a slope that is computed from the image"));
    };
    let n = slope.len();
    if n == 1 {
        let node = cx.push(&call.name, Op::PRelu { shared: true }, &[x.node])?;
        cx.parameter(node, "weight", &slope, &[1], false, <[f32]>::to_vec)?;
        return Ok(Live::new(node, x.shape.clone()));
    }
    if along_channels(&slope.shape, &x.shape) {
        let shape = vec![n, x.len() / n];
        let own = cx.own(x.node).to_vec();
        let own = if own.first() == Some(&n) { own } else { shape };
        let view = cx.view(&call.name, x.node, &own)?;
        let node = cx.push(&call.name, Op::PRelu { shared: false }, &[view])?;
        cx.parameter(node, "weight", &slope, &[n], false, <[f32]>::to_vec)?;
        return Ok(Live::new(node, x.shape.clone()));
    }
    // Any other slope: max(x, 0) + slope · min(x, 0).
    let above = cx.map(call, Op::Activate(Activation::Relu), x)?;
    let below = cx.map(
        call,
        Op::Activate(Activation::Clip {
            min: f64::NEG_INFINITY,
            max: 0.0,
        }),
        x,
    )?;
    let slope = cx.constant(call, &slope)?;
    let below = combine(cx, call, Op::Multiply, &[below, slope])?;
    let node = cx.pointwise(&call.name, Op::Sum, &[above.node, below.node])?;
    Ok(Live::new(node, x.shape.clone()))
}
