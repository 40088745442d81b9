//! σ_min and σ_max of maps that were computed in single precision, on the CPU:
//! from the ends of the Gram matrix's spectrum, in double precision.
//!
//! Its eigenvalues are wrong by some n·ε·σ_max², so that the smallest says
//! whether σ_min/σ_max is above the ratios' floor, and if it is, what it is to
//! some 1e-8. Where rounding leaves that open, the singular values themselves
//! decide. Below the floor σ_min is no more than that: below.

use dextr_loops::{ends, gram_f32, gram_f64};

use super::host::extremes;

/// A smaller σ_min/σ_max is rounding noise of single precision.
pub(crate) const FLOOR: f64 = 1e-6;

/// The same as [`extremes`], of a map's own numbers.
///
/// # Errors
/// Those of [`extremes`].
pub(crate) fn extremes_of_single(rows: usize, map: &[f32]) -> Result<(f64, f64), String> {
    decided(gram_f32(rows, map)).map_or_else(
        || extremes(rows, &map.iter().map(|&x| f64::from(x)).collect::<Vec<_>>()),
        Ok,
    )
}

/// The same, of numbers that were made of a map's in double precision.
///
/// # Errors
/// Those of [`extremes`].
pub(crate) fn extremes_from_single(rows: usize, made: &[f64]) -> Result<(f64, f64), String> {
    decided(gram_f64(rows, made)).map_or_else(|| extremes(rows, made), Ok)
}

/// Both ends, where rounding leaves no doubt about them.
fn decided((side, mut gram): (usize, Vec<f64>)) -> Option<(f64, f64)> {
    let (low, high) = ends(side, &mut gram);
    let open = 4.0 * f64::EPSILON * (side + 16) as f64;
    let off = (low / high - FLOOR * FLOOR).abs();
    // Also where nothing is above 0, or is no number.
    (off > open).then(|| (low.max(0.0).sqrt(), high.sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::svd::tests::Map;

    /// How far the ratio is off, counting what is below the floor as 0.
    fn off(map: &Map) -> f64 {
        let double: Vec<f64> = map.values.iter().map(|&x| f64::from(x)).collect();
        let ratio = |(min, max): (f64, f64)| match min / max {
            ratio if ratio >= FLOOR => ratio,
            _ => 0.0,
        };
        let (single, made) = (
            extremes_of_single(map.rows, &map.values).unwrap(),
            extremes_from_single(map.rows, &double).unwrap(),
        );
        assert_eq!(single, made, "{}", map.name);
        let right = extremes(map.rows, &double).unwrap();
        let largest = (single.1 - right.1).abs() / right.1.max(f64::MIN_POSITIVE);
        assert!(largest < 1e-13, "{}: {single:?}, not {right:?}", map.name);
        (ratio(single) - ratio(right)).abs()
    }

    #[test]
    fn the_ends_are_those_of_the_exact_path() {
        let relu = |rows, columns| Map::random(rows, columns).map(|x| x.max(0.0));
        let mut maps = vec![
            Map::random(1, 77),
            Map::random(77, 1),
            Map::random(1, 1),
            Map::random(16, 1024),
            Map::random(64, 16),
            Map::random(64, 64),
            relu(32, 256),
            relu(64, 64),
            relu(3, 5000),
            Map::random(197, 192),
            Map::new(8, 9, |_| 0.0).named("zero"),
            Map::new(8, 9, |_| 3.7).named("constant"),
            Map::new(40, 40, |e| if e % 41 == 0 { 1.0 + e as f32 } else { 0.0 }).named("diagonal"),
            Map::random(5, 12).map(|x| x * 1e37).named("huge"),
            Map::random(5, 12).map(|x| x * 1e-36).named("tiny"),
        ];
        // Graded, through the floor and beyond it.
        for exponent in 0..40 {
            let condition = 10f64.powf(f64::from(exponent) / 5.0);
            maps.push(Map::with_condition(16, 300, condition));
            maps.push(Map::with_condition(64, 64, condition));
        }
        // Those of networks: of all shapes, many without full rank.
        maps.extend((50_000..50_300).map(Map::any));
        let worst = maps.iter().map(off).fold(0.0, f64::max);
        println!(
            "{} maps: the ratio is off by {worst:.1e} at most",
            maps.len()
        );
        assert!(worst <= 1e-6, "{worst:e}");
    }

    #[test]
    fn numbers_that_are_not_finite_stay_so() {
        for spoilt in [f32::NAN, f32::INFINITY] {
            let mut map = Map::random(5, 9);
            map.values[7] = spoilt;
            let (min, max) = extremes_of_single(5, &map.values).unwrap();
            assert!(min.is_nan() && max.is_nan());
        }
        assert_eq!(extremes_of_single(0, &[]), Ok((0.0, 0.0)));
    }
}
