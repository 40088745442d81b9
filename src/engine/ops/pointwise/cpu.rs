//! Pointwise functions on the CPU: fused loops, in place.

use dextr_loops::Number;

use crate::engine::jet::Jets;
use crate::engine::ops::host::{Rows, Work, number, update};
use crate::error::Result;
use crate::network::{Activation, Curved};

/// f(v), f′·d and f′·a + f″·d².
pub(super) fn curved(x: Jets, function: Curved) -> Result<Jets> {
    match function {
        Curved::Activation(Activation::Relu) => update(x, &Relu),
        _ => update(x, &function),
    }
}

/// ReLU: the value's mask, on all three parts.
struct Relu;

impl Work for Relu {
    fn run<T: Number>(&self, rows: Rows<'_, T>) {
        T::rectify(rows.images);
        T::rectify_jet([rows.v, rows.d, rows.a]);
    }
}

impl Work for Curved {
    fn run<T: Number>(&self, rows: Rows<'_, T>) {
        let double = |x: T| x.to_f64().unwrap_or(f64::NAN);
        for x in rows.images {
            *x = number(self.at(double(*x))[0]);
        }
        for ((v, d), a) in rows.v.iter_mut().zip(rows.d).zip(rows.a) {
            let [f, f1, f2] = self.at(double(*v));
            let (slope, bend) = (double(*d), double(*a));
            *v = number(f);
            // What does not move stays still, also where f′ is infinite.
            if slope != 0.0 || bend != 0.0 {
                *d = number(f1 * slope);
                *a = number(f1 * bend + f2 * slope * slope);
            }
        }
    }
}
