//! Pointwise functions: f(y), f′·y′, f′·y″ + f″·y′².

use burn::tensor::Tensor;

use super::host::{Curved, Relu};
use super::kernel;
use crate::engine::jet::{Jets, join, parts, values};
use crate::error::Result;
use crate::network::Pointwise;
use crate::network::{Activation, Function};

/// An activation function.
pub(crate) fn activate(x: Jets, function: Activation) -> Result<Jets> {
    match function {
        Activation::Relu if x.layout.host => Relu.apply(x),
        Activation::Relu => Ok(kernel::relu(x)),
        _ => apply(x, Pointwise::Activation(function)),
    }
}

/// A pointwise function that is no activation.
pub(crate) fn map(x: Jets, function: Function) -> Result<Jets> {
    apply(x, Pointwise::Function(function))
}

fn apply(x: Jets, function: Pointwise) -> Result<Jets> {
    if x.layout.host {
        return Curved(function).apply(x);
    }
    Ok(kernel::pointwise(x, function))
}

/// x where the value is positive, else `slope`·x, on all three parts; a slope
/// for each of the runs that the sample falls into.
pub(crate) fn prelu(x: &Jets, slope: Tensor<1>) -> Jets {
    let [slopes] = slope.dims();
    let [_, elements] = x.data.dims();
    let batch: Tensor<3> = x.view(&[slopes, elements / slopes]);
    let layout = x.layout;
    let slope = slope.reshape([1, slopes, 1]);
    let value = values(&batch, layout);
    let factor = |v: &Tensor<3>| {
        let slope = slope.clone().expand(v.dims());
        v.ones_like()
            .mask_where(v.clone().lower_equal_elem(0.0), slope)
    };
    let scaled = value.clone() * factor(&value);
    if layout.curves == 0 {
        return x.with(scaled);
    }
    let c = parts(&batch, layout);
    let factor = factor(&c.v);
    x.with(join(scaled, c.d * factor.clone(), c.a * factor))
}

/// Multiplication by a fixed number.
pub(crate) fn scale(x: &Jets, factor: f64) -> Jets {
    x.with(x.data.clone().mul_scalar(factor))
}

/// Addition of a fixed number, to the values alone.
pub(crate) fn shift(x: &Jets, number: f64) -> Jets {
    let layout = x.layout;
    let value = values(&x.data, layout).add_scalar(number);
    if layout.curves == 0 {
        return x.with(value);
    }
    let c = parts(&x.data, layout);
    x.with(join(value, c.d, c.a))
}
