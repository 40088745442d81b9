//! The norm's kernel: value and both derivatives of a group in one workgroup.
//!
//! Each invocation adds up every `units`-th number, then all add up what the
//! invocations found, so that a sum over a whole image rounds as one of some
//! hundred terms. Every bound of a loop with a barrier comes from scalars and
//! the workgroup's place, as WebGPU asks for uniformity.

use burn_cubecl::cubecl;
use burn_cubecl::cubecl::prelude::*;

/// Where a group's numbers begin in the value row and in both derivative rows;
/// an image has no derivatives.
#[derive(CubeType)]
struct Place {
    v: usize,
    d: usize,
    a: usize,
    curve: bool,
}

/// A number for each part: value, first and second derivative.
#[derive(CubeType)]
struct Parts {
    v: f32,
    d: f32,
    a: f32,
}

/// What a group has in common. The centred value is v − first − mean − again.
#[derive(CubeType)]
struct Statistics {
    first: f32,
    mean: f32,
    again: f32,
    mean_d: f32,
    mean_a: f32,
    r: f32,
    r1: f32,
    r2: f32,
}

/// Normalises `groups` runs of `elements` numbers in each row; see
/// `super::super::norm` for the formulas. Workgroup (x, y) serves the groups
/// x, x + their number in a row, … of image or curve y.
#[cube(launch)]
pub(super) fn normalise(
    x: &[f32],
    y: &mut [f32],
    groups: u32,
    elements: u32,
    images: u32,
    curves: u32,
    eps: f32,
    #[comptime] units: usize,
    #[comptime] dead: bool,
    #[comptime] centred: bool,
) {
    let mut sums = Shared::<[f32]>::new_slice(comptime!(3 * units + 48));
    let n = elements as usize;
    let mut group = CUBE_POS_X;
    while group < groups {
        let place = place(group, groups, elements, images, curves);
        let s = statistics(x, &mut sums, &place, n, eps, units, dead, centred);
        let mut i = UNIT_POS as usize;
        while i < n {
            let out = normalised(x, &place, &s, i);
            y[place.v + i] = out.v;
            if place.curve {
                y[place.d + i] = out.d;
                y[place.a + i] = out.a;
            }
            i += units;
        }
        group += CUBE_COUNT_X;
    }
}

/// The same, then times `scale` plus `shift` (on values alone), which have a
/// number for each group or for each element.
#[cube(launch)]
pub(super) fn normalise_affine(
    x: &[f32],
    y: &mut [f32],
    scale: &[f32],
    shift: &[f32],
    groups: u32,
    elements: u32,
    images: u32,
    curves: u32,
    eps: f32,
    #[comptime] units: usize,
    #[comptime] dead: bool,
    #[comptime] centred: bool,
    #[comptime] by_group: bool,
) {
    let mut sums = Shared::<[f32]>::new_slice(comptime!(3 * units + 48));
    let n = elements as usize;
    let mut group = CUBE_POS_X;
    while group < groups {
        let place = place(group, groups, elements, images, curves);
        let s = statistics(x, &mut sums, &place, n, eps, units, dead, centred);
        let mut i = UNIT_POS as usize;
        while i < n {
            let out = normalised(x, &place, &s, i);
            let mut k = i;
            if comptime!(by_group) {
                k = group as usize;
            }
            let factor = scale[k];
            y[place.v + i] = out.v * factor + shift[k];
            if place.curve {
                y[place.d + i] = out.d * factor;
                y[place.a + i] = out.a * factor;
            }
            i += units;
        }
        group += CUBE_COUNT_X;
    }
}

#[cube]
fn place(group: u32, groups: u32, elements: u32, images: u32, curves: u32) -> Place {
    let part = groups * elements * curves;
    let v = (CUBE_POS_Y * groups + group) * elements;
    Place {
        v: v as usize,
        d: (v + part) as usize,
        a: (v + 2u32 * part) as usize,
        curve: CUBE_POS_Y >= images,
    }
}

