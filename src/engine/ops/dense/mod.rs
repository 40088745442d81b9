//! Matrices along an axis, and products of matrices: linear, so one ordinary
//! call on the batch.

pub(super) mod adjoint;
pub(super) mod cpu;
pub(super) mod gpu;
#[cfg(test)]
pub(super) mod tests;

use burn::tensor::Tensor;

use crate::engine::jet::Jets;
use crate::engine::ops::arrange::around;
use crate::error::Result;

/// A matrix `[out, in]` along an axis, with a bias on the value rows.
pub(crate) fn dense(
    x: &Jets,
    axes: &[usize],
    axis: usize,
    matrix: Tensor<1>,
    bias: Option<Tensor<1>>,
) -> Result<Jets> {
    let sides = around(axes, axis);
    let out = matrix.dims()[0] / axes[axis];
    let matrix = matrix.reshape([out, axes[axis]]);
    let form = if x.layout.host {
        cpu::along
    } else {
        gpu::along
    };
    form(x, sides, matrix, bias)
}
