//! SWAP (Peng et al., ICLR 2024): how many different patterns of signs, over a
//! batch of images, the neurons of a network have.
//!
//! At most 2ⁿ for n images, so that 16 images tell up to 65,536 patterns apart.
//! Norms take their statistics over the batch. The network is run as far as Zen
//! runs it where no activation comes later, so that the two share a pass.

use std::sync::Arc;

use super::experiment::Origin;
use super::naswot::signs_trial;
use super::penalty::Size;
use super::zen::before_pool;
use super::{About, Demands, Proxy, Settings, Status, Trial, Verdict};
use crate::architecture::Architecture;
use crate::array::Array;
use crate::engine::{Found, Watch};
use crate::error::Result;
use crate::network::Network;
use crate::start::Scheme;
use crate::stimulus::noise_batch;

/// Noise images in a batch.
const BATCH: usize = 16;

/// SWAP.
pub struct Swap;

impl Proxy for Swap {
    fn about(&self) -> &'static About {
        &About {
            name: "swap",
            title: "number of different sign patterns of the neurons over a batch",
            paper: "Peng et al., ICLR 2024",
            needs: "a batch of 16 noise images, weights N(0, 1); no labels, data, gradients",
            variant: "regularised by the network's size where the two numbers of a space are given (swap_size); one draw of the weights a seed (the published demo has the mean of 32)",
            demands: const { Demands::images(BATCH).own_start().published(false) },
        }
    }

    fn trial(&self, arch: &Architecture, settings: &Settings, seed: u64) -> Result<Trial> {
        let network = up_to_the_pool(&arch.network)?;
        let images = noise_batch(network.input(), settings.image_seed, BATCH);
        let origin = Origin::Drawn(arch.start.by(Scheme::STANDARD_NORMAL), seed);
        let size = settings.swap_size.map(|size| (size, arch.network.params()));
        Ok(Self::trial_of(&network, origin, images, size))
    }
}

/// The network that Zen looks at, where all activations are in it.
fn up_to_the_pool(network: &Arc<Network>) -> Result<Arc<Network>> {
    let Some(end) = before_pool(network) else {
        return Ok(Arc::clone(network));
    };
    let activations = |network: &Network| {
        let nodes = network.nodes().iter();
        nodes.filter(|node| node.op.is_activation()).count()
    };
    let cut = network.up_to(end)?;
    Ok(match activations(&cut) == activations(network) {
        true => Arc::new(cut),
        false => Arc::clone(network),
    })
}

impl Swap {
    /// For these weights and images, at most 64; regularised where a size is
    /// wanted, by the parameters that the network has.
    #[must_use]
    pub fn trial_of(
        network: &Arc<Network>,
        origin: Origin,
        images: Vec<Array>,
        size: Option<(Size, u64)>,
    ) -> Trial {
        let factor = size.map_or(1.0, |(size, params)| size.factor(params));
        signs_trial(
            network,
            origin,
            images,
            Watch::Patterns,
            move |found| match found {
                Found::Patterns(patterns) => Verdict::of(*patterns as f64 * factor),
                _ => Verdict::without(Status::NonFinite, "nothing was found"),
            },
        )
    }
}
