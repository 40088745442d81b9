//! The size of a network: the baselines that every proxy must beat.

use super::{About, Demands, Proxy, Settings, Trial, Verdict};
use crate::architecture::Architecture;
use crate::error::Result;

/// The number of trainable parameters.
pub(super) struct Params;

impl Proxy for Params {
    fn about(&self) -> &'static About {
        &About {
            name: "params",
            title: "number of trainable parameters (#params)",
            paper: "a baseline",
            needs: "the graph alone",
            variant: "weights, biases, scales and shifts that exist",
            demands: Demands::GRAPH,
        }
    }

    fn trial(&self, arch: &Architecture, _: &Settings, _: u64) -> Result<Trial> {
        Ok(Trial::decided(Verdict::of(arch.network.params() as f64)))
    }
}

/// The number of multiply–accumulates for one image.
pub(super) struct Macs;

impl Proxy for Macs {
    fn about(&self) -> &'static About {
        &About {
            name: "macs",
            title: "multiply–accumulates for one image",
            paper: "a baseline",
            needs: "the graph alone",
            variant: "convolutions, dense layers and matrix products",
            demands: Demands::GRAPH,
        }
    }

    fn trial(&self, arch: &Architecture, _: &Settings, _: u64) -> Result<Trial> {
        Ok(Trial::decided(Verdict::of(arch.network.macs() as f64)))
    }
}
