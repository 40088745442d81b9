//! MeCo (Jiang et al., NeurIPS 2023): the smallest eigenvalue of the
//! correlation matrix of each map's channels, summed over all modules.
//!
//! As in the published code every module's map counts, containers included, and
//! a map with a single column, or with a constant channel, counts 0. The image
//! is 64×64 noise where the network takes that size (at 32 pixels the last
//! stage of a cell network has as many channels as pixels, and counts 0), else
//! of the network's own. Eigenvalues are those of the standardised rows'
//! singular values, squared, in double precision on the CPU; the published code
//! has a general solver in single precision.

use std::sync::Arc;

use super::experiment::{Experiment, Findings, Origin};
use super::{About, Demands, Proxy, Settings, Trial, Verdict};
use crate::architecture::Architecture;
use crate::array::Array;
use crate::engine::{Found, Inputs, Watch};
use crate::error::Result;
use crate::network::{Input, Network, Policy};
use crate::random::Stream;
use crate::stimulus::noise_batch;

/// Side of the noise image, in pixels.
const SIDE: usize = 64;
/// Channels that `meco_opt` draws of each map.
const DRAWN: usize = 8;

/// Of all channels, or of some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meco {
    drawn: bool,
}

impl Meco {
    /// Of all channels.
    pub const ALL: Self = Self { drawn: false };
    /// Of eight channels drawn for each map (`meco_opt`): their eigenvalue times
    /// a number of channels over eight.
    pub const SOME: Self = Self { drawn: true };
}

impl Proxy for Meco {
    fn about(&self) -> &'static About {
        if self.drawn {
            return &About {
                name: "meco_opt",
                title: "least correlated of eight drawn channels of each map, Σ C/8·λ_min",
                paper: "Jiang et al., NeurIPS 2023",
                needs: "one noise image of 64 pixels; no labels, data, gradients",
                variant: "every module, as published; where a map has fewer channels, all of them",
                demands: const { Demands::images(1) },
            };
        }
        &About {
            name: "meco",
            title: "least correlated channels of each map, Σ λ_min",
            paper: "Jiang et al., NeurIPS 2023",
            needs: "one noise image of 64 pixels; no labels, data, gradients",
            variant: "every module, as published",
            demands: const { Demands::images(1) },
        }
    }

    fn trial(&self, arch: &Architecture, settings: &Settings, seed: u64) -> Result<Trial> {
        let network = at_side(&arch.network);
        let image = noise_batch(network.input(), settings.image_seed, 1);
        let origin = Origin::Drawn(arch.start.clone(), seed);
        let mut stream = Stream::new(settings.image_seed, "meco_opt channels");
        let drawn = self.drawn;
        let pick = |channels: usize| drawn.then(|| choose(channels, &mut stream));
        Ok(Self::trial_of(network, origin, image, pick))
    }
}

impl Meco {
    /// With the channels that `pick` gives for a map's number of channels, asked
    /// once a module in execution order; none for all.
    pub fn trial_of(
        network: Arc<Network>,
        origin: Origin,
        images: Vec<Array>,
        mut pick: impl FnMut(usize) -> Option<Vec<usize>>,
    ) -> Trial {
        let mut watches = Vec::new();
        let mut factors = Vec::new();
        for map in network.observed(Policy::Modules, true) {
            let node = network.node(map.node);
            let all = node.shape.first().copied().unwrap_or(1);
            let channels = pick(all);
            let rows = channels.as_ref().map_or(all, Vec::len);
            // Centred rows: as many channels as columns are dependent.
            if rows == 0 || rows >= node.len() / all.max(1) {
                continue;
            }
            factors.push(all as f64 / rows as f64);
            watches.push(Watch::Correlation {
                node: map.node,
                channels: channels.map(Into::into),
            });
        }
        let experiment = Experiment {
            network,
            origin,
            inputs: Arc::new(Inputs {
                images,
                ..Inputs::default()
            }),
            double: false,
            watches,
        };
        let judge = move |found: &[Findings]| {
            let terms = found.iter().flatten().zip(factors);
            let terms = terms.map(|(found, factor)| match found {
                Found::Correlation(floor) => factor * floor,
                _ => f64::NAN,
            });
            Verdict::of(terms.sum())
        };
        Trial {
            experiments: vec![experiment],
            judge: Box::new(judge),
        }
    }
}

/// The network for an image of [`SIDE`] pixels, or as it is where it takes no
/// other size.
fn at_side(network: &Arc<Network>) -> Arc<Network> {
    match *network.input() {
        Input::Image([channels, h, w]) if [h, w] != [SIDE; 2] => network
            .with_input([channels, SIDE, SIDE])
            .map_or_else(|_| Arc::clone(network), Arc::new),
        _ => Arc::clone(network),
    }
}

/// Up to [`DRAWN`] different channels, sorted.
fn choose(channels: usize, stream: &mut Stream) -> Vec<usize> {
    let mut all: Vec<usize> = (0..channels).collect();
    let count = DRAWN.min(channels);
    for i in 0..count {
        let other = i + stream.below(channels - i);
        all.swap(i, other);
    }
    all.truncate(count);
    all.sort_unstable();
    all
}
