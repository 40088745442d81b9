//! L-SWAG (Casarin et al., CVPR 2025): Σ ln Σ 1/std|g| over layers and their
//! weights, over batches, times the number of different sign patterns of the
//! neurons.
//!
//! There is no code of the authors to hold it against. What is assumed: all
//! layers count (the paper keeps a range, chosen for each benchmark), deviations
//! are those of |g| over the batches with weights left out whose gradient does
//! not vary, and the patterns are those of all activations with the network's
//! own weights.

use std::sync::Arc;

use super::experiment::{Experiment, Findings, Origin};
use super::gradients::{BATCH, by_weights, on_batches, refused, sum_of_logarithms};
use super::naswot::before_activations;
use super::{About, Demands, Proxy, Settings, Status, Trial, Verdict};
use crate::architecture::Architecture;
use crate::array::Array;
use crate::engine::{Found, Loss, Watch};
use crate::error::Result;
use crate::network::Network;

/// Batches.
const BATCHES: usize = 2;

/// L-SWAG.
pub struct Lswag;

impl Proxy for Lswag {
    fn about(&self) -> &'static About {
        &About {
            name: "lswag",
            title: "how little gradients vary, Σ ln Σ 1/std|g|, times the number of sign patterns",
            paper: "Casarin et al., CVPR 2025, arXiv 2505.07300",
            needs: "gradients over two batches of 32 noise images; no labels, data",
            variant: "no code was published: all layers; patterns over the first batch; L is the mean over the batch of the sum of the outputs (published: cross-entropy of labelled images)",
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
                let signs = batches.first().cloned().unwrap_or_default();
                let batches = batches.into_iter().map(|images| (images, Loss::Sum));
                Self::trial_of(&arch.network, origin, batches.collect(), signs)
            },
        ))
    }
}

impl Lswag {
    /// For these weights, batches of images with their losses, and the images
    /// (at most 64) whose signs are compared.
    #[must_use]
    pub fn trial_of(
        network: &Arc<Network>,
        origin: &Origin,
        batches: Vec<(Vec<Array>, Loss)>,
        signs: Vec<Array>,
    ) -> Trial {
        if let Some(refused) = refused(network, origin) {
            return refused;
        }
        let nodes = before_activations(network);
        if nodes.is_empty() {
            let why = "the network has no activations, and their signs are what counts";
            return Trial::unsuited(why);
        }
        let mut watches = vec![Watch::Patterns(nodes.into())];
        let mut experiments = Vec::with_capacity(batches.len() + 1);
        for (images, loss) in batches {
            let mut own = vec![Watch::WeightGradients(loss)];
            // Where the images are a batch's, its pass has their signs.
            if images == signs {
                own.append(&mut watches);
            }
            experiments.push(Experiment::of_batch(network, origin.clone(), images, own));
        }
        if !watches.is_empty() {
            experiments.push(Experiment::of_batch(
                network,
                origin.clone(),
                signs,
                watches,
            ));
        }
        Trial {
            experiments,
            judge: Box::new(judge),
        }
    }
}

fn judge(found: &[Findings]) -> Verdict {
    let patterns = found.iter().flatten().find_map(|found| match found {
        Found::Patterns(patterns) => Some(*patterns as f64),
        _ => None,
    });
    let Some(patterns) = patterns else {
        return Verdict::without(Status::NonFinite, "nothing was found");
    };
    let gradients = sum_of_logarithms(&by_weights(found), |_, [_, deviation]| match deviation {
        0.0 => 0.0,
        _ => deviation.recip(),
    });
    Verdict {
        parts: vec![("lswag_gradients", gradients), ("lswag_patterns", patterns)],
        ..Verdict::of(gradients * patterns)
    }
}
