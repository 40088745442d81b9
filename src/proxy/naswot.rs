//! NASWOT (Mellor et al., ICML 2021): ln|det K| of the n × n matrix of numbers
//! of neurons on which two images agree, before the activations.
//!
//! Every activation counts once. (The published code finds modules by their
//! class name, and counts each ReLU of a ReLU–Conv–BN twice; ranks are the
//! same.) Norms take their statistics over the batch.

use std::sync::Arc;

use nalgebra::DMatrix;

use super::experiment::{Experiment, Findings, Origin};
use super::{About, Proxy, Settings, Status, Trial, Verdict};
use crate::architecture::Architecture;
use crate::array::Array;
use crate::engine::{Found, Inputs, Signs, Statistics, Watch};
use crate::error::Result;
use crate::network::{Network, NodeId};
use crate::stimulus::white_noise;

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
        }
    }

    fn trial(&self, arch: &Architecture, settings: &Settings, seed: u64) -> Result<Trial> {
        let shape = arch.network.input_shape();
        let images = white_noise(shape, settings.image_seed, BATCH);
        let origin = Origin::Drawn(arch.start.clone(), seed);
        Ok(Self::trial_of(&arch.network, origin, images))
    }
}

impl Naswot {
    /// For these images, at most 64.
    pub fn trial_of(network: &Arc<Network>, origin: Origin, images: Vec<Array>) -> Trial {
        signs_trial(network, origin, images, |signs| {
            let n = signs.images;
            let kernel = DMatrix::from_iterator(n, n, signs.agreement.iter().map(|&x| x as f64));
            let determinant = log_determinant(kernel);
            if determinant.is_finite() {
                return Verdict::of(determinant);
            }
            let why =
                "two images switch all neurons alike: the determinant is 0; take other images";
            Verdict::without(Status::NonFinite, why)
        })
    }
}

/// ln|det| of a square matrix; −∞ where it is singular.
fn log_determinant(matrix: DMatrix<f64>) -> f64 {
    let upper = matrix.lu().u();
    upper.diagonal().iter().map(|x| x.abs().ln()).sum()
}

/// A trial of the signs before every activation, over a batch.
pub(super) fn signs_trial(
    network: &Arc<Network>,
    origin: Origin,
    images: Vec<Array>,
    judge: fn(&Signs) -> Verdict,
) -> Trial {
    let nodes = network.nodes().iter();
    let activations = nodes.filter(|node| node.op.is_activation());
    let nodes: Vec<NodeId> = activations
        .filter_map(|n| n.inputs.first().copied())
        .collect();
    if nodes.is_empty() {
        return Trial::unsuited("the network has no activations, and their signs are what counts");
    }
    let experiment = Experiment {
        network: Arc::clone(network),
        origin,
        inputs: Arc::new(Inputs {
            images,
            statistics: Statistics::Batch,
            ..Inputs::default()
        }),
        double: false,
        watches: vec![Watch::Signs(nodes.into())],
    };
    Trial {
        experiments: vec![experiment],
        judge: Box::new(move |found: &[Findings]| match found {
            [found] => match found.as_slice() {
                [Found::Signs(signs)] => judge(signs),
                _ => Verdict::without(Status::NonFinite, "nothing was found"),
            },
            _ => Verdict::without(Status::NonFinite, "nothing was found"),
        }),
    }
}
