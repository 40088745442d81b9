//! The GPU's path: CubeCL kernels behind Burn's backend extension.
//!
//! A batch's work buffer and its plan go in, four numbers a matrix come out;
//! nothing is read back in between. Dispatches serve all matrices, or all of a
//! size class: one to scale, a few to reduce and to rotate (by cost), several a
//! sweep for sides over 128, one for the result.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a launch's sizes were held against the kernels' limits before"
)]

mod decompose;
mod reduce;
#[allow(
    clippy::manual_div_ceil,
    clippy::manual_swap,
    reason = "kernels have neither"
)]
mod reflect;
#[allow(clippy::manual_div_ceil, reason = "kernels have no div_ceil")]
mod rotate;

use burn::backend::Dispatch;
use burn::backend::backend_extension;
use burn::backend::tensor::FloatTensor;
use burn::tensor::Tensor;
use burn_cubecl::CubeBackend;
use burn_cubecl::cubecl::calculate_cube_count_elemwise;
use burn_cubecl::cubecl::prelude::{CubeCount, CubeDim};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::tensor::CubeTensor;

use super::plan::Plan;
use decompose::Decomposition;
#[cfg(test)]
pub(super) use {
    reduce::CHUNK,
    reflect::NOTHING,
    rotate::{COSINE, NOISE},
};

/// Invocations of a workgroup: the most that WebGPU promises.
const UNITS: u32 = 256;

/// Where a map goes in the work buffer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) offset: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
}

/// Maps that are copied together: six, the work buffer and the scalars are the
/// eight storage buffers that WebGPU promises.
pub(super) const TOGETHER: usize = 6;

/// Copies a map, row-major at the front of its tensor (whose later rows are
/// ignored), to its place in the work buffer.
pub(super) fn pack((map, place): Packed, work: Tensor<1>) -> Tensor<1> {
    let work = <Dispatch as Kernels>::pack(map.into_dispatch(), work.into_dispatch(), place);
    Tensor::from_dispatch(work)
}

/// The same for [`TOGETHER`] maps, in one dispatch.
pub(super) fn pack_six(maps: [Packed; TOGETHER], work: Tensor<1>) -> Tensor<1> {
    let places = [0, 1, 2, 3, 4, 5].map(|i| maps[i].1);
    let [a, b, c, d, e, f] = maps.map(|(map, _)| map.into_dispatch());
    let work = work.into_dispatch();
    let work = <Dispatch as Kernels>::pack_six(a, b, c, d, e, f, work, places);
    Tensor::from_dispatch(work)
}

/// A map and where it goes.
pub(super) type Packed = (Tensor<2>, Place);

/// The results of all matrices in the work buffer, [`RESULTS`](super::plan::RESULTS) numbers each.
pub(super) fn extremes(work: Tensor<1>, plan: Plan) -> Tensor<1> {
    Tensor::from_dispatch(<Dispatch as Kernels>::extremes(work.into_dispatch(), plan))
}

/// What only CubeCL devices have. The work buffer is written in place: it
/// belongs to one batch alone.
#[backend_extension(Cube)]
pub(super) trait Kernels: burn::backend::Backend {
    fn pack(map: FloatTensor<Self>, work: FloatTensor<Self>, place: Place) -> FloatTensor<Self>;
    #[allow(
        clippy::too_many_arguments,
        reason = "the extension takes no list of tensors"
    )]
    fn pack_six(
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        third: FloatTensor<Self>,
        fourth: FloatTensor<Self>,
        fifth: FloatTensor<Self>,
        sixth: FloatTensor<Self>,
        work: FloatTensor<Self>,
        places: [Place; TOGETHER],
    ) -> FloatTensor<Self>;
    fn extremes(work: FloatTensor<Self>, plan: Plan) -> FloatTensor<Self>;
}

/// Whether two tensors share memory, as views of one do: WebGPU refuses to bind
/// it twice, since CubeCL declares every buffer writable.
fn overlap(maps: &[CubeTensor]) -> bool {
    let memory = |map: &CubeTensor| std::ptr::from_ref(map.handle.memory.descriptor());
    let pairs = maps.iter().enumerate();
    pairs
        .flat_map(|(i, map)| maps[..i].iter().map(move |before| (before, map)))
        .any(|(before, map)| std::ptr::eq(memory(before), memory(map)))
}

impl Kernels for CubeBackend {
    fn pack(map: CubeTensor, work: CubeTensor, place: Place) -> CubeTensor {
        let map = into_contiguous(map);
        let cube = CubeDim::new_1d(UNITS);
        reduce::pack::launch(
            &work.client,
            calculate_cube_count_elemwise(&work.client, place.rows * place.columns, cube),
            cube,
            map.into_buffer_arg(),
            work.clone().into_buffer_arg(),
            place.into(),
        );
        work
    }

    fn pack_six(
        first: CubeTensor,
        second: CubeTensor,
        third: CubeTensor,
        fourth: CubeTensor,
        fifth: CubeTensor,
        sixth: CubeTensor,
        work: CubeTensor,
        places: [Place; TOGETHER],
    ) -> CubeTensor {
        let maps = [first, second, third, fourth, fifth, sixth].map(into_contiguous);
        if overlap(&maps) {
            let all = maps.into_iter().zip(places);
            return all.fold(work, |work, (map, place)| Self::pack(map, work, place));
        }
        let largest = places.iter().map(|p| p.rows * p.columns).max();
        let lines = largest.unwrap_or(0).div_ceil(UNITS as usize) as u32;
        let [a, b, c, d, e, f] = maps.map(CubeTensor::into_buffer_arg);
        let [to_a, to_b, to_c, to_d, to_e, to_f] = places.map(reduce::TargetLaunch::from);
        reduce::pack_six::launch(
            &work.client,
            CubeCount::Static(lines, TOGETHER as u32, 1),
            CubeDim::new_1d(UNITS),
            a,
            b,
            c,
            d,
            e,
            f,
            work.clone().into_buffer_arg(),
            to_a,
            to_b,
            to_c,
            to_d,
            to_e,
            to_f,
        );
        work
    }

    fn extremes(work: CubeTensor, plan: Plan) -> CubeTensor {
        Decomposition::new(work, plan).run()
    }
}
