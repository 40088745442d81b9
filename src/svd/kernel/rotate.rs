//! The kernels of one-sided Jacobi (Hestenes): columns are rotated in pairs
//! until all are orthogonal; their lengths are then the singular values.
//!
//! Rutishauser's form of the rotation, from "The Jacobi method for real
//! symmetric matrices" (1966); the round-robin order of Brent and Luk (1985).

#![allow(
    clippy::cast_possible_truncation,
    reason = "a launch's sizes were held against the kernels' limits before"
)]

use burn_cubecl::cubecl;
use burn_cubecl::cubecl::prelude::*;

use super::super::plan::{FACTS, LOCAL, RESULTS, SWEEPS, WORDS};
use crate::gpu::add_lanes;

/// 2ε: columns with a smaller cosine are orthogonal. (At half of ε rounding
/// alone makes such cosines again and again.)
pub(in super::super) const COSINE: f32 = 2.0 * f32::EPSILON;

/// What a rotation must move to be made, as a part of ‖A‖ / √n, which is at most
/// σ_max: the rounding of an f32 map.
///
/// Leaving x and y as they are is the same as taking |xᵀy| / |x| from the
/// shorter column y, so each pair is judged by that. A rotation of other
/// columns with these moves no more than so much to the next pair: sweeps end.
/// (A floor under |x|·|y| has neither property: of three columns of noise it
/// leaves one pair alone, and the other two turn on and on.)
pub(in super::super) const NOISE: f32 = 1e-7;

/// What a workgroup rotates: the columns of one block, or those of two blocks
/// across.
#[derive(CubeType, Clone, Copy)]
struct Part {
    /// Where the first block's columns begin.
    first: usize,
    /// Where the second block's columns begin (the same within a block).
    second: usize,
    /// Columns of the first and of the second block.
    widths: (usize, usize),
    /// Length of a column.
    length: usize,
    /// Whether the pairs are across two blocks.
    across: bool,
    /// Numbers of rounds, of pairs in a round, and of turns that these take.
    rounds: usize,
    pairs: usize,
    batches: usize,
    /// Invocations that share a pair.
    lanes: usize,
    /// [`NOISE`] of this matrix.
    noise: f32,
}

/// One step of the sweeps `first` to `last`, from storage; one workgroup a slot.
/// `step` 0 rotates within blocks, step s > 0 across the blocks that meet in
/// round s − 1. Several sweeps are right for matrices of one block alone.
#[cube(launch)]
#[allow(clippy::too_many_arguments, reason = "buffers and scalars of a kernel")]
pub(super) fn sweep_stored(
    tasks: &[u32],
    slots: &[u32],
    facts: &[f32],
    factor: &mut [f32],
    rotated: &[Atomic<u32>],
    first: u32,
    last: u32,
    step: u32,
) {
    let matrix = slots[CUBE_POS_X as usize * 2] as usize;
    let slot = slots[CUBE_POS_X as usize * 2 + 1] as usize;
    let part = part(tasks, facts, matrix, slot, step as usize);
    let mut uniform = Shared::<[u32]>::new_slice(2usize);
    let mut sweep = first as usize;
    while sweep < last as usize {
        let (rounds, batches) = bounds(rotated, matrix, sweep, &part, &mut uniform);
        if rotate(factor, &part, rounds, batches, false) {
            rotated[matrix * SWEEPS + sweep].store(1u32);
        }
        sync_storage();
        sweep += 1;
    }
}

/// The sweeps `first` to `last` in workgroup memory, for sides up to [`LOCAL`].
#[cube(launch)]
pub(super) fn sweep_local(
    tasks: &[u32],
    slots: &[u32],
    facts: &[f32],
    factor: &mut [f32],
    rotated: &[Atomic<u32>],
    first: u32,
    last: u32,
) {
    let matrix = slots[CUBE_POS_X as usize * 2] as usize;
    let unit = UNIT_POS as usize;
    let mut part = part(tasks, facts, matrix, 0usize, 0usize);
    let mut uniform = Shared::<[u32]>::new_slice(2usize);
    let mut columns = Shared::<[f32]>::new_slice(LOCAL * LOCAL);
    let begin = part.first;
    let count = part.length * part.length * begins(rotated, matrix, first as usize) as usize;
    let mut i = unit;
    while i < count {
        columns[i] = factor[begin + i];
        i += 256;
    }
    sync_cube();
    part.first = 0usize;
    part.second = 0usize;
    let mut sweep = first as usize;
    while sweep < last as usize {
        let (rounds, batches) = bounds(rotated, matrix, sweep, &part, &mut uniform);
        if rotate(columns.inner_mut(), &part, rounds, batches, true) {
            rotated[matrix * SWEEPS + sweep].store(1u32);
        }
        sync_storage();
        sweep += 1;
    }
    let mut i = unit;
    while i < count {
        factor[begin + i] = columns[i];
        i += 256;
    }
}

