//! Many maps on a GPU: gathered as they are produced, decomposed together.

use burn::tensor::{Device, Tensor};

use super::kernel::{self, Packed, Place};
use super::plan::{Plan, RESULTS, fits};

/// Numbers of one work buffer: half of the binding that WebGPU promises.
const CHUNK: usize = 16 << 20;

/// Numbers of a map that may wait for others: what waits is kept alive.
const SMALL: usize = 1 << 16;

/// The maps of one network.
pub(crate) struct Batch {
    chunks: Vec<Chunk>,
    /// Where each map is: the chunk and its number there.
    places: Vec<(usize, usize)>,
}

/// Maps that share a work buffer.
struct Chunk {
    shapes: Vec<(usize, usize)>,
    plan: Plan,
    work: Tensor<1>,
    /// Small maps that wait to be copied together.
    waiting: Vec<Packed>,
}

impl Chunk {
    fn take(&mut self, packed: Packed) {
        if packed.1.rows * packed.1.columns > SMALL {
            self.work = kernel::pack(packed, self.work.clone());
            return;
        }
        self.waiting.push(packed);
        let six = std::mem::take(&mut self.waiting).try_into();
        match six {
            Ok(six) => self.work = kernel::pack_six(six, self.work.clone()),
            Err(fewer) => self.waiting = fewer,
        }
    }

    fn finish(self) -> Tensor<1> {
        let waiting = self.waiting.into_iter();
        let work = waiting.fold(self.work, |work, packed| kernel::pack(packed, work));
        kernel::extremes(work, self.plan)
    }
}

impl Batch {
    /// Whether the kernels take a map: up to 1,024 on its shorter side.
    pub(crate) fn takes(rows: usize, columns: usize) -> bool {
        fits(rows, columns)
    }

    /// Room for maps of `(rows, columns)`, none of them empty.
    pub(crate) fn new(shapes: &[(usize, usize)], device: &Device) -> Self {
        let mut lists: Vec<Vec<(usize, usize)>> = Vec::new();
        let mut places = Vec::with_capacity(shapes.len());
        let mut used = usize::MAX;
        for &shape in shapes {
            let size = shape.0 * shape.1;
            if used.saturating_add(size) > CHUNK {
                lists.push(Vec::new());
                used = 0;
            }
            used += size;
            let last = lists.len() - 1;
            places.push((last, lists[last].len()));
            lists[last].push(shape);
        }
        let chunk = |shapes: Vec<(usize, usize)>| {
            let plan = Plan::new(&shapes);
            let work = Tensor::empty([plan.work], device);
            let waiting = Vec::new();
            Chunk {
                shapes,
                plan,
                work,
                waiting,
            }
        };
        Self {
            chunks: lists.into_iter().map(chunk).collect(),
            places,
        }
    }

    /// Allows that many sweeps.
    #[cfg(test)]
    pub(super) fn allow(&mut self, sweeps: usize) {
        self.chunks.iter_mut().for_each(|c| c.plan.sweeps = sweeps);
    }

    /// Takes map number `index` from the first row of `rows`,
    /// `[rows of the batch, rows · columns of the map]`.
    pub(crate) fn take(&mut self, index: usize, rows: &Tensor<2>) {
        let (chunk, number) = self.places[index];
        let chunk = &mut self.chunks[chunk];
        let (height, width) = chunk.shapes[number];
        let place = Place {
            offset: chunk.plan.matrices[number].work,
            rows: height,
            columns: width,
        };
        chunk.take((rows.clone(), place));
    }

    /// Decomposes all maps; their results, in order, wait on the device.
    pub(crate) fn finish(self) -> Option<Tensor<1>> {
        let results = self.chunks.into_iter();
        let results: Vec<Tensor<1>> = results.map(Chunk::finish).collect();
        match results.len() {
            0 | 1 => results.into_iter().next(),
            _ => Some(Tensor::cat(results, 0)),
        }
    }

    /// (σ_min, σ_max) of each map from the results that were read back; NaN
    /// where a map has a number that is not finite.
    ///
    /// # Errors
    /// A sentence, for a map that did not converge or was not written.
    pub(crate) fn read(results: &[f64]) -> impl Iterator<Item = Result<(f64, f64), String>> + '_ {
        results.chunks_exact(RESULTS).map(|r| {
            let scale = libm::exp2(r[2]);
            match r[3] {
                1.0 => Ok((r[0] * scale, r[1] * scale)),
                2.0 => Ok((f64::NAN, f64::NAN)),
                3.0 => Err("no convergence in the sweeps allowed".to_owned()),
                // The first or the last kernel did not run; of those between, a
                // sweep that is left out looks like one with nothing to do.
                _ => Err("the GPU did not write its singular values".to_owned()),
            }
        })
    }
}
