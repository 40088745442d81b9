//! Pools on a GPU: Burn's, on maps padded so that every window lies inside.

use burn::tensor::module;
use burn::tensor::ops::{AvgPoolOptions, MaxPoolOptions};
use burn::tensor::{Tensor, TensorData};

use crate::engine::jet::{Jets, parts, values};
use crate::engine::ops::arrange::pad;
use crate::error::Result;
use crate::network::{Pool, Takes};

/// See [`super::pool()`].
pub(super) fn pool(x: Jets, axes: &[usize], pool: &Pool) -> Result<Jets> {
    // Finite, as WGSL has no infinity; what is padded never wins but against
    // itself.
    let value = match pool.takes {
        Takes::Mean { .. } => 0.0,
        Takes::Largest => f64::from(f32::MIN),
    };
    let (window, size) = (pool.window, [axes[1], axes[2]]);
    let counts = pool.counts(size);
    let [bottom, right] = [0, 1].map(|i| {
        let taps = (window.kernel[i] - 1) * window.dilation[i] + 1;
        let reach = (counts[i] - 1) * window.stride[i] + taps;
        reach.saturating_sub(size[i] + window.before(i))
    });
    let [top, left] = [window.before(0), window.before(1)];
    let sides = [axes[0], axes[1] + top + bottom, axes[2] + left + right];
    let x = pad(x, axes, &[0, top, left], &[0, bottom, right], value);
    Ok(match pool.takes {
        Takes::Mean { .. } => mean(&x, sides, pool, size),
        Takes::Largest => largest(&x, sides, pool),
    })
}

fn mean(x: &Jets, sides: [usize; 3], pool: &Pool, size: [usize; 2]) -> Jets {
    let [kh, kw] = pool.window.kernel;
    let options = AvgPoolOptions::new([kh, kw]).with_stride(pool.window.stride);
    let y = module::avg_pool2d(x.view::<4>(&sides), options);
    // Every window has been divided by all its places.
    let full = (kh * kw) as f64;
    let [heights, widths] = [0, 1].map(|i| pool.spans(i, size[i]));
    let factors: Vec<f64> = heights
        .iter()
        .flat_map(|(_, h)| widths.iter().map(move |(_, w)| full / (h * w) as f64))
        .collect();
    if factors.iter().all(|&f| f == 1.0) {
        return x.with(y);
    }
    let shape = [1, 1, heights.len(), widths.len()];
    let factors = TensorData::new(factors, shape).convert_dtype(y.dtype());
    let factors = Tensor::<4>::from_data(factors, (&y.device(), y.dtype()));
    x.with(y * factors)
}

fn largest(x: &Jets, sides: [usize; 3], pool: &Pool) -> Jets {
    let options = MaxPoolOptions::new(pool.window.kernel)
        .with_stride(pool.window.stride)
        .with_dilation(pool.window.dilation);
    let (layout, batch) = (x.layout, x.view::<4>(&sides));
    let (y, places) = module::max_pool2d_with_indices(values(&batch, layout), options);
    x.joined(y, |y| {
        let [rows, channels, h, w] = y.dims();
        let places = places.reshape([rows, channels, h * w]);
        let places = places.slice_dim(0, layout.images..rows);
        let c = parts(&batch, layout);
        [c.d, c.a].map(|part| {
            let flat = part.reshape([layout.curves, channels, sides[1] * sides[2]]);
            let taken = flat.gather(2, places.clone());
            taken.reshape([layout.curves, channels, h, w])
        })
    })
}
