//! Norms, ReLU, biases, sums on a GPU: one dispatch each, by CubeCL behind Burn's
//! backend extension. The same mathematics as the CPU's loops in `host`, which
//! are the twin that `tests` holds them against.

mod conv;
mod frame;
pub(in crate::engine) mod linear;
mod norm;
mod pointwise;
mod rows;
mod sum;

pub(in crate::engine) use frame::framed;
pub(super) use sum::sum_three;

use burn::backend::Dispatch;
use burn::backend::backend_extension;
use burn::backend::tensor::FloatTensor;
use burn::tensor::Tensor;
use burn_cubecl::CubeBackend;
use burn_cubecl::cubecl::calculate_cube_count_elemwise;
use burn_cubecl::cubecl::prelude::{CubeCount, CubeDim};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;

use crate::engine::jet::{Jets, Layout};
use crate::network::Pointwise;

/// Invocations of a workgroup: the most that WebGPU promises.
const UNITS: usize = 256;

/// Workgroups along one axis of a dispatch: the most that WebGPU promises.
const CUBES: usize = 65_535;

/// What `normalise` needs besides tensors; see `super::norm::Normalised`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Norm {
    pub(super) layout: Layout,
    pub(super) groups: usize,
    pub(super) elements: usize,
    pub(super) eps: f64,
    pub(super) by_group: bool,
    pub(super) dead: bool,
    pub(super) centred: bool,
}

impl Norm {
    /// A group's workgroup: some sixteen numbers for each invocation, so that
    /// adding up what they found does not cost more than finding it.
    fn units(self) -> usize {
        let units = self.elements.div_ceil(16).next_power_of_two();
        units.clamp(32, UNITS)
    }

    /// One workgroup for each group of each image's and curve's rows.
    fn cubes(self) -> CubeCount {
        let groups = self.groups.min(CUBES) as u32;
        CubeCount::Static(groups, self.layout.values() as u32, 1)
    }
}

/// Normalises each group, with scale and shift of `[groups]` or `[elements]`.
pub(super) fn normalise(x: Jets, affine: Option<(Tensor<1>, Tensor<1>)>, how: Norm) -> Jets {
    let data = x.data.into_dispatch();
    let data = match affine {
        Some((scale, shift)) => <Dispatch as Kernels>::normalise_affine(
            data,
            scale.into_dispatch(),
            shift.into_dispatch(),
            how,
        ),
        None => <Dispatch as Kernels>::normalise(data, how),
    };
    Jets {
        data: Tensor::from_dispatch(data),
        layout: how.layout,
    }
}

/// The value's mask, on all three parts.
pub(super) fn relu(x: Jets) -> Jets {
    let layout = x.layout;
    let data = <Dispatch as Kernels>::relu(x.data.into_dispatch(), layout);
    Jets {
        data: Tensor::from_dispatch(data),
        layout,
    }
}

/// A pointwise function: f(v), f′·d and f′·a + f″·d².
pub(super) fn pointwise(x: Jets, function: Pointwise) -> Jets {
    let layout = x.layout;
    let data = <Dispatch as Kernels>::pointwise(x.data.into_dispatch(), layout, function);
    Jets {
        data: Tensor::from_dispatch(data),
        layout,
    }
}

/// Adds a bias to each run of `elements` numbers, on the values alone.
pub(super) fn bias(x: Jets, bias: Tensor<1>, elements: usize) -> Jets {
    let layout = x.layout;
    let (x, bias) = (x.data.into_dispatch(), bias.into_dispatch());
    Jets {
        data: Tensor::from_dispatch(<Dispatch as Kernels>::bias(x, bias, layout, elements)),
        layout,
    }
}

