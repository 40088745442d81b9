//! The correlation matrix of a map's channels, by the map's standardised rows.
//!
//! With every row z_i = (x_i − mean)/|x_i − mean|, the Pearson matrix is ZZᵀ,
//! and its smallest eigenvalue is σ_min(Z)²: so the singular values' solvers
//! serve, on either device, and nothing but their results is read back. A row
//! without variance, or with none but that of rounding, is zero, its own
//! correlation included.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a launch's sizes were held against the kernels' limits before"
)]

use burn::tensor::{Int, Tensor, TensorData};

/// A row whose deviation from its mean is a smaller part of it is constant: what
/// is left is rounding in single precision.
const CONSTANT: f64 = 1e-6;

/// Rows of a row-major map, all or the chosen ones, standardised; with their
/// number.
pub(super) fn standardised<T: Copy + Into<f64>>(
    map: &[T],
    rows: usize,
    channels: Option<&[usize]>,
) -> (usize, Vec<f64>) {
    let columns = map.len() / rows.max(1);
    let all: Vec<usize> = (0..rows).collect();
    let chosen = channels.unwrap_or(&all);
    let mut z = Vec::with_capacity(chosen.len() * columns);
    for &channel in chosen {
        let row = &map[channel * columns..(channel + 1) * columns];
        let row: Vec<f64> = row.iter().map(|&x| x.into()).collect();
        let mean = row.iter().sum::<f64>() / columns as f64;
        let centred = row
            .iter()
            .map(|x| (x - mean) * (x - mean))
            .sum::<f64>()
            .sqrt();
        let length = row.iter().map(|x| x * x).sum::<f64>().sqrt();
        let scale = if centred > CONSTANT * length {
            1.0 / centred
        } else {
            0.0
        };
        z.extend(row.iter().map(|x| (x - mean) * scale));
    }
    (chosen.len(), z)
}

/// The same on a GPU, as the one row `[1, rows · columns]`.
pub(super) fn standardised_on_device(
    map: Tensor<1>,
    rows: usize,
    channels: Option<&[usize]>,
) -> Tensor<2> {
    let [n] = map.dims();
    let columns = n / rows.max(1);
    let mut x = map.reshape([rows, columns]);
    if let Some(channels) = channels {
        let indices: Vec<i32> = channels.iter().map(|&c| c as i32).collect();
        let count = indices.len();
        let indices: Tensor<1, Int> =
            Tensor::from_data(TensorData::new(indices, [count]), &x.device());
        x = x.select(0, indices);
    }
    let length = |x: Tensor<2>| (x.clone() * x).sum_dim(1).sqrt();
    let centred = x.clone() - x.clone().mean_dim(1);
    let deviation = length(centred.clone());
    // 1 where the row has variance, else 0; an infinity becomes 1 too.
    let varies = ((deviation.clone() - length(x) * CONSTANT) * 1e30).clamp(0.0, 1.0);
    let z = centred * (varies / deviation.clamp_min(f32::MIN_POSITIVE));
    let [rows, columns] = z.dims();
    z.reshape([1, rows * columns])
}

/// λ_min of a correlation matrix from σ_min of the standardised rows. Centred
/// rows span one dimension less than they have columns.
pub(super) fn smallest_eigenvalue(sigma_min: f64, (rows, columns): (usize, usize)) -> f64 {
    if rows >= columns {
        0.0
    } else {
        sigma_min * sigma_min
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::svd;

    #[test]
    fn the_smallest_eigenvalue_is_that_of_pearsons_matrix() {
        // Two rows with correlation c: eigenvalues 1 ± c.
        let map = [1.0, 2.0, 3.0, 4.0, 1.0, 3.0, 2.0, 4.0];
        let (rows, z) = standardised(&map, 2, None);
        let (min, _) = svd::extremes(rows, &z).unwrap();
        assert!((smallest_eigenvalue(min, (2, 4)) - 0.2).abs() < 1e-12);
    }

    #[test]
    fn constant_rows_and_single_columns_count_nothing() {
        let (rows, z) = standardised(&[5.0, 5.0, 5.0, 1.0, 2.0, 4.0], 2, None);
        let (min, _) = svd::extremes(rows, &z).unwrap();
        assert_eq!(smallest_eigenvalue(min, (2, 3)), 0.0);
        assert_eq!(smallest_eigenvalue(1.0, (3, 1)), 0.0);
        let (_, z) = standardised(&[5.0, 5.000_000_1, 5.0], 1, None);
        assert_eq!(z, [0.0; 3]);
        let (rows, z) = standardised(&[5.0, 5.0, 5.0, 1.0, 2.0, 4.0], 2, Some(&[1]));
        let (min, _) = svd::extremes(rows, &z).unwrap();
        assert!((smallest_eigenvalue(min, (1, 3)) - 1.0).abs() < 1e-12);
    }
}
