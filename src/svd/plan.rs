//! How a batch of matrices lies in memory, and how its work is cut into
//! dispatches: plain numbers, the same for the kernels and for their twin.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a launch's sizes were held against the kernels' limits before"
)]

use std::ops::Range;

/// The most sweeps of any plan: the flags kept for a matrix.
pub(super) const SWEEPS: usize = 24;

/// Sweeps after which a matrix that still rotates has not ended, where no side
/// is over [`WHOLE`]: 64×64 takes 7, 128×128 takes 9, and 10,000 maps of all
/// kinds up to 256 take no more.
const FEW: usize = 16;

/// Words of a matrix in [`Plan::tasks`].
pub(super) const WORDS: usize = 8;

/// Numbers that are known of a matrix before it is reduced: its Frobenius norm
/// when scaled, the exponent of the scale, and the status.
pub(super) const FACTS: usize = 3;

/// Numbers of a matrix in the result: its facts, σ_min and σ_max of the scaled
/// matrix, and √Σσ², which rotations leave as the Frobenius norm was.
pub(super) const RESULTS: usize = FACTS + 3;

/// Sides up to this are rotated in workgroup memory (4 KiB of 16).
pub(super) const LOCAL: usize = 32;

/// Sides up to this are one block: a whole sweep in one workgroup.
const WHOLE: usize = 128;

/// Columns of a block of a larger matrix.
const BLOCK: usize = 64;

/// Loop turns that an invocation may take in a dispatch. Some software drivers
/// leave a loop without a word when an invocation has made 65,536 in all.
const TURNS: usize = 1 << 15;

/// Multiply-adds of a dispatch, and of a batch's dispatches that share a
/// submission, but for the last: well under a second on a slow GPU (Windows
/// resets the device after about two).
pub(super) const COST: u64 = 1 << 30;

/// The largest map that the kernels take, in numbers: its longest column
/// must be reduced within [`TURNS`].
const LARGEST: usize = 1 << 21;

/// The longest shorter side.
const SIDE: usize = 1024;

/// Whether the kernels take a map.
pub(super) fn fits(rows: usize, columns: usize) -> bool {
    let side = rows.min(columns);
    side > 0 && side <= SIDE && rows.saturating_mul(columns) <= LARGEST
}

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

    /// Multiply-adds of the reduction's step `k`, and loop turns of an
    /// invocation.
    fn step_cost(&self, k: usize) -> (u64, usize) {
        if k >= self.columns {
            return (0, 0);
        }
        let (rest, others) = (self.length - k, self.columns - k);
        let lanes = self.reduction_lanes();
        // A product and a subtraction; at first the columns are measured too.
        let passes = if k == 0 { 3 } else { 2 };
        let column = passes * rest.div_ceil(lanes) + 2 * lanes + 4;
        // The pivot is looked for and fetched.
        let pivot = others.div_ceil(256) + rest.div_ceil(256) + 2 * k.div_ceil(256) + 40;
        let turns = pivot + (others * lanes).div_ceil(256) * column;
        (3 * (rest * others) as u64, turns)
    }

    /// Multiply-adds of a sweep within the blocks, for each block, and loop
    /// turns of an invocation.
    fn sweep_cost(&self) -> (u64, usize) {
        let (block, lanes) = (self.block(), self.rotation_lanes());
        let pairs = block.div_ceil(2);
        let batches = (pairs * lanes).div_ceil(256);
        let pair = 2 * self.columns.div_ceil(lanes) + 3 * lanes + 8;
        // A pair takes three dot products and two updates of its columns.
        let cost = 3 * (block * block * self.columns) as u64;
        (cost, 2 * pairs * batches * pair)
    }
}

/// A dispatch of sweeps within blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rotation {
    /// (matrix, block) of every workgroup.
    pub(super) slots: Vec<u32>,
    /// Sweeps that it may make: more than one where every matrix is one block.
    pub(super) sweeps: usize,
    /// Multiply-adds of a sweep.
    pub(super) cost: u64,
}

/// A batch of matrices.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) matrices: Vec<Matrix>,
    /// Numbers in the work buffer.
    pub(super) work: usize,
    /// Numbers in the factors' buffer.
    pub(super) factors: usize,
    /// Sweeps to make, at most [`SWEEPS`].
    pub(super) sweeps: usize,
}

