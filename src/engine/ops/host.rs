//! Loops on the CPU: fused and in place, where a chain of tensor operations
//! would go through memory a dozen times.

use burn::tensor::{DType, Element, Tensor, TensorData};
use dextr_loops::Number;

use crate::engine::jet::{Jets, Layout};
use crate::engine::read::{Lent, host, unreadable};
use crate::error::{Error, Result};

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
    fn run<T: Number>(&self, rows: Rows<'_, T>);
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

fn numbers<T: Element>(data: &mut TensorData) -> Result<&mut [T]> {
    data.as_mut_slice()
        .map_err(|e| unreadable(format!("{e:?}")))
}

pub(super) fn number<T: Number>(x: f64) -> T {
    // Never absent: both precisions take any f64.
    T::from(x).unwrap_or_else(T::nan)
}

pub(super) fn count<T: Number>(x: &[T]) -> T {
    number(x.len() as f64)
}

/// Work on a gradient in either precision: from the operand's numbers, none where
/// they are not asked for, and the gradient by the value, that by the operand.
pub(super) trait Back {
    fn run<T: Number>(&self, x: &[T], gradient: &[T]) -> Vec<T>;
}

/// The gradient by an operand.
pub(super) fn back(x: Option<&Jets>, gradient: &Jets, work: &impl Back) -> Result<Jets> {
    let device = gradient.data.device();
    let dtype = gradient.data.dtype();
    let lent = x.map(|x| Lent::of(&x.data)).transpose()?;
    let gradient_lent = Lent::of(&gradient.data)?;
    let made = if let Some(gradient) = gradient_lent.single() {
        let x = lent.as_ref().map(|x| x.single().ok_or_else(mixed));
        data(work.run(x.transpose()?.unwrap_or_default(), gradient))
    } else {
        let x = lent.as_ref().map(Lent::double).transpose()?;
        data(work.run(x.unwrap_or_default(), gradient_lent.double()?))
    };
    Ok(gradient.with(Tensor::<1>::from_data(made, (&device, dtype))))
}

fn data<T: Element>(made: Vec<T>) -> TensorData {
    let count = made.len();
    TensorData::new(made, [count])
}

fn mixed() -> Error {
    unreadable("its numbers have another type than its gradient's")
}

/// Adds the next number of a bias to each run of `elements`, on value rows.
pub(in crate::engine) fn with_bias(
    y: Jets,
    bias: Option<Tensor<1>>,
    elements: usize,
) -> Result<Jets> {
    let Some(bias) = bias else { return Ok(y) };
    let bias = host(bias.try_into_data())?;
    update(y, &Bias { bias, elements })
}

struct Bias {
    bias: Vec<f64>,
    elements: usize,
}

impl Work for Bias {
    fn run<T: Number>(&self, rows: Rows<'_, T>) {
        for values in [rows.images, rows.v] {
            let channels = values.chunks_exact_mut(self.elements);
            for (channel, &bias) in channels.zip(self.bias.iter().cycle()) {
                let bias = number(bias);
                channel.iter_mut().for_each(|x| *x = *x + bias);
            }
        }
    }
}
