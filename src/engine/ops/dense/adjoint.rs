//! Adjoints of dense layers and of fixed matrices, on the CPU.

use burn::tensor::Tensor;

use super::cpu::along;
use crate::engine::jet::Jets;
use crate::engine::ops::arrange::around;
use crate::engine::ops::library::multiplied;
use crate::error::Result;

/// The gradient by an input `axes`, of which a matrix `[out, in]` was applied
/// along an axis: the turned matrix along it.
pub(crate) fn dense(
    gradient: &Jets,
    axes: &[usize],
    axis: usize,
    matrix: Tensor<1>,
) -> Result<Jets> {
    let [outer, n, inner] = around(axes, axis);
    let out = matrix.dims()[0] / n;
    let turned = matrix.reshape([out, n]).transpose();
    along(gradient, [outer, out, inner], turned, None)
}

/// The gradient by a dense layer's weight `[out, features]`.
pub(crate) fn dense_weight(x: &Jets, gradient: &Jets, features: usize, out: usize) -> Tensor<1> {
    let rows = |x: &Jets, n: usize| {
        let count = x.data.shape().num_elements() / n.max(1);
        x.data.clone().reshape([count, n])
    };
    let turned = rows(gradient, out).transpose();
    multiplied(turned, rows(x, features)).reshape([out * features])
}
