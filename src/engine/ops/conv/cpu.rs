//! Convolutions on the CPU: in single precision straight from the map where there
//! are no groups or each channel is one, else by products with its columns or by
//! Burn's library.
//!
//! Burn's own entry points choose the device at run time and so link the GPU's
//! matrix products of `cubek` too, a third of the WebAssembly code; here the
//! CPU's implementation is named.

#![allow(
    clippy::cast_possible_wrap,
    reason = "counts are far below the types' ranges, and f32 is the passes' precision"
)]

use burn::backend::ops::{ConvOptions, ConvTransposeOptions, ModuleOps};
use burn::backend::tensor::FloatTensor;
use burn::backend::{Dispatch, Flex, backend_extension};
use burn::tensor::{DType, Slice, Tensor, TensorData};
use dextr_loops::Convolution;

use super::columns::Columns;
use crate::engine::jet::Jets;
use crate::engine::ops::arrange::pad;
use crate::engine::ops::host::with_bias;
use crate::engine::ops::library::multiplied;
use crate::engine::read::{Lent, unreadable};
use crate::error::Result;
use crate::network::{Conv, Window};

/// See [`conv`](super::conv()).
pub(super) fn conv(
    x: Jets,
    axes: &[usize],
    conv: &Conv,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
) -> Result<Jets> {
    let y = match conv.transposed {
        None if let Some(form) = direct(&x, axes, conv) => straight(&x, conv, form, &weight)?,
        None if by_columns(&x, conv) => {
            let columns = Columns::of(conv, axes, x.layout.rows());
            let [_, few, length, _] = columns.sides();
            let weight = weight.reshape([1, 1, few, length]);
            let parts = columns.each(&x, |_, taken| multiplied(weight.clone(), taken))?;
            x.with(Tensor::cat(parts, 0))
        }
        None => plain(x, axes, conv, weight),
        Some(extra) => transposed(&x, axes, conv, weight, extra),
    };
    let runs = y.data.dims()[1] / conv.out;
    with_bias(y, bias, runs)
}

/// Whether it goes straight from the map.
pub(super) fn is_direct(x: &Jets, axes: &[usize], conv: &Conv) -> bool {
    direct(x, axes, conv).is_some()
}

/// The convolution as the loops take it, where they are faster.
fn direct(x: &Jets, axes: &[usize], conv: &Conv) -> Option<Convolution> {
    let (window, &[channels, h, w]) = (conv.window, axes) else {
        return None;
    };
    let form = Convolution {
        map: [channels, h, w],
        out: conv.out,
        counts: window.counts([h, w], false)?,
        kernel: window.kernel,
        stride: window.stride,
        dilation: window.dilation,
        before: [window.before(0), window.before(1)],
    };
    let suits = conv.groups == 1 && form.suits();
    let single = x.data.dtype() == DType::F32;
    (single && (suits || is_alone(conv, channels))).then_some(form)
}

/// Whether each channel of the result sees one channel of the map.
fn is_alone(conv: &Conv, channels: usize) -> bool {
    channels > 1 && conv.groups == channels && conv.out.is_multiple_of(channels)
}

/// The convolution straight from the map.
fn straight(x: &Jets, conv: &Conv, form: Convolution, weight: &Tensor<4>) -> Result<Jets> {
    let (device, layout) = (x.data.device(), x.layout);
    let (map, weight) = (Lent::of(&x.data)?, Lent::of(weight)?);
    let (Some(map), Some(weight)) = (map.single(), weight.single()) else {
        return Err(unreadable("its weights have another type"));
    };
    let elements = form.out * form.counts[0] * form.counts[1];
    let mut y = vec![0.0f32; layout.rows() * elements];
    if is_alone(conv, form.map[0]) {
        form.apply_alone(map, weight, &mut y);
    } else {
        form.apply(map, weight, &mut y);
    }
    let y = TensorData::new(y, [layout.rows(), elements]);
    let data = Tensor::from_data(y, (&device, DType::F32));
    Ok(Jets { data, layout })
}

/// Whether a product with the columns of the map is faster than the library,
/// which for each image turns the map around first.
fn by_columns(x: &Jets, conv: &Conv) -> bool {
    let batch = x.layout.curves == 0 && x.layout.images > 1;
    batch && conv.groups == 1 && conv.window.kernel != [1, 1]
}

fn plain(x: Jets, axes: &[usize], conv: &Conv, weight: Tensor<4>) -> Jets {
    let mut window = conv.window;
    let [top, left, bottom, right] = window.padding;
    let (mut x, mut sides) = (x, axes.to_vec());
    if !window.is_even() {
        x = pad(x, axes, &[0, top, left], &[0, bottom, right], 0.0);
        sides = vec![axes[0], axes[1] + top + bottom, axes[2] + left + right];
        window.padding = [0; 4];
    }
    let mut batch = x.view::<4>(&sides);
    if (window.kernel, window.padding) == ([1, 1], [0; 4]) && window.stride != [1, 1] {
        // Nothing reads what lies between: a matrix product is left.
        let [rows, columns] = window.stride.map(|n| Slice::new(0, None, n as isize));
        batch = batch.slice([(..).into(), (..).into(), rows, columns]);
        window.stride = [1, 1];
    }
    let (batch, weight) = (batch.into_dispatch(), weight.into_dispatch());
    let y = <Dispatch as Library>::conv(batch, weight, window, conv.groups);
    x.with(Tensor::<4>::from_dispatch(y))
}

fn transposed(x: &Jets, axes: &[usize], conv: &Conv, weight: Tensor<4>, extra: [usize; 2]) -> Jets {
    let mut window = conv.window;
    let [top, left, bottom, right] = window.padding;
    let even = window.is_even();
    if !even {
        window.padding = [0; 4];
    }
    let (batch, weight) = (x.view::<4>(axes).into_dispatch(), weight.into_dispatch());
    let y = <Dispatch as Library>::transposed(batch, weight, window, conv.groups, extra);
    let mut y = Tensor::<4>::from_dispatch(y);
    if !even {
        let [_, _, h, w] = y.dims();
        y = y
            .slice_dim(2, top..h - bottom)
            .slice_dim(3, left..w - right);
    }
    x.with(y)
}

/// `[rows, C, H, W]` with PyTorch's weights, and padding alike on opposite sides.
#[backend_extension(Flex)]
trait Library: burn::backend::Backend {
    fn conv(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        window: Window,
        groups: usize,
    ) -> FloatTensor<Self>;
    fn transposed(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        window: Window,
        groups: usize,
        extra: [usize; 2],
    ) -> FloatTensor<Self>;
}

type Host = FloatTensor<Flex>;

impl Library for Flex {
    fn conv(x: Host, weight: Host, window: Window, groups: usize) -> Host {
        let padding = [window.before(0), window.before(1)];
        let options = ConvOptions::new(window.stride, padding, window.dilation, groups);
        <Flex as ModuleOps<Flex>>::conv2d(x, weight, None, options)
    }

    fn transposed(x: Host, weight: Host, window: Window, groups: usize, extra: [usize; 2]) -> Host {
        let padding = [window.before(0), window.before(1)];
        let options =
            ConvTransposeOptions::new(window.stride, padding, extra, window.dilation, groups);
        <Flex as ModuleOps<Flex>>::conv_transpose2d(x, weight, None, options)
    }
}