/// Rounds of a sweep, none where the one before rotated nothing, and batches of
/// a round; both uniform, by way of the two numbers of `uniform`.
#[cube]
fn bounds(
    rotated: &[Atomic<u32>],
    matrix: usize,
    sweep: usize,
    part: &Part,
    uniform: &mut Shared<[u32]>,
) -> (usize, usize) {
    if UNIT_POS == 0 {
        uniform[0] = begins(rotated, matrix, sweep) * part.rounds as u32;
        uniform[1] = part.batches as u32;
    }
    let rounds = workgroup_uniform_load(&uniform[0]) as usize;
    let batches = workgroup_uniform_load(&uniform[1]) as usize;
    (rounds, batches)
}

/// 1 when the sweep before `sweep` rotated something, or there was none.
#[cube]
fn begins(rotated: &[Atomic<u32>], matrix: usize, sweep: usize) -> u32 {
    let mut go = 1u32;
    if sweep > 0 {
        go = rotated[matrix * SWEEPS + sweep - 1].load();
    }
    go
}

/// The part of a matrix that a slot works on in a step.
#[cube]
fn part(tasks: &[u32], facts: &[f32], matrix: usize, slot: usize, step: usize) -> Part {
    let columns = tasks[matrix * WORDS + 2] as usize;
    let factor = tasks[matrix * WORDS + 3] as usize;
    let block = tasks[matrix * WORDS + 4] as usize;
    let blocks = tasks[matrix * WORDS + 5] as usize;
    let lanes = tasks[matrix * WORDS + 7] as usize;
    let norm = facts[matrix * FACTS];
    let mut i = slot;
    let mut j = slot;
    let mut rounds = 0usize;
    let mut pairs = 0usize;
    let even = blocks + blocks % 2;
    if step == 0 {
        let width = block + block % 2;
        rounds = width - 1;
        pairs = width / 2;
    } else if step < even && slot < even / 2 {
        i = seat(even, step - 1, slot, false);
        j = seat(even, step - 1, slot, true);
        // With an odd number of blocks one of them pauses.
        if i < blocks && j < blocks {
            rounds = block;
            pairs = block;
        }
    }
    let mut first = 0usize;
    let mut second = 0usize;
    if rounds > 0 {
        first = min(block, columns - i * block);
        second = min(block, columns - j * block);
    }
    Part {
        first: factor + i * block * columns,
        second: factor + j * block * columns,
        widths: (first, second),
        length: columns,
        across: step > 0,
        rounds,
        pairs,
        batches: (pairs * lanes + 255) / 256,
        lanes,
        noise: NOISE * norm / f32::cast_from(columns as u32).sqrt(),
    }
}

/// Who meets in pair `pair` of a round-robin tournament's `round`, among an
/// even number of players: the circle method.
#[cube]
fn seat(players: usize, round: usize, pair: usize, other: bool) -> usize {
    let circle = players - 1;
    let mut player = (round + pair) % circle;
    if other {
        player = (round + circle - pair) % circle;
        if pair == 0 {
            player = circle;
        }
    }
    player
}

