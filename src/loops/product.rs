//! Products of small dense matrices, whose bits are the same on every machine:
//! each number is a sum in the order of the inner side, without fused steps.
//!
//! Both factors are copied into strips as the loop reads them, so that a turned
//! one costs no more than one as it lies.

use num_traits::Float;

/// A matrix row by row, and whether it is turned: whether its columns are meant
/// as rows.
pub type Factor<'a, T> = (&'a [T], bool);

/// Rows that are computed together, and numbers of each: twelve vectors of four,
/// so that a machine with sixteen keeps them all.
const ROWS: usize = 6;
const LANES: usize = 8;

#[inline(always)]
pub(crate) fn product<T: Float>(
    [rows, depth, columns]: [usize; 3],
    a: Factor<'_, T>,
    b: Factor<'_, T>,
    sum: &mut [T],
) {
    assert!(
        a.0.len() == rows * depth && b.0.len() == depth * columns && sum.len() == rows * columns,
        "{rows}×{depth} and {depth}×{columns} have other lengths"
    );
    if sum.is_empty() || depth == 0 {
        return;
    }
    let left: Vec<[T; ROWS]> = (0..rows)
        .step_by(ROWS)
        .flat_map(|first| strip(a, [rows, depth], first))
        .collect();
    for column in (0..columns).step_by(LANES) {
        let turned = (b.0, !b.1);
        let right: Vec<[T; LANES]> = strip(turned, [columns, depth], column).collect();
        let width = LANES.min(columns - column);
        let tiles = left.chunks_exact(depth);
        for (left, sum) in tiles.zip(sum.chunks_mut(ROWS * columns)) {
            let tile = tile(left, &right);
            for (sum, tile) in sum.chunks_exact_mut(columns).zip(&tile) {
                let sum = sum[column..column + width].iter_mut();
                sum.zip(tile).for_each(|(sum, &x)| *sum = *sum + x);
            }
        }
    }
}

/// Some rows of a matrix from row `first` on, a number of each beside the other's;
/// zeros where there are no more.
#[inline(always)]
fn strip<T: Float, const N: usize>(
    (numbers, turned): Factor<'_, T>,
    [rows, depth]: [usize; 2],
    first: usize,
) -> impl Iterator<Item = [T; N]> {
    let (by_row, by_place) = if turned { (1, rows) } else { (depth, 1) };
    let count = N.min(rows - first);
    (0..depth).map(move |place| {
        let mut beside = [T::zero(); N];
        for (i, x) in beside.iter_mut().enumerate().take(count) {
            *x = numbers[(first + i) * by_row + place * by_place];
        }
        beside
    })
}

#[inline(always)]
fn tile<T: Float>(left: &[[T; ROWS]], right: &[[T; LANES]]) -> [[T; LANES]; ROWS] {
    let mut tile = [[T::zero(); LANES]; ROWS];
    for (y, x) in left.iter().zip(right) {
        for k in 0..ROWS {
            for l in 0..LANES {
                tile[k][l] = tile[k][l] + y[k] * x[l];
            }
        }
    }
    tile
}

#[cfg(test)]
mod tests {
    use crate::Number;

    #[test]
    fn every_remainder_and_both_factors_turned() {
        let number = |i: usize| (i * 37 % 101) as f64 - 50.0;
        for [rows, depth, columns] in [[1, 1, 1], [6, 3, 8], [7, 5, 9], [13, 20, 17], [5, 0, 3]] {
            let a: Vec<f64> = (0..rows * depth).map(number).collect();
            let b: Vec<f64> = (0..depth * columns).map(|i| number(i + 7)).collect();
            let turn = |x: &[f64], width: usize| -> Vec<f64> {
                let columns = 0..width;
                columns
                    .flat_map(|c| x.iter().skip(c).step_by(width).copied())
                    .collect()
            };
            let mut right = vec![1.0; rows * columns];
            for (i, sum) in right.iter_mut().enumerate() {
                let (row, column) = (i / columns, i % columns);
                *sum += (0..depth)
                    .map(|k| a[row * depth + k] * b[k * columns + column])
                    .sum::<f64>();
            }
            let (over_a, over_b) = (turn(&a, depth), turn(&b, columns));
            for a in [(&a[..], false), (&over_a[..], true)] {
                for b in [(&b[..], false), (&over_b[..], true)] {
                    let mut sum = vec![1.0; rows * columns];
                    f64::product([rows, depth, columns], a, b, &mut sum);
                    assert_eq!(sum, right, "{rows} {depth} {columns} {} {}", a.1, b.1);
                    let single = |x: &[f64]| x.iter().map(|&x| x as f32).collect::<Vec<_>>();
                    let mut sum = vec![1.0; rows * columns];
                    let (a, b) = ((single(a.0), a.1), (single(b.0), b.1));
                    f32::product([rows, depth, columns], (&a.0, a.1), (&b.0, b.1), &mut sum);
                    assert_eq!(sum, single(&right));
                }
            }
        }
    }
}
