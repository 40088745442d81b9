//! f, f′ and f″ of every pointwise function: one table, in double precision
//! with `libm`, so that the bits are the same on every machine.
//!
//! At a kink the derivatives are those that [`Activation`] and [`Function`]
//! state. Formulas are written so that large arguments neither overflow nor
//! cancel.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, PI, TAU};

use libm::{cos, erf, exp, expm1, fabs, log, log1p, pow, sin, sqrt, tanh};

use super::function::{Activation, Function};

/// SELU's λ.
pub(crate) const SELU_SCALE: f64 = 1.050_700_987_355_480_5;
/// SELU's α.
pub(crate) const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
/// The cubic term of the tanh form of GELU.
pub(crate) const GELU_CUBE: f64 = 0.044_715;

/// f(x), f′(x), f″(x).
pub(super) fn activation(function: Activation, x: f64) -> [f64; 3] {
    match function {
        Activation::Relu => [if x > 0.0 || x.is_nan() { x } else { 0.0 }, step(x), 0.0],
        Activation::Gelu => {
            // f = x Φ, f′ = Φ + x φ, f″ = φ (2 − x²).
            let below = 0.5 * (1.0 + erf(x * FRAC_1_SQRT_2));
            let density = exp(-0.5 * x * x) / sqrt(TAU);
            let bent = if density == 0.0 { 0.0 } else { x * density };
            [x * below, below + bent, 2.0 * density - x * bent]
        }
        Activation::GeluTanh => gelu_tanh(x),
        Activation::LeakyRelu { slope } => {
            let slope = if x > 0.0 { 1.0 } else { slope };
            [slope * x, slope, 0.0]
        }
        Activation::Elu { alpha } => exponential(1.0, alpha, 1.0, x),
        Activation::Selu => exponential(SELU_SCALE, SELU_ALPHA, 1.0, x),
        Activation::Celu { alpha } => exponential(1.0, alpha, alpha, x),
        Activation::Sigmoid => sigmoid(x),
        Activation::HardSigmoid { alpha, beta } => {
            let y = alpha * x + beta;
            clipped(y, 0.0, 1.0, [y, alpha, 0.0])
        }
        Activation::HardSwish if x <= -3.0 => [0.0; 3],
        Activation::HardSwish if x >= 3.0 => [x, 1.0, 0.0],
        Activation::HardSwish => [x * (x + 3.0) / 6.0, x / 3.0 + 0.5, 1.0 / 3.0],
        Activation::Silu { beta } => {
            let steep = beta * x;
            let [s, s1, s2] = sigmoid(steep);
            let [bent, twice] = if s1 == 0.0 {
                [0.0; 2]
            } else {
                [steep * s1, steep * s2]
            };
            let value = if s == 0.0 { 0.0 } else { x * s };
            [value, s + bent, beta * (2.0 * s1 + twice)]
        }
        Activation::Mish => mish(x),
        Activation::Tanh => {
            let y = tanh(x);
            let slope = sech2(x);
            [y, slope, -2.0 * y * slope]
        }
        Activation::Softplus => {
            let [s, s1, _] = sigmoid(x);
            let above = if x > 0.0 { x } else { 0.0 };
            [above + log1p(exp(-fabs(x))), s, s1]
        }
        Activation::Softsign => {
            let y = 1.0 / (1.0 + fabs(x));
            let bent = -2.0 * y * y * y;
            [x * y, y * y, if x < 0.0 { -bent } else { bent }]
        }
        Activation::Thresholded { threshold } => open(x > threshold || x.is_nan(), x),
        Activation::Shrink { edge, bias } => {
            let moved = if x > 0.0 { x - bias } else { x + bias };
            open(x > edge || x < -edge || x.is_nan(), moved)
        }
        Activation::Sin => [sin(x), cos(x), -sin(x)],
        Activation::Cos => [cos(x), -sin(x), -cos(x)],
        Activation::Clip { min, max } => clipped(x, min, max, [x, 1.0, 0.0]),
    }
}

/// A number that passes, or 0.
fn open(passes: bool, y: f64) -> [f64; 3] {
    if passes { [y, 1.0, 0.0] } else { [0.0; 3] }
}

