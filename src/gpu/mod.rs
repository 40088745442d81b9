//! What the kernels of all rooms share: WebGPU's limits, launching, and sums
//! over a workgroup.
//!
//! Loops with a barrier must have bounds that all invocations of a workgroup
//! provably share: scalars, or what came through `workgroup_uniform_load`.

use burn_cubecl::cubecl;
use burn_cubecl::cubecl::calculate_cube_count_elemwise;
use burn_cubecl::cubecl::prelude::*;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;

/// Invocations of a workgroup: the most that WebGPU promises.
pub(crate) const UNITS: u32 = 256;

/// Workgroups along one axis of a dispatch: the most that WebGPU promises.
pub(crate) const CUBES: usize = 65_535;

/// A dispatch of one invocation for each of `count` numbers.
pub(crate) fn each(client: &Client, count: usize) -> (CubeCount, CubeDim) {
    let cube = CubeDim::new_1d(UNITS);
    (calculate_cube_count_elemwise(client, count, cube), cube)
}

/// A tensor of this shape beside another.
pub(crate) fn empty<const D: usize>(like: &CubeTensor, shape: [usize; D]) -> CubeTensor {
    let (client, device) = (like.client.clone(), like.device.clone());
    empty_device_contiguous_dtype(client, device, shape.into(), like.dtype)
}

/// A tensor of another's shape.
pub(crate) fn empty_like(x: &CubeTensor) -> CubeTensor {
    let (client, device) = (x.client.clone(), x.device.clone());
    empty_device_contiguous_dtype(client, device, x.meta.shape().clone(), x.dtype)
}

/// The sum of `lanes` numbers from `begin`.
#[cube]
pub(crate) fn add_lanes(numbers: &Shared<[f32]>, begin: usize, lanes: usize) -> f32 {
    let mut sum = 0.0f32;
    let mut l = 0usize;
    while l < lanes {
        sum += numbers[begin + l];
        l += 1;
    }
    sum
}

/// The sum over the workgroup's 256 invocations, known to all of them;
/// `sums` has 272 numbers.
#[cube]
pub(crate) fn add_all(sums: &mut Shared<[f32]>, value: f32) -> f32 {
    let unit = UNIT_POS as usize;
    sums[unit] = value;
    sync_cube();
    if unit < 16 {
        let part = add_lanes(&*sums, unit * 16, 16);
        sums[256 + unit] = part;
    }
    sync_cube();
    add_lanes(&*sums, 256, 16)
}

/// The bits of the largest size among `n` numbers from `begin`, known to all
/// 256 invocations; `bits` has 272 numbers.
#[cube]
pub(crate) fn largest(x: &[f32], begin: usize, n: usize, bits: &mut Shared<[u32]>) -> u32 {
    let unit = UNIT_POS as usize;
    let mut found = 0u32;
    let mut i = unit;
    while i < n {
        found = max(found, u32::reinterpret(x[begin + i]) & 0x7fff_ffffu32);
        i += 256;
    }
    bits[unit] = found;
    sync_cube();
    if unit < 16 {
        let mut k = 0usize;
        while k < 16 {
            found = max(found, bits[unit * 16 + k]);
            k += 1;
        }
        bits[256 + unit] = found;
    }
    sync_cube();
    let mut k = 0usize;
    while k < 16 {
        found = max(found, bits[256 + k]);
        k += 1;
    }
    found
}

/// A power of two that brings numbers up to this size below 4; 0 where
/// they are too small to be normal, or not finite.
#[cube]
pub(crate) fn shrinking(size: u32) -> f32 {
    let exponent = size >> 23u32;
    let mut factor = 0.0f32;
    if exponent > 0u32 && exponent < 255u32 {
        factor = f32::reinterpret((254u32 - min(exponent, 253u32)) << 23u32);
    }
    factor
}
