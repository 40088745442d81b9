//! Pools and means. Averages are linear; a maximum routes the derivatives by
//! the place where the value has its maximum.

use burn::tensor::module;
use burn::tensor::ops::{AvgPoolOptions, MaxPoolOptions};
use burn::tensor::{Tensor, TensorData};

use super::pool_host;
use super::shape::pad;
use crate::engine::jet::{Jets, join, parts, values};
use crate::error::Result;
use crate::network::{Along, sides};

/// A sliding window on `[C, H, W]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    /// Along height and width.
    pub(crate) along: [Along; 2],
    /// Whether a last window may reach over the edge.
    pub(crate) ceil: bool,
    /// Whether padding counts in a mean.
    pub(crate) count_padding: bool,
}

impl Window {
    /// The window of an average pool.
    pub(crate) fn average(
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: [usize; 4],
        count_padding: bool,
        ceil: bool,
    ) -> Self {
        Self {
            along: sides(kernel, stride, padding, [1; 2]),
            ceil,
            count_padding,
        }
    }

    /// The window of a max pool.
    pub(crate) fn maximum(
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: [usize; 4],
        dilation: [usize; 2],
        ceil: bool,
    ) -> Self {
        Self {
            along: sides(kernel, stride, padding, dilation),
            ceil,
            count_padding: false,
        }
    }

    /// Number of windows along both sides of a map.
    pub(super) fn counts(self, size: [usize; 2]) -> [usize; 2] {
        [0, 1].map(|i| {
            let along = self.along[i];
            let count = if self.ceil {
                along.count_ceil(size[i])
            } else {
                along.count(size[i])
            };
            // The shape rule has refused what does not fit.
            count.unwrap_or(0)
        })
    }

    /// Where the windows along a side begin and end inside it, and by how
    /// many places each divides.
    pub(super) fn spans(self, side: usize, size: usize) -> Vec<Span> {
        let along = self.along[side];
        let edge = size + along.before + along.after;
        (0..self.counts([size; 2])[side])
            .map(|i| {
                let first = i * along.stride;
                let last = first + along.kernel;
                let begin = first.saturating_sub(along.before);
                let end = last.saturating_sub(along.before).min(size);
                let count = if self.count_padding {
                    last.min(edge) - first
                } else {
                    end - begin
                };
                Span { begin, end, count }
            })
            .collect()
    }

    /// Padding that makes every window lie inside: (before, after) of both sides.
    fn padding(self, size: [usize; 2]) -> [(usize, usize); 2] {
        let counts = self.counts(size);
        [0, 1].map(|i| {
            let along = self.along[i];
            let reach = (counts[i] - 1) * along.stride + (along.kernel - 1) * along.dilation + 1;
            (along.before, reach.saturating_sub(size[i] + along.before))
        })
    }
}

/// A window's places along one side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) begin: usize,
    pub(super) end: usize,
    /// What a mean divides by, along this side.
    pub(super) count: usize,
}

/// Average pool on `[C, H, W]`.
pub(crate) fn avg_pool(x: Jets, axes: &[usize], window: Window) -> Result<Jets> {
    if x.layout.host {
        return pool_host::avg_pool(x, axes, window);
    }
    let [rows, columns] = window.along;
    let (padded, sides) = padded(x, axes, window, 0.0);
    let options = AvgPoolOptions::new([rows.kernel, columns.kernel])
        .with_stride([rows.stride, columns.stride]);
    let y = module::avg_pool2d(padded.view::<4>(&sides), options);
    // Every window has been divided by all its places.
    let full = (rows.kernel * columns.kernel) as f32;
    let (heights, widths) = (window.spans(0, axes[1]), window.spans(1, axes[2]));
    let factors: Vec<f32> = heights
        .iter()
        .flat_map(|h| {
            widths
                .iter()
                .map(move |w| full / (h.count * w.count) as f32)
        })
        .collect();
    if factors.iter().all(|&f| f == 1.0) {
        return Ok(padded.with(y));
    }
    let factors = TensorData::new(factors, [1, 1, heights.len(), widths.len()]);
    let factors = Tensor::<4>::from_data(factors, &y.device());
    Ok(padded.with(y * factors))
}

/// Max pool on `[C, H, W]`.
pub(crate) fn max_pool(x: Jets, axes: &[usize], window: Window) -> Result<Jets> {
    if x.layout.host {
        return pool_host::max_pool(x, axes, window);
    }
    // Finite, as WGSL has no infinity; what is padded never wins but against
    // itself.
    let (x, sides) = padded(x, axes, window, f64::from(f32::MIN));
    let [rows, columns] = window.along;
    let options = MaxPoolOptions::new([rows.kernel, columns.kernel])
        .with_stride([rows.stride, columns.stride])
        .with_dilation([rows.dilation, columns.dilation]);
    let batch: Tensor<4> = x.view(&sides);
    let (y, places) = module::max_pool2d_with_indices(values(&batch, x.layout), options);
    if x.layout.curves == 0 {
        return Ok(x.with(y));
    }
    let [rows, channels, h, w] = y.dims();
    let m = x.layout.curves;
    let places = places
        .reshape([rows, channels, h * w])
        .slice_dim(0, x.layout.images..rows);
    let c = parts(&batch, x.layout);
    let take = |part: Tensor<4>| {
        let flat = part.reshape([m, channels, sides[1] * sides[2]]);
        flat.gather(2, places.clone()).reshape([m, channels, h, w])
    };
    Ok(x.with(join(y, take(c.d), take(c.a))))
}

/// The map padded so that every window lies inside, and its shape.
fn padded(x: Jets, axes: &[usize], window: Window, value: f64) -> (Jets, Vec<usize>) {
    let [(top, bottom), (left, right)] = window.padding([axes[1], axes[2]]);
    let sides = vec![axes[0], axes[1] + top + bottom, axes[2] + left + right];
    let padded = pad(x, axes, &[0, top, left], &[0, bottom, right], value);
    (padded, sides)
}

/// Mean over H and W of `[C, H, W]`.
pub(crate) fn global_avg_pool(x: &Jets, axes: &[usize]) -> Jets {
    x.with(x.view::<3>(&[axes[0], axes[1] * axes[2]]).mean_dim(2))
}

/// Mean over the first axis.
pub(crate) fn mean_first(x: &Jets, axes: &[usize]) -> Jets {
    x.with(
        x.view::<3>(&[axes[0], axes[1..].iter().product()])
            .mean_dim(1),
    )
}
