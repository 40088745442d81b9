//! The kernel of the pointwise functions. The formulas are those of
//! `network::op::pointwise::table`, their twin.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a launch's sizes were held against the kernels' limits before"
)]

use burn_cubecl::cubecl;
use burn_cubecl::cubecl::prelude::*;

use crate::network::{Activation, Curved, Function, GELU_CUBE, SELU_ALPHA, SELU_SCALE};

// Comptime words for the functions; those with the same formula share one.
const CLIP: u32 = 0;
const SLOPED: u32 = 1;
const GELU: u32 = 2;
const GELU_TANH: u32 = 3;
const EXPONENTIAL: u32 = 4;
const SELU: u32 = 5;
const CELU: u32 = 6;
const SIGMOID: u32 = 7;
const HARD_SIGMOID: u32 = 8;
const HARD_SWISH: u32 = 9;
const SILU: u32 = 10;
const MISH: u32 = 11;
const TANH: u32 = 12;
const SOFTPLUS: u32 = 13;
const EXP: u32 = 14;
const LOG: u32 = 15;
const SQRT: u32 = 16;
const RECIPROCAL: u32 = 17;
const ABS: u32 = 18;
const ERF: u32 = 19;
const POWER_EVEN: u32 = 20;
const POWER_ODD: u32 = 21;
const POWER_BROKEN: u32 = 22;
const RELU: u32 = 23;
const SOFTSIGN: u32 = 24;
const THRESHOLDED: u32 = 25;
const SHRINK: u32 = 26;
const SIN: u32 = 27;
const COS: u32 = 28;

/// Larger than any number here, but finite: WGSL has no infinity.
const FAR: f64 = f32::MAX as f64;

/// A function's word and its two numbers.
pub(super) fn arguments(function: Curved) -> (u32, [f32; 2]) {
    let (which, p, q) = match function {
        Curved::Activation(function) => match function {
            Activation::Relu => (RELU, 0.0, 0.0),
            Activation::LeakyRelu { slope } => (SLOPED, slope, 0.0),
            Activation::Gelu => (GELU, 0.0, 0.0),
            Activation::GeluTanh => (GELU_TANH, 0.0, 0.0),
            Activation::Elu { alpha } => (EXPONENTIAL, alpha, 0.0),
            Activation::Selu => (SELU, 0.0, 0.0),
            Activation::Celu { alpha } => (CELU, alpha, 0.0),
            Activation::Sigmoid => (SIGMOID, 0.0, 0.0),
            Activation::HardSigmoid { alpha, beta } => (HARD_SIGMOID, alpha, beta),
            Activation::HardSwish => (HARD_SWISH, 0.0, 0.0),
            Activation::Silu { beta } => (SILU, beta, 0.0),
            Activation::Mish => (MISH, 0.0, 0.0),
            Activation::Tanh => (TANH, 0.0, 0.0),
            Activation::Softplus => (SOFTPLUS, 0.0, 0.0),
            Activation::Softsign => (SOFTSIGN, 0.0, 0.0),
            Activation::Thresholded { threshold } => (THRESHOLDED, threshold, 0.0),
            Activation::Shrink { edge, bias } => (SHRINK, edge, bias),
            Activation::Sin => (SIN, 0.0, 0.0),
            Activation::Cos => (COS, 0.0, 0.0),
            Activation::Clip { min, max } => (CLIP, min.max(-FAR), max.min(FAR)),
        },
        Curved::Function(function) => match function {
            Function::Exp => (EXP, 0.0, 0.0),
            Function::Log => (LOG, 0.0, 0.0),
            Function::Sqrt => (SQRT, 0.0, 0.0),
            Function::Reciprocal => (RECIPROCAL, 0.0, 0.0),
            Function::Abs => (ABS, 0.0, 0.0),
            Function::Erf => (ERF, 0.0, 0.0),
            Function::Power(p) if p % 2.0 == 0.0 => (POWER_EVEN, p, 0.0),
            Function::Power(p) if p % 1.0 == 0.0 => (POWER_ODD, p, 0.0),
            Function::Power(p) => (POWER_BROKEN, p, 0.0),
        },
    };
    (which, [p as f32, q as f32])
}

/// f, f′ and f″ at a place.
#[derive(CubeType)]
struct Taylor {
    f: f32,
    f1: f32,
    f2: f32,
}

