//! Convolution and matrix product where the tensors are: on the CPU by Burn's
//! library, on a GPU by `kernel::conv`.
//!
//! Burn's own entry points choose the device at run time and so link the GPU's
//! matrix products of `cubek` too, a third of the WebAssembly code; here each
//! device's implementation is named.

use burn::backend::ops::{ConvOptions, ConvTransposeOptions};
use burn::backend::ops::{FloatTensorOps, ModuleOps};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Dispatch, Flex, backend_extension};
use burn::tensor::Tensor;
use burn_cubecl::CubeBackend;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;

use super::conv::Moves;
use super::kernel::linear::{self, Conv};

/// `[rows, C, H, W]` with `[O, C/groups, kh, kw]`; a GPU adds the bias to the
/// first `values` rows, the CPU leaves it to the caller.
pub(super) fn conv2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    how: Moves,
    values: usize,
) -> Tensor<4> {
    let (x, weight) = (x.into_dispatch(), weight.into_dispatch());
    let (bias, values) = bound(bias, &weight, values);
    Tensor::from_dispatch(<Dispatch as Linear>::conv2d(x, weight, bias, how, values))
}

/// `[rows, C, H, W]` with `[C, O/groups, kh, kw]`; the bias as in [`conv2d`].
pub(super) fn conv_transpose2d(
    x: Tensor<4>,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
    output_padding: [usize; 2],
    how: Moves,
    values: usize,
) -> Tensor<4> {
    let (x, weight) = (x.into_dispatch(), weight.into_dispatch());
    let (bias, values) = bound(bias, &weight, values);
    Tensor::from_dispatch(<Dispatch as Linear>::conv_transpose2d(
        x,
        weight,
        bias,
        output_padding,
        how,
        values,
    ))
}

/// `[rows, I]` with `[O, I]`; the bias as in [`conv2d`].
pub(super) fn dense(
    x: Tensor<2>,
    weight: Tensor<2>,
    bias: Option<Tensor<1>>,
    values: usize,
) -> Tensor<2> {
    let (x, weight) = (x.into_dispatch(), weight.into_dispatch());
    let (bias, values) = bound(bias, &weight, values);
    Tensor::from_dispatch(<Dispatch as Linear>::dense(x, weight, bias, values))
}

/// The bias and the rows that get it. Without one something must be bound: the
/// weight, which is then not read.
fn bound(
    bias: Option<Tensor<1>>,
    weight: &FloatTensor<Dispatch>,
    values: usize,
) -> (FloatTensor<Dispatch>, usize) {
    match bias {
        Some(bias) => (bias.into_dispatch(), values),
        None => (weight.clone(), 0),
    }
}

/// `[B, N, K]` × `[B, K, M]`.
pub(super) fn product(left: Tensor<3>, right: Tensor<3>) -> Tensor<3> {
    let (left, right) = (left.into_dispatch(), right.into_dispatch());
    Tensor::from_dispatch(<Dispatch as Linear>::product(left, right))
}

/// One matrix `[N, K]` × each of `[B, K, M]`.
pub(super) fn product_each(left: Tensor<2>, right: Tensor<3>) -> Tensor<3> {
    let (left, right) = (left.into_dispatch(), right.into_dispatch());
    Tensor::from_dispatch(<Dispatch as Linear>::product_each(left, right))
}

#[backend_extension(Cube, Flex)]
pub(super) trait Linear: burn::backend::Backend {
    fn conv2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        how: Moves,
        values: usize,
    ) -> FloatTensor<Self>;
    fn conv_transpose2d(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        output_padding: [usize; 2],
        how: Moves,
        values: usize,
    ) -> FloatTensor<Self>;
    fn dense(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        values: usize,
    ) -> FloatTensor<Self>;
    fn product(left: FloatTensor<Self>, right: FloatTensor<Self>) -> FloatTensor<Self>;
    fn product_each(left: FloatTensor<Self>, right: FloatTensor<Self>) -> FloatTensor<Self>;
}

type Host = FloatTensor<Flex>;

