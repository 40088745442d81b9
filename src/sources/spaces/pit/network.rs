//! The network of a configuration.

use super::config::{Config, Stage};
use crate::error::Result;
use crate::network::{Builder, Network, NodeId, Op};
use crate::sources::spaces::transformer::block::Block;
use crate::sources::spaces::transformer::{as_tokens, dense};

/// Added to the variance in layer norms.
const EPS: f64 = 1e-6;

/// What the options say.
pub(super) struct Plan {
    /// Outputs.
    pub(super) classes: usize,
    /// Pixels of the image a side.
    pub(super) size: usize,
    /// Pixels of a patch a side.
    pub(super) patch: usize,
    /// Pixels from one patch to the next.
    pub(super) stride: usize,
}

impl Plan {
    /// The network.
    ///
    /// # Errors
    /// [`crate::Error::Shape`] when a value is too large to count.
    pub(super) fn network(&self, config: &Config) -> Result<Network> {
        let mut b = Builder::new([3, self.size, self.size])?;
        let [first, ..] = config.stages;
        let width = config.head * first.heads;
        let input = b.input();
        let patches = Op::conv(width, self.patch, self.stride, 0, true);
        let map = b.add("patch_embed", patches, &[input])?;
        let places = Op::Constant(b.shape(map).to_vec());
        let places = b.add("pos_embed", places, &[])?;
        let mut map = b.add("embedded", Op::Sum, &[map, places])?;
        let mut class = b.add("cls_token", Op::Constant(vec![1, width]), &[])?;
        for (i, stage) in config.stages.iter().enumerate() {
            if i > 0 {
                [map, class] = pool(&mut b, i, config.head * stage.heads, map, class)?;
            }
            [map, class] = blocks(&mut b, i, config, stage, map, class)?;
        }
        let x = b.add("norm", Op::layer_norm(EPS, true), &[class])?;
        let width = b.shape(x).iter().product();
        let x = b.add("norm.flatten", Op::Reshape(vec![width]), &[x])?;
        let x = dense(&mut b, "head", self.classes, x)?;
        Ok(b.finish(&[x]))
    }
}

/// Halves the map; both get `width` channels.
fn pool(
    b: &mut Builder,
    stage: usize,
    width: usize,
    map: NodeId,
    class: NodeId,
) -> Result<[NodeId; 2]> {
    let halve = Op::Conv2d {
        out: width,
        kernel: [3; 2],
        stride: [2; 2],
        padding: [1; 4],
        dilation: [1; 2],
        groups: b.shape(map).first().copied().unwrap_or(1),
        bias: true,
    };
    let name = |part: &str| format!("pools.{}.{part}", stage - 1);
    Ok([
        b.add(&name("conv"), halve, &[map])?,
        dense(b, &name("fc"), width, class)?,
    ])
}

/// A stage's blocks on the class token and the map's places.
fn blocks(
    b: &mut Builder,
    index: usize,
    config: &Config,
    stage: &Stage,
    map: NodeId,
    class: NodeId,
) -> Result<[NodeId; 2]> {
    let name = |part: &str| format!("transformers.{index}.{part}");
    let shape = b.shape(map).to_vec();
    let x = as_tokens(b, &name("map"), map)?;
    let mut x = b.add(&name("tokens"), Op::Concat { axis: 0 }, &[class, x])?;
    let (tokens, width) = (b.shape(x)[0], config.head * stage.heads);
    for i in 0..stage.depth {
        let block = Block {
            heads: stage.heads,
            head: config.head,
            hidden: width * config.ratio,
            eps: EPS,
            relative: None,
        };
        x = block.add(b, &name(&format!("blocks.{i}")), x)?;
    }
    let class = b.add(&name("class"), Op::slice(0, 0, 1), &[x])?;
    let x = b.add(&name("patches"), Op::slice(0, 1, tokens), &[x])?;
    let x = b.add(&name("channels"), Op::Permute(vec![1, 0]), &[x])?;
    let map = b.add(&name("back"), Op::Reshape(shape), &[x])?;
    Ok([map, class])
}