/// The function on the value, its derivatives on the curves' other parts.
#[cube(launch)]
pub(super) fn curved(
    x: &[f32],
    y: &mut [f32],
    row: u32,
    images: u32,
    curves: u32,
    p: f32,
    q: f32,
    #[comptime] which: u32,
) {
    let e = ABSOLUTE_POS as u32;
    if e < row * (images + curves) {
        let value = x[e as usize];
        let curve = e >= row * images;
        let d = (e + row * curves) as usize;
        let a = (e + 2u32 * row * curves) as usize;
        if comptime!(which == RELU) {
            // The bits of positive numbers, infinity included, are 1 to 0x7f800000.
            let open = u32::reinterpret(value) - 1u32 < 0x7f80_0000u32;
            y[e as usize] = masked(value, open);
            if curve {
                y[d] = masked(x[d], open);
                y[a] = masked(x[a], open);
            }
        } else {
            let t = taylor(value, p, q, which);
            // WGSL may assume that there is no NaN: what is none is passed on.
            let broken = (u32::reinterpret(value) & 0x7fff_ffffu32) > 0x7f80_0000u32;
            let mut f = t.f;
            if broken {
                f = value;
            }
            y[e as usize] = f;
            if curve {
                let slope = x[d];
                let bend = x[a];
                let mut first = slope;
                let mut second = bend;
                // What does not move stays still, also where f′ is infinite.
                if slope != 0.0f32 || bend != 0.0f32 {
                    first = t.f1 * slope;
                    second = t.f1 * bend + t.f2 * slope * slope;
                }
                y[d] = first;
                y[a] = second;
            }
        }
    }
}

/// `x` where the mask is open or `x` is not finite, else 0.
///
/// Bits are compared, not numbers: WGSL lets an implementation assume that
/// there is no NaN, and what is not finite must stay so.
#[cube]
fn masked(x: f32, open: bool) -> f32 {
    let mut y = x;
    if !open && (u32::reinterpret(x) & 0x7f80_0000u32) != 0x7f80_0000u32 {
        y = 0.0f32;
    }
    y
}

