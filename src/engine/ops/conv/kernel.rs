//! The linear kernels: convolutions and, as convolutions of 1×1, dense layers
//! and matrix products.
//!
//! Columns are the output's positions of all rows of the batch. A workgroup
//! makes a tile of output channels × columns; input and weights pass through
//! shared memory in slices of `depth`, and an invocation keeps 4 × 4 sums.
//! Shapes are scalars, so that one pipeline serves all layers of a kind.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a launch's sizes were held against the kernels' limits before"
)]

use burn_cubecl::cubecl;
use burn_cubecl::cubecl::prelude::*;

/// Four columns side by side, or four output channels.
type Four = Vector<f32, Const<4>>;

/// Shape of a convolution, with what would be divided for again and again.
#[derive(CubeType, CubeLaunch, Clone, Copy)]
pub(super) struct Shape {
    /// Input channels in all, and of a group.
    channels: u32,
    inside: u32,
    height: u32,
    width: u32,
    /// Output channels of a group, and in all.
    outside: u32,
    outputs: u32,
    out_width: u32,
    /// Output positions of a row.
    positions: u32,
    /// Numbers in a kernel, and in a line of it.
    area: u32,
    line: u32,
    /// 1 / area and 1 / line.
    per_area: f32,
    per_line: f32,
    stride_y: u32,
    stride_x: u32,
    /// Zeros above and left; a number below zero (cut) is its two's complement.
    top: u32,
    left: u32,
    dilation_y: u32,
    dilation_x: u32,
    /// Distance of the input's numbers among zeros (transposed convolution).
    up_y: u32,
    up_x: u32,
    /// Positions in all rows, and rows that get the bias.
    columns: u32,
    values: u32,
}

/// A column: its row of the batch, its place, and where its window begins.
#[derive(CubeType)]
struct Column {
    inside: bool,
    row: u32,
    place: u32,
    y: u32,
    x: u32,
}

/// The convolution by tiles of 1024 / `across` channels × 4 · `across` columns.
/// Workgroup (x, y, z): columns from tile `first`, channels, and groups from
/// `group`.
#[cube(launch)]
pub(super) fn tiled(
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    y: &mut [f32],
    shape: &Shape,
    first: u32,
    group: u32,
    #[comptime] across: usize,
    #[comptime] depth: usize,
    #[comptime] stuffed: bool,
    #[comptime] biased: bool,
) {
    let tall = comptime!(256 / across);
    let mut xs = Shared::<[Four]>::new_slice(comptime!(depth * across));
    // One more in a line: a line's writes go to different banks.
    let mut ws = Shared::<[Four]>::new_slice(comptime!(depth * (tall + 1)));
    let unit = UNIT_POS as usize;
    let (tx, ty) = (unit % across, unit / across);
    let group = group + CUBE_POS_Z;
    let length = shape.inside * shape.area;
    let o = CUBE_POS_Y * comptime!(4 * tall as u32);
    let j = (first + CUBE_POS_X) * comptime!(4 * across as u32) + 4 * tx as u32;
    let c0 = column(shape, j);
    let c1 = column(shape, j + 1);
    let c2 = column(shape, j + 2);
    let c3 = column(shape, j + 3);
    let mut s0 = Four::new(0.0f32);
    let mut s1 = Four::new(0.0f32);
    let mut s2 = Four::new(0.0f32);
    let mut s3 = Four::new(0.0f32);

    let mut begin = 0u32;
    while begin < length {
        let mut line = ty;
        while line < depth {
            let k = begin + line as u32;
            let mut v = Four::new(0.0f32);
            if k < length {
                let channel = divided(k, shape.per_area);
                let rest = k - channel * shape.area;
                let ky = divided(rest, shape.per_line);
                let kx = rest - ky * shape.line;
                let channel = group * shape.inside + channel;
                v.insert(0usize, fetch(x, shape, &c0, channel, ky, kx, stuffed));
                v.insert(1usize, fetch(x, shape, &c1, channel, ky, kx, stuffed));
                v.insert(2usize, fetch(x, shape, &c2, channel, ky, kx, stuffed));
                v.insert(3usize, fetch(x, shape, &c3, channel, ky, kx, stuffed));
            }
            xs[line * across + tx] = v;
            line += tall;
        }
        if unit < comptime!(depth * tall) {
            let (line, four) = (unit % depth, unit / depth);
            let k = begin + line as u32;
            let at = o + 4 * four as u32;
            let mut v = Four::new(0.0f32);
            if k < length {
                let from = (group * shape.outside + at) * length + k;
                if at < shape.outside {
                    v.insert(0usize, weight[from as usize]);
                }
                if at + 1 < shape.outside {
                    v.insert(1usize, weight[(from + length) as usize]);
                }
                if at + 2 < shape.outside {
                    v.insert(2usize, weight[(from + 2 * length) as usize]);
                }
                if at + 3 < shape.outside {
                    v.insert(3usize, weight[(from + 3 * length) as usize]);
                }
            }
            ws[line * (tall + 1) + four] = v;
        }
        sync_cube();
        #[unroll]
        for line in 0..depth {
            let w = ws[line * (tall + 1) + ty];
            let v = xs[line * across + tx];
            s0 += Four::new(w.extract(0usize)) * v;
            s1 += Four::new(w.extract(1usize)) * v;
            s2 += Four::new(w.extract(2usize)) * v;
            s3 += Four::new(w.extract(3usize)) * v;
        }
        sync_cube();
        begin += comptime!(depth as u32);
    }

    let o = o + 4 * ty as u32;
    line_out(bias, y, shape, group, o, &c0, &c1, &c2, &c3, s0, biased);
    line_out(bias, y, shape, group, o + 1, &c0, &c1, &c2, &c3, s1, biased);
    line_out(bias, y, shape, group, o + 2, &c0, &c1, &c2, &c3, s2, biased);
    line_out(bias, y, shape, group, o + 3, &c0, &c1, &c2, &c3, s3, biased);
}

