//! Pools and means. Averages are linear; a maximum routes the derivatives by
//! the place where the value has its maximum.

use burn::tensor::Tensor;
use burn::tensor::module;
use burn::tensor::ops::{AvgPoolOptions, MaxPoolOptions};

use super::pool_host;
use crate::engine::jet::{Jets, join, parts, values};
use crate::error::Result;

/// A square sliding window.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    pub(crate) padding: usize,
}

/// Average pool on `[C, H, W]`; the padding is left out of the count.
pub(crate) fn avg_pool(x: Jets, axes: &[usize], window: Window) -> Result<Jets> {
    if x.layout.host {
        return pool_host::avg_pool(x, axes, window);
    }
    let options = AvgPoolOptions::new([window.kernel; 2])
        .with_stride([window.stride; 2])
        .with_padding([window.padding; 2])
        .with_count_include_pad(false);
    Ok(x.with(module::avg_pool2d(x.view::<4>(axes), options)))
}

/// Max pool on `[C, H, W]`.
pub(crate) fn max_pool(x: &Jets, axes: &[usize], window: Window) -> Jets {
    let options = MaxPoolOptions::new([window.kernel; 2])
        .with_stride([window.stride; 2])
        .with_padding([window.padding; 2]);
    let batch: Tensor<4> = x.view(axes);
    let (y, places) = module::max_pool2d_with_indices(values(&batch, x.layout), options);
    if x.layout.curves == 0 {
        return x.with(y);
    }
    let [rows, channels, h, w] = y.dims();
    let m = x.layout.curves;
    let places = places
        .reshape([rows, channels, h * w])
        .slice_dim(0, x.layout.images..rows);
    let c = parts(&batch, x.layout);
    let take = |part: Tensor<4>| {
        let flat = part.reshape([m, channels, axes[1] * axes[2]]);
        flat.gather(2, places.clone()).reshape([m, channels, h, w])
    };
    x.with(join(y, take(c.d), take(c.a)))
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
