//! S = ln(1 + Σ σ_min/σ_max): how far the feature maps are from collinear.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::engine::MapRange;
use crate::network::{Network, NodeId, Observed};

/// A smaller ratio is rounding noise in single precision, and reported as 0.
pub const RATIO_FLOOR: f64 = 1e-6;

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
        maps.push(MapRatio {
            name: map.name.clone(),
            kind: map.kind,
            shape: network.node(map.node).shape.clone(),
            count: 1,
            sigma_min: range.min,
            sigma_max: range.max,
            ratio: ratio(range),
        });
    }
    maps
}

/// Σ of the ratios, each as often as it counts.
pub(super) fn ratio_sum(maps: &[MapRatio]) -> f64 {
    maps.iter().map(|m| f64::from(m.count) * m.ratio).sum()
}

fn ratio(range: MapRange) -> f64 {
    if range.max == 0.0 {
        return 0.0;
    }
    let ratio = range.min / range.max;
    if ratio < RATIO_FLOOR { 0.0 } else { ratio }
}