/// All rounds of a part, each pair of columns by `lanes` invocations; whether
/// this invocation turned something. `rounds` and `batches` are uniform.
#[cube]
fn rotate(
    columns: &mut [f32],
    part: &Part,
    rounds: usize,
    batches: usize,
    #[comptime] local: bool,
) -> bool {
    let unit = UNIT_POS as usize;
    let lanes = part.lanes;
    let groups = 256 / lanes;
    let group = unit / lanes;
    let lane = unit % lanes;
    let length = part.length;
    let mut partial = Shared::<[f32]>::new_slice(768usize);
    let mut turned = false;

    let mut round = 0usize;
    while round < rounds {
        let mut batch = 0usize;
        while batch < batches {
            let pair = batch * groups + group;
            let mut p = pair;
            let mut q = pair;
            if part.across {
                q = (pair + round) % part.pairs;
            } else if pair < part.pairs {
                p = seat(part.pairs * 2, round, pair, false);
                q = seat(part.pairs * 2, round, pair, true);
            }
            let there = pair < part.pairs && p < part.widths.0 && q < part.widths.1;
            let x = part.first + p * length;
            let y = part.second + q * length;

            let mut xx = 0.0f32;
            let mut yy = 0.0f32;
            let mut xy = 0.0f32;
            if there {
                let mut i = lane;
                while i < length {
                    let a = columns[x + i];
                    let b = columns[y + i];
                    xx += a * a;
                    yy += b * b;
                    xy += a * b;
                    i += lanes;
                }
            }
            partial[unit] = xx;
            partial[256 + unit] = yy;
            partial[512 + unit] = xy;
            sync_cube();
            if there {
                let begin = group * lanes;
                let xx = add_lanes(&partial, begin, lanes);
                let yy = add_lanes(&partial, 256 + begin, lanes);
                let xy = add_lanes(&partial, 512 + begin, lanes);
                let lengths = xx.sqrt() * yy.sqrt();
                let floor = max(COSINE * lengths, part.noise * max(xx, yy).sqrt());
                if xy.abs() > floor {
                    let zeta = (yy - xx) / (2.0f32 * xy);
                    let size = zeta.abs();
                    // Above 2²⁰ the one is lost, and far above it the square.
                    let mut t = 0.5f32 / size;
                    if size < 1048576.0f32 {
                        t = 1.0f32 / (size + (1.0f32 + size * size).sqrt());
                    }
                    if zeta < 0.0f32 {
                        t = -t;
                    }
                    let c = 1.0f32 / (1.0f32 + t * t).sqrt();
                    let s = c * t;
                    let tau = s / (1.0f32 + c);
                    let mut i = lane;
                    while i < length {
                        let a = columns[x + i];
                        let b = columns[y + i];
                        columns[x + i] = a - s * (b + tau * a);
                        columns[y + i] = b + s * (a - tau * b);
                        i += lanes;
                    }
                    turned = true;
                }
            }
            if comptime!(local) {
                sync_cube();
            } else {
                sync_storage();
            }
            batch += 1;
        }
        round += 1;
    }
    turned
}

/// The results of each matrix: its facts, the status now 3 where it still
/// rotates, the shortest and the longest column, and the norm of all. One
/// workgroup a matrix.
#[cube(launch)]
pub(super) fn extremes(
    tasks: &[u32],
    facts: &[f32],
    factor: &[f32],
    rotated: &[Atomic<u32>],
    out: &mut [f32],
    sweeps: u32,
) {
    let matrix = CUBE_POS_X as usize;
    let unit = UNIT_POS as usize;
    let group = unit / 16;
    let lane = unit % 16;
    let mut uniform = Shared::<[u32]>::new_slice(1usize);
    if unit == 0 {
        uniform[0] = tasks[matrix * WORDS + 2];
    }
    let columns = workgroup_uniform_load(&uniform[0]) as usize;
    let begin = tasks[matrix * WORDS + 3] as usize;
    let mut partial = Shared::<[f32]>::new_slice(256usize);
    let mut ends = Shared::<[f32]>::new_slice(48usize);

    let mut least = 3.0e38f32;
    let mut most = 0.0f32;
    let mut all = 0.0f32;
    let batches = (columns + 15) / 16;
    let mut batch = 0usize;
    while batch < batches {
        let j = batch * 16 + group;
        let mut sum = 0.0f32;
        if j < columns {
            let x = begin + j * columns;
            let mut i = lane;
            while i < columns {
                sum += factor[x + i] * factor[x + i];
                i += 16;
            }
        }
        partial[unit] = sum;
        sync_cube();
        if j < columns {
            let square = add_lanes(&partial, group * 16, 16);
            least = min(least, square.sqrt());
            most = max(most, square.sqrt());
            all += square;
        }
        sync_cube();
        batch += 1;
    }
    if lane == 0 {
        ends[group] = least;
        ends[16 + group] = most;
        ends[32 + group] = all;
    }
    sync_cube();
    if unit == 0 {
        let mut g = 1usize;
        while g < 16 {
            least = min(least, ends[g]);
            most = max(most, ends[16 + g]);
            all += ends[32 + g];
            g += 1;
        }
        let known = matrix * FACTS;
        let mut status = facts[known + 2];
        // Read by adding nothing: a kernel that only loads would bind the flags
        // as read-only, which WGSL refuses for atomics.
        let still = rotated[matrix * SWEEPS + sweeps as usize - 1].fetch_add(0u32);
        if status == 1.0f32 && still > 0u32 {
            status = 3.0f32;
        }
        let result = matrix * RESULTS;
        out[result] = facts[known];
        out[result + 1] = facts[known + 1];
        out[result + 2] = status;
        out[result + 3] = least;
        out[result + 4] = most;
        out[result + 5] = all.sqrt();
    }
}
