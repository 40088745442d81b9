//! NASWOT (Mellor et al., ICML 2021): ln|det K| of the n × n matrix of numbers
//! of neurons on which two images agree, before the activations.
//!
//! Every activation counts once. (The published code finds modules by their
//! class name, and counts each ReLU of a ReLU–Conv–BN twice; ranks are the
//! same.) Norms take their statistics over the batch.

use std::sync::Arc;

use super::experiment::{Experiment, Findings, Origin};
use super::{About, Demands, Proxy, Settings, Status, Trial, Verdict};
use crate::architecture::Architecture;
use crate::array::Array;
use crate::engine::{Found, Watch};
use crate::error::Result;
use crate::network::{Network, NodeId};
use crate::stimulus::noise_batch;
use crate::svd;

/// Noise images in a batch.
const BATCH: usize = 64;

/// NASWOT.
pub struct Naswot;

impl Proxy for Naswot {
    fn about(&self) -> &'static About {
        &About {
            name: "naswot",
            title: "how differently images switch the neurons, ln|det K|",
            paper: "Mellor et al., ICML 2021",
            needs: "a batch of 64 noise images; no labels, data, gradients",
            variant: "every activation once; PyTorch's initial weights",
            demands: const { Demands::images(BATCH).published(false) },
        }
    }

    fn trial(&self, arch: &Architecture, settings: &Settings, seed: u64) -> Result<Trial> {
        let images = noise_batch(arch.network.input(), settings.image_seed, BATCH);
        let origin = Origin::Drawn(arch.start.clone(), seed);
        Ok(Self::trial_of(&arch.network, origin, images))
    }
}

impl Naswot {
    /// For these images, at most 64.
    #[must_use]
    pub fn trial_of(network: &Arc<Network>, origin: Origin, images: Vec<Array>) -> Trial {
        signs_trial(network, origin, images, Watch::Agreement, |found| {
            let Found::Agreement(agreement) = found else {
                return Verdict::without(Status::NonFinite, "nothing was found");
            };
            let kernel: Vec<f64> = agreement.counts.iter().map(|&x| x as f64).collect();
            let values = svd::values(agreement.images, &kernel).unwrap_or_default();
            let determinant: f64 = values.iter().map(|s| s.ln()).sum();
            if determinant.is_finite() && agreement.images > 0 && smallest(&values) > SINGULAR {
                return Verdict::of(determinant);
            }
            let why =
                "two images switch all neurons alike: the determinant is 0; take other images";
            Verdict::without(Status::NonFinite, why)
        })
    }
}

/// σ_min/σ_max.
fn smallest(values: &[f64]) -> f64 {
    let ends = values.last().zip(values.first());
    ends.map_or(0.0, |(min, max)| min / max)
}

/// Two images that agree on all neurons leave no more than rounding.
const SINGULAR: f64 = 1e-13;

/// What goes into each activation.
pub(super) fn before_activations(network: &Network) -> Vec<NodeId> {
    let nodes = network.nodes().iter();
    let activations = nodes.filter(|node| node.op.is_activation());
    activations
        .filter_map(|n| n.inputs.first().copied())
        .collect()
}

/// A trial of the signs before every activation, over a batch.
pub(super) fn signs_trial(
    network: &Arc<Network>,
    origin: Origin,
    images: Vec<Array>,
    watch: fn(Arc<[NodeId]>) -> Watch,
    judge: impl FnOnce(&Found) -> Verdict + 'static,
) -> Trial {
    let nodes = before_activations(network);
    if nodes.is_empty() {
        return Trial::unsuited("the network has no activations, and their signs are what counts");
    }
    let experiment = Experiment::of_batch(network, origin, images, vec![watch(nodes.into())]);
    Trial {
        experiments: vec![experiment],
        judge: Box::new(
            move |found: &[Findings]| match found.iter().flatten().next() {
                Some(found) => judge(found),
                None => Verdict::without(Status::NonFinite, "nothing was found"),
            },
        ),
    }
}
