//! Entries that are picked, on the CPU: one loop, where Burn's library takes ten
//! times as long for single numbers.

use burn::tensor::{DType, Tensor, TensorData};
use dextr_loops::Number;

use super::around;
use crate::engine::jet::Jets;
use crate::engine::read::Lent;
use crate::error::Result;

/// See [`gather`](super::gather).
pub(super) fn gather(x: &Jets, axes: &[usize], axis: usize, indices: &[usize]) -> Result<Jets> {
    let [outer, n, inner] = around(axes, axis);
    let (rows, device) = (x.layout.rows(), x.data.device());
    let lent = Lent::of(&x.data)?;
    let shape = [rows, outer * indices.len() * inner];
    let data = match lent.single() {
        Some(numbers) => TensorData::new(f32::picked(numbers, [n, inner], indices), shape),
        None => TensorData::new(f64::picked(lent.double()?, [n, inner], indices), shape),
    };
    let dtype: DType = data.dtype();
    Ok(x.with(Tensor::<2>::from_data(data, (&device, dtype))))
}
