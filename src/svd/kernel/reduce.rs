//! The kernels that bring maps into the work buffer, and what kernels share.
//!
//! WebGPU allows a barrier only where all invocations of a workgroup provably
//! arrive. CubeCL declares every buffer writable, and what is read from such a
//! buffer proves nothing: bounds of loops with barriers pass through
//! `workgroup_uniform_load`.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a launch's sizes were held against the kernels' limits before"
)]

use burn_cubecl::cubecl;
use burn_cubecl::cubecl::prelude::*;

use super::super::plan::{FACTS, WORDS};
use crate::gpu::{add_all, largest, shrinking};

/// Terms that are added up before they are added to the sum: rounding grows
/// with the square root of the number of terms in a row.
pub(in super::super) const CHUNK: usize = 32;

/// Where a map goes in the work buffer: see [`Place`](super::Place).
#[derive(CubeType, CubeLaunch, Clone, Copy)]
pub(super) struct Target {
    offset: u32,
    rows: u32,
    columns: u32,
}

impl From<super::Place> for TargetLaunch {
    fn from(place: super::Place) -> Self {
        Self::new(place.offset as u32, place.rows as u32, place.columns as u32)
    }
}

/// Copies a map (row-major, at the front of `map`) to its place in the work
/// buffer, with the shorter axis' vectors contiguous. One invocation a number.
#[cube(launch)]
pub(super) fn pack(map: &[f32], work: &mut [f32], target: Target) {
    put(map, work, target, ABSOLUTE_POS as u32);
}

/// [`pack`] for six maps: a line of workgroups for each (CUBE_POS_Y).
#[cube(launch)]
#[allow(clippy::too_many_arguments, reason = "a binding a map")]
pub(super) fn pack_six(
    first: &[f32],
    second: &[f32],
    third: &[f32],
    fourth: &[f32],
    fifth: &[f32],
    sixth: &[f32],
    work: &mut [f32],
    to_first: Target,
    to_second: Target,
    to_third: Target,
    to_fourth: Target,
    to_fifth: Target,
    to_sixth: Target,
) {
    let e = CUBE_POS_X * CUBE_DIM_X + UNIT_POS_X;
    if CUBE_POS_Y == 0 {
        put(first, work, to_first, e);
    } else if CUBE_POS_Y == 1 {
        put(second, work, to_second, e);
    } else if CUBE_POS_Y == 2 {
        put(third, work, to_third, e);
    } else if CUBE_POS_Y == 3 {
        put(fourth, work, to_fourth, e);
    } else if CUBE_POS_Y == 4 {
        put(fifth, work, to_fifth, e);
    } else {
        put(sixth, work, to_sixth, e);
    }
}

#[cube]
fn put(map: &[f32], work: &mut [f32], target: Target, e: u32) {
    let (rows, columns) = (target.rows, target.columns);
    if e < rows * columns {
        let mut from = e;
        if rows > columns {
            from = (e % rows) * columns + e / rows;
        }
        work[(target.offset + e) as usize] = map[from as usize];
    }
}

/// Scales each matrix by a power of two so that its largest number is in
/// [1, 2), and writes its `facts`: Frobenius norm, exponent, status (1, or 2: it
/// has a number that is not finite, and is taken as zero). One workgroup a matrix.
///
/// Bits are compared, not numbers: WGSL lets an implementation assume that
/// there is no NaN.
#[cube(launch)]
pub(super) fn scale(tasks: &[u32], work: &mut [f32], facts: &mut [f32]) {
    let matrix = CUBE_POS_X as usize;
    let unit = UNIT_POS as usize;
    let begin = tasks[matrix * WORDS] as usize;
    let count = (tasks[matrix * WORDS + 1] * tasks[matrix * WORDS + 2]) as usize;
    let mut bits = Shared::<[u32]>::new_slice(272usize);
    let mut sums = Shared::<[f32]>::new_slice(272usize);

    let largest = largest(&*work, begin, count, &mut bits);
    let exponent = largest >> 23u32;
    let factor = shrinking(largest);
    let mut sum = 0.0f32;
    let mut i = unit;
    while i < count {
        let mut value = 0.0f32;
        if exponent > 0u32 && exponent < 255u32 {
            value = work[begin + i] * factor;
        }
        work[begin + i] = value;
        sum += value * value;
        i += 256;
    }
    let total = add_all(&mut sums, sum);
    if unit == 0 {
        facts[matrix * FACTS] = total.sqrt();
        facts[matrix * FACTS + 1] = f32::cast_from(min(exponent, 253u32)) - 127.0f32;
        let mut status = 1.0f32;
        if exponent == 255u32 {
            status = 2.0f32;
        }
        facts[matrix * FACTS + 2] = status;
    }
}

/// Σ x_i y_i over i = from, from + stride, … < end, of vectors that begin at
/// `x` and `y`; [`CHUNK`] terms at a time.
#[cube]
pub(super) fn dot(data: &[f32], x: usize, y: usize, from: usize, stride: usize, end: usize) -> f32 {
    let mut total = 0.0f32;
    let mut i = from;
    while i < end {
        let stop = min(i + CHUNK * stride, end);
        let mut part = 0.0f32;
        while i < stop {
            part += data[x + i] * data[y + i];
            i += stride;
        }
        total += part;
    }
    total
}
