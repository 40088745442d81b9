//! Pointwise functions on a GPU: one invocation for each number of the value
//! rows.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a launch's sizes were held against the kernels' limits before"
)]

use burn::backend::tensor::FloatTensor;
use burn::backend::{Dispatch, backend_extension};
use burn::tensor::Tensor;
use burn_cubecl::CubeBackend;
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;

use super::kernel;
use crate::engine::jet::{Jets, Layout};
use crate::error::Result;
use crate::gpu::{each, empty_like};
use crate::network::Curved;

/// f(v), f′·d and f′·a + f″·d².
pub(super) fn curved(x: Jets, function: Curved) -> Result<Jets> {
    let layout = x.layout;
    let data = <Dispatch as Functions>::curved(x.data.into_dispatch(), layout, function);
    Ok(Jets {
        data: Tensor::from_dispatch(data),
        layout,
    })
}

/// On `[rows, elements]` of jets.
#[backend_extension(Cube)]
trait Functions: burn::backend::Backend {
    fn curved(x: FloatTensor<Self>, layout: Layout, function: Curved) -> FloatTensor<Self>;
}

impl Functions for CubeBackend {
    fn curved(x: CubeTensor, layout: Layout, function: Curved) -> CubeTensor {
        let x = into_contiguous(x);
        let y = empty_like(&x);
        let row = x.meta.num_elements() / layout.rows().max(1);
        let (cubes, cube) = each(&x.client, row * layout.values());
        let (which, [p, q]) = kernel::arguments(function);
        kernel::curved::launch(
            &x.client.clone(),
            cubes,
            cube,
            x.into_buffer_arg(),
            y.clone().into_buffer_arg(),
            row as u32,
            layout.images as u32,
            layout.curves as u32,
            p,
            q,
            which,
        );
        y
    }
}
