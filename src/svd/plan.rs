//! How a batch of matrices lies in memory, and how its work is cut into
//! dispatches: plain numbers, the same for the kernels and for their twin.

use std::ops::Range;

/// Sweeps after which a matrix that still rotates has not converged.
pub(super) const SWEEPS: usize = 16;

/// Words of a matrix in [`Plan::tasks`].
pub(super) const WORDS: usize = 8;

/// Numbers of a matrix in the result: σ_min and σ_max of the scaled matrix,
/// the exponent of the scale, and the status.
pub(super) const RESULTS: usize = 4;

/// Sides up to this are rotated in workgroup memory (4 KiB of 16).
pub(super) const LOCAL: usize = 32;

/// Sides up to this are one block: a whole sweep in one workgroup.
const WHOLE: usize = 256;

/// Columns of a block of a larger matrix.
const BLOCK: usize = 64;

/// Multiply-adds that one workgroup, and one dispatch, may take: well under a
/// second on a slow GPU (Windows resets the device after about two).
const PER_MATRIX: u64 = 64 << 20;
const PER_DISPATCH: u64 = 1 << 30;

/// A matrix: `length × columns` with `length ≥ columns`, the map or its
/// transpose. Its columns are contiguous.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Matrix {
    /// Where it begins in the work buffer.
    pub(super) work: usize,
    /// max(rows, columns) of the map.
    pub(super) length: usize,
    /// min(rows, columns) of the map.
    pub(super) columns: usize,
    /// Where its `columns × columns` factor begins.
    pub(super) factor: usize,
}

impl Matrix {
    /// Columns of a block.
    pub(super) fn block(&self) -> usize {
        if self.columns <= WHOLE {
            self.columns
        } else {
            BLOCK
        }
    }

    /// Number of blocks.
    pub(super) fn blocks(&self) -> usize {
        self.columns.div_ceil(self.block())
    }

    /// Invocations that share a column in the reduction.
    pub(super) fn reduction_lanes(&self) -> usize {
        (256 / self.columns.next_power_of_two()).clamp(16, 64)
    }

    /// Invocations that share a pair of columns in a rotation.
    pub(super) fn rotation_lanes(&self) -> usize {
        if self.columns <= LOCAL { 16 } else { 8 }
    }

    /// Multiply-adds of the reduction's step `k`.
    fn step_cost(&self, k: usize) -> u64 {
        if k >= self.columns {
            return 0;
        }
        2 * (self.length - k) as u64 * (self.columns - k) as u64
    }
}

/// A batch of matrices.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) matrices: Vec<Matrix>,
    /// Numbers in the work buffer.
    pub(super) work: usize,
    /// Numbers in the factors' buffer.
    pub(super) factors: usize,
}

impl Plan {
    /// The plan for maps of `(rows, columns)`, none of them empty.
    pub(super) fn new(shapes: &[(usize, usize)]) -> Self {
        let (mut work, mut factors) = (0, 0);
        let matrices = shapes
            .iter()
            .map(|&(rows, columns)| {
                let matrix = Matrix {
                    work,
                    length: rows.max(columns),
                    columns: rows.min(columns),
                    factor: factors,
                };
                work += rows * columns;
                factors += matrix.columns * matrix.columns;
                matrix
            })
            .collect();
        Self {
            matrices,
            work,
            factors,
        }
    }

    /// The matrices as the kernels read them, [`WORDS`] words each.
    pub(super) fn tasks(&self) -> Vec<u32> {
        let words = |m: &Matrix| {
            [
                m.work,
                m.length,
                m.columns,
                m.factor,
                m.block(),
                m.blocks(),
                m.reduction_lanes(),
                m.rotation_lanes(),
            ]
        };
        let words = self.matrices.iter().flat_map(words);
        words.map(|w| w as u32).collect()
    }

    /// The reduction's dispatches, each a range of steps for all matrices.
    pub(super) fn reduction(&self) -> Vec<Range<usize>> {
        let steps = self.matrices.iter().map(|m| m.columns).max().unwrap_or(0);
        let mut ranges = Vec::new();
        let (mut first, mut most, mut all) = (0, 0u64, 0u64);
        for k in 0..steps {
            let costs = self.matrices.iter().map(|m| m.step_cost(k));
            let (largest, sum) = costs.fold((0, 0), |(l, s), c| (c.max(l), s + c));
            if k > first && (most + largest > PER_MATRIX || all + sum > PER_DISPATCH) {
                ranges.push(first..k);
                (first, most, all) = (k, 0, 0);
            }
            (most, all) = (most + largest, all + sum);
        }
        if steps > first {
            ranges.push(first..steps);
        }
        ranges
    }

    /// (matrix, block) of every workgroup that rotates in workgroup memory.
    pub(super) fn local(&self) -> Vec<u32> {
        self.slots(|m| m.columns <= LOCAL)
    }

    /// (matrix, block) of the workgroups that rotate from storage, cut into
    /// dispatches.
    pub(super) fn stored(&self) -> Vec<Vec<u32>> {
        let mut dispatches = vec![Vec::new()];
        let mut cost = 0;
        for slot in self.slots(|m| m.columns > LOCAL).chunks_exact(2) {
            let m = &self.matrices[slot[0] as usize];
            // A pair takes three dot products and two updates of its columns.
            let more = 3 * (m.block() * m.block() * m.columns) as u64;
            if cost > 0 && cost + more > PER_DISPATCH {
                dispatches.push(Vec::new());
                cost = 0;
            }
            cost += more;
            if let Some(last) = dispatches.last_mut() {
                last.extend_from_slice(slot);
            }
        }
        dispatches.retain(|d| !d.is_empty());
        dispatches
    }

    /// (matrix, pair of blocks) of the workgroups that rotate across blocks.
    pub(super) fn crossed(&self) -> Vec<u32> {
        self.slots(|m| m.blocks() > 1)
    }

    /// Steps of a sweep: one within the blocks, the others across them.
    pub(super) fn steps(&self) -> usize {
        let blocks = self.matrices.iter().map(Matrix::blocks).max().unwrap_or(1);
        if blocks == 1 {
            1
        } else {
            blocks.next_multiple_of(2)
        }
    }

    fn slots(&self, wanted: impl Fn(&Matrix) -> bool) -> Vec<u32> {
        let matrices = self.matrices.iter().enumerate();
        matrices
            .filter(|(_, m)| wanted(m))
            .flat_map(|(i, m)| (0..m.blocks()).flat_map(move |b| [i as u32, b as u32]))
            .collect()
    }
}
