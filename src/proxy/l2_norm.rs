//! Σ ‖w‖₂ over the weights of convolutions and dense layers (Abdelfattah et al.,
//! ICLR 2021).

use super::experiment::Origin;
use super::{About, Demands, Proxy, Settings, Trial, Verdict};
use crate::architecture::Architecture;
use crate::error::Result;
use crate::network::Network;

/// The length of the weights.
pub struct L2Norm;

impl Proxy for L2Norm {
    fn about(&self) -> &'static About {
        &About {
            name: "l2_norm",
            title: "length of the weights, Σ ‖w‖ over the layers",
            paper: "Abdelfattah et al., ICLR 2021",
            needs: "weights alone",
            variant: "weights that the network uses (the published NAS-Bench-201 network has all candidates, so that its value is the same for every cell)",
            demands: Demands::WEIGHTS,
        }
    }

    fn trial(&self, arch: &Architecture, _: &Settings, seed: u64) -> Result<Trial> {
        Self::trial_of(&arch.network, &Origin::Drawn(arch.start.clone(), seed))
    }
}

impl L2Norm {
    /// With these weights.
    ///
    /// # Errors
    /// [`Error::Weights`](crate::Error::Weights) when one is missing.
    pub fn trial_of(network: &Network, origin: &Origin) -> Result<Trial> {
        let all = network.named_parameters();
        let layers: Vec<String> = all
            .filter(|(_, parameter)| parameter.role.is_weight())
            .map(|(name, _)| name)
            .collect();
        if layers.is_empty() {
            return Ok(Trial::unsuited(
                "the network has no convolution or dense layer, whose weights are what counts",
            ));
        }
        let weights = origin.weights(network);
        let mut sum = 0.0;
        for name in layers {
            let numbers = weights.get(&name)?.to_f64();
            sum += numbers.iter().map(|w| w * w).sum::<f64>().sqrt();
        }
        Ok(Trial::decided(Verdict::of(sum)))
    }
}
