//! Convolutions on a GPU and, as convolutions of 1×1, matrix products: shapes,
//! tiles and dispatches of the kernels.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a launch's sizes were held against the kernels' limits before"
)]

use burn::backend::tensor::FloatTensor;
use burn::backend::{Dispatch, backend_extension};
use burn::tensor::Tensor;
use burn_cubecl::CubeBackend;
use burn_cubecl::cubecl::prelude::{Client, CubeCount, CubeDim};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;

use super::kernel::{self, ShapeLaunch};
use crate::engine::jet::Jets;
use crate::error::Result;
use crate::gpu::{CUBES, UNITS, each, empty};
use crate::network::{Conv, Window};

/// See [`conv`](super::conv()).
#[expect(
    clippy::needless_pass_by_value,
    reason = "the same signature as the CPU's, which works in place"
)]
pub(super) fn conv(
    x: Jets,
    axes: &[usize],
    conv: &Conv,
    weight: Tensor<4>,
    bias: Option<Tensor<1>>,
) -> Result<Jets> {
    let sizes = Sizes::new([x.layout.rows(), axes[0], axes[1], axes[2]], conv);
    let weight = match conv.transposed {
        None => weight,
        Some(_) => {
            // As a convolution: channels change places, and the kernel is turned.
            let [inside, outside, kh, kw] = weight.dims();
            let inside = inside / conv.groups;
            let weight = weight.reshape([conv.groups, inside, outside, kh * kw]);
            weight.permute([0, 2, 1, 3]).flip([3])
        }
    };
    Ok(x.with(run(x.data.clone(), weight, bias, sizes, x.layout.values())))
}

/// The convolution of `x`, which lies as `sizes` says, with
/// `[outputs, channels / groups, kernel]`; the first `values` rows get the bias.
pub(in crate::engine::ops) fn run<const X: usize, const W: usize>(
    x: Tensor<X>,
    weight: Tensor<W>,
    bias: Option<Tensor<1>>,
    sizes: Sizes,
    values: usize,
) -> Tensor<4> {
    let (x, weight) = (x.into_dispatch(), weight.into_dispatch());
    // Without a bias something must be bound: the weight, which is then not read.
    let (bias, values) = match bias {
        Some(bias) => (bias.into_dispatch(), values),
        None => (weight.clone(), 0),
    };
    Tensor::from_dispatch(<Dispatch as Tiles>::run(x, weight, bias, sizes, values))
}

#[backend_extension(Cube)]
trait Tiles: burn::backend::Backend {
    fn run(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        sizes: Sizes,
        values: usize,
    ) -> FloatTensor<Self>;
}

/// Output channels of a group under which tiles would be mostly empty.
const FEW: usize = 8;

/// Products of one sum: the place of a number within a window comes from a
/// division in single precision, right up to 2²¹, and some software drivers
/// leave a loop without a word when an invocation has made 65,536 turns, of
/// which a tile takes up to three for eight products.
pub(in crate::engine) const LONGEST: usize = 1 << 17;

/// Products of a sum that one invocation adds up by itself: a turn for each.
const ALONE: usize = 1 << 15;

/// Multiplications of one dispatch: some tenths of a second on a slow GPU, so
/// that no browser takes it for hung.
const WORK: u64 = 1 << 32;

/// Multiplications after which a dispatch does not wait for others: 128 lighter
/// ones make a submission of a third of a second at 100 G a second.
const HEAVY: u64 = 1 << 28;

/// A convolution's sizes.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine::ops) struct Sizes {
    /// `[rows, channels, height, width]`.
    input: [usize; 4],
    outputs: usize,
    out: [usize; 2],
    kernel: [usize; 2],
    groups: usize,
    stride: [usize; 2],
    dilation: [usize; 2],
    /// Zeros above and left, below zero where something is cut.
    before: [isize; 2],
    /// Distance of the input's numbers among zeros.
    up: [usize; 2],
}

impl Sizes {
    fn new(input: [usize; 4], conv: &Conv) -> Self {
        let (window, size) = (conv.window, [input[2], input[3]]);
        let before = [window.before(0) as isize, window.before(1) as isize];
        let (out, stride, before, up) = match conv.transposed {
            None => (window.counts(size, false), window.stride, before, [1, 1]),
            Some(extra) => {
                let reach = |i: usize| (window.dilation[i] * (window.kernel[i] - 1)) as isize;
                let turned = [reach(0) - before[0], reach(1) - before[1]];
                (
                    window.transposed(size, extra),
                    [1, 1],
                    turned,
                    window.stride,
                )
            }
        };
        Self {
            input,
            outputs: conv.out,
            // The shape rule has refused what does not fit.
            out: out.unwrap_or_default(),
            kernel: window.kernel,
            groups: conv.groups,
            stride,
            dilation: window.dilation,
            before,
            up,
        }
    }

