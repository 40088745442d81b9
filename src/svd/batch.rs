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

    /// What was found of each map, in order, from the results that were read back.
    pub(crate) fn read(results: &[f64]) -> impl Iterator<Item = Found> + '_ {
        results.chunks_exact(RESULTS).map(found)
    }
}

/// What the kernels found of a map.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Found {
    /// σ_min and σ_max of min(rows, columns) values; both NaN where the map has
    /// a number that is not finite.
    Range { min: f64, max: f64 },
    /// The sweeps that are allowed did not suffice, or the singular values'
    /// squares do not add up: the map is to be decomposed on the CPU.
    Unfinished,
    /// A sentence: the kernels did not run, so that no map of this device counts.
    Refused(String),
}

/// How much √Σσ² may differ from the Frobenius norm, relatively.
const KEPT: f64 = 1e-4;

fn found(result: &[f64]) -> Found {
    let [norm, exponent, status, least, most, all] = *result else {
        return Found::Refused("the GPU's result is cut short".to_owned());
    };
    let kept = all == norm || (all / norm - 1.0).abs() < KEPT;
    let scale = libm::exp2(exponent);
    match status {
        1.0 if kept => Found::Range {
            min: least * scale,
            max: most * scale,
        },
        2.0 => Found::Range {
            min: f64::NAN,
            max: f64::NAN,
        },
        1.0 | 3.0 => Found::Unfinished,
        // The first or the last kernel did not run; of those between, a
        // sweep that is left out looks like one with nothing to do.
        _ => Found::Refused("the GPU did not write its singular values".to_owned()),
    }
}
