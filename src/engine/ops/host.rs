//! ReLU, curved functions and biases on the CPU: fused loops, in place, where a chain of
//! tensor operations would go through memory a dozen times. The same
//! mathematics as in `kernel`; `tests` holds the two together.

use burn::tensor::{DType, Element, Tensor};
use num_traits::Float;

use crate::engine::jet::{Jets, Layout};
use crate::engine::read::unreadable;
use crate::error::Result;
use crate::network::Pointwise;

/// The rows of a batch, each part with its rows one after the other.
pub(super) struct Rows<'a, T> {
    pub(super) images: &'a mut [T],
    pub(super) v: &'a mut [T],
    pub(super) d: &'a mut [T],
    pub(super) a: &'a mut [T],
}

impl<'a, T> Rows<'a, T> {
    fn split(all: &'a mut [T], layout: Layout) -> Self {
        let row = all.len() / layout.rows().max(1);
        let (images, curves) = all.split_at_mut(layout.images * row);
        let (v, derivatives) = curves.split_at_mut(layout.curves * row);
        let (d, a) = derivatives.split_at_mut(layout.curves * row);
        Self { images, v, d, a }
    }
}

/// Work on a batch in either precision.
pub(super) trait Work {
    fn run<T: Float>(&self, rows: Rows<'_, T>);
}

pub(super) fn update(x: Jets, work: &impl Work) -> Result<Jets> {
    let layout = x.layout;
    let device = x.data.device();
    // The CPU's tensors are host memory: this moves nothing, and copies only
    // what is needed elsewhere.
    let mut data = x.data.try_into_data().map_err(unreadable)?;
    match data.dtype() {
        DType::F64 => work.run(Rows::split(numbers::<f64>(&mut data)?, layout)),
        _ => work.run(Rows::split(numbers::<f32>(&mut data)?, layout)),
    }
    let dtype = data.dtype();
    let data = Tensor::from_data(data, (&device, dtype));
    Ok(Jets { data, layout })
}

fn numbers<T: Element>(data: &mut burn::tensor::TensorData) -> Result<&mut [T]> {
    data.as_mut_slice()
        .map_err(|e| unreadable(format!("{e:?}")))
}

/// ReLU: the value's mask, on all three parts.
pub(super) struct Relu;

impl Relu {
    pub(super) fn apply(self, x: Jets) -> Result<Jets> {
        update(x, &self)
    }
}

impl Work for Relu {
    fn run<T: Float>(&self, rows: Rows<'_, T>) {
        // Multiplied, not chosen: what is not finite must stay so.
        let mask = |x: T| if x > T::zero() { T::one() } else { T::zero() };
        rows.images.iter_mut().for_each(|x| *x = *x * mask(*x));
        for ((v, d), a) in rows.v.iter_mut().zip(rows.d).zip(rows.a) {
            let mask = mask(*v);
            *v = *v * mask;
            *d = *d * mask;
            *a = *a * mask;
        }
    }
}

/// A curved function: f(v), f′·d and f′·a + f″·d².
pub(super) struct Curved(pub(super) Pointwise);

impl Curved {
    pub(super) fn apply(self, x: Jets) -> Result<Jets> {
        update(x, &self)
    }
}

impl Work for Curved {
    fn run<T: Float>(&self, rows: Rows<'_, T>) {
        let double = |x: T| x.to_f64().unwrap_or(f64::NAN);
        for x in rows.images {
            *x = number(self.0.at(double(*x))[0]);
        }
        for ((v, d), a) in rows.v.iter_mut().zip(rows.d).zip(rows.a) {
            let [f, f1, f2] = self.0.at(double(*v));
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

/// A bias for each run of `elements` numbers, on the values alone.
pub(super) struct Bias {
    pub(super) bias: Vec<f64>,
    pub(super) elements: usize,
}

impl Bias {
    pub(super) fn apply(self, x: Jets) -> Result<Jets> {
        update(x, &self)
    }
}

impl Work for Bias {
    fn run<T: Float>(&self, rows: Rows<'_, T>) {
        for values in [rows.images, rows.v] {
            let channels = values.chunks_exact_mut(self.elements);
            for (channel, &bias) in channels.zip(self.bias.iter().cycle()) {
                let bias = number(bias);
                channel.iter_mut().for_each(|x| *x = *x + bias);
            }
        }
    }
}

pub(super) fn number<T: Float>(x: f64) -> T {
    // Never absent: both precisions take any f64.
    T::from(x).unwrap_or_else(T::nan)
}

pub(super) fn count<T: Float>(x: &[T]) -> T {
    number(x.len() as f64)
}