impl Linear for Flex {
    fn conv2d(x: Host, weight: Host, _: Host, how: Moves, _: usize) -> Host {
        let [top, left, _, _] = how.padding;
        let options = ConvOptions::new(how.stride, [top, left], how.dilation, how.groups);
        <Flex as ModuleOps<Flex>>::conv2d(x, weight, None, options)
    }

    fn conv_transpose2d(
        x: Host,
        weight: Host,
        _: Host,
        output_padding: [usize; 2],
        how: Moves,
        _: usize,
    ) -> Host {
        let [top, left, _, _] = how.padding;
        let options = ConvTransposeOptions::new(
            how.stride,
            [top, left],
            output_padding,
            how.dilation,
            how.groups,
        );
        <Flex as ModuleOps<Flex>>::conv_transpose2d(x, weight, None, options)
    }

    fn dense(x: Host, weight: Host, _: Host, _: usize) -> Host {
        Flex::float_matmul(x, Flex::float_swap_dims(weight, 0, 1))
    }

    fn product(left: Host, right: Host) -> Host {
        Flex::float_matmul(left, right)
    }

    fn product_each(left: Host, right: Host) -> Host {
        let [n, k] = left.layout().shape().dims();
        let left = Flex::float_reshape(left, [1, n, k].into());
        Flex::float_matmul(left, right)
    }
}

impl Linear for CubeBackend {
    fn conv2d(
        x: CubeTensor,
        weight: CubeTensor,
        bias: CubeTensor,
        how: Moves,
        values: usize,
    ) -> CubeTensor {
        let [rows, channels, height, width] = x.meta.shape().dims();
        let [outputs, _, kh, kw] = weight.meta.shape().dims();
        let conv = Conv::new([rows, channels, height, width], outputs, [kh, kw], how);
        linear::run(x, weight, bias, conv, values)
    }

    fn conv_transpose2d(
        x: CubeTensor,
        weight: CubeTensor,
        bias: CubeTensor,
        output_padding: [usize; 2],
        how: Moves,
        values: usize,
    ) -> CubeTensor {
        let [rows, channels, height, width] = x.meta.shape().dims();
        let [_, outside, kh, kw] = weight.meta.shape().dims();
        let (groups, inside) = (how.groups, channels / how.groups);
        // As a convolution: channels change places, and the kernel is turned.
        let weight = Self::float_reshape(weight, [groups, inside, outside, kh * kw].into());
        let weight = Self::float_permute(weight, &[0, 2, 1, 3]);
        let weight = Self::float_flip(weight, &[3]);
        let outputs = groups * outside;
        let conv = Conv::transposed(
            [rows, channels, height, width],
            outputs,
            [kh, kw],
            output_padding,
            how,
        );
        linear::run(x, weight, bias, conv, values)
    }

    fn dense(x: CubeTensor, weight: CubeTensor, bias: CubeTensor, values: usize) -> CubeTensor {
        let [rows, width] = x.meta.shape().dims();
        let [outputs, _] = weight.meta.shape().dims();
        let y = linear::run(
            x,
            weight,
            bias,
            Conv::of_points([rows, width, 1], outputs, 1),
            values,
        );
        Self::float_reshape(y, [rows, outputs].into())
    }

    fn product(left: CubeTensor, right: CubeTensor) -> CubeTensor {
        let left = into_contiguous(left);
        let [batch, n, _] = left.meta.shape().dims();
        let [_, k, m] = right.meta.shape().dims();
        let conv = Conv::of_points([1, batch * k, m], batch * n, batch);
        let y = linear::run(right, left.clone(), left, conv, 0);
        Self::float_reshape(y, [batch, n, m].into())
    }

    fn product_each(left: CubeTensor, right: CubeTensor) -> CubeTensor {
        let left = into_contiguous(left);
        let [n, _] = left.meta.shape().dims();
        let [batch, k, m] = right.meta.shape().dims();
        let y = linear::run(
            right,
            left.clone(),
            left,
            Conv::of_points([batch, k, m], n, 1),
            0,
        );
        Self::float_reshape(y, [batch, n, m].into())
    }
}
