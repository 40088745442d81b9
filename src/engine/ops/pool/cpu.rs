//! Pools on the CPU. Means add rows as whole slices, where a loop over each
//! window's pixels would not vectorise; a maximum takes its derivatives from
//! the place where it found the value.

use burn::tensor::{DType, Device, Element, Tensor, TensorData};
use dextr_loops::Number;
use num_traits::Float;

use crate::engine::jet::{Jets, Layout};
use crate::engine::read::Lent;
use crate::error::Result;
use crate::network::{Pool, Takes};

/// See [`super::pool()`].
#[expect(
    clippy::needless_pass_by_value,
    reason = "one signature for both forms; its memory is given up"
)]
pub(super) fn pool(x: Jets, axes: &[usize], pool: &Pool) -> Result<Jets> {
    let (device, layout) = (x.data.device(), x.layout);
    let lent = Lent::of(&x.data)?;
    let data = match lent.single() {
        Some(all) => tensor(pooled(all, layout, axes, pool), layout, &device, DType::F32),
        None => tensor(
            pooled(lent.double()?, layout, axes, pool),
            layout,
            &device,
            DType::F64,
        ),
    };
    Ok(Jets { data, layout })
}

fn tensor<T: Element>(numbers: Vec<T>, layout: Layout, device: &Device, dtype: DType) -> Tensor<2> {
    let elements = numbers.len() / layout.rows().max(1);
    let data = TensorData::new(numbers, [layout.rows(), elements]);
    Tensor::from_data(data, (device, dtype))
}

fn pooled<T: Number>(all: &[T], layout: Layout, axes: &[usize], pool: &Pool) -> Vec<T> {
    match pool.takes {
        Takes::Mean { .. } => means(all, axes, pool),
        Takes::Largest => largest(all, layout, axes, pool),
    }
}

fn means<T: Number>(all: &[T], axes: &[usize], pool: &Pool) -> Vec<T> {
    let (h, w) = (axes[1], axes[2]);
    let (rows, columns) = (pool.spans(0, h), pool.spans(1, w));
    let [kernel, stride] = [pool.window.kernel[1], pool.window.stride[1]];
    T::means(all, [h, w], [&rows, &columns], kernel, stride)
}

fn largest<T: Float>(all: &[T], layout: Layout, axes: &[usize], pool: &Pool) -> Vec<T> {
    let (h, w) = (axes[1], axes[2]);
    let counts = pool.counts([h, w]);
    let taps = |side: usize, size: usize| -> Vec<Vec<usize>> {
        let taps = |i| pool.window.taps(side, i, size).collect();
        (0..counts[side]).map(taps).collect()
    };
    let (rows, columns) = (taps(0, h), taps(1, w));
    let (row, pooled_row) = (axes[0] * h * w, axes[0] * rows.len() * columns.len());
    let mut pooled = vec![T::zero(); layout.rows() * pooled_row];
    let m = layout.curves;
    let mut out = 0;
    for (n, plane) in all[..layout.values() * row].chunks_exact(h * w).enumerate() {
        let curve = n >= layout.images * axes[0];
        for rows in &rows {
            for columns in &columns {
                let place = largest_place(plane, w, rows, columns);
                pooled[out] = plane[place];
                if curve {
                    let from = n * h * w + place;
                    for part in [m, 2 * m] {
                        pooled[out + part * pooled_row] = all[from + part * row];
                    }
                }
                out += 1;
            }
        }
    }
    pooled
}

/// The first place with the largest value, or with none: what is no number wins.
pub(super) fn largest_place<T: Float>(
    plane: &[T],
    w: usize,
    rows: &[usize],
    columns: &[usize],
) -> usize {
    let mut best = rows[0] * w + columns[0];
    for row in rows {
        for column in columns {
            let place = row * w + column;
            let x = plane[place];
            if x > plane[best] || (x.is_nan() && !plane[best].is_nan()) {
                best = place;
            }
        }
    }
    best
}
