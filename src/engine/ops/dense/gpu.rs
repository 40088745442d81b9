//! Matrix products on a GPU: convolutions of 1×1.

use burn::tensor::Tensor;

use crate::engine::jet::Jets;
use crate::engine::ops::conv::gpu::{Sizes, run};
use crate::error::Result;

/// `[out, n]` along the middle axis of `[outer, n, inner]`.
pub(super) fn along(
    x: &Jets,
    [outer, n, inner]: [usize; 3],
    matrix: Tensor<2>,
    bias: Option<Tensor<1>>,
) -> Result<Jets> {
    let (rows, values) = (x.layout.rows() * outer, x.layout.values() * outer);
    let sizes = Sizes::of_points([rows, n, inner], matrix.dims()[0], 1);
    Ok(x.with(run(x.data.clone(), matrix, bias, sizes, values)))
}

/// `[B, N, K]` × `[B, K, M]`.
pub(in crate::engine::ops) fn product(left: Tensor<3>, right: Tensor<3>) -> Tensor<3> {
    let ([batch, n, k], [_, _, m]) = (left.dims(), right.dims());
    let sizes = Sizes::of_points([1, batch * k, m], batch * n, batch);
    run(right, left, None, sizes, 0).reshape([batch, n, m])
}