/// The convolution of groups with few output channels (depthwise): one
/// invocation for each number of the output from `first` to `end`.
#[cube(launch)]
pub(super) fn direct(
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    y: &mut [f32],
    shape: &Shape,
    first: u32,
    end: u32,
    #[comptime] stuffed: bool,
    #[comptime] biased: bool,
) {
    let e = first + ABSOLUTE_POS as u32;
    if e < end {
        let place = e % shape.positions;
        let output = e / shape.positions % shape.outputs;
        let row = e / shape.positions / shape.outputs;
        let at = column(shape, row * shape.positions + place);
        let channel = output / shape.outside * shape.inside;
        let length = shape.inside * shape.area;
        let from = output * length;
        let mut sum = 0.0f32;
        let mut c = 0u32;
        let mut ky = 0u32;
        let mut kx = 0u32;
        let mut k = 0u32;
        while k < length {
            let v = fetch(x, shape, &at, channel + c, ky, kx, stuffed);
            sum += weight[(from + k) as usize] * v;
            k += 1;
            kx += 1;
            if kx == shape.line {
                kx = 0;
                ky += 1;
                if ky * shape.line == shape.area {
                    ky = 0;
                    c += 1;
                }
            }
        }
        let mut b = 0.0f32;
        if comptime!(biased) {
            b = bias[output as usize];
        }
        out(y, shape, output, &at, sum, b);
    }
}

/// `k` / d by its reciprocal, right for k < 2²¹ (see `gpu::LONGEST`): k + ½ is
/// at least 1 / 2d from a multiple of d, when divided.
#[cube]
fn divided(k: u32, reciprocal: f32) -> u32 {
    u32::cast_from((f32::cast_from(k) + 0.5f32) * reciprocal)
}

#[cube]
fn column(shape: &Shape, j: u32) -> Column {
    let row = j / shape.positions;
    let place = j - row * shape.positions;
    let y = place / shape.out_width;
    let x = place - y * shape.out_width;
    Column {
        inside: j < shape.columns,
        row,
        place,
        y: y * shape.stride_y - shape.top,
        x: x * shape.stride_x - shape.left,
    }
}

/// The input under place (`ky`, `kx`) of a column's window, or zero.
#[cube]
fn fetch(
    x: &[f32],
    shape: &Shape,
    at: &Column,
    channel: u32,
    ky: u32,
    kx: u32,
    #[comptime] stuffed: bool,
) -> f32 {
    let mut row = at.y + ky * shape.dilation_y;
    let mut col = at.x + kx * shape.dilation_x;
    let mut inside = at.inside;
    if comptime!(stuffed) {
        let (y, x) = (row / shape.up_y, col / shape.up_x);
        inside = inside && y * shape.up_y == row && x * shape.up_x == col;
        row = y;
        col = x;
    }
    let mut v = 0.0f32;
    // What is left of zero has wrapped to a large number.
    if inside && row < shape.height && col < shape.width {
        let line = (at.row * shape.channels + channel) * shape.height + row;
        v = x[(line * shape.width + col) as usize];
    }
    v
}

/// Four columns of an output channel of a group.
#[cube]
fn line_out(
    bias: &[f32],
    y: &mut [f32],
    shape: &Shape,
    group: u32,
    o: u32,
    c0: &Column,
    c1: &Column,
    c2: &Column,
    c3: &Column,
    sums: Four,
    #[comptime] biased: bool,
) {
    if o < shape.outside {
        let output = group * shape.outside + o;
        let mut b = 0.0f32;
        if comptime!(biased) {
            b = bias[output as usize];
        }
        out(y, shape, output, c0, sums.extract(0usize), b);
        out(y, shape, output, c1, sums.extract(1usize), b);
        out(y, shape, output, c2, sums.extract(2usize), b);
        out(y, shape, output, c3, sums.extract(3usize), b);
    }
}

#[cube]
fn out(y: &mut [f32], shape: &Shape, output: u32, at: &Column, sum: f32, bias: f32) {
    if at.inside {
        let mut sum = sum;
        if at.row < shape.values {
            sum += bias;
        }
        y[((at.row * shape.outputs + output) * shape.positions + at.place) as usize] = sum;
    }
}