#[cube]
fn taylor(x: f32, p: f32, q: f32, #[comptime] which: u32) -> Taylor {
    let mut f = x;
    let mut f1 = 1.0f32;
    let mut f2 = 0.0f32;
    if comptime!(which == CLIP) {
        if x <= p {
            f = p;
            f1 = 0.0f32;
        }
        if x >= q {
            f = q;
            f1 = 0.0f32;
        }
    } else if comptime!(which == SLOPED) {
        if x <= 0.0f32 {
            f = p * x;
            f1 = p;
        }
    } else if comptime!(which == GELU) {
        let below = 0.5f32 * (1.0f32 + Erf::erf(x * comptime!(std::f32::consts::FRAC_1_SQRT_2)));
        let density = (-0.5f32 * x * x).exp() * 0.398_942_3f32;
        f = x * below;
        f1 = below + x * density;
        f2 = density * (2.0f32 - x * x);
    } else if comptime!(which == GELU_TANH) {
        // Beyond, the tanh is ±1 to the last bit.
        let near = x.clamp(-12.0f32, 12.0f32);
        let k = 0.797_884_6f32;
        let c = comptime!(GELU_CUBE as f32);
        let u = k * (near + c * near * near * near);
        let u1 = k * (1.0f32 + 3.0f32 * c * near * near);
        let u2 = 6.0f32 * k * c * near;
        let t = tanh_within(u);
        let s = sigmoid(2.0f32 * u);
        let slope = 4.0f32 * s.f1;
        f = 0.5f32 * x * (1.0f32 + t);
        f1 = 0.5f32 * (1.0f32 + t) + 0.5f32 * near * slope * u1;
        f2 = slope * u1 + 0.5f32 * near * slope * (u2 - 2.0f32 * t * u1 * u1);
    } else if comptime!(which == EXPONENTIAL) {
        let t = exponential(x, 1.0f32, p, 1.0f32);
        f = t.f;
        f1 = t.f1;
        f2 = t.f2;
    } else if comptime!(which == SELU) {
        let scale = comptime!(SELU_SCALE as f32);
        let alpha = comptime!(SELU_ALPHA as f32);
        let t = exponential(x, scale, alpha, 1.0f32);
        f = t.f;
        f1 = t.f1;
        f2 = t.f2;
    } else if comptime!(which == CELU) {
        let t = exponential(x, 1.0f32, p, p);
        f = t.f;
        f1 = t.f1;
        f2 = t.f2;
    } else if comptime!(which == SIGMOID) {
        let t = sigmoid(x);
        f = t.f;
        f1 = t.f1;
        f2 = t.f2;
    } else if comptime!(which == HARD_SIGMOID) {
        f = p * x + q;
        f1 = p;
        if f <= 0.0f32 {
            f = 0.0f32;
            f1 = 0.0f32;
        } else if f >= 1.0f32 {
            f = 1.0f32;
            f1 = 0.0f32;
        }
    } else if comptime!(which == HARD_SWISH) {
        if x <= -3.0f32 {
            f = 0.0f32;
            f1 = 0.0f32;
        } else if x < 3.0f32 {
            f = x * (x + 3.0f32) / 6.0f32;
            f1 = x / 3.0f32 + 0.5f32;
            f2 = 0.333_333_34f32;
        }
    } else if comptime!(which == SILU) {
        let s = sigmoid(p * x);
        f = x * s.f;
        f1 = s.f + p * x * s.f1;
        f2 = p * (2.0f32 * s.f1 + p * x * s.f2);
    } else if comptime!(which == MISH) {
        let near = x.clamp(-80.0f32, 20.0f32);
        let w = near.exp();
        let n = w * (w + 2.0f32);
        let t = n / (n + 2.0f32);
        let rest = 4.0f32 * (n + 1.0f32) / (n + 2.0f32) / (n + 2.0f32);
        let s = sigmoid(x);
        let t1 = rest * s.f;
        let t2 = rest * (s.f1 - 2.0f32 * t * s.f * s.f);
        f = x * t;
        f1 = t + near * t1;
        f2 = 2.0f32 * t1 + near * t2;
    } else if comptime!(which == TANH) {
        f = tanh_within(x);
        f1 = 4.0f32 * sigmoid(2.0f32 * x).f1;
        f2 = -2.0f32 * f * f1;
    } else if comptime!(which == SOFTPLUS) {
        let s = sigmoid(x);
        let small = (-x.abs()).exp();
        // ln(1 + small) to the last bits also where small is.
        let mut above = small * (1.0f32 - 0.5f32 * small);
        if small > 1e-3f32 {
            above = (1.0f32 + small).ln();
        }
        f = x.max(0.0f32) + above;
        f1 = s.f;
        f2 = s.f1;
    } else if comptime!(which == SOFTSIGN) {
        let y = 1.0f32 / (1.0f32 + x.abs());
        f = x * y;
        f1 = y * y;
        f2 = -2.0f32 * f1 * y;
        if x < 0.0f32 {
            f2 = -f2;
        }
    } else if comptime!(which == THRESHOLDED) {
        if x <= p {
            f = 0.0f32;
            f1 = 0.0f32;
        }
    } else if comptime!(which == SHRINK) {
        if x > 0.0f32 {
            f = x - q;
        } else {
            f = x + q;
        }
        if x <= p && x >= -p {
            f = 0.0f32;
            f1 = 0.0f32;
        }
    } else if comptime!(which == SIN) {
        f = sine(x);
        f1 = cosine(x);
        f2 = -f;
    } else if comptime!(which == COS) {
        f = cosine(x);
        f1 = -sine(x);
        f2 = -f;
    } else if comptime!(which == EXP) {
        f = x.exp();
        f1 = f;
        f2 = f;
    } else if comptime!(which == LOG) {
        f = x.ln();
        f1 = 1.0f32 / x;
        f2 = -f1 * f1;
    } else if comptime!(which == SQRT) {
        f = x.sqrt();
        f1 = 0.5f32 / f;
        f2 = -0.25f32 / (x * f);
    } else if comptime!(which == RECIPROCAL) {
        f = 1.0f32 / x;
        f1 = -f * f;
        f2 = 2.0f32 * f * f * f;
    } else if comptime!(which == ABS) {
        f = x.abs();
        if x < 0.0f32 {
            f1 = -1.0f32;
        }
        if x == 0.0f32 {
            f1 = 0.0f32;
        }
    } else if comptime!(which == ERF) {
        f = Erf::erf(x);
        f1 = comptime!(std::f32::consts::FRAC_2_SQRT_PI) * (-x * x).exp();
        f2 = -2.0f32 * x * f1;
    } else {
        // x to the power p; below 0 the sign alternates with the derivative.
        let mut even = 1.0f32;
        let mut odd = 1.0f32;
        if x < 0.0f32 {
            if comptime!(which == POWER_EVEN) {
                odd = -1.0f32;
            } else if comptime!(which == POWER_ODD) {
                even = -1.0f32;
            } else {
                // Not a number, as the square root of a negative one.
                even = x.sqrt();
                odd = even;
            }
        }
        f = even * power(x.abs(), p);
        f1 = p * odd * power(x.abs(), p - 1.0f32);
        f2 = 0.0f32;
        if p != 1.0f32 {
            f2 = p * (p - 1.0f32) * even * power(x.abs(), p - 2.0f32);
        }
        if p == 0.0f32 {
            f1 = 0.0f32;
            f2 = 0.0f32;
        }
    }
    Taylor { f, f1, f2 }
}