/// Three passes over the group: means, the value's mean once more (a mean in
/// single precision over thousands of numbers is off by enough to flip the
/// sign of a value near zero before a ReLU), then s, s′ and s″. Without
/// centring, the last pass alone.
#[cube]
fn statistics(
    x: &[f32],
    sums: &mut Shared<[f32]>,
    at: &Place,
    n: usize,
    eps: f32,
    #[comptime] units: usize,
    #[comptime] dead: bool,
    #[comptime] centred: bool,
) -> Statistics {
    let unit = UNIT_POS as usize;
    let count = f32::cast_from(n);
    let mut first = 0.0f32;
    let mut mean = 0.0f32;
    let mut mean_d = 0.0f32;
    let mut mean_a = 0.0f32;
    let mut again = 0.0f32;
    if comptime!(centred) {
        if comptime!(dead) {
            // A constant must come out as exactly zero.
            first = x[at.v];
        }

        let mut v = 0.0f32;
        let mut d = 0.0f32;
        let mut a = 0.0f32;
        let mut i = unit;
        while i < n {
            v += x[at.v + i] - first;
            if at.curve {
                d += x[at.d + i];
                a += x[at.a + i];
            }
            i += units;
        }
        let sum = add_all(sums, Parts { v, d, a }, units, true);
        mean = sum.v / count;
        mean_d = sum.d / count;
        mean_a = sum.a / count;

        let mut v = 0.0f32;
        let mut i = unit;
        while i < n {
            v += x[at.v + i] - first - mean;
            i += units;
        }
        let (d, a) = (0.0f32, 0.0f32);
        let sum = add_all(sums, Parts { v, d, a }, units, false);
        again = sum.v / count;
    }

    let mut v = 0.0f32;
    let mut d = 0.0f32;
    let mut a = 0.0f32;
    let mut i = unit;
    while i < n {
        let c = x[at.v + i] - first - mean - again;
        v += c * c;
        if at.curve {
            let cd = x[at.d + i] - mean_d;
            let ca = x[at.a + i] - mean_a;
            d += c * cd;
            a += cd * cd + c * ca;
        }
        i += units;
    }
    let sum = add_all(sums, Parts { v, d, a }, units, true);
    let r = 1.0f32 / (sum.v / count + eps).sqrt();
    let s1 = 2.0f32 * sum.d / count;
    let s2 = 2.0f32 * sum.a / count;
    let cube = r * r * r;
    Statistics {
        first,
        mean,
        again,
        mean_d,
        mean_a,
        r,
        r1: -0.5f32 * cube * s1,
        r2: 0.75f32 * cube * r * r * s1 * s1 - 0.5f32 * cube * s2,
    }
}

/// Number `i` of the group, normalised.
#[cube]
fn normalised(x: &[f32], at: &Place, s: &Statistics, i: usize) -> Parts {
    let c = x[at.v + i] - s.first - s.mean - s.again;
    let mut d = 0.0f32;
    let mut a = 0.0f32;
    if at.curve {
        let cd = x[at.d + i] - s.mean_d;
        let ca = x[at.a + i] - s.mean_a;
        d = cd * s.r + c * s.r1;
        a = ca * s.r + 2.0f32 * cd * s.r1 + c * s.r2;
    }
    Parts { v: c * s.r, d, a }
}

/// The sums over the workgroup's invocations, known to all of them: of the
/// values and, with `curves`, of the other parts. `sums` has 3 · units + 48
/// numbers.
#[cube]
fn add_all(
    sums: &mut Shared<[f32]>,
    part: Parts,
    #[comptime] units: usize,
    #[comptime] curves: bool,
) -> Parts {
    let unit = UNIT_POS as usize;
    sums[unit] = part.v;
    if comptime!(curves) {
        sums[units + unit] = part.d;
        sums[2 * units + unit] = part.a;
    }
    sync_cube();
    // Sixteen invocations a part; the sums of each stand behind the parts.
    let run = comptime!(units / 16);
    if unit < 16 {
        let v = add(&*sums, unit * run, run);
        sums[3 * units + unit] = v;
        if comptime!(curves) {
            let d = add(&*sums, units + unit * run, run);
            let a = add(&*sums, 2 * units + unit * run, run);
            sums[3 * units + 16 + unit] = d;
            sums[3 * units + 32 + unit] = a;
        }
    }
    sync_cube();
    let v = add(&*sums, 3 * units, 16);
    let mut d = 0.0f32;
    let mut a = 0.0f32;
    if comptime!(curves) {
        d = add(&*sums, 3 * units + 16, 16);
        a = add(&*sums, 3 * units + 32, 16);
    }
    Parts { v, d, a }
}

#[cube]
fn add(numbers: &Shared<[f32]>, begin: usize, count: usize) -> f32 {
    let mut sum = 0.0f32;
    let mut i = 0usize;
    while i < count {
        sum += numbers[begin + i];
        i += 1;
    }
    sum
}
