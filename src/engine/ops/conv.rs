//! Convolutions and dense layer: linear, so one ordinary call on the batch.

use burn::tensor::Tensor;

use super::host::Bias;
use super::kernel;
use super::linear;
use super::shape::pad;
use crate::engine::jet::Jets;
use crate::engine::read::host;
use crate::error::Result;

/// How a kernel moves over a map; see [`crate::network::Op::Conv2d`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moves {
    pub(crate) stride: [usize; 2],
    pub(crate) padding: [usize; 4],
    pub(crate) dilation: [usize; 2],
    pub(crate) groups: usize,
}

/// 2-D convolution of `[C, H, W]` with `[O, C/groups, kh, kw]`.
pub(crate) fn conv2d(
    x: Jets,
    axes: &[usize],
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    how: Moves,
) -> Result<Jets> {
    if !x.layout.host {
        let values = x.layout.values();
        return Ok(x.with(linear::conv2d(x.view(axes), weight, bias, how, values)));
    }
    let [top, left, bottom, right] = how.padding;
    let even = [top, left] == [bottom, right];
    let [_, _, kh, kw] = weight.dims();
    let (x, sides, padding) = if even {
        (x, axes.to_vec(), how.padding)
    } else {
        let x = pad(x, axes, &[0, top, left], &[0, bottom, right], 0.0);
        let sides = vec![axes[0], axes[1] + top + bottom, axes[2] + left + right];
        (x, sides, [0; 4])
    };
    let mut batch = x.view::<4>(&sides);
    let mut stride = how.stride;
    if [kh, kw] == [1, 1] && padding == [0; 4] && stride != [1, 1] {
        // Nothing reads what lies between: a matrix product is left.
        batch = batch.slice([(..).into(), (..).into(), step(stride[0]), step(stride[1])]);
        stride = [1, 1];
    }
    let how = Moves {
        stride,
        padding,
        ..how
    };
    let y = linear::conv2d(batch, weight, None, how, 0);
    let [_, _, h, w] = y.dims();
    with_bias(x.with(y), bias, h * w)
}

fn step(stride: usize) -> burn::tensor::Slice {
    burn::tensor::Slice::new(0, None, stride as isize)
}

/// Transposed 2-D convolution of `[C, H, W]` with `[C, O/groups, kh, kw]`.
pub(crate) fn conv_transpose2d(
    x: &Jets,
    axes: &[usize],
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    output_padding: [usize; 2],
    how: Moves,
) -> Result<Jets> {
    let batch = x.view::<4>(axes);
    if !x.layout.host {
        let values = x.layout.values();
        let y = linear::conv_transpose2d(batch, weight, bias, output_padding, how, values);
        return Ok(x.with(y));
    }
    let [top, left, bottom, right] = how.padding;
    let even = [top, left] == [bottom, right];
    let padding = if even { how.padding } else { [0; 4] };
    let how = Moves { padding, ..how };
    let mut y = linear::conv_transpose2d(batch, weight, None, output_padding, how, 0);
    if !even {
        let [_, _, h, w] = y.dims();
        y = y
            .slice_dim(2, top..h - bottom)
            .slice_dim(3, left..w - right);
    }
    let [_, _, h, w] = y.dims();
    with_bias(x.with(y), bias, h * w)
}

/// Dense layer on the last axis with `[O, I]`.
pub(crate) fn dense(
    x: &Jets,
    axes: &[usize],
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
) -> Result<Jets> {
    let [_, width] = weight.dims();
    let before: usize = axes[..axes.len() - 1].iter().product();
    let flat = x.data.clone().reshape([x.layout.rows() * before, width]);
    if x.layout.host {
        let y = x.with(linear::dense(flat, weight, None, 0));
        return with_bias(y, bias, 1);
    }
    let values = x.layout.values() * before;
    Ok(x.with(linear::dense(flat, weight, bias, values)))
}

/// Adds the next number of a bias to each run of `elements`.
pub(super) fn with_bias(y: Jets, bias: Option<Tensor<1>>, elements: usize) -> Result<Jets> {
    let Some(bias) = bias else { return Ok(y) };
    if y.layout.host {
        let bias = host(bias.try_into_data())?;
        return Bias { bias, elements }.apply(y);
    }
    Ok(kernel::bias(y, bias, elements))
}
