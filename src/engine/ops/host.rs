//! Norms, ReLU and biases on the CPU: fused loops, in place, where a chain of
//! tensor operations would go through memory a dozen times. The same
//! mathematics as in `kernel`; `tests` holds the two together.

use burn::tensor::{DType, Element, Tensor};
use num_traits::Float;

use crate::engine::data::unreadable;
use crate::engine::jet::{Jets, Layout};
use crate::error::Result;

/// Partial sums, so that additions do not wait for one another: their order is
/// the same on every machine.
const LANES: usize = 16;

/// The rows of a batch, each part with its rows one after the other.
struct Rows<'a, T> {
    images: &'a mut [T],
    v: &'a mut [T],
    d: &'a mut [T],
    a: &'a mut [T],
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
trait Work {
    fn run<T: Float>(&self, rows: Rows<'_, T>);
}

fn update(x: Jets, work: &impl Work) -> Result<Jets> {
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

/// Scale and shift of a norm.
pub(super) struct Affine {
    pub(super) scale: Vec<f64>,
    pub(super) shift: Vec<f64>,
    /// Whether there is one of each a group, or one an element.
    pub(super) by_group: bool,
}

/// Normalises groups of `elements`; see `super::norm`.
pub(super) struct Norm {
    pub(super) groups: usize,
    pub(super) elements: usize,
    pub(super) eps: f64,
    pub(super) affine: Option<Affine>,
    pub(super) dead: bool,
}

impl Norm {
    pub(super) fn apply(self, x: Jets) -> Result<Jets> {
        update(x, &self)
    }

    fn affine<T: Float>(&self, group: usize, part: &mut [T], value: bool) {
        let Some(affine) = &self.affine else { return };
        let shift = |i: usize| {
            if value {
                number(affine.shift[i])
            } else {
                T::zero()
            }
        };
        if affine.by_group {
            let (scale, shift) = (number::<T>(affine.scale[group]), shift(group));
            part.iter_mut().for_each(|x| *x = *x * scale + shift);
        } else {
            let scaled = part.iter_mut().zip(&affine.scale).enumerate();
            scaled.for_each(|(i, (x, &scale))| *x = *x * number(scale) + shift(i));
        }
    }
}

impl Work for Norm {
    fn run<T: Float>(&self, rows: Rows<'_, T>) {
        let n = self.elements;
        for (i, v) in rows.images.chunks_exact_mut(n).enumerate() {
            let r = normalise_value(v, self.eps, self.dead);
            v.iter_mut().for_each(|x| *x = *x * r);
            self.affine(i % self.groups, v, true);
        }
        let derivatives = rows.d.chunks_exact_mut(n).zip(rows.a.chunks_exact_mut(n));
        for (i, (v, (d, a))) in rows.v.chunks_exact_mut(n).zip(derivatives).enumerate() {
            normalise_jet(v, d, a, self.eps, self.dead);
            let group = i % self.groups;
            self.affine(group, v, true);
            self.affine(group, d, false);
            self.affine(group, a, false);
        }
    }
}

/// Centres v and returns r = 1/√(mean(v²) + ε).
fn normalise_value<T: Float>(v: &mut [T], eps: f64, dead: bool) -> T {
    if dead {
        // A constant must come out as exactly zero.
        let first = v[0];
        v.iter_mut().for_each(|x| *x = *x - first);
    }
    centre(v);
    // Once more: a mean over thousands of pixels is off by enough to flip the
    // sign of a value near zero before a ReLU.
    centre(v);
    (dot(v, v) / count::<T>(v) + number(eps)).sqrt().recip()
}

fn normalise_jet<T: Float>(v: &mut [T], d: &mut [T], a: &mut [T], eps: f64, dead: bool) {
    let r = normalise_value(v, eps, dead);
    centre(d);
    centre(a);
    let n = count::<T>(v);
    let two = number::<T>(2.0);
    let s1 = two * dot(v, d) / n;
    let s2 = two * (dot(d, d) + dot(v, a)) / n;
    let cube = r * r * r;
    let r1 = number::<T>(-0.5) * cube * s1;
    let r2 = number::<T>(0.75) * cube * r * r * s1 * s1 - number::<T>(0.5) * cube * s2;
    for ((v, d), a) in v.iter_mut().zip(d).zip(a) {
        *a = *a * r + two * *d * r1 + *v * r2;
        *d = *d * r + *v * r1;
        *v = *v * r;
    }
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

fn number<T: Float>(x: f64) -> T {
    // Never absent: both precisions take any f64.
    T::from(x).unwrap_or_else(T::nan)
}

fn count<T: Float>(x: &[T]) -> T {
    number(x.len() as f64)
}

fn centre<T: Float>(x: &mut [T]) {
    let mean = sum(x) / count(x);
    x.iter_mut().for_each(|x| *x = *x - mean);
}

fn sum<T: Float>(x: &[T]) -> T {
    let mut lanes = [T::zero(); LANES];
    let chunks = x.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane = *lane + x;
        }
    }
    let rest = rest.iter().fold(T::zero(), |sum, &x| sum + x);
    lanes.iter().fold(rest, |sum, &lane| sum + lane)
}

fn dot<T: Float>(x: &[T], y: &[T]) -> T {
    let mut lanes = [T::zero(); LANES];
    let (xs, ys) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
    let rest = xs.remainder().iter().zip(ys.remainder());
    let rest = rest.fold(T::zero(), |sum, (&x, &y)| sum + x * y);
    for (x, y) in xs.zip(ys) {
        for ((lane, &x), &y) in lanes.iter_mut().zip(x).zip(y) {
            *lane = *lane + x * y;
        }
    }
    lanes.iter().fold(rest, |sum, &lane| sum + lane)
}
