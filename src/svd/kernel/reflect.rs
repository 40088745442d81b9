//! The kernel that brings a matrix down to its triangular factor.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a launch's sizes were held against the kernels' limits before"
)]

use burn_cubecl::cubecl;
use burn_cubecl::cubecl::prelude::*;

use super::super::plan::{FACTS, WORDS};
use super::reduce::{CHUNK, dot};
use crate::gpu::add_lanes;

/// Columns shorter than this part of ‖A‖ are zero: a reflector made of what is
/// left of cancelled columns has a length whose square underflows.
pub(in super::super) const NOTHING: f32 = 1e-10;

/// Steps `first .. last` of Householder's QR for each matrix, one workgroup a
/// matrix. The longest column that is left comes next, so that the factor is
/// graded: Jacobi then takes a few sweeps whatever the spectrum. Row k of R
/// becomes column k of the factor, Rᵀ (lower triangular, columns contiguous;
/// Jacobi converges sooner on it than on R). The column that makes a reflector
/// stays as it is but for its first number, which is kept aside.
///
/// The factor's last column holds the squared lengths of what is left of the
/// columns until its own step.
///
/// Golub and Van Loan, Matrix Computations, 5.1, 5.2 and 5.4; pivoting as in
/// Drmač and Veselić, "New fast and accurate Jacobi SVD algorithm" (2008).
#[cube(launch)]
pub(super) fn reflect(
    tasks: &[u32],
    facts: &[f32],
    work: &mut [f32],
    factor: &mut [f32],
    first: u32,
    last: u32,
) {
    let matrix = CUBE_POS_X as usize;
    let unit = UNIT_POS as usize;
    let mut uniform = Shared::<[u32]>::new_slice(2usize);
    if unit == 0 {
        uniform[0] = tasks[matrix * WORDS + 2];
        uniform[1] = tasks[matrix * WORDS + 6];
    }
    let columns = workgroup_uniform_load(&uniform[0]) as usize;
    let lanes = workgroup_uniform_load(&uniform[1]) as usize;
    let begin = tasks[matrix * WORDS] as usize;
    let length = tasks[matrix * WORDS + 1] as usize;
    let out = tasks[matrix * WORDS + 3] as usize;
    let squares = out + (columns - 1) * columns;
    let nothing = NOTHING * facts[matrix * FACTS];
    let groups = 256 / lanes;
    let group = unit / lanes;
    let lane = unit % lanes;
    let mut lengths = Shared::<[f32]>::new_slice(272usize);
    let mut places = Shared::<[u32]>::new_slice(272usize);
    let mut partial = Shared::<[f32]>::new_slice(256usize);
    let mut rests = Shared::<[f32]>::new_slice(256usize);

    if first == 0u32 {
        let mut batch = 0usize;
        while batch < (columns + groups - 1) / groups {
            let j = batch * groups + group;
            let a = begin + j * length;
            let mut square = 0.0f32;
            if j < columns {
                square = dot(&*work, a, a, lane, lanes, length);
            }
            partial[unit] = square;
            sync_cube();
            if j < columns && lane == 0 {
                factor[squares + j] = add_lanes(&partial, group * lanes, lanes);
            }
            sync_storage();
            batch += 1;
        }
    }
    let end = min(last as usize, columns);
    let mut k = first as usize;
    while k < end {
        let v = begin + k * length;
        let (square, pivot) = longest(&*factor, squares, k, columns, &mut lengths, &mut places);
        let mut i = k + unit;
        while i < length && pivot > k {
            let other = begin + pivot * length + i;
            let held = work[v + i];
            work[v + i] = work[other];
            work[other] = held;
            i += 256;
        }
        let mut i = unit;
        while i < k {
            let row = out + i * columns;
            let held = factor[row + k];
            factor[row + k] = factor[row + pivot];
            factor[row + pivot] = held;
            i += 256;
        }
        if unit == 0 && pivot > k {
            factor[squares + pivot] = factor[squares + k];
        }
        sync_storage();

        let mut norm = square.sqrt();
        if norm <= nothing {
            norm = 0.0f32;
        }
        let head = work[v + k];
        let mut diagonal = norm;
        if head > 0.0f32 {
            diagonal = -norm;
        }
        let kept = head - diagonal;
        let mut beta = 0.0f32;
        if norm > 0.0f32 {
            beta = 1.0f32 / (norm * (norm + head.abs()));
        }
        if unit == 0 {
            factor[out + k * columns + k] = diagonal;
        }
        let mut above = unit;
        while above < k {
            factor[out + k * columns + above] = 0.0f32;
            above += 256;
        }

        let batches = (columns - k - 1 + groups - 1) / groups;
        let mut batch = 0usize;
        while batch < batches {
            let j = k + 1 + batch * groups + group;
            let a = begin + j * length;
            let mut sum = 0.0f32;
            if j < columns {
                sum = dot(&*work, v, a, k + 1 + lane, lanes, length);
                if lane == 0 {
                    sum += kept * work[a + k];
                }
            }
            partial[unit] = sum;
            sync_cube();
            let mut rest = 0.0f32;
            if j < columns {
                let weight = beta * add_lanes(&partial, group * lanes, lanes);
                rest = subtract(work, a, v, weight, k + 1 + lane, lanes, length);
                if lane == 0 {
                    factor[out + k * columns + j] = work[a + k] - weight * kept;
                }
            }
            rests[unit] = rest;
            sync_cube();
            if j < columns && lane == 0 {
                factor[squares + j] = add_lanes(&rests, group * lanes, lanes);
            }
            batch += 1;
        }
        sync_storage();
        k += 1;
    }
}

/// The largest of the numbers `k .. n` from `begin`, none negative, and its place,
/// known to all 256 invocations; `values` and `places` have 272 numbers.
#[cube]
fn longest(
    numbers: &[f32],
    begin: usize,
    k: usize,
    n: usize,
    values: &mut Shared<[f32]>,
    places: &mut Shared<[u32]>,
) -> (f32, usize) {
    let unit = UNIT_POS as usize;
    let mut value = 0.0f32;
    let mut place = k as u32;
    let mut j = k + unit;
    while j < n {
        if numbers[begin + j] > value {
            value = numbers[begin + j];
            place = j as u32;
        }
        j += 256;
    }
    values[unit] = value;
    places[unit] = place;
    sync_cube();
    if unit < 16 {
        value = 0.0f32;
        let mut l = 0usize;
        while l < 16 {
            let from = unit * 16 + l;
            if values[from] > value {
                value = values[from];
                place = places[from];
            }
            l += 1;
        }
        values[256 + unit] = value;
        places[256 + unit] = place;
    }
    sync_cube();
    let mut l = 0usize;
    value = 0.0f32;
    while l < 16 {
        if values[256 + l] > value {
            value = values[256 + l];
            place = places[256 + l];
        }
        l += 1;
    }
    (value, place as usize)
}

/// Takes `weight` · v from a at i = from, from + stride, … < end; Σ a_i² of
/// what is left, [`CHUNK`] terms at a time.
#[cube]
fn subtract(
    data: &mut [f32],
    a: usize,
    v: usize,
    weight: f32,
    from: usize,
    stride: usize,
    end: usize,
) -> f32 {
    let mut total = 0.0f32;
    let mut i = from;
    while i < end {
        let stop = min(i + CHUNK * stride, end);
        let mut part = 0.0f32;
        while i < stop {
            let left = data[a + i] - weight * data[v + i];
            data[a + i] = left;
            part += left * left;
            i += stride;
        }
        total += part;
    }
    total
}
