//! Gram matrices in double precision.
//!
//! The product of two single-precision numbers is exact in double precision, so
//! that the matrix is wrong by the rounding of its sums alone.

mod rows;

#[cfg(not(target_arch = "wasm32"))]
use crate::wide::multiply_add;
use crate::wide::{Loop, widest};

/// Neighbouring numbers of a row that are computed together.
#[cfg(not(target_arch = "wasm32"))]
const LANES: usize = 4;
/// Rows that are, where there are sixteen vectors of four; and elsewhere.
const WIDE: usize = 8;
#[cfg(not(target_arch = "wasm32"))]
const NARROW: usize = 4;
/// The numbers of the longest vector.
const ALONG: usize = 8;
/// Numbers of the panel that is multiplied at once, so that it stays in a cache.
const PANEL: usize = 1 << 15;

/// The Gram matrix of the rows or the columns of a row-major matrix, whichever
/// are fewer: its side, and its numbers.
#[must_use]
pub fn gram_f32(rows: usize, matrix: &[f32]) -> (usize, Vec<f64>) {
    widest(Gram { rows, matrix })
}

/// The same in double precision.
#[must_use]
pub fn gram_f64(rows: usize, matrix: &[f64]) -> (usize, Vec<f64>) {
    widest(Gram { rows, matrix })
}

struct Gram<'a, T> {
    rows: usize,
    matrix: &'a [T],
}

impl<T: Copy + Into<f64>> Loop for Gram<'_, T> {
    type Made = (usize, Vec<f64>);

    #[inline(always)]
    fn run<const FUSED: bool, const VECTOR: usize>(self) -> Self::Made {
        let columns = self.matrix.len() / self.rows.max(1);
        let side = self.rows.min(columns);
        if side == 0 {
            return (0, Vec::new());
        }
        let width = side.next_multiple_of(WIDE);
        let mut sums = vec![0.0; width * width];
        match VECTOR {
            #[cfg(target_arch = "x86_64")]
            16 => self.along_rows(columns, width, |panel, long| {
                // SAFETY: only a machine with AVX-512 has vectors of sixteen.
                unsafe { rows::avx512(panel, long, width, &mut sums) }
            }),
            #[cfg(target_arch = "x86_64")]
            8 => self.along_rows(columns, width, |panel, long| {
                // SAFETY: only a machine with AVX2 has vectors of eight.
                unsafe { rows::avx2(panel, long, width, &mut sums) }
            }),
            #[cfg(target_arch = "wasm32")]
            _ => self.along_rows(columns, width, |panel, long| {
                rows::simd128(panel, long, width, &mut sums);
            }),
            #[cfg(not(target_arch = "wasm32"))]
            _ => self.along_columns::<FUSED>(columns, width, &mut sums),
        }
        let mut gram = vec![0.0; side * side];
        for i in 0..side {
            for j in 0..=i {
                let sum = sums[i * width + j];
                gram[i * side + j] = sum;
                gram[j * side + i] = sum;
            }
        }
        (side, gram)
    }
}

