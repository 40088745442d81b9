//! Convolution and dense layer: linear, so one ordinary call on the batch.

use burn::tensor::Tensor;
use burn::tensor::module;
use burn::tensor::ops::ConvOptions;

use super::add_bias;
use crate::engine::jet::Jets;

/// 2-D convolution of `[C, H, W]` with `[O, C, k, k]`.
pub(crate) fn conv2d(
    x: &Jets,
    axes: &[usize],
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    stride: usize,
    padding: usize,
) -> Jets {
    let options = ConvOptions::new([stride; 2], [padding; 2], [1; 2], 1);
    let y = module::conv2d(x.view::<4>(axes), weight, None, options);
    x.with(match bias {
        Some(bias) => {
            let [channels] = bias.dims();
            add_bias(y, bias.reshape([1, channels, 1, 1]), x.layout)
        }
        None => y,
    })
}

/// Dense layer on the last axis with `[O, I]`.
pub(crate) fn dense(x: &Jets, axes: &[usize], weight: Tensor<2>, bias: Option<Tensor<1>>) -> Jets {
    let [out, width] = weight.dims();
    let before: usize = axes[..axes.len() - 1].iter().product();
    let flat = x.data.clone().reshape([x.layout.rows() * before, width]);
    let y = flat
        .matmul(weight.transpose())
        .reshape([x.layout.rows(), before, out]);
    x.with(match bias {
        Some(bias) => add_bias(y, bias.reshape([1, 1, out]), x.layout),
        None => y,
    })
}
