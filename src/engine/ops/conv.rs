//! Convolution and dense layer: linear, so one ordinary call on the batch.

use burn::tensor::Tensor;
use burn::tensor::module;
use burn::tensor::ops::ConvOptions;

use super::host::Bias;
use super::kernel;
use crate::engine::data::host;
use crate::engine::jet::Jets;
use crate::error::Result;

/// 2-D convolution of `[C, H, W]` with `[O, C, k, k]`.
pub(crate) fn conv2d(
    x: &Jets,
    axes: &[usize],
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    stride: usize,
    padding: usize,
) -> Result<Jets> {
    let options = ConvOptions::new([stride; 2], [padding; 2], [1; 2], 1);
    let y = module::conv2d(x.view::<4>(axes), weight, None, options);
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
    let y = x.with(flat.matmul(weight.transpose()));
    with_bias(y, bias, 1)
}

/// Adds the next number of a bias to each run of `elements`.
fn with_bias(y: Jets, bias: Option<Tensor<1>>, elements: usize) -> Result<Jets> {
    let Some(bias) = bias else { return Ok(y) };
    if y.layout.host {
        let bias = host(bias.try_into_data())?;
        return Bias { bias, elements }.apply(y);
    }
    Ok(kernel::bias(y, bias, elements))
}
