//! Pointwise functions: f(y), f′·y′, f′·y″ + f″·y′².

use burn::tensor::Tensor;

use super::host::Relu;
use super::kernel;
use crate::engine::jet::{Jets, join, parts, values};
use crate::error::Result;
use crate::network::Activation;

/// An activation function.
pub(crate) fn activate(x: Jets, function: Activation) -> Result<Jets> {
    match function {
        Activation::Relu if x.layout.host => Relu.apply(x),
        Activation::Relu => Ok(kernel::relu(x)),
        _ => Ok(gelu(&x)),
    }
}

/// Multiplication by a fixed number.
pub(crate) fn scale(x: &Jets, factor: f64) -> Jets {
    x.with(x.data.clone().mul_scalar(factor))
}

/// f = y Φ(y), f′ = Φ + y φ, f″ = φ (2 − y²), with the error function.
fn gelu(x: &Jets) -> Jets {
    let y = values(&x.data, x.layout);
    let density = |y: &Tensor<2>| {
        let factor = 1.0 / std::f64::consts::TAU.sqrt();
        (y.clone() * y.clone())
            .mul_scalar(-0.5)
            .exp()
            .mul_scalar(factor)
    };
    let below = |y: &Tensor<2>| {
        let scaled = y.clone().mul_scalar(std::f64::consts::FRAC_1_SQRT_2);
        scaled.erf().add_scalar(1.0).mul_scalar(0.5)
    };
    let value = y.clone() * below(&y);
    if x.layout.curves == 0 {
        return x.with(value);
    }
    let c = parts(&x.data, x.layout);
    let phi = density(&c.v);
    let first = below(&c.v) + c.v.clone() * phi.clone();
    let second = phi * (c.v.clone() * c.v).neg().add_scalar(2.0);
    let d = first.clone() * c.d.clone();
    let a = first * c.a + second * c.d.clone() * c.d;
    x.with(join(value, d, a))
}
