//! Products of matrices: (p·q)″ = p″q + 2p′q′ + pq″.

pub(super) mod adjoint;
#[cfg(test)]
pub(super) mod tests;

use burn::tensor::Tensor;

use super::dense::{cpu, gpu};
use crate::engine::jet::{Jets, parts, values};

/// Batched matrix product, `[B…, N, K] × [B…, K, M]`.
pub(crate) fn matmul(x: &Jets, x_axes: &[usize], y: &Jets, y_axes: &[usize]) -> Jets {
    let (left, right) = (matrices(x, x_axes), matrices(y, y_axes));
    let layout = x.layout;
    let product = if layout.host {
        cpu::product
    } else {
        gpu::product
    };
    // All matrices of some rows are one batch.
    let times = |p: Tensor<4>, q: Tensor<4>| {
        let ([rows, batch, n, k], [_, _, _, m]) = (p.dims(), q.dims());
        let p = p.reshape([rows * batch, n, k]);
        let y = product(p, q.reshape([rows * batch, k, m]));
        y.reshape([rows, batch, n, m])
    };
    let value = times(values(&left, layout), values(&right, layout));
    x.joined(value, |_| {
        let (p, q) = (parts(&left, layout), parts(&right, layout));
        [
            times(p.d.clone(), q.v.clone()) + times(p.v.clone(), q.d.clone()),
            times(p.a, q.v) + times(p.d, q.d).mul_scalar(2.0) + times(p.v, q.a),
        ]
    })
}

fn matrices(x: &Jets, axes: &[usize]) -> Tensor<4> {
    let (batch, last) = axes.split_at(axes.len() - 2);
    x.view(&[batch.iter().product(), last[0], last[1]])
}
