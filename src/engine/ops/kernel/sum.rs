//! Sums of several operands: one dispatch for up to three.
//!
//! An operand may come twice. Browsers allow that, since CubeCL binds there as
//! read-only what is only read, and so do native drivers.

use burn::backend::Dispatch;
use burn::backend::backend_extension;
use burn::backend::tensor::FloatTensor;
use burn::tensor::Tensor;
use burn_cubecl::CubeBackend;
use burn_cubecl::cubecl;
use burn_cubecl::cubecl::calculate_cube_count_elemwise;
use burn_cubecl::cubecl::prelude::*;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;

use super::{UNITS, empty_like};
use crate::engine::jet::Jets;

/// x + y.
#[cube(launch)]
fn sum_two(x: &[f32], y: &[f32], sum: &mut [f32], count: u32) {
    if ABSOLUTE_POS < count as usize {
        sum[ABSOLUTE_POS] = x[ABSOLUTE_POS] + y[ABSOLUTE_POS];
    }
}

/// (x + y) + z.
#[cube(launch)]
fn sum_three(x: &[f32], y: &[f32], z: &[f32], sum: &mut [f32], count: u32) {
    if ABSOLUTE_POS < count as usize {
        sum[ABSOLUTE_POS] = (x[ABSOLUTE_POS] + y[ABSOLUTE_POS]) + z[ABSOLUTE_POS];
    }
}

/// Sum of two or three operands, from left to right.
pub(in crate::engine::ops) fn sum(x: Jets, y: Jets, z: Option<Jets>) -> Jets {
    let layout = x.layout;
    let (x, y) = (x.data.into_dispatch(), y.data.into_dispatch());
    let data = match z {
        None => <Dispatch as Sums>::sum_two(x, y),
        Some(z) => <Dispatch as Sums>::sum_three(x, y, z.data.into_dispatch()),
    };
    Jets {
        data: Tensor::from_dispatch(data),
        layout,
    }
}

/// Operands have one shape.
#[backend_extension(Cube)]
trait Sums: burn::backend::Backend {
    fn sum_two(x: FloatTensor<Self>, y: FloatTensor<Self>) -> FloatTensor<Self>;
    fn sum_three(
        x: FloatTensor<Self>,
        y: FloatTensor<Self>,
        z: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

impl Sums for CubeBackend {
    fn sum_two(x: CubeTensor, y: CubeTensor) -> CubeTensor {
        let [x, y] = [x, y].map(into_contiguous);
        let sum = empty_like(&x);
        let count = x.meta.num_elements();
        let cube = CubeDim::new_1d(UNITS as u32);
        sum_two::launch(
            &x.client.clone(),
            calculate_cube_count_elemwise(&x.client, count, cube),
            cube,
            x.into_buffer_arg(),
            y.into_buffer_arg(),
            sum.clone().into_buffer_arg(),
            count as u32,
        );
        sum
    }

    fn sum_three(x: CubeTensor, y: CubeTensor, z: CubeTensor) -> CubeTensor {
        let [x, y, z] = [x, y, z].map(into_contiguous);
        let sum = empty_like(&x);
        let count = x.meta.num_elements();
        let cube = CubeDim::new_1d(UNITS as u32);
        sum_three::launch(
            &x.client.clone(),
            calculate_cube_count_elemwise(&x.client, count, cube),
            cube,
            x.into_buffer_arg(),
            y.into_buffer_arg(),
            z.into_buffer_arg(),
            sum.clone().into_buffer_arg(),
            count as u32,
        );
        sum
    }
}
