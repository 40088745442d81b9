//! The CPU's path: QR of the tall orientation, then the singular values alone
//! of the small factor, in double precision, by `nalgebra`.

use nalgebra::{DMatrix, SVD};

/// QR steps of the bidiagonal iteration before it is given up.
const STEPS: usize = 10_000;

/// (σ_min, σ_max) of a row-major matrix with `rows` rows, among its
/// min(rows, columns) singular values; (0, 0) when it is all zero, and NaN
/// where the matrix has a number that is not finite.
///
/// # Errors
/// Those of [`values`].
pub(crate) fn extremes(rows: usize, map: &[f64]) -> Result<(f64, f64), String> {
    let sigma = values(rows, map)?;
    let ends = sigma.last().copied().zip(sigma.first().copied());
    Ok(ends.unwrap_or((0.0, 0.0)))
}

/// All min(rows, columns) singular values of a row-major matrix, largest
/// first; NaN where the matrix has a number that is not finite.
///
/// # Errors
/// A sentence, when the iteration does not converge.
pub(crate) fn values(rows: usize, map: &[f64]) -> Result<Vec<f64>, String> {
    if rows == 0 || map.is_empty() {
        return Ok(Vec::new());
    }
    let columns = map.len() / rows;
    let count = rows.min(columns);
    if map.iter().any(|x| !x.is_finite()) {
        return Ok(vec![f64::NAN; count]);
    }
    let largest = map.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    if largest == 0.0 {
        return Ok(vec![0.0; count]);
    }
    // Row-major `rows × columns` is column-major `columns × rows`.
    let wide = DMatrix::from_column_slice(columns, rows, map);
    let tall = if columns >= rows {
        wide
    } else {
        wide.transpose()
    };
    // Scaled so that no square overflows or vanishes.
    let factor = (tall / largest).qr().unpack_r();
    let svd = SVD::try_new_unordered(factor, false, false, f64::EPSILON, STEPS)
        .ok_or_else(|| format!("no convergence in {STEPS} steps"))?;
    let mut sigma: Vec<f64> = svd
        .singular_values
        .iter()
        .map(|s| s.abs() * largest)
        .collect();
    sigma.sort_unstable_by(|a, b| b.total_cmp(a));
    Ok(sigma)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;

    /// A matrix with known singular values: Q₁ diag(σ) Q₂ᵀ by random reflections.
    fn with_values(rows: usize, columns: usize, sigma: &[f64]) -> Vec<f64> {
        let mut a = DMatrix::<f64>::zeros(rows, columns);
        sigma.iter().enumerate().for_each(|(i, &s)| a[(i, i)] = s);
        let mut stream = Stream::new(3, "svd test");
        for _ in 0..3 {
            let mut reflector = |n| DMatrix::from_fn(n, 1, |_, _| stream.normal()).normalize();
            let (u, v) = (reflector(rows), reflector(columns));
            a = &a - &u * (u.transpose() * &a) * 2.0;
            a = &a - (&a * &v) * v.transpose() * 2.0;
        }
        a.transpose().as_slice().to_vec()
    }

    #[test]
    fn known_singular_values_in_both_orientations() {
        let cases: [(usize, usize, &[f64]); 6] = [
            (1, 7, &[2.5]),
            (7, 1, &[2.5]),
            (3, 50, &[9.0, 3.0, 1e-2]),
            (50, 3, &[9.0, 3.0, 1e-2]),
            (4, 60, &[1e3, 5.0, 1.0, 1e-3]),
            (3, 3, &[1.0, 0.5, 0.0]),
        ];
        for (rows, columns, sigma) in cases {
            let map = with_values(rows, columns, sigma);
            let (min, max) = extremes(rows, &map).unwrap();
            let all = values(rows, &map).unwrap();
            assert_eq!(all.len(), sigma.len());
            for (found, known) in all.iter().zip(sigma) {
                assert!((found - known).abs() < 1e-13 * sigma[0], "{rows}×{columns}");
            }
            let (low, high) = (sigma[sigma.len() - 1], sigma[0]);
            assert!((max / high - 1.0).abs() < 1e-12, "{rows}×{columns}: {max}");
            assert!((min - low).abs() < 1e-13 * high, "{rows}×{columns}: {min}");
        }
    }

    #[test]
    fn scale_zero_and_nonsense() {
        assert_eq!(extremes(2, &[0.0; 6]), Ok((0.0, 0.0)));
        let (min, max) = extremes(1, &[f64::NAN, 1.0]).unwrap();
        assert!(min.is_nan() && max.is_nan());
        for scale in [1e-300, 1e300] {
            let (min, max) = extremes(2, &[3.0 * scale, 0.0, 0.0, scale]).unwrap();
            assert!((min / max - 1.0 / 3.0).abs() < 1e-14);
        }
    }
}
