//! What the spaces of vision transformers share: how a configuration is
//! written ([`numbers`]), blocks of attention and MLP ([`block`]), and 2-D
//! relative positions ([`relative`]).

pub(super) mod block;
pub(super) mod numbers;
pub(super) mod relative;

use crate::architecture::OptionInfo;
use crate::error::Result;
use crate::network::{Builder, NodeId, Op};
use crate::start::{Scheme, Start};

/// Largest image that an option may ask for, in pixels a side: attention grows
/// with the fourth power of the side.
pub(super) const LARGEST: usize = 512;

/// The option for the number of outputs.
pub(super) const CLASSES: OptionInfo = OptionInfo {
    name: "classes",
    default: "1000",
    values: &[],
    help: "outputs of the last layer",
};
/// The option for the image's size.
pub(super) const SIZE: OptionInfo = OptionInfo {
    name: "size",
    default: "224",
    values: &[],
    help: "height and width of the input image, in pixels",
};

/// Deviation of what dense layers, tokens and positions start with.
const DEVIATION: f64 = 0.02;

/// How dense layers may start.
const INITS: [&str; 2] = ["normal", "uniform"];

/// The option that says how.
pub(super) const INIT: OptionInfo = OptionInfo {
    name: "init",
    default: INITS[0],
    values: &INITS,
    help: "dense layers: normal (deviation 0.02, bias 0) or uniform (PyTorch's ±1/√inputs)",
};

/// How the weights begin; `normal` as the option [`INIT`] says.
pub(super) fn start(normal: bool) -> Start {
    if !normal {
        return Start::default();
    }
    Start::new(Scheme::Transformer {
        deviation: DEVIATION,
    })
}

/// A map `[C, H, W]` as tokens `[H·W, C]`.
pub(super) fn as_tokens(b: &mut Builder, name: &str, map: NodeId) -> Result<NodeId> {
    let (channels, places) = match *b.shape(map) {
        [c, h, w] => (c, h * w),
        _ => (0, 0),
    };
    let flat = Op::Reshape(vec![channels, places]);
    let flat = b.add(&format!("{name}.flatten"), flat, &[map])?;
    b.add(&format!("{name}.tokens"), Op::Permute(vec![1, 0]), &[flat])
}

/// A dense layer with a bias.
pub(super) fn dense(b: &mut Builder, name: &str, out: usize, x: NodeId) -> Result<NodeId> {
    b.add(name, Op::Dense { out, bias: true }, &[x])
}
