//! Pools on the CPU. Means add rows as whole slices, where a loop over each
//! window's pixels would not vectorise; a maximum takes its derivatives from
//! the place where it found the value.

use std::ops::Range;

use burn::tensor::{DType, Element, Tensor, TensorData};
use num_traits::Float;

use crate::engine::jet::{Jets, Layout};
use crate::engine::read::unreadable;
use crate::error::Result;
use crate::network::{Pool, Takes};

/// See [`super::pool()`].
pub(super) fn pool(x: Jets, axes: &[usize], pool: &Pool) -> Result<Jets> {
    let (device, layout) = (x.data.device(), x.layout);
    let data = x.data.try_into_data().map_err(unreadable)?;
    let dtype = data.dtype();
    let pooled = match dtype {
        DType::F64 => pooled::<f64>(&data, layout, axes, pool)?,
        _ => pooled::<f32>(&data, layout, axes, pool)?,
    };
    let data = Tensor::from_data(pooled, (&device, dtype));
    Ok(Jets { data, layout })
}

fn pooled<T: Element + Float>(
    data: &TensorData,
    layout: Layout,
    axes: &[usize],
    pool: &Pool,
) -> Result<TensorData> {
    let all: &[T] = data.as_slice().map_err(|e| unreadable(format!("{e:?}")))?;
    let pooled = match pool.takes {
        Takes::Mean { .. } => means(all, axes, pool),
        Takes::Largest => largest(all, layout, axes, pool),
    };
    let elements = pooled.len() / layout.rows().max(1);
    Ok(TensorData::new(pooled, [layout.rows(), elements]))
}

fn means<T: Float>(all: &[T], axes: &[usize], pool: &Pool) -> Vec<T> {
    let (h, w) = (axes[1], axes[2]);
    let (rows, columns) = (pool.spans(0, h), pool.spans(1, w));
    let mut pooled = vec![T::zero(); all.len() / (h * w) * rows.len() * columns.len()];
    let mut sums = vec![T::zero(); w];
    let planes = all.chunks_exact(h * w);
    for (plane, out) in planes.zip(pooled.chunks_exact_mut(rows.len() * columns.len())) {
        for (out, (span, count)) in out.chunks_exact_mut(columns.len()).zip(&rows) {
            sums.copy_from_slice(&plane[span.start * w..(span.start + 1) * w]);
            for row in plane[(span.start + 1) * w..span.end * w].chunks_exact(w) {
                add(&mut sums, row);
            }
            row_of_windows(&sums, *count, &columns, pool, out);
        }
    }
    pooled
}

/// Means of the windows along one row of column sums, each of which counts as
/// `height` pixels.
fn row_of_windows<T: Float>(
    sums: &[T],
    height: usize,
    columns: &[(Range<usize>, usize)],
    pool: &Pool,
    out: &mut [T],
) {
    let count = |width: usize| T::from(height * width).unwrap_or_else(T::nan);
    let (kernel, stride) = (pool.window.kernel[1], pool.window.stride[1]);
    let whole = |(span, _): &(Range<usize>, usize)| span.len() == kernel;
    // The windows that lie inside are next to one another.
    let first = columns.iter().position(whole).unwrap_or(columns.len());
    let inside = columns[first..].iter().take_while(|c| whole(c)).count();
    for (i, (span, width)) in columns.iter().enumerate() {
        if i < first || i >= first + inside {
            let window = sums[span.clone()].iter();
            let sum = window.fold(T::zero(), |sum, &x| sum + x);
            out[i] = sum / count(*width);
        }
    }
    let Some((Range { start, .. }, _)) = columns.get(first) else {
        return;
    };
    let out = &mut out[first..first + inside];
    out.fill(T::zero());
    for offset in 0..kernel {
        let shifted = &sums[(start + offset).min(sums.len())..];
        if stride == 1 {
            add(out, shifted);
        } else {
            let apart = shifted.iter().step_by(stride);
            out.iter_mut().zip(apart).for_each(|(o, &x)| *o = *o + x);
        }
    }
    let count = count(kernel);
    out.iter_mut().for_each(|x| *x = *x / count);
}

fn add<T: Float>(to: &mut [T], x: &[T]) {
    to.iter_mut().zip(x).for_each(|(to, &x)| *to = *to + x);
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
