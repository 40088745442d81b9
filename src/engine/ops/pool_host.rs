//! The average pool on the CPU: rows are added as whole slices, where a loop
//! over each window's pixels would not vectorise.

use burn::tensor::{DType, Element, Tensor, TensorData};
use num_traits::Float;

use super::pool::Window;
use crate::engine::data::unreadable;
use crate::engine::jet::Jets;
use crate::error::Result;

/// Average pool of `[C, H, W]`; the padding is left out of the count.
pub(super) fn avg_pool(x: Jets, axes: &[usize], window: Window) -> Result<Jets> {
    let device = x.data.device();
    let data = x.data.try_into_data().map_err(unreadable)?;
    let dtype = data.dtype();
    let pooled = match dtype {
        DType::F64 => planes::<f64>(&data, axes, window)?,
        _ => planes::<f32>(&data, axes, window)?,
    };
    let elements = pooled.num_elements() / x.layout.rows().max(1);
    let pooled = Tensor::<1>::from_data(pooled, (&device, dtype));
    Ok(Jets {
        data: pooled.reshape([x.layout.rows(), elements]),
        layout: x.layout,
    })
}

fn planes<T: Element + Float>(
    data: &TensorData,
    axes: &[usize],
    window: Window,
) -> Result<TensorData> {
    let all: &[T] = data.as_slice().map_err(|e| unreadable(format!("{e:?}")))?;
    let (h, w) = (axes[1], axes[2]);
    let (rows, columns) = (window.spans(h), window.spans(w));
    let mut pooled = vec![T::zero(); all.len() / (h * w) * rows.len() * columns.len()];
    let mut sums = vec![T::zero(); w];
    let planes = all.chunks_exact(h * w);
    for (plane, out) in planes.zip(pooled.chunks_exact_mut(rows.len() * columns.len())) {
        for (out, &(top, bottom)) in out.chunks_exact_mut(columns.len()).zip(&rows) {
            sums.copy_from_slice(&plane[top * w..(top + 1) * w]);
            for row in plane[(top + 1) * w..bottom * w].chunks_exact(w) {
                add(&mut sums, row);
            }
            row_of_windows(&sums, bottom - top, &columns, window, out);
        }
    }
    let n = pooled.len();
    Ok(TensorData::new(pooled, [n]))
}

/// Means of the windows along one row of column sums, each of `height` pixels.
fn row_of_windows<T: Float>(
    sums: &[T],
    height: usize,
    columns: &[(usize, usize)],
    window: Window,
    out: &mut [T],
) {
    let count = |width: usize| T::from(height * width).unwrap_or_else(T::nan);
    let whole = |&(left, right): &(usize, usize)| right - left == window.kernel;
    // The windows that lie inside are next to one another.
    let first = columns.iter().position(whole).unwrap_or(columns.len());
    let inside = columns[first..].iter().take_while(|c| whole(c)).count();
    for (i, &(left, right)) in columns.iter().enumerate() {
        if i < first || i >= first + inside {
            let sum = sums[left..right].iter().fold(T::zero(), |sum, &x| sum + x);
            out[i] = sum / count(right - left);
        }
    }
    let Some(&(start, _)) = columns.get(first) else {
        return;
    };
    let out = &mut out[first..first + inside];
    out.fill(T::zero());
    for offset in 0..window.kernel {
        let shifted = &sums[(start + offset).min(sums.len())..];
        if window.stride == 1 {
            add(out, shifted);
        } else {
            let apart = shifted.iter().step_by(window.stride);
            out.iter_mut().zip(apart).for_each(|(o, &x)| *o = *o + x);
        }
    }
    let count = count(window.kernel);
    out.iter_mut().for_each(|x| *x = *x / count);
}

fn add<T: Float>(to: &mut [T], x: &[T]) {
    to.iter_mut().zip(x).for_each(|(to, &x)| *to = *to + x);
}

impl Window {
    /// Where each window begins and ends inside a side of `size` pixels.
    fn spans(self, size: usize) -> Vec<(usize, usize)> {
        let count = (size + 2 * self.padding - self.kernel) / self.stride + 1;
        (0..count)
            .map(|i| {
                let begin = i * self.stride;
                let end = (begin + self.kernel).saturating_sub(self.padding);
                (begin.saturating_sub(self.padding), end.min(size))
            })
            .collect()
    }
}