/// x^p for x ≥ 0, where WGSL's own takes the logarithm of 0.
#[cube]
fn power(x: f32, p: f32) -> f32 {
    let mut y = 1.0f32;
    if p == 1.0f32 {
        y = x;
    } else if p == 2.0f32 {
        y = x * x;
    } else if p != 0.0f32 {
        y = x.powf(p);
        if x == 0.0f32 {
            y = 0.0f32;
            if p < 0.0f32 {
                y = 1.0f32 / x;
            }
        }
    }
    y
}

/// Some implementations take (e²ˣ − 1)/(e²ˣ + 1), which overflows.
#[cube]
fn tanh_within(x: f32) -> f32 {
    x.clamp(-15.0f32, 15.0f32).tanh()
}

/// What is left of an angle without its quarter turns, in three parts of π/2, so
/// that it keeps its bits: an implementation's own sine is not exact beyond ±π.
#[cube]
fn within(x: f32, turns: f32) -> f32 {
    x - turns * 1.570_312_5f32 - turns * 4.837_513e-4f32 - turns * 7.549_79e-8f32
}

#[cube]
fn sine(x: f32) -> f32 {
    let turns = (x * comptime!(std::f32::consts::FRAC_2_PI)).round();
    quarter(within(x, turns), turns)
}

#[cube]
fn cosine(x: f32) -> f32 {
    let turns = (x * comptime!(std::f32::consts::FRAC_2_PI)).round();
    quarter(within(x, turns), turns + 1.0f32)
}

/// The sine of an angle within ±π/4 and a number of quarter turns.
#[cube]
fn quarter(r: f32, turns: f32) -> f32 {
    let square = r * r;
    let odd = r
        * (1.0f32
            + square
                * (-0.166_666_67f32
                    + square
                        * (8.333_333e-3f32
                            + square * (-1.984_127e-4f32 + square * 2.755_732e-6f32))));
    let even = 1.0f32
        + square
            * (-0.5f32
                + square
                    * (4.166_666_6e-2f32
                        + square * (-1.388_888_9e-3f32 + square * 2.480_158_7e-5f32)));
    let which = turns - 4.0f32 * (turns * 0.25f32).floor();
    let mut y = odd;
    if which == 1.0f32 || which == 3.0f32 {
        y = even;
    }
    if which >= 2.0f32 {
        y = -y;
    }
    y
}

#[cube]
fn sigmoid(x: f32) -> Taylor {
    let small = (-x.abs()).exp();
    let whole = 1.0f32 + small;
    let slope = small / (whole * whole);
    let mut f = 1.0f32 / whole;
    let mut f2 = -slope * ((1.0f32 - small) / whole);
    if x < 0.0f32 {
        f = small / whole;
        f2 = -f2;
    }
    Taylor { f, f1: slope, f2 }
}

#[cube]
fn exponential(x: f32, scale: f32, alpha: f32, width: f32) -> Taylor {
    let mut f = scale * x;
    let mut f1 = scale;
    let mut f2 = 0.0f32;
    if x <= 0.0f32 {
        let height = scale * alpha;
        let z = x / width;
        let e = z.exp();
        // e^z − 1, by its series where the difference would cancel.
        let mut below = z * (1.0f32 + z * (0.5f32 + z * (0.166_666_67f32 + z * 0.041_666_67f32)));
        if z.abs() > 0.1f32 {
            below = e - 1.0f32;
        }
        f = height * below;
        f1 = height / width * e;
        f2 = f1 / width;
    }
    Taylor { f, f1, f2 }
}