    /// A matrix product as a convolution of 1×1, on `[rows, channels, width]`.
    pub(in crate::engine::ops) fn of_points(
        [rows, channels, width]: [usize; 3],
        outputs: usize,
        groups: usize,
    ) -> Self {
        let conv = Conv {
            out: outputs,
            window: Window::POINT,
            groups,
            bias: false,
            transposed: None,
        };
        Self::new([rows, channels, 1, width], &conv)
    }

    fn columns(&self) -> usize {
        self.input[0] * self.out[0] * self.out[1]
    }

    /// Multiplications for one number of the output.
    fn length(&self) -> usize {
        self.input[1] / self.groups * self.kernel[0] * self.kernel[1]
    }

    fn shape(&self, values: usize) -> ShapeLaunch {
        let [_, channels, height, width] = self.input;
        let [kh, kw] = self.kernel;
        let word = |n: usize| n as u32;
        ShapeLaunch::new(
            word(channels),
            word(channels / self.groups),
            word(height),
            word(width),
            word(self.outputs / self.groups),
            word(self.outputs),
            word(self.out[1]),
            word(self.out[0] * self.out[1]),
            word(kh * kw),
            word(kw),
            1.0 / (kh * kw) as f32,
            1.0 / kw as f32,
            word(self.stride[0]),
            word(self.stride[1]),
            self.before[0] as i32 as u32,
            self.before[1] as i32 as u32,
            word(self.dilation[0]),
            word(self.dilation[1]),
            word(self.up[0]),
            word(self.up[1]),
            word(self.columns()),
            word(values),
        )
    }
}

impl Tiles for CubeBackend {
    fn run(
        x: CubeTensor,
        weight: CubeTensor,
        bias: CubeTensor,
        conv: Sizes,
        values: usize,
    ) -> CubeTensor {
        let [x, weight, bias] = [x, weight, bias].map(into_contiguous);
        let client = x.client.clone();
        let y = empty(&x, [conv.input[0], conv.outputs, conv.out[0], conv.out[1]]);
        let biased = values > 0;
        let stuffed = conv.up != [1, 1];
        let (columns, outside) = (conv.columns(), conv.outputs / conv.groups);

        if outside < FEW && conv.length() <= ALONE {
            let all = columns * conv.outputs;
            let share = (WORK / conv.length().max(1) as u64).clamp(1, 1 << 30) as usize;
            for first in (0..all).step_by(share) {
                let count = share.min(all - first);
                let (cubes, cube) = each(&client, count);
                kernel::direct::launch(
                    &client,
                    cubes,
                    cube,
                    x.clone().into_buffer_arg(),
                    weight.clone().into_buffer_arg(),
                    bias.clone().into_buffer_arg(),
                    y.clone().into_buffer_arg(),
                    conv.shape(values),
                    first as u32,
                    (first + count) as u32,
                    stuffed,
                    biased,
                );
                submit_heavy(&client, (count * conv.length()) as u64);
            }
            return y;
        }

        let (across, depth) = match outside {
            0..=16 => (64, 8),
            17..=32 => (32, 16),
            _ => (16, 16),
        };
        let wide = 4 * across;
        let tall = outside.div_ceil(1024 / across);
        let tiles = columns.div_ceil(wide);
        for group in (0..conv.groups).step_by(CUBES) {
            let groups = (conv.groups - group).min(CUBES);
            let work = [groups, outside, wide, conv.length().max(1)];
            let work: u64 = work.iter().map(|&n| n as u64).product();
            let share = (WORK / work).clamp(1, CUBES as u64) as usize;
            for first in (0..tiles).step_by(share) {
                let count = share.min(tiles - first);
                kernel::tiled::launch(
                    &client,
                    CubeCount::Static(count as u32, tall as u32, groups as u32),
                    CubeDim::new_1d(UNITS),
                    x.clone().into_buffer_arg(),
                    weight.clone().into_buffer_arg(),
                    bias.clone().into_buffer_arg(),
                    y.clone().into_buffer_arg(),
                    conv.shape(values),
                    first as u32,
                    group as u32,
                    across,
                    depth,
                    stuffed,
                    biased,
                );
                submit_heavy(&client, count as u64 * work);
            }
        }
        y
    }
}

/// Submits what waits after a dispatch of many multiplications, so that no
/// submission holds two of them: a driver resets a GPU that is busy for long.
fn submit_heavy(client: &Client, multiplications: u64) {
    if multiplications > HEAVY {
        // What went wrong shows when the result is read.
        let _ = client.flush();
    }
}
