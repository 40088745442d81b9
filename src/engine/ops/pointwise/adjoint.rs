//! Adjoints of pointwise functions: f′(x)·g.

use burn::tensor::Tensor;
use dextr_loops::Number;

use crate::engine::jet::Jets;
use crate::engine::ops::host::{Back, back, number};
use crate::error::Result;
use crate::network::{Activation, Curved};

/// The gradient by a function's operand.
pub(crate) fn curved(x: &Jets, gradient: &Jets, function: Curved) -> Result<Jets> {
    match function {
        Curved::Activation(Activation::Relu) => back(Some(x), gradient, &Relu),
        _ => back(Some(x), gradient, &function),
    }
}

/// The gradient by the operand of [`prelu`](super::prelu); a slope for each of
/// the runs that the sample falls into.
pub(crate) fn prelu(x: &Jets, gradient: &Jets, slope: Tensor<1>) -> Jets {
    let [slopes] = slope.dims();
    let [rows, elements] = x.data.dims();
    let sides = [slopes, elements / slopes];
    let (x, g): (Tensor<3>, Tensor<3>) = (x.view(&sides), gradient.view(&sides));
    let slope = slope
        .reshape([1, slopes, 1])
        .expand([rows, sides[0], sides[1]]);
    let falls = x.lower_equal_elem(0.0);
    gradient.with(g.clone().mask_where(falls, g * slope))
}

struct Relu;

impl Back for Relu {
    fn run<T: Number>(&self, x: &[T], gradient: &[T]) -> Vec<T> {
        let passes = |(&x, &g): (&T, &T)| if x > T::zero() { g } else { T::zero() };
        x.iter().zip(gradient).map(passes).collect()
    }
}

impl Back for Curved {
    fn run<T: Number>(&self, x: &[T], gradient: &[T]) -> Vec<T> {
        let double = |x: T| x.to_f64().unwrap_or(f64::NAN);
        let each = |(&x, &g): (&T, &T)| {
            // What nothing depends on has no gradient, also where f′ is infinite.
            if g == T::zero() {
                return g;
            }
            number(self.at(double(x))[1] * double(g))
        };
        x.iter().zip(gradient).map(each).collect()
    }
}
