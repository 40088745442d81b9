//! Outputs in their curve's own frame, on a GPU.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a launch's sizes were held against the kernels' limits before"
)]

#[cfg(test)]
mod tests;

use burn::backend::Dispatch;
use burn::backend::backend_extension;
use burn::backend::tensor::FloatTensor;
use burn::tensor::Tensor;
use burn_cubecl::CubeBackend;
use burn_cubecl::cubecl;
use burn_cubecl::cubecl::prelude::*;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;

use crate::engine::jet::{Jets, Layout};
use crate::gpu::{UNITS, add_all, empty, largest, shrinking};

/// Numbers of an output that one workgroup takes: each of its 256 invocations
/// makes five passes, and some software drivers leave a loop after 65,536 turns.
const FRAMED: usize = 1 << 20;

/// Each curve's jet in its own frame, two numbers a row; see [`frame`].
/// None where an output has too many numbers.
pub(in crate::engine) fn framed(x: &Jets) -> Option<Jets> {
    let layout = x.layout;
    let [_, elements] = x.data.dims();
    (elements <= FRAMED).then(|| {
        let data = <Dispatch as Frames>::frame(x.data.clone().into_dispatch(), layout);
        Jets {
            data: Tensor::from_dispatch(data),
            layout,
        }
    })
}

#[backend_extension(Cube)]
trait Frames: burn::backend::Backend {
    fn frame(x: FloatTensor<Self>, layout: Layout) -> FloatTensor<Self>;
}

impl Frames for CubeBackend {
    fn frame(x: CubeTensor, layout: Layout) -> CubeTensor {
        let x = into_contiguous(x);
        let y = empty(&x, [layout.rows(), 2]);
        let row = x.meta.num_elements() / layout.rows().max(1);
        frame::launch(
            &x.client.clone(),
            CubeCount::Static(layout.curves as u32, 1, 1),
            CubeDim::new_1d(UNITS),
            x.into_buffer_arg(),
            y.clone().into_buffer_arg(),
            row as u32,
            layout.images as u32,
            layout.curves as u32,
        );
        y
    }
}

/// Writes each curve's y, y′ and y″ as two coordinates: the part along y′ and
/// the length of the rest; y as its length alone. One workgroup a curve. Where
/// a part has a number that is not finite, it becomes one that is not.
///
/// Each part is scaled by its largest number's power of two, so that no square
/// overflows or vanishes. Bits are compared, not numbers: WGSL lets an
/// implementation assume that there is no NaN.
#[cube(launch)]
fn frame(x: &[f32], y: &mut [f32], elements: u32, images: u32, curves: u32) {
    let n = elements as usize;
    let unit = UNIT_POS as usize;
    let row = CUBE_POS_X + images;
    let v = (row * elements) as usize;
    let d = ((row + curves) * elements) as usize;
    let a = ((row + 2u32 * curves) * elements) as usize;
    let mut bits = Shared::<[u32]>::new_slice(272usize);
    let mut sums = Shared::<[f32]>::new_slice(272usize);

    let size = largest(x, v, n, &mut bits);
    let speed = largest(x, d, n, &mut bits);
    let force = largest(x, a, n, &mut bits);
    let (of_v, of_d, of_a) = (shrinking(size), shrinking(speed), shrinking(force));

    let mut vv = 0.0f32;
    let mut dd = 0.0f32;
    let mut da = 0.0f32;
    let mut i = unit;
    while i < n {
        let value = x[v + i] * of_v;
        let first = x[d + i] * of_d;
        vv += value * value;
        dd += first * first;
        da += first * (x[a + i] * of_a);
        i += 256;
    }
    let vv = add_all(&mut sums, vv);
    let dd = add_all(&mut sums, dd);
    let da = add_all(&mut sums, da);
    let mut along = 0.0f32;
    let mut length = 0.0f32;
    if dd > 0.0f32 {
        length = dd.sqrt();
        along = da / dd;
    }
    let mut rest = 0.0f32;
    let mut i = unit;
    while i < n {
        let normal = x[a + i] * of_a - along * (x[d + i] * of_d);
        rest += normal * normal;
        i += 256;
    }
    let rest = add_all(&mut sums, rest);

    if unit == 0 {
        let row = row as usize;
        let curves = curves as usize;
        if CUBE_POS_X == 0 {
            let mut i = 0usize;
            while i < 2 * images as usize {
                y[i] = 0.0f32;
                i += 1;
            }
        }
        y[row * 2] = restored(vv.sqrt(), size);
        y[row * 2 + 1] = 0.0f32;
        y[(row + curves) * 2] = restored(length, speed);
        y[(row + curves) * 2 + 1] = 0.0f32;
        y[(row + 2 * curves) * 2] = restored(along * length, force);
        y[(row + 2 * curves) * 2 + 1] = restored(rest.sqrt(), force);
    }
}

/// A length in the scale that it was taken from; not a number where that has
/// one which is not finite.
#[cube]
fn restored(length: f32, size: u32) -> f32 {
    let exponent = size >> 23u32;
    let mut y = length * f32::reinterpret(min(exponent, 253u32) << 23u32);
    if exponent == 255u32 {
        y = f32::reinterpret(size | 0x7fc0_0000u32);
    }
    y
}
