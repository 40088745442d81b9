//! Adjoint of products of matrices, on the CPU: of y = p·q, g·qᵀ and pᵀ·g.

use burn::tensor::Tensor;

use crate::engine::jet::Jets;
use crate::engine::ops::library::multiplied;

/// The gradients by both operands; see [`matmul`](super::matmul).
pub(crate) fn matmul(
    operands: [&Jets; 2],
    axes: [&[usize]; 2],
    gradient: &Jets,
    out: &[usize],
) -> Vec<Jets> {
    let matrices = |x: &Jets, axes: &[usize]| -> Tensor<3> {
        let last = [axes[axes.len() - 2], axes[axes.len() - 1]];
        let count = x.data.shape().num_elements() / (last[0] * last[1]).max(1);
        x.data.clone().reshape([count, last[0], last[1]])
    };
    let [p, q] = [0, 1].map(|i| matrices(operands[i], axes[i]).swap_dims(1, 2));
    let g = matrices(gradient, out);
    vec![
        gradient.with(multiplied(g.clone(), q)),
        gradient.with(multiplied(p, g)),
    ]
}
