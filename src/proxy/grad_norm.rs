//! Gradient norm (Abdelfattah et al., ICLR 2021): Σ ‖∂L/∂w‖₂ over the weights of
//! convolutions and dense layers, a sum of norms.

use std::sync::Arc;

use super::experiment::Origin;
use super::gradients::{BATCH, of_one_batch, on_noise};
use super::{About, Demands, Proxy, Settings, Trial};
use crate::architecture::Architecture;
use crate::array::Array;
use crate::engine::Loss;
use crate::error::Result;
use crate::network::Network;

/// The gradient's norm.
pub struct GradNorm;

impl Proxy for GradNorm {
    fn about(&self) -> &'static About {
        &About {
            name: "grad_norm",
            title: "length of the gradient, Σ ‖∂L/∂w‖ over the layers",
            paper: "Abdelfattah et al., ICLR 2021",
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

impl GradNorm {
    /// For these weights, images and loss.
    #[must_use]
    pub fn trial_of(
        network: &Arc<Network>,
        origin: &Origin,
        images: Vec<Array>,
        loss: Loss,
    ) -> Trial {
        of_one_batch(network, origin, images, loss, |gradients| {
            let length = |g: &[f64]| g.iter().map(|g| g * g).sum::<f64>().sqrt();
            gradients.iter().map(|g| length(&g.gradient)).sum()
        })
    }
}
