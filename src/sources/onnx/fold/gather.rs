//! Entries of constants at the places that other constants say.

use super::move_data::{pick, starts};
use crate::error::Result;
use crate::sources::onnx::operator::{Call, Constants, place};
use crate::sources::onnx::tensor::{Tensor, elements, strides, walk};

/// `GatherElements`: for each place of the indices the entry of the same place,
/// but along the axis at the index.
pub(super) fn elementwise<'a>(cx: &Constants<'a>, call: &Call<'a>) -> Result<Tensor<'a>> {
    let (x, indices) = (call.constant(0)?, call.constant(1)?);
    let axis = call.axis(call.int("axis", 0), x.shape.len())?;
    let mut others = x.shape.iter().zip(&indices.shape).enumerate();
    if indices.shape.len() != x.shape.len() || others.any(|(i, (n, m))| i != axis && m > n) {
        return Err(call.broken(format!(
            "takes entries of {:?} at {:?}",
            x.shape, indices.shape
        )));
    }
    cx.budget.take(indices.len())?;
    let wanted = call.ints(cx, 1)?;
    let mut steps = strides(&x.shape);
    let along = std::mem::replace(&mut steps[axis], 0);
    let starts = walk(&indices.shape, &steps).zip(wanted.iter());
    let places = starts.map(|(start, &i)| Ok(start + place(call, i, x.shape[axis])? * along));
    let places = places.collect::<Result<Vec<_>>>()?;
    pick(cx, x, indices.shape.clone(), &places)
}

/// `GatherND`: for each row of the indices the part of the constant that it
/// leads to.
pub(super) fn parts<'a>(cx: &Constants<'a>, call: &Call<'a>) -> Result<Tensor<'a>> {
    let (x, indices) = (call.constant(0)?, call.constant(1)?);
    if call.int("batch_dims", 0) != 0 {
        return Err(call.unsupported("of a batch of constants"));
    }
    let misfit = || call.broken("has indices that do not fit");
    let (starts, part) = starts(cx, call)?;
    let lead = &indices.shape[..indices.shape.len() - 1];
    let shape = [lead, part].concat();
    cx.budget.take(elements(&shape).ok_or_else(misfit)?)?;
    let width: usize = part.iter().product();
    let places: Vec<usize> = starts.iter().flat_map(|&at| at..at + width).collect();
    pick(cx, x, shape, &places)
}
