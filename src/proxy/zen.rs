//! Zen-score (Lin et al., ICCV 2021): how far the features before the global
//! pool move when the image does, with the scales that the norms took away put
//! back: ln mean|f(x) − f(x + 0.01·e)|₁ + Σ ½ ln mean(v) over the norms.
//!
//! v is the *running* variance after the two passes, as in the published code
//! (0.81 + 0.09·v₁ + 0.1·v₂ with each pass's unbiased variance); the paper has
//! the batch's.

use std::sync::Arc;

use super::experiment::{Experiment, Findings, Origin};
use super::{About, Demands, Proxy, Settings, Status, Trial, Verdict};
use crate::architecture::Architecture;
use crate::array::Array;
use crate::engine::{Found, Watch};
use crate::error::Result;
use crate::network::{Network, NodeId, Op, Reduction};
use crate::start::Scheme;
use crate::stimulus::{perturbed, white_noise};

/// Pairs of images.
const BATCH: usize = 16;
/// How far an image is moved.
const STEP: f64 = 0.01;

/// Zen-score.
pub struct Zen;

impl Proxy for Zen {
    fn about(&self) -> &'static About {
        &About {
            name: "zen",
            title: "how far the features move with the image, times the norms' scales",
            paper: "Lin et al., ICCV 2021",
            needs: "16 pairs of noise images, weights N(0, 1); no labels, data, gradients",
            variant: "running variances, as the published code (the paper has the batch's); one draw of the weights a seed",
            demands: const { Demands::images(2 * BATCH).own_start() },
        }
    }

    fn trial(&self, arch: &Architecture, settings: &Settings, seed: u64) -> Result<Trial> {
        let shape = arch.network.input_shape();
        let mut images = white_noise(shape, settings.image_seed, 2 * BATCH);
        let by = images.split_off(BATCH);
        let origin = Origin::Drawn(arch.start.by(Scheme::STANDARD_NORMAL), seed);
        Self::trial_of(&arch.network, &origin, images, &by)
    }
}

impl Zen {
    /// For these weights, images and what is added to them.
    ///
    /// # Errors
    /// Those of [`Network::up_to`].
    pub fn trial_of(
        network: &Network,
        origin: &Origin,
        images: Vec<Array>,
        by: &[Array],
    ) -> Result<Trial> {
        let Some(end) = before_pool(network) else {
            return Ok(Trial::unsuited(
                "the network has no global pool, before which the features are taken",
            ));
        };
        let network = Arc::new(network.up_to(end)?);
        let mut watches = vec![Watch::Values];
        watches.extend(normalised(&network).map(Watch::Variance));
        if watches.len() == 1 {
            return Ok(Trial::unsuited(
                "the network has no norms, whose variances are what counts",
            ));
        }
        let moved = perturbed(&images, by, STEP);
        let of = |images| Experiment::of_batch(&network, origin.clone(), images, watches.clone());
        Ok(Trial {
            experiments: vec![of(images), of(moved)],
            judge: Box::new(judge),
        })
    }
}

fn judge(found: &[Findings]) -> Verdict {
    let [first, second] = found else {
        return Verdict::without(Status::NonFinite, "nothing was found");
    };
    let (mut moved, mut scales) = (0.0, 0.0);
    for pair in first.iter().zip(second) {
        match pair {
            (Found::Values(a), Found::Values(b)) => {
                let distance = |(a, b): (&Vec<f64>, &Vec<f64>)| {
                    a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum::<f64>()
                };
                moved = a.iter().zip(b).map(distance).sum::<f64>() / a.len() as f64;
            }
            (Found::Variance(a), Found::Variance(b)) => {
                let running = a.iter().zip(b).map(|(a, b)| 0.81 + 0.09 * a + 0.1 * b);
                scales += 0.5 * (running.sum::<f64>() / a.len() as f64).ln();
            }
            _ => {}
        }
    }
    if moved == 0.0 {
        return Verdict::without(
            Status::Disconnected,
            "the features do not move with the image",
        );
    }
    Verdict::of(moved.ln() + scales)
}

/// What the norms take.
pub(super) fn normalised(network: &Network) -> impl Iterator<Item = NodeId> + '_ {
    let norms = network.nodes().iter().filter(|node| node.op.is_norm());
    norms.filter_map(|node| node.inputs.first().copied())
}

/// The operand of the last global pool: a mean over all positions of a map.
pub(super) fn before_pool(network: &Network) -> Option<NodeId> {
    let pools = network.nodes().iter().rev().find(|node| match &node.op {
        Op::GlobalAvgPool | Op::MeanFirst => true,
        Op::Reduce {
            kind: Reduction::Mean,
            axes,
            ..
        } => axes.len() >= 2,
        _ => false,
    });
    pools?.inputs.first().copied()
}
