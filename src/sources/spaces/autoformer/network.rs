//! The network of a configuration.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are far below the types' ranges, and f32 is the passes' precision"
)]

use super::config::Layer;
use crate::error::Result;
use crate::network::{Builder, Network, Op};
use crate::sources::spaces::transformer::block::Block;
use crate::sources::spaces::transformer::relative::Relative;
use crate::sources::spaces::transformer::{as_tokens, dense};

/// Pixels of a patch a side.
pub(super) const PATCH: usize = 16;
/// Width of every head.
const HEAD: usize = 64;
/// Added to the variance in layer norms (PyTorch's default).
const EPS: f64 = 1e-5;

/// What the options say.
pub(super) struct Plan {
    /// Outputs.
    pub(super) classes: usize,
    /// Pixels of the image a side; what fills no patch is left out.
    pub(super) size: usize,
}

impl Plan {
    /// The network of tokens this wide.
    ///
    /// # Errors
    /// [`crate::Error::Shape`] when a value is too large to count.
    pub(super) fn network(&self, width: usize, layers: &[Layer]) -> Result<Network> {
        let mut b = Builder::new([3, self.size, self.size])?;
        let grid = self.size / PATCH;
        let tokens = grid * grid + 1;
        let relative = Relative::new(grid, HEAD);

        let input = b.input();
        let patches = Op::conv(width, PATCH, PATCH, 0, true);
        let x = b.add("patch_embed", patches, &[input])?;
        let x = as_tokens(&mut b, "patch_embed", x)?;
        let class = b.add("cls_token", Op::Constant(vec![1, width]), &[])?;
        let x = b.add("tokens", Op::Concat { axis: 0 }, &[class, x])?;
        let places = Op::Constant(vec![tokens, width]);
        let places = b.add("pos_embed", places, &[])?;
        let mut x = b.add("embedded", Op::Sum, &[x, places])?;
        for (i, layer) in layers.iter().enumerate() {
            let block = Block {
                heads: layer.heads,
                head: HEAD,
                hidden: (width as f64 * layer.ratio) as usize,
                eps: EPS,
                relative: Some(&relative),
            };
            x = block.add(&mut b, &format!("blocks.{i}"), x)?;
        }
        let x = b.add("norm", Op::layer_norm(EPS, true), &[x])?;
        let x = b.add("patches", Op::slice(0, 1, tokens), &[x])?;
        let x = b.add("mean", Op::MeanFirst, &[x])?;
        let x = dense(&mut b, "head", self.classes, x)?;
        Ok(b.finish(&[x]))
    }
}