impl<T: Copy + Into<f64>> Gram<'_, T> {
    /// Shows `add` the rows (or columns, of which there are fewer) as rows, a part at
    /// a time: each to a multiple of [`ALONG`] numbers, and rows of zeros up to
    /// `width`.
    #[inline(always)]
    fn along_rows(&self, columns: usize, width: usize, mut add: impl FnMut(&[f64], usize)) {
        let (tall, length) = (self.rows > columns, self.rows.max(columns));
        let step = (PANEL / width).next_multiple_of(ALONG);
        let mut panel = vec![0.0; step.min(length.next_multiple_of(ALONG)) * width];
        for first in (0..length).step_by(step) {
            let count = step.min(length - first);
            let long = count.next_multiple_of(ALONG);
            let panel = &mut panel[..long * width];
            if count < long {
                panel.fill(0.0);
            }
            if tall {
                let rows = self.matrix[first * columns..].chunks_exact(columns);
                for (place, row) in rows.take(count).enumerate() {
                    let to = panel[place..].iter_mut().step_by(long);
                    to.zip(row).for_each(|(to, &x)| *to = x.into());
                }
            } else {
                let rows = self.matrix.chunks_exact(columns);
                for (to, row) in panel.chunks_exact_mut(long).zip(rows) {
                    let row = &row[first..first + count];
                    to.iter_mut().zip(row).for_each(|(to, &x)| *to = x.into());
                }
            }
            add(panel, long);
        }
    }

    /// Adds the products of the columns (or rows, of which there are fewer) with each
    /// other, a part at a time.
    #[cfg(not(target_arch = "wasm32"))]
    #[inline(always)]
    fn along_columns<const FUSED: bool>(&self, columns: usize, width: usize, sums: &mut [f64]) {
        let (tall, length) = (self.rows > columns, self.rows.max(columns));
        let step = (PANEL / width).max(16);
        let mut panel = vec![0.0; step.min(length) * width];
        for first in (0..length).step_by(step) {
            let count = step.min(length - first);
            let panel = &mut panel[..count * width];
            if tall {
                let rows = self.matrix[first * columns..].chunks_exact(columns);
                for (to, row) in panel.chunks_exact_mut(width).zip(rows) {
                    to.iter_mut().zip(row).for_each(|(to, &x)| *to = x.into());
                }
            } else {
                for (i, row) in self.matrix.chunks_exact(columns).enumerate() {
                    let to = panel[i..].iter_mut().step_by(width);
                    let row = &row[first..first + count];
                    to.zip(row).for_each(|(to, &x)| *to = x.into());
                }
            }
            if FUSED {
                products::<FUSED, WIDE>(panel, width, sums);
            } else {
                products::<FUSED, NARROW>(panel, width, sums);
            }
        }
    }
}

/// Adds the products of a panel's columns with each other, on and below the
/// diagonal.
#[cfg(not(target_arch = "wasm32"))]
#[inline(always)]
fn products<const FUSED: bool, const ROWS: usize>(panel: &[f64], width: usize, sums: &mut [f64]) {
    for i in (0..width).step_by(ROWS) {
        for j in (0..i + ROWS).step_by(LANES) {
            let mut tile = [[0.0f64; LANES]; ROWS];
            for row in panel.chunks_exact(width) {
                let mut x = [0.0; LANES];
                x.copy_from_slice(&row[j..j + LANES]);
                let row = &row[i..i + ROWS];
                tile = std::array::from_fn(|k| added::<FUSED>(row[k], &x, tile[k]));
            }
            for (k, tile) in tile.iter().enumerate() {
                let sums = &mut sums[(i + k) * width + j..][..LANES];
                sums.iter_mut().zip(tile).for_each(|(sum, x)| *sum += x);
            }
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
#[inline(always)]
fn added<const FUSED: bool>(y: f64, x: &[f64; LANES], mut sums: [f64; LANES]) -> [f64; LANES] {
    for l in 0..LANES {
        sums[l] = multiply_add::<FUSED>(y, x[l], sums[l]);
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wide::Machine;

    #[test]
    fn both_orientations_and_every_remainder() {
        for (rows, columns) in [
            (1, 1),
            (5, 0),
            (1, 9),
            (9, 1),
            (3, 50),
            (17, 5),
            (40, 1200),
            (100, 700),
            (2000, 33),
        ] {
            let matrix: Vec<f32> = (0..rows * columns)
                .map(|i| ((i * 37 % 101) as f32 - 50.0) / 7.0)
                .collect();
            let double: Vec<f64> = matrix.iter().map(|&x| x.into()).collect();
            for machine in Machine::all() {
                let (matrix, double) = (&matrix[..], &double[..]);
                let (side, gram) = machine.run(Gram { rows, matrix });
                assert_eq!(
                    machine.run(Gram {
                        rows,
                        matrix: double
                    }),
                    (side, gram.clone())
                );
                assert_eq!(side, rows.min(columns));
                let at = |i: usize, k: usize| match rows <= columns {
                    true => double[i * columns + k],
                    false => double[k * columns + i],
                };
                for i in 0..side {
                    for j in 0..side {
                        let right: f64 = (0..rows.max(columns)).map(|k| at(i, k) * at(j, k)).sum();
                        let found = gram[i * side + j];
                        assert!(
                            (found - right).abs() <= 1e-9,
                            "{machine:?}, {rows}×{columns}: {found}, {right}"
                        );
                    }
                }
            }
        }
    }
}
