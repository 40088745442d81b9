//! The norm's kernel: value and both derivatives of a group in one workgroup.
//!
//! Each invocation adds up every `units`-th number, then all add up what the
//! invocations found, so that a sum over a whole image rounds as one of some
//! hundred terms. Every bound of a loop with a barrier comes from scalars and
//! the workgroup's place, as WebGPU asks for uniformity.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a launch's sizes were held against the kernels' limits before"
)]

use burn::backend::tensor::FloatTensor;
use burn::backend::{Dispatch, backend_extension};
use burn::tensor::Tensor;
use burn_cubecl::CubeBackend;
use burn_cubecl::cubecl;
use burn_cubecl::cubecl::prelude::*;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;

use super::{Affine, Groups};
use crate::engine::jet::{Jets, Layout};
use crate::error::Result;
use crate::gpu::{CUBES, UNITS, add_lanes, empty_like};

/// Which scale and shift a number gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Share {
    None,
    /// Those of its place in the group.
    Element,
    /// Those of its group.
    Group,
    /// Those of its run of neighbours in the row.
    Run,
}

impl Groups {
    fn share(self, numbers: Option<usize>) -> Share {
        match numbers {
            None => Share::None,
            Some(numbers) if self.run == 1 && numbers == self.elements => Share::Element,
            Some(_) if self.run == self.elements => Share::Group,
            Some(_) => Share::Run,
        }
    }
}

/// Normalises each group; see [`super::normalise`].
pub(super) fn normalise(x: Jets, groups: Groups, affine: Option<Affine>) -> Result<Jets> {
    let layout = x.layout;
    let x = x.data.into_dispatch();
    let share = groups.share(affine.as_ref().map(|[scale, _]| scale.dims()[0]));
    // Without numbers something must be bound: the input, which is then not
    // read for them.
    let [scale, shift] = match affine {
        Some(affine) => affine.map(Tensor::into_dispatch),
        None => [x.clone(), x.clone()],
    };
    let data = <Dispatch as Norms>::normalise(x, scale, shift, layout, groups, share);
    Ok(Jets {
        data: Tensor::from_dispatch(data),
        layout,
    })
}

/// On `[rows, elements]` of jets.
#[backend_extension(Cube)]
trait Norms: burn::backend::Backend {
    fn normalise(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        layout: Layout,
        groups: Groups,
        share: Share,
    ) -> FloatTensor<Self>;
}

impl Norms for CubeBackend {
    fn normalise(
        x: CubeTensor,
        scale: CubeTensor,
        shift: CubeTensor,
        layout: Layout,
        how: Groups,
        share: Share,
    ) -> CubeTensor {
        let [x, scale, shift] = [x, scale, shift].map(into_contiguous);
        let y = empty_like(&x);
        // Some sixteen numbers for each invocation, so that adding up what they
        // found does not cost more than finding it.
        let units = how.elements.div_ceil(16).next_power_of_two();
        let units = units.clamp(32, UNITS as usize);
        // One workgroup for each group of each image's and curve's rows.
        let cubes = how.groups.min(CUBES) as u32;
        normalise_groups::launch(
            &x.client.clone(),
            CubeCount::Static(cubes, layout.values() as u32, 1),
            CubeDim::new_1d(units as u32),
            x.into_buffer_arg(),
            y.clone().into_buffer_arg(),
            scale.into_buffer_arg(),
            shift.into_buffer_arg(),
            how.groups as u32,
            how.elements as u32,
            how.run as u32,
            layout.images as u32,
            layout.curves as u32,
            how.eps as f32,
            units,
            how.dead,
            how.centred,
            share,
        );
        y
    }
}

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

/// Normalises `groups` runs of `elements` numbers in each row, then times
/// `scale` plus `shift` (on values alone). Workgroup (x, y) serves the groups
/// x, x + their number in a row, … of image or curve y.
#[cube(launch)]
fn normalise_groups(
    x: &[f32],
    y: &mut [f32],
    scale: &[f32],
    shift: &[f32],
    groups: u32,
    elements: u32,
    run: u32,
    images: u32,
    curves: u32,
    eps: f32,
    #[comptime] units: usize,
    #[comptime] dead: bool,
    #[comptime] centred: bool,
    #[comptime] share: Share,
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
            let mut factor = 1.0f32;
            let mut shifted = out.v;
            if comptime!(share != Share::None) {
                let mut k = i;
                if comptime!(share == Share::Group) {
                    k = group as usize;
                } else if comptime!(share == Share::Run) {
                    k = ((group * elements + i as u32) / run) as usize;
                }
                factor = scale[k];
                shifted = out.v * factor + shift[k];
            }
            y[place.v + i] = shifted;
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
#[allow(
    clippy::needless_pass_by_value,
    reason = "a kernel's values have no references"
)]
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
        let v = add_lanes(&*sums, unit * run, run);
        sums[3 * units + unit] = v;
        if comptime!(curves) {
            let d = add_lanes(&*sums, units + unit * run, run);
            let a = add_lanes(&*sums, 2 * units + unit * run, run);
            sums[3 * units + 16 + unit] = d;
            sums[3 * units + 32 + unit] = a;
        }
    }
    sync_cube();
    let v = add_lanes(&*sums, 3 * units, 16);
    let mut d = 0.0f32;
    let mut a = 0.0f32;
    if comptime!(curves) {
        d = add_lanes(&*sums, 3 * units + 16, 16);
        a = add_lanes(&*sums, 3 * units + 32, 16);
    }
    Parts { v, d, a }
}
