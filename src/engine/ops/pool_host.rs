//! Pools on the CPU. Means add rows as whole slices, where a loop over each
//! window's pixels would not vectorise; a maximum takes its derivatives from
//! the place where it found the value.

use burn::tensor::{DType, Element, Tensor, TensorData};
use num_traits::Float;

use super::pool::{Span, Window};
use crate::engine::jet::{Jets, Layout};
use crate::engine::read::unreadable;
use crate::error::Result;

/// Average pool of `[C, H, W]`.
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
    let (rows, columns) = (window.spans(0, h), window.spans(1, w));
    let mut pooled = vec![T::zero(); all.len() / (h * w) * rows.len() * columns.len()];
    let mut sums = vec![T::zero(); w];
    let planes = all.chunks_exact(h * w);
    for (plane, out) in planes.zip(pooled.chunks_exact_mut(rows.len() * columns.len())) {
        for (out, span) in out.chunks_exact_mut(columns.len()).zip(&rows) {
            sums.copy_from_slice(&plane[span.begin * w..(span.begin + 1) * w]);
            for row in plane[(span.begin + 1) * w..span.end * w].chunks_exact(w) {
                add(&mut sums, row);
            }
            row_of_windows(&sums, span.count, &columns, window, out);
        }
    }
    let n = pooled.len();
    Ok(TensorData::new(pooled, [n]))
}

/// Means of the windows along one row of column sums, each of which counts as
/// `height` pixels.
fn row_of_windows<T: Float>(
    sums: &[T],
    height: usize,
    columns: &[Span],
    window: Window,
    out: &mut [T],
) {
    let count = |width: usize| T::from(height * width).unwrap_or_else(T::nan);
    let along = window.along[1];
    let whole = |span: &Span| span.end - span.begin == along.kernel;
    // The windows that lie inside are next to one another.
    let first = columns.iter().position(whole).unwrap_or(columns.len());
    let inside = columns[first..].iter().take_while(|c| whole(c)).count();
    for (i, span) in columns.iter().enumerate() {
        if i < first || i >= first + inside {
            let window = sums[span.begin..span.end].iter();
            let sum = window.fold(T::zero(), |sum, &x| sum + x);
            out[i] = sum / count(span.count);
        }
    }
    let Some(&Span { begin: start, .. }) = columns.get(first) else {
        return;
    };
    let out = &mut out[first..first + inside];
    out.fill(T::zero());
    for offset in 0..along.kernel {
        let shifted = &sums[(start + offset).min(sums.len())..];
        if along.stride == 1 {
            add(out, shifted);
        } else {
            let apart = shifted.iter().step_by(along.stride);
            out.iter_mut().zip(apart).for_each(|(o, &x)| *o = *o + x);
        }
    }
    let count = count(along.kernel);
    out.iter_mut().for_each(|x| *x = *x / count);
}

fn add<T: Float>(to: &mut [T], x: &[T]) {
    to.iter_mut().zip(x).for_each(|(to, &x)| *to = *to + x);
}

/// Max pool of `[C, H, W]`.
pub(super) fn max_pool(x: Jets, axes: &[usize], window: Window) -> Result<Jets> {
    let device = x.data.device();
    let layout = x.layout;
    let data = x.data.try_into_data().map_err(unreadable)?;
    let dtype = data.dtype();
    let pooled = match dtype {
        DType::F64 => largest::<f64>(&data, layout, axes, window)?,
        _ => largest::<f32>(&data, layout, axes, window)?,
    };
    let elements = pooled.num_elements() / layout.rows().max(1);
    let pooled = Tensor::<1>::from_data(pooled, (&device, dtype));
    Ok(Jets {
        data: pooled.reshape([layout.rows(), elements]),
        layout,
    })
}

fn largest<T: Element + Float>(
    data: &TensorData,
    layout: Layout,
    axes: &[usize],
    window: Window,
) -> Result<TensorData> {
    let all: &[T] = data.as_slice().map_err(|e| unreadable(format!("{e:?}")))?;
    let (h, w) = (axes[1], axes[2]);
    let taps = |side: usize, size: usize| -> Vec<Vec<usize>> {
        let count = window.counts([size; 2])[side];
        let along = window.along[side];
        (0..count).map(|i| along.taps(i, size).collect()).collect()
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
    let n = pooled.len();
    Ok(TensorData::new(pooled, [n]))
}

/// The first place with the largest value, or with none: what is no number wins.
fn largest_place<T: Float>(plane: &[T], w: usize, rows: &[usize], columns: &[usize]) -> usize {
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
