//! Convolutions: linear, so one ordinary call on the batch.

pub(super) mod adjoint;
mod columns;
pub(super) mod cpu;
pub(super) mod gpu;
mod kernel;
#[cfg(test)]
pub(super) mod tests;

use burn::tensor::Tensor;

use crate::engine::jet::Jets;
use crate::error::Result;
use crate::network::Conv;

/// A convolution of `[C, H, W]`, with a bias on the value rows.
pub(crate) fn conv(
    x: Jets,
    axes: &[usize],
    conv: &Conv,
    weight: Tensor<1>,
    bias: Option<Tensor<1>>,
) -> Result<Jets> {
    let weight = weight.reshape(conv.weight(axes[0]));
    let form = if x.layout.host { cpu::conv } else { gpu::conv };
    form(x, axes, conv, weight, bias)
}
