//! S = ln(1 + Σ σ_min/σ_max): how far the feature maps are from collinear.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::engine::MapRange;
use crate::network::{Network, NodeId, Observed};

/// A smaller ratio is rounding noise in single precision, and reported as 0.
pub const RATIO_FLOOR: f64 = crate::svd::FLOOR;

/// The evidence of one observed map.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MapRatio {
    /// The map's name in the network.
    pub name: String,
    /// The operation or container it comes from.
    pub kind: &'static str,
    /// Its shape, `[C, H, W]`, `[T, D]` or `[F]`.
    pub shape: Vec<usize>,
    /// How often it counts.
    pub count: u32,
    /// σ_min.
    pub sigma_min: f64,
    /// σ_max.
    pub sigma_max: f64,
    /// σ_min/σ_max; 0 when the map is all zero.
    pub ratio: f64,
    /// The ratio over that of a random matrix of this shape ([`random_ratio`]):
    /// what is left when the shape's own part is taken out.
    pub relative: f64,
}

/// The observed maps with their ratios, in execution order. A map that cannot
/// depend on the input counts 0 unless `constants_count`.
pub(super) fn ratios(
    network: &Network,
    observed: &[Observed],
    ranges: &BTreeMap<NodeId, MapRange>,
    constants_count: bool,
) -> Vec<MapRatio> {
    let mut maps: Vec<MapRatio> = Vec::with_capacity(observed.len());
    let mut last = None;
    for map in observed {
        if last == Some((map.node, &map.name)) {
            if let Some(same) = maps.last_mut() {
                same.count += 1;
            }
            continue;
        }
        last = Some((map.node, &map.name));
        let counts = map.live || constants_count;
        let range = ranges.get(&map.node).filter(|_| counts);
        let range = range.copied().unwrap_or(MapRange { min: 0.0, max: 0.0 });
        let node = network.node(map.node);
        let rows = node.shape.first().copied().unwrap_or(1);
        maps.push(MapRatio {
            name: map.name.clone(),
            kind: map.kind,
            shape: node.shape.clone(),
            count: 1,
            sigma_min: range.min,
            sigma_max: range.max,
            ratio: ratio(range),
            relative: ratio(range) / random_ratio(rows, node.len() / rows.max(1)),
        });
    }
    maps
}

/// σ_min/σ_max of a matrix of independent numbers, about: (√m − √(n−1)) /
/// (√m + √(n−1)) of sides n ≤ m. For long matrices that is the law of
/// Marchenko and Pastur; n − 1 in place of n keeps it right for square ones
/// (Rudelson and Vershynin, Comm. Pure Appl. Math. 2009), whose ratio is small
/// for their shape alone: 0.004 for 64×64, 0.75 for 64×3136.
#[must_use]
pub fn random_ratio(rows: usize, columns: usize) -> f64 {
    let long = (rows.max(columns) as f64).sqrt();
    let short = (rows.min(columns).saturating_sub(1) as f64).sqrt();
    (long - short) / (long + short)
}

/// Σ of the ratios, each as often as it counts.
pub(super) fn ratio_sum(maps: &[MapRatio]) -> f64 {
    maps.iter().map(|m| f64::from(m.count) * m.ratio).sum()
}

pub(super) fn ratio(range: MapRange) -> f64 {
    if range.max == 0.0 {
        return 0.0;
    }
    let ratio = range.min / range.max;
    if ratio < RATIO_FLOOR { 0.0 } else { ratio }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Stream;
    use crate::svd;

    #[test]
    fn a_random_matrix_has_the_ratio_of_its_shape() {
        // The median over draws; of square ones it is a wide distribution.
        for (rows, columns, part) in [
            (1, 9, 1e-9),
            (16, 16, 0.35),
            (64, 64, 0.35),
            (196, 256, 0.1),
            (64, 3136, 0.03),
            (256, 64, 0.05),
            (16, 1024, 0.05),
        ] {
            let mut stream = Stream::new(7, "random ratio");
            let mut draw = || {
                let map: Vec<f64> = (0..rows * columns).map(|_| stream.normal()).collect();
                let (min, max) = svd::extremes(rows, &map).unwrap();
                min / max
            };
            let mut found: Vec<f64> = (0..15).map(|_| draw()).collect();
            found.sort_unstable_by(f64::total_cmp);
            let off = found[7] / random_ratio(rows, columns) - 1.0;
            assert!(off.abs() <= part, "{rows}×{columns}: off by {off}");
        }
        assert!(random_ratio(0, 5) > 0.0);
    }
}
