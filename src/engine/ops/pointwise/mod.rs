//! Pointwise functions: f(y), f′·y′, f′·y″ + f″·y′².

pub(super) mod adjoint;
mod cpu;
mod gpu;
mod kernel;
#[cfg(test)]
pub(super) mod tests;

use burn::tensor::Tensor;

use crate::engine::jet::{Jets, parts, values};
use crate::error::Result;
use crate::network::Curved;

/// A function of each number.
pub(crate) fn curved(x: Jets, function: Curved) -> Result<Jets> {
    let form = if x.layout.host {
        cpu::curved
    } else {
        gpu::curved
    };
    form(x, function)
}

/// x where the value is positive, else `slope`·x, on all three parts; a slope
/// for each of the runs that the sample falls into.
pub(crate) fn prelu(x: &Jets, slope: Tensor<1>) -> Jets {
    let [slopes] = slope.dims();
    let [_, elements] = x.data.dims();
    let batch: Tensor<3> = x.view(&[slopes, elements / slopes]);
    let slope = slope.reshape([1, slopes, 1]);
    let value = values(&batch, x.layout);
    let factor = |v: &Tensor<3>| {
        let slope = slope.clone().expand(v.dims());
        v.ones_like()
            .mask_where(v.clone().lower_equal_elem(0.0), slope)
    };
    x.joined(value.clone() * factor(&value), |_| {
        let c = parts(&batch, x.layout);
        let factor = factor(&c.v);
        [c.d * factor.clone(), c.a * factor]
    })
}

/// Multiplication by a fixed number.
pub(crate) fn scale(x: &Jets, factor: f64) -> Jets {
    x.with(x.data.clone().mul_scalar(factor))
}

/// Addition of a fixed number, to the values alone.
pub(crate) fn shift(x: &Jets, number: f64) -> Jets {
    let value = values(&x.data, x.layout).add_scalar(number);
    x.joined(value, |_| {
        let c = parts(&x.data, x.layout);
        [c.d, c.a]
    })
}
