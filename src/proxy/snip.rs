//! SNIP (Lee et al., ICLR 2019, as a proxy by Abdelfattah et al., ICLR 2021):
//! Σ |w·∂L/∂w| over the weights of convolutions and dense layers.

use std::sync::Arc;

use super::experiment::Origin;
use super::gradients::{BATCH, of_one_batch, on_noise};
use super::{About, Demands, Proxy, Settings, Trial};
use crate::architecture::Architecture;
use crate::array::Array;
use crate::engine::{Loss, WeightGradient};
use crate::error::Result;
use crate::network::Network;

/// SNIP.
pub struct Snip;

impl Proxy for Snip {
    fn about(&self) -> &'static About {
        &About {
            name: "snip",
            title: "what the loss would lose with each weight, Σ |w·∂L/∂w|",
            paper: "Lee et al., ICLR 2019; Abdelfattah et al., ICLR 2021",
            needs: "gradients over a batch of 32 noise images; no labels, data",
            variant: "L is the mean over the batch of the sum of the outputs (published: cross-entropy of labelled images; ranks are no worse); biases and norms left out",
            demands: const { Demands::images(BATCH).gradients().published(true) },
        }
    }

    fn trial(&self, arch: &Architecture, settings: &Settings, seed: u64) -> Result<Trial> {
        Ok(on_noise(arch, settings, seed, |origin, images| {
            Self::trial_of(&arch.network, origin, images, Loss::Sum)
        }))
    }
}

impl Snip {
    /// For these weights, images and loss.
    #[must_use]
    pub fn trial_of(
        network: &Arc<Network>,
        origin: &Origin,
        images: Vec<Array>,
        loss: Loss,
    ) -> Trial {
        of_one_batch(network, origin, images, loss, |gradients| {
            gradients.iter().map(of_layer).sum()
        })
    }
}

fn of_layer(layer: &WeightGradient) -> f64 {
    let weights = layer.weight.to_f64().into_iter();
    weights
        .zip(&layer.gradient)
        .map(|(w, g)| (w * g).abs())
        .sum()
}
