//! What a Dextr score depends on.

use std::sync::Arc;

use super::protocol::Protocol;
use crate::architecture::Architecture;
use crate::array::Array;
use crate::engine::Curve;
use crate::error::{Error, Result};
use crate::network::{Network, Observed};
use crate::proxy::Settings;
use crate::random::Stream;
use crate::stimulus::{circle, noise};

/// Side of the published protocol's curves, in pixels.
const PUBLISHED_SIDE: usize = 64;
/// How many outputs the published protocol draws.
const PUBLISHED_OUTPUTS: usize = 10;

/// All that a score depends on but the weights and the device.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The network at the image's size.
    pub network: Arc<Network>,
    /// The network at the curves' size, where that is another (`published`).
    pub curve_network: Option<Arc<Network>>,
    /// The image, `[C, H, W]`; of a network of words the ids, `[T]`.
    pub image: Array,
    /// The curves, of the curve network's input size; none for S alone.
    pub curves: Vec<Curve>,
    /// Indices of the outputs that enter κ, repeats allowed; none is all.
    pub outputs: Option<Vec<usize>>,
    /// Whether the outputs' jets are wanted number by number (where `outputs`
    /// picks some they always are); see [`OutputJet`].
    pub whole: bool,
    /// The observed maps.
    pub observed: Vec<Observed>,
    /// How special cases are scored.
    pub protocol: Protocol,
}

impl Plan {
    /// The plan of an architecture under settings.
    ///
    /// # Errors
    /// Those of [`Settings::check`]; [`Error::Usage`] for the published
    /// protocol elsewhere than where it is defined; [`Error::Image`] for a
    /// picture that does not fit the network.
    pub fn new(arch: &Architecture, settings: &Settings) -> Result<Self> {
        settings.check()?;
        let network = arch.network.clone();
        let shape = network.input_shape().to_vec();
        let image = match &settings.image {
            Some(given) => given.to_input(network.input(), arch.normalisation)?,
            None => noise(network.input(), settings.image_seed),
        };
        let policy = settings.policy(arch.observe);
        let observed = network.observed(policy, settings.protocol == Protocol::Published);
        let seed = settings.curve_seed;
        if settings.protocol == Protocol::Refined {
            let m = super::curves_of(arch, settings);
            let curves = (0..m).map(|j| circle(&shape, seed, j, None)).collect();
            return Ok(Self {
                network,
                curve_network: None,
                image,
                curves,
                outputs: None,
                whole: false,
                observed,
                protocol: Protocol::Refined,
            });
        }
        if !arch.published {
            return Err(Error::Usage {
                message: format!(
                    "the published protocol is not defined for {}: the published code scores other spaces by other rules",
                    arch.source
                ),
                cure: "use the refined protocol".to_owned(),
            });
        }
        let curve_shape = [shape[0], PUBLISHED_SIDE, PUBLISHED_SIDE];
        let curve_network = network.with_input(curve_shape)?;
        let mut stream = Stream::new(seed, "published outputs");
        let outputs = (0..PUBLISHED_OUTPUTS)
            .map(|_| stream.below(network.output_len()))
            .collect();
        Ok(Self {
            curve_network: Some(Arc::new(curve_network)),
            image,
            curves: vec![circle(&curve_shape, seed, 0, Some(1.0))],
            outputs: Some(outputs),
            whole: false,
            observed,
            protocol: Protocol::Published,
            network,
        })
    }

    /// The same without curves: S alone. Of a refined plan.
    pub(super) fn of_image_alone(self) -> Self {
        Self {
            curves: Vec::new(),
            ..self
        }
    }
}
