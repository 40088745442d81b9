//! The kernels that change every number by itself: one invocation for each
//! number of the value rows.

use burn_cubecl::cubecl;
use burn_cubecl::cubecl::prelude::*;

/// ReLU: the value's mask on all three parts, y = x where the value is
/// positive, else 0.
///
/// Bits are compared, not numbers: WGSL lets an implementation assume that
/// there is no NaN, and what is not finite must stay so.
#[cube(launch)]
pub(super) fn relu(x: &[f32], y: &mut [f32], row: u32, images: u32, curves: u32) {
    let e = ABSOLUTE_POS as u32;
    if e < row * (images + curves) {
        let value = x[e as usize];
        // The bits of positive numbers, infinity included, are 1 to 0x7f800000.
        let open = u32::reinterpret(value) - 1u32 < 0x7f80_0000u32;
        y[e as usize] = masked(value, open);
        if e >= row * images {
            let d = (e + row * curves) as usize;
            let a = (e + 2u32 * row * curves) as usize;
            y[d] = masked(x[d], open);
            y[a] = masked(x[a], open);
        }
    }
}

/// `x` where the mask is open or `x` is not finite, else 0.
#[cube]
fn masked(x: f32, open: bool) -> f32 {
    let mut y = x;
    if !open && (u32::reinterpret(x) & 0x7f80_0000u32) != 0x7f80_0000u32 {
        y = 0.0f32;
    }
    y
}

/// Adds to each run of `elements` numbers the next of `channels` biases, in
/// place, on the first `count` numbers: those of the value rows.
#[cube(launch)]
pub(super) fn bias(bias: &[f32], y: &mut [f32], count: u32, channels: u32, elements: u32) {
    let e = ABSOLUTE_POS as u32;
    if e < count {
        y[e as usize] += bias[((e / elements) % channels) as usize];
    }
}