/// What only CubeCL devices have; each on `[rows, elements]` of jets.
#[backend_extension(Cube)]
trait Kernels: burn::backend::Backend {
    fn normalise(x: FloatTensor<Self>, how: Norm) -> FloatTensor<Self>;
    fn normalise_affine(
        x: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        how: Norm,
    ) -> FloatTensor<Self>;
    fn relu(x: FloatTensor<Self>, layout: Layout) -> FloatTensor<Self>;
    fn pointwise(x: FloatTensor<Self>, layout: Layout, function: Pointwise) -> FloatTensor<Self>;
    fn bias(
        x: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        layout: Layout,
        elements: usize,
    ) -> FloatTensor<Self>;
}

impl Kernels for CubeBackend {
    fn normalise(x: CubeTensor, how: Norm) -> CubeTensor {
        let x = into_contiguous(x);
        let y = empty_like(&x);
        let units = how.units();
        norm::normalise::launch(
            &x.client.clone(),
            how.cubes(),
            CubeDim::new_1d(units as u32),
            x.into_buffer_arg(),
            y.clone().into_buffer_arg(),
            how.groups as u32,
            how.elements as u32,
            how.layout.images as u32,
            how.layout.curves as u32,
            how.eps as f32,
            units,
            how.dead,
            how.centred,
        );
        y
    }

    fn normalise_affine(
        x: CubeTensor,
        scale: CubeTensor,
        shift: CubeTensor,
        how: Norm,
    ) -> CubeTensor {
        let x = into_contiguous(x);
        let y = empty_like(&x);
        let units = how.units();
        norm::normalise_affine::launch(
            &x.client.clone(),
            how.cubes(),
            CubeDim::new_1d(units as u32),
            x.into_buffer_arg(),
            y.clone().into_buffer_arg(),
            into_contiguous(scale).into_buffer_arg(),
            into_contiguous(shift).into_buffer_arg(),
            how.groups as u32,
            how.elements as u32,
            how.layout.images as u32,
            how.layout.curves as u32,
            how.eps as f32,
            units,
            how.dead,
            how.centred,
            how.by_group,
        );
        y
    }

    fn relu(x: CubeTensor, layout: Layout) -> CubeTensor {
        let x = into_contiguous(x);
        let y = empty_like(&x);
        let row = row(&x, layout);
        let cube = CubeDim::new_1d(UNITS as u32);
        rows::relu::launch(
            &x.client.clone(),
            calculate_cube_count_elemwise(&x.client, row * layout.values(), cube),
            cube,
            x.into_buffer_arg(),
            y.clone().into_buffer_arg(),
            row as u32,
            layout.images as u32,
            layout.curves as u32,
        );
        y
    }

    fn pointwise(x: CubeTensor, layout: Layout, function: Pointwise) -> CubeTensor {
        let x = into_contiguous(x);
        let y = empty_like(&x);
        let row = row(&x, layout);
        let cube = CubeDim::new_1d(UNITS as u32);
        let (which, [p, q]) = pointwise::arguments(function);
        pointwise::pointwise::launch(
            &x.client.clone(),
            calculate_cube_count_elemwise(&x.client, row * layout.values(), cube),
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

    fn bias(x: CubeTensor, bias: CubeTensor, layout: Layout, elements: usize) -> CubeTensor {
        let x = into_contiguous(x);
        // Fresh from a convolution it is written in place.
        let y = if x.can_mut() { x } else { x.copy() };
        let count = row(&y, layout) * layout.values();
        let channels = bias.meta.num_elements();
        let cube = CubeDim::new_1d(UNITS as u32);
        rows::bias::launch(
            &y.client.clone(),
            calculate_cube_count_elemwise(&y.client, count, cube),
            cube,
            into_contiguous(bias).into_buffer_arg(),
            y.clone().into_buffer_arg(),
            count as u32,
            channels as u32,
            elements as u32,
        );
        y
    }
}

fn row(x: &CubeTensor, layout: Layout) -> usize {
    x.meta.num_elements() / layout.rows().max(1)
}

fn empty_like(x: &CubeTensor) -> CubeTensor {
    let (client, device) = (x.client.clone(), x.device.clone());
    empty_device_contiguous_dtype(client, device, x.meta.shape().clone(), x.dtype)
}
