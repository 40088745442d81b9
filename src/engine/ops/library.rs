//! Matrix products on the CPU, by Burn's library; see `conv::cpu`.

use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Dispatch, Flex, backend_extension};
use burn::tensor::Tensor;

/// Products of the last two axes; the others are one batch, repeated where one
/// side has 1.
pub(super) fn multiplied<const D: usize>(left: Tensor<D>, right: Tensor<D>) -> Tensor<D> {
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
