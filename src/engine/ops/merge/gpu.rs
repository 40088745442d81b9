//! Sums on a GPU: three operands in one dispatch, since a dispatch costs the
//! host more than the addition costs a GPU.
//!
//! An operand may come twice. Browsers allow that, since CubeCL binds there as
//! read-only what is only read, and so do native drivers.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a launch's sizes were held against the kernels' limits before"
)]

use burn::backend::Dispatch;
use burn::backend::backend_extension;
use burn::backend::tensor::FloatTensor;
use burn::tensor::Tensor;
use burn_cubecl::CubeBackend;
use burn_cubecl::cubecl;
use burn_cubecl::cubecl::prelude::*;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;

use crate::gpu::{each, empty_like};

/// (x + y) + z.
#[cube(launch)]
fn add_three(x: &[f32], y: &[f32], z: &[f32], sum: &mut [f32], count: u32) {
    if ABSOLUTE_POS < count as usize {
        sum[ABSOLUTE_POS] = (x[ABSOLUTE_POS] + y[ABSOLUTE_POS]) + z[ABSOLUTE_POS];
    }
}

/// The sum of `first` and all others, from left to right.
pub(super) fn sum(first: Tensor<2>, others: impl Iterator<Item = Tensor<2>>) -> Tensor<2> {
    let mut others = others;
    let mut sum = first;
    while let Some(next) = others.next() {
        sum = match others.next() {
            None => sum + next,
            Some(third) => {
                let [x, y, z] = [sum, next, third].map(Tensor::into_dispatch);
                Tensor::from_dispatch(<Dispatch as Sums>::sum_three(x, y, z))
            }
        };
    }
    sum
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
        let (cubes, cube) = each(&x.client, count);
        add_three::launch(
            &x.client.clone(),
            cubes,
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