impl Plan {
    /// The plan for maps of `(rows, columns)`, none of them empty.
    pub(super) fn new(shapes: &[(usize, usize)]) -> Self {
        let small = shapes.iter().all(|&(r, c)| r.min(c) <= WHOLE);
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
            sweeps: if small { FEW } else { SWEEPS },
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

    /// The reduction's dispatches, each a range of steps for all matrices and
    /// its multiply-adds.
    pub(super) fn reduction(&self) -> Vec<(Range<usize>, u64)> {
        let steps = self.matrices.iter().map(|m| m.columns).max().unwrap_or(0);
        let mut ranges = Vec::new();
        let (mut first, mut cost, mut turns) = (0, 0, 0);
        for k in 0..steps {
            let costs = self.matrices.iter().map(|m| m.step_cost(k));
            let (more, most) = costs.fold((0, 0), |(s, l), (c, t)| (s + c, t.max(l)));
            if k > first && (cost + more > COST || turns + most > TURNS) {
                ranges.push((first..k, cost));
                (first, cost, turns) = (k, 0, 0);
            }
            (cost, turns) = (cost + more, turns + most);
        }
        if steps > first {
            ranges.push((first..steps, cost));
        }
        ranges
    }

    /// Matrices that are rotated in workgroup memory.
    pub(super) fn local(&self) -> Vec<Rotation> {
        self.rotations(|m| m.columns <= LOCAL)
    }

    /// Matrices of one block that are rotated from storage.
    pub(super) fn stored(&self) -> Vec<Rotation> {
        self.rotations(|m| m.columns > LOCAL && m.blocks() == 1)
    }

    /// Blocks of the larger matrices, a sweep at a time.
    pub(super) fn blocks(&self) -> Vec<Rotation> {
        let mut rotations = self.rotations(|m| m.blocks() > 1);
        rotations.iter_mut().for_each(|r| r.sweeps = 1);
        rotations
    }

    /// The wanted matrices, cut into dispatches that do not take too long.
    fn rotations(&self, wanted: impl Fn(&Matrix) -> bool) -> Vec<Rotation> {
        let mut rotations = Vec::new();
        let (mut slots, mut cost, mut turns) = (Vec::new(), 0, 0);
        let sweeps = |cost: u64, turns: usize| {
            let most = (COST / cost).min((TURNS / turns) as u64);
            (most as usize).clamp(1, self.sweeps)
        };
        for slot in self.slots(wanted).chunks_exact(2) {
            let (more, most) = self.matrices[slot[0] as usize].sweep_cost();
            if cost > 0 && cost + more > COST {
                rotations.push(Rotation {
                    slots: std::mem::take(&mut slots),
                    sweeps: sweeps(cost, turns),
                    cost,
                });
                (cost, turns) = (0, 0);
            }
            (cost, turns) = (cost + more, turns.max(most));
            slots.extend_from_slice(slot);
        }
        if !slots.is_empty() {
            rotations.push(Rotation {
                slots,
                sweeps: sweeps(cost, turns),
                cost,
            });
        }
        rotations
    }

    /// (matrix, pair of blocks) of the workgroups that rotate across blocks.
    pub(super) fn crossed(&self) -> Vec<u32> {
        self.slots(|m| m.blocks() > 1)
    }

    /// Multiply-adds of a step across blocks, at most.
    pub(super) fn crossed_cost(&self) -> u64 {
        let blocked = self.matrices.iter().filter(|m| m.blocks() > 1);
        // Each pair of columns takes five products of their length.
        let cost = |m: &Matrix| 5 * m.blocks().div_ceil(2) * m.block() * m.block() * m.columns;
        blocked.map(|m| cost(m) as u64).sum()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Dispatches that decompose a batch.
    fn dispatches(shapes: &[(usize, usize)]) -> usize {
        let plan = Plan::new(shapes);
        let all = [plan.local(), plan.stored(), plan.blocks()].concat();
        let within = all.iter().map(|r| plan.sweeps.div_ceil(r.sweeps));
        let across = plan.steps() - 1;
        2 + plan.reduction().len() + within.sum::<usize>() + plan.sweeps * across
    }

    #[test]
    fn dispatches_do_not_depend_on_the_number_of_maps() {
        let cell = [(16, 1024), (32, 256), (64, 64)];
        let network: Vec<_> = cell.iter().copied().cycle().take(90).collect();
        assert_eq!(dispatches(&network), dispatches(&cell));
        // All sweeps of sides up to 32 in one, those of 64 in two.
        assert_eq!(dispatches(&network), 2 + 1 + 1 + 2);
        assert!(dispatches(&[(197, 192); 24]) < 120);
        assert!(dispatches(&[(1024, 1024)]) < 600);
    }

    #[test]
    fn no_invocation_turns_too_often() {
        for shape in [
            (16, 1024),
            (64, 64),
            (128, 16384),
            (3, 699_050),
            (2, 1 << 20),
            (129, 129),
            (1024, 1024),
        ] {
            assert!(fits(shape.0, shape.1));
            let plan = Plan::new(&[shape]);
            for (range, _) in plan.reduction() {
                let turns: usize = range.map(|k| plan.matrices[0].step_cost(k).1).sum();
                assert!(turns < 2 * TURNS, "{shape:?}: {turns}");
            }
            for rotation in [plan.local(), plan.stored(), plan.blocks()].concat() {
                let turns = rotation.sweeps * plan.matrices[0].sweep_cost().1;
                assert!(turns <= TURNS, "{shape:?}: {turns}");
                let cost = rotation.sweeps as u64 * rotation.cost;
                assert!(cost <= COST, "{shape:?}: {cost}");
            }
        }
        assert!(!fits(1025, 1025) && !fits(0, 3) && !fits(64, 40_000));
    }
}
