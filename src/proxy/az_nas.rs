//! AZ-NAS (Lee & Ham, CVPR 2024): four parts, ranked among the other networks.
//!
//! Of the features f₀, f₁, … (outputs of the stem and of every cell and reduction
//! block; elsewhere of merges, or of activations):
//! - *expressivity*: the sum of the entropies of their channels' covariances;
//! - *progressivity*: the smallest step between two of these;
//! - *trainability*: the mean of 2 − σ − 1/(σ + 1e-6), where σ is the largest
//!   singular value of what random signs at one feature leave at the one before;
//! - *complexity*: multiply–accumulates.
//!
//! The value is Σ ln(rank/n) over the parts, and so defined in a pool alone
//! ([`AzNas::pooled`]); a network by itself has the parts and no value.

use std::sync::Arc;

use super::experiment::{Experiment, Findings, Origin, Trial};
use super::features::{features, lie_over};
use super::gradients::{BATCH, noise};
use super::{About, Demands, Proxy, Settings, Status, Verdict};
use crate::architecture::Architecture;
use crate::array::Array;
use crate::engine::{Found, Watch};
use crate::error::Result;
use crate::network::{Network, NodeId};
use crate::start::Scheme;

/// AZ-NAS.
pub struct AzNas;

/// Tells the signs of the pairs apart.
const SALT: u32 = 1_000_000;

impl Proxy for AzNas {
    fn about(&self) -> &'static About {
        &About {
            name: "az_nas",
            title: "expressivity, progressivity, trainability and complexity, ranked in a pool",
            paper: "Lee & Ham, CVPR 2024",
            needs: "gradients between the features of a batch of 32 noise images, weights N(0, 2/fan_in), a pool; no labels, data",
            variant: "eigenvalues that rounding takes below 0 count as 0 (published: −∞); a cell that passes its input on has no trainability, and ranks last by it, as published",
            demands: const { Demands::images(BATCH).gradients().own_start().pool() },
        }
    }

    fn parts(&self) -> &'static [&'static str] {
        &Self::PARTS
    }

    fn trial(&self, arch: &Architecture, settings: &Settings, seed: u64) -> Result<Trial> {
        let (mut images, note) = noise(&arch.network, settings, 1);
        let origin = Origin::Drawn(arch.start.by(Scheme::Kaiming), seed);
        let images = images.pop().unwrap_or_default();
        Ok(Self::trial_of(&arch.network, &origin, images).noting(note))
    }
}

impl AzNas {
    /// The names of the parts, in the order of [`AzNas::pooled`].
    pub const PARTS: [&'static str; 4] = [
        "az_expressivity",
        "az_progressivity",
        "az_trainability",
        "az_complexity",
    ];

    /// For these weights and images.
    #[must_use]
    pub fn trial_of(network: &Arc<Network>, origin: &Origin, images: Vec<Array>) -> Trial {
        if !network.is_connected() {
            let why = "the output does not depend on the input: there is nothing to rank";
            return Trial::decided(Verdict::without(Status::Disconnected, why));
        }
        let features = features(network);
        if features.len() < 2 {
            return Trial::unsuited(
                "the network has fewer than two feature maps (of cells, merges or activations) to compare",
            );
        }
        let mut watches: Vec<Watch> = features.iter().map(|&id| Watch::Entropy(id)).collect();
        let pairs = pairs(network, &features);
        let left_out = features.len() - 1 - pairs.len();
        watches.extend(pairs);
        let macs = network.macs() as f64;
        Trial {
            experiments: vec![Experiment::of_batch(
                network,
                origin.clone(),
                images,
                watches,
            )],
            judge: Box::new(move |found: &[Findings]| judge(found, macs, left_out)),
        }
    }

