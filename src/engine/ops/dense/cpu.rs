//! Matrix products on the CPU, by Burn's library; see `conv::cpu`.

use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Dispatch, Flex, backend_extension};
use burn::tensor::Tensor;

use crate::engine::jet::Jets;
use crate::engine::ops::host::with_bias;
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

/// Products of the last two axes; the others are one batch, repeated where one
/// side has 1.
pub(in crate::engine::ops) fn multiplied<const D: usize>(
    left: Tensor<D>,
    right: Tensor<D>,
) -> Tensor<D> {
    let (left, right) = (left.into_dispatch(), right.into_dispatch());
    Tensor::from_dispatch(<Dispatch as Library>::multiplied(left, right))
}

#[backend_extension(Flex)]
trait Library: burn::backend::Backend {
    fn multiplied(left: FloatTensor<Self>, right: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl Library for Flex {
    fn multiplied(left: FloatTensor<Flex>, right: FloatTensor<Flex>) -> FloatTensor<Flex> {
        Flex::float_matmul(left, right)
    }
}
