//! Launches the kernels of `super::conv`: shapes, tiles and dispatches.

use burn::tensor::Shape as Axes;
use burn_cubecl::cubecl::calculate_cube_count_elemwise;
use burn_cubecl::cubecl::prelude::{Client, CubeCount, CubeDim};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;

use super::conv::{self, ShapeLaunch};
use super::{CUBES, UNITS};
use crate::engine::ops::conv::Moves;

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

/// A convolution's shape.
#[derive(Debug, Clone, Copy)]
pub(in crate::engine::ops) struct Conv {
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

impl Conv {
    pub(in crate::engine::ops) fn new(
        input: [usize; 4],
        outputs: usize,
        kernel: [usize; 2],
        how: Moves,
    ) -> Self {
        let [top, left, bottom, right] = how.padding;
        let pads = [top + bottom, left + right];
        let out = |i: usize| {
            let reach = how.dilation[i] * (kernel[i] - 1);
            (input[2 + i] + pads[i] - reach - 1) / how.stride[i] + 1
        };
        Self {
            input,
            outputs,
            out: [out(0), out(1)],
            kernel,
            groups: how.groups,
            stride: how.stride,
            dilation: how.dilation,
            before: [top as isize, left as isize],
            up: [1, 1],
        }
    }

    pub(in crate::engine::ops) fn transposed(
        input: [usize; 4],
        outputs: usize,
        kernel: [usize; 2],
        output_padding: [usize; 2],
        how: Moves,
    ) -> Self {
        let [top, left, bottom, right] = how.padding;
        let (before, pads) = ([top, left], [top + bottom, left + right]);
        let reach = |i: usize| how.dilation[i] * (kernel[i] - 1);
        let out = |i: usize| {
            (input[2 + i] - 1) * how.stride[i] + reach(i) + 1 + output_padding[i] - pads[i]
        };
        let turned = |i: usize| reach(i) as isize - before[i] as isize;
        Self {
            input,
            outputs,
            out: [out(0), out(1)],
            kernel,
            groups: how.groups,
            stride: [1, 1],
            dilation: how.dilation,
            before: [turned(0), turned(1)],
            up: how.stride,
        }
    }

    /// A matrix product as a convolution of 1×1, on `[rows, channels, width]`.
    pub(in crate::engine::ops) fn of_points(
        [rows, channels, width]: [usize; 3],
        outputs: usize,
        groups: usize,
    ) -> Self {
        let how = Moves {
            stride: [1, 1],
            padding: [0; 4],
            dilation: [1, 1],
            groups,
        };
        Self::new([rows, channels, 1, width], outputs, [1, 1], how)
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

/// The convolution of `x` with `[outputs, channels / groups, kernel]`, and the
/// bias on the first `values` rows: with
/// none, `bias` is bound and not read.
pub(in crate::engine::ops) fn run(
    x: CubeTensor,
    weight: CubeTensor,
    bias: CubeTensor,
    conv: Conv,
    values: usize,
) -> CubeTensor {
    let (x, weight) = (into_contiguous(x), into_contiguous(weight));
    let (client, device) = (x.client.clone(), x.device.clone());
    let axes = Axes::new([conv.input[0], conv.outputs, conv.out[0], conv.out[1]]);
    let y = empty_device_contiguous_dtype(client.clone(), device, axes, x.dtype);
    let biased = values > 0;
    let bias = into_contiguous(bias);
    let stuffed = conv.up != [1, 1];
    let (columns, outside) = (conv.columns(), conv.outputs / conv.groups);
    let cube = CubeDim::new_1d(UNITS as u32);

    if outside < FEW && conv.length() <= ALONE {
        let all = columns * conv.outputs;
        let share = (WORK / conv.length().max(1) as u64).clamp(1, 1 << 30) as usize;
        for first in (0..all).step_by(share) {
            let count = share.min(all - first);
            conv::direct::launch(
                &client,
                calculate_cube_count_elemwise(&client, count, cube),
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
            conv::tiled::launch(
                &client,
                CubeCount::Static(count as u32, tall as u32, groups as u32),
                cube,
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

/// Submits what waits after a dispatch of many multiplications, so that no
/// submission holds two of them: a driver resets a GPU that is busy for long.
fn submit_heavy(client: &Client, multiplications: u64) {
    if multiplications > HEAVY {
        // What went wrong shows when the result is read.
        let _ = client.flush();
    }
}
