//! Sums of three operands in one dispatch.
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

/// (x + y) + z.
#[cube(launch)]
fn add_three(x: &[f32], y: &[f32], z: &[f32], sum: &mut [f32], count: u32) {
    if ABSOLUTE_POS < count as usize {
        sum[ABSOLUTE_POS] = (x[ABSOLUTE_POS] + y[ABSOLUTE_POS]) + z[ABSOLUTE_POS];
    }
}

/// Sum of three operands, from left to right.
pub(in crate::engine::ops) fn sum_three(x: Jets, y: Jets, z: Jets) -> Jets {
    let layout = x.layout;
    let [x, y, z] = [x, y, z].map(|operand| operand.data.into_dispatch());
    Jets {
        data: Tensor::from_dispatch(<Dispatch as Sums>::sum_three(x, y, z)),
        layout,
    }
}

/// Operands have one shape.
#[backend_extension(Cube)]
trait Sums: burn::backend::Backend {
    fn sum_three(
        x: FloatTensor<Self>,
        y: FloatTensor<Self>,
        z: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

impl Sums for CubeBackend {
    fn sum_three(x: CubeTensor, y: CubeTensor, z: CubeTensor) -> CubeTensor {
        let [x, y, z] = [x, y, z].map(into_contiguous);
        let sum = empty_like(&x);
        let count = x.meta.num_elements();
        let cube = CubeDim::new_1d(UNITS as u32);
        add_three::launch(
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
