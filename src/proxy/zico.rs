//! ZiCo (Li et al., ICLR 2023): Σ ln Σ mean|g|/std(g) over layers and their
//! weights, over batches: how large gradients are beside how much they vary.
//!
//! A weight whose gradient is the same in all batches is left out, and so is a
//! layer without others.

use std::sync::Arc;

use super::experiment::{Experiment, Findings, Origin};
use super::gradients::{BATCH, by_weights, on_batches, refused, sum_of_logarithms};
use super::{About, Demands, Proxy, Settings, Trial, Verdict};
use crate::architecture::Architecture;
use crate::array::Array;
use crate::engine::{Loss, Watch};
use crate::error::Result;
use crate::network::Network;

/// Batches.
const BATCHES: usize = 2;

/// ZiCo.
pub struct Zico;

impl Proxy for Zico {
    fn about(&self) -> &'static About {
        &About {
            name: "zico",
            title: "how little gradients vary between batches, Σ ln Σ mean|g|/std(g)",
            paper: "Li et al., ICLR 2023",
            needs: "gradients over two batches of 32 noise images; no labels, data",
            variant: "L is the mean over the batch of the sum of the outputs (published: cross-entropy of labelled images; ranks are no worse); a layer that nothing reaches is left out",
            demands: const { Demands::images(BATCHES * BATCH).gradients().published(true) },
        }
    }

    fn trial(&self, arch: &Architecture, settings: &Settings, seed: u64) -> Result<Trial> {
        Ok(on_batches(
            arch,
            settings,
            seed,
            BATCHES,
            |origin, batches| {
                let batches = batches.into_iter().map(|images| (images, Loss::Sum));
                Self::trial_of(&arch.network, origin, batches.collect())
            },
        ))
    }
}

impl Zico {
    /// For these weights, and batches of images with their losses.
    #[must_use]
    pub fn trial_of(
        network: &Arc<Network>,
        origin: &Origin,
        batches: Vec<(Vec<Array>, Loss)>,
    ) -> Trial {
        if let Some(refused) = refused(network, origin) {
            return refused;
        }
        let batches = batches.into_iter().map(|(images, loss)| {
            let watches = vec![Watch::WeightGradients(loss)];
            Experiment::of_batch(network, origin.clone(), images, watches)
        });
        Trial {
            experiments: batches.collect(),
            judge: Box::new(|found: &[Findings]| {
                let sum =
                    sum_of_logarithms(&by_weights(found), |mean, [deviation, _]| match deviation {
                        0.0 => 0.0,
                        _ => mean / deviation,
                    });
                Verdict::of(sum)
            }),
        }
    }
}
