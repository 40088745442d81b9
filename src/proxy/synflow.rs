//! Synaptic flow (Tanaka et al., NeurIPS 2020, as a proxy by Abdelfattah et al.,
//! ICLR 2021): Σ |w·∂R/∂w| over the weights of convolutions and dense layers,
//! where R is the sum of the outputs for an image of ones, all weights are
//! replaced by their absolute values, and there are no norms.
//!
//! Everything is positive, so that the sum is the derivative of R with all
//! these weights scaled by 1 + t, at t = 0: one forward pass with a tangent
//! along the weights, no gradient. (True of networks of convolutions, dense
//! layers, pools, sums and activations that do not fall; elsewhere the terms'
//! signs may differ, and the derivative is their plain sum.) In double precision,
//! as values reach 1e33; where the output ends in tanh they leave it no slope, and
//! there is no value.

use std::sync::Arc;

use super::experiment::{Experiment, Findings, Origin};
use super::{About, Demands, Proxy, Settings, Status, Trial, Verdict};
use crate::architecture::Architecture;
use crate::engine::{Along, Curve, Found, Inputs, Watch};
use crate::error::Result;
use crate::network::Network;
use crate::stimulus::constant;

/// Synaptic flow.
pub struct Synflow;

/// Weights reach the output, and it does not move with them.
const SATURATED: &str = "the output is the same however the weights grow: absolute weights drive an activation like tanh to its end, where it has no slope";

impl Proxy for Synflow {
    fn about(&self) -> &'static About {
        &About {
            name: "synflow",
            title: "synaptic flow, Σ |w·∂R/∂w| for an image of ones and |w|",
            paper: "Tanaka et al., NeurIPS 2020; Abdelfattah et al., ICLR 2021",
            needs: "one image of ones, absolute weights, no norms, double precision; no labels, data; a forward tangent in place of the gradient",
            variant: "every norm left out (the published NAS-Bench-201 network keeps four)",
            demands: const { Demands::images(1) },
        }
    }

    fn trial(&self, arch: &Architecture, _: &Settings, seed: u64) -> Result<Trial> {
        let origin = Origin::Drawn(arch.start.absolute(), seed);
        Self::trial_of(&arch.network, origin)
    }
}

impl Synflow {
    /// With these weights, which must not be negative.
    ///
    /// # Errors
    /// Those of [`Network::without_norms`].
    pub fn trial_of(network: &Network, origin: Origin) -> Result<Trial> {
        if !network.is_connected() {
            let why = "no weight reaches the output: the value is 0";
            return Ok(Trial::decided(Verdict {
                value: Some(0.0),
                ..Verdict::without(Status::Disconnected, why)
            }));
        }
        let network = network.without_norms()?;
        let shape = network.input_shape();
        let still = Curve {
            u: constant(shape, 1.0),
            w: constant(shape, 0.0),
        };
        let experiment = Experiment {
            inputs: Arc::new(Inputs {
                curves: vec![still],
                along: Along::Weights,
                ..Inputs::default()
            }),
            network: Arc::new(network),
            origin,
            double: true,
            watches: vec![Watch::Jets { whole: true }],
        };
        let judge = |found: &[Findings]| {
            let jets = found.iter().flatten().filter_map(|found| match found {
                Found::Jets(jets) => jets.first(),
                _ => None,
            });
            let flow: f64 = jets.flat_map(|jet| &jet.dy).sum();
            if flow == 0.0 {
                return Verdict::without(Status::Unsuited, SATURATED);
            }
            Verdict::of(flow)
        };
        Ok(Trial {
            experiments: vec![experiment],
            judge: Box::new(judge),
        })
    }
}