    /// The value of each network of a pool from its parts, in the order of
    /// [`AzNas::PARTS`]: Σ ln(rank/n), where rank 1 is the worst, equal ones have
    /// their mean rank, and a part that is missing or no number is the worst.
    #[must_use]
    pub fn pooled(pool: &[[Option<f64>; 4]]) -> Vec<f64> {
        let n = pool.len() as f64;
        let mut values = vec![0.0; pool.len()];
        for part in 0..4 {
            let of = |parts: &[Option<f64>; 4]| {
                let own = parts[part].filter(|x| !x.is_nan());
                own.unwrap_or(f64::NEG_INFINITY)
            };
            let mut sorted: Vec<f64> = pool.iter().map(of).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            for (value, parts) in values.iter_mut().zip(pool) {
                let own = of(parts);
                let below = sorted.partition_point(|&x| x < own);
                let equal = sorted.partition_point(|&x| x <= own) - below;
                let rank = below as f64 + 0.5 * (equal + 1) as f64;
                *value += (rank / n).ln();
            }
        }
        values
    }
}

/// Signs at each feature, and what they leave at the one before: from the last
/// pair to the first, those that can be laid over one another.
fn pairs(network: &Network, features: &[NodeId]) -> Vec<Watch> {
    let pairs = features.windows(2).rev().zip(0u32..);
    let watches = pairs.filter_map(|(pair, number)| {
        let [to, from] = [pair[0], pair[1]];
        let salt = number.wrapping_mul(SALT);
        let fits = lie_over(&network.node(to).shape, &network.node(from).shape);
        fits.then_some(Watch::Transfer { from, to, salt })
    });
    watches.collect()
}

fn judge(found: &[Findings], macs: f64, left_out: usize) -> Verdict {
    let all = || found.iter().flatten();
    let entropies: Vec<f64> = all()
        .filter_map(|found| match found {
            Found::Entropy(entropy) => Some(*entropy),
            _ => None,
        })
        .collect();
    let steps = entropies.windows(2).map(|pair| pair[1] - pair[0]);
    let (mut sum, mut count, mut same) = (0.0, 0usize, 0usize);
    for found in all() {
        if let Found::Transfer(transfer) = found {
            let sigma = transfer.largest;
            sum += 2.0 - sigma - (sigma + 1e-6).recip();
            count += 1;
            same += usize::from(transfer.same);
        }
    }
    let expressivity: f64 = entropies.iter().sum();
    let progressivity = steps.fold(f64::INFINITY, f64::min);
    let numbers = [expressivity, progressivity, sum, macs];
    if !numbers.iter().all(|x| x.is_finite()) {
        let why = "a feature or a gradient is not finite";
        return Verdict::without(Status::NonFinite, why);
    }
    let [first, second, third, fourth] = AzNas::PARTS;
    let mut parts = vec![(first, expressivity), (second, progressivity)];
    let mut said = vec!["the value is a sum of ranks in a pool; a network alone has the parts"];
    if same == 0 && count > 0 {
        parts.push((third, sum / count as f64));
    }
    if same > 0 {
        said.push("a cell passes its input on as it is: its trainability is −∞, as published, and left out");
    }
    if left_out > 0 {
        said.push(
            "pairs of features that do not lie over one another are left out of the trainability",
        );
    }
    parts.push((fourth, macs));
    Verdict {
        status: Status::Ok,
        value: None,
        parts,
        layers: Vec::new(),
        message: said.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// scipy.stats.rankdata and numpy.
    #[test]
    fn the_value_in_a_pool_is_a_sum_of_logarithms_of_ranks() {
        let pool = [
            [Some(1.0), Some(3.0), Some(-1.0), Some(10.0)],
            [Some(2.0), Some(3.0), None, Some(10.0)],
            [Some(0.5), Some(1.0), Some(f64::NAN), Some(30.0)],
        ];
        let found = AzNas::pooled(&pool);
        let ranks = [
            [2.0, 2.5, 3.0, 1.5],
            [3.0, 2.5, 1.5, 1.5],
            [1.0, 1.0, 1.5, 3.0],
        ];
        for (found, ranks) in found.iter().zip(ranks) {
            let right: f64 = ranks.iter().map(|r: &f64| (r / 3.0).ln()).sum();
            assert!((found - right).abs() < 1e-14, "{found} {right}");
        }
        assert!(AzNas::pooled(&[]).is_empty());
    }
}
