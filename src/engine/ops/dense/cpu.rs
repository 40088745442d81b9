//! Matrices along an axis on the CPU.

use burn::tensor::Tensor;

use crate::engine::jet::Jets;
use crate::engine::ops::host::with_bias;
use crate::engine::ops::library::multiplied;
use crate::error::Result;

/// `[out, n]` along the middle axis of `[outer, n, inner]`.
pub(super) fn along(
    x: &Jets,
    [outer, n, inner]: [usize; 3],
    matrix: Tensor<2>,
    bias: Option<Tensor<1>>,
) -> Result<Jets> {
    let (rows, out) = (x.layout.rows() * outer, matrix.dims()[0]);
    let y = match inner {
        1 => {
            let flat = x.data.clone().reshape([rows, n]);
            x.with(multiplied(flat, matrix.transpose()))
        }
        _ => {
            let batch = x.data.clone().reshape([rows, n, inner]);
            x.with(multiplied(matrix.reshape([1, out, n]), batch))
        }
    };
    with_bias(y, bias, inner)
}

/// `[B, N, K]` × `[B, K, M]`.
pub(in crate::engine::ops) fn product(left: Tensor<3>, right: Tensor<3>) -> Tensor<3> {
    multiplied(left, right)
}