/// The same.
pub(super) fn plain(function: Function, x: f64) -> [f64; 3] {
    match function {
        Function::Exp => [exp(x); 3],
        Function::Log => [log(x), 1.0 / x, -1.0 / (x * x)],
        Function::Sqrt => {
            let root = sqrt(x);
            [root, 0.5 / root, -0.25 / (x * root)]
        }
        Function::Reciprocal => {
            let y = 1.0 / x;
            [y, -y * y, 2.0 * y * y * y]
        }
        Function::Abs => [fabs(x), step(x) - step(-x), 0.0],
        Function::Erf => {
            let slope = FRAC_2_SQRT_PI * exp(-x * x);
            let bent = if slope == 0.0 { 0.0 } else { -2.0 * x * slope };
            [erf(x), slope, bent]
        }
        Function::Power(p) => {
            let term = |factor: f64, power: f64| {
                if factor == 0.0 {
                    0.0
                } else {
                    factor * pow(x, power)
                }
            };
            [pow(x, p), term(p, p - 1.0), term(p * (p - 1.0), p - 2.0)]
        }
    }
}

/// 1 where x is positive, else 0.
fn step(x: f64) -> f64 {
    if x > 0.0 { 1.0 } else { 0.0 }
}

/// `inside` strictly between the limits, at and beyond them a constant.
fn clipped(y: f64, min: f64, max: f64, inside: [f64; 3]) -> [f64; 3] {
    if y <= min {
        [min, 0.0, 0.0]
    } else if y >= max {
        [max, 0.0, 0.0]
    } else {
        inside
    }
}

/// scale·(x where positive, else alpha·(e^(x/width) − 1)).
fn exponential(scale: f64, alpha: f64, width: f64, x: f64) -> [f64; 3] {
    if x > 0.0 {
        return [scale * x, scale, 0.0];
    }
    let height = scale * alpha;
    let slope = height / width * exp(x / width);
    [height * expm1(x / width), slope, slope / width]
}

/// σ, σ(1 − σ) and σ(1 − σ)(1 − 2σ), with e^−|x| alone.
fn sigmoid(x: f64) -> [f64; 3] {
    let small = exp(-fabs(x));
    let whole = 1.0 + small;
    let slope = small / (whole * whole);
    let far = (1.0 - small) / whole;
    if x >= 0.0 {
        [1.0 / whole, slope, -slope * far]
    } else {
        [small / whole, slope, slope * far]
    }
}

/// 1 − tanh²(x).
fn sech2(x: f64) -> f64 {
    4.0 * sigmoid(2.0 * x)[1]
}

fn gelu_tanh(x: f64) -> [f64; 3] {
    // Beyond, the tanh is ±1 to the last bit.
    if fabs(x) > 20.0 {
        return [if x > 0.0 { x } else { 0.0 }, step(x), 0.0];
    }
    let k = sqrt(2.0 / PI);
    let u = k * (x + GELU_CUBE * x * x * x);
    let u1 = k * (1.0 + 3.0 * GELU_CUBE * x * x);
    let u2 = 6.0 * k * GELU_CUBE * x;
    let (t, slope) = (tanh(u), sech2(u));
    [
        0.5 * x * (1.0 + t),
        0.5 * (1.0 + t) + 0.5 * x * slope * u1,
        slope * u1 + 0.5 * x * slope * (u2 - 2.0 * t * u1 * u1),
    ]
}

/// With w = eˣ and n = w(w + 2): tanh(ln(1 + w)) = n/(n + 2) = t,
/// 1 − t² = 4(n + 1)/(n + 2)².
fn mish(x: f64) -> [f64; 3] {
    if x > 40.0 {
        return [x, 1.0, 0.0];
    }
    let w = exp(x);
    if w == 0.0 {
        return [0.0; 3];
    }
    let n = w * (w + 2.0);
    let t = n / (n + 2.0);
    let rest = 4.0 * (n + 1.0) / ((n + 2.0) * (n + 2.0));
    let [s, s1, _] = sigmoid(x);
    let t1 = rest * s;
    let t2 = rest * (s1 - 2.0 * t * s * s);
    [x * t, t + x * t1, 2.0 * t1 + x * t2]
}
