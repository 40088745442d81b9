//! The network of a configuration.

use super::mixing::Mixing;
use crate::error::Result;
use crate::network::{Activation, Builder, Input, Network, NodeId, Op};
use crate::sources::spaces::transformer::dense;

/// Added to the variance in layer norms.
const EPS: f64 = 1e-12;

/// The sizes around the layers.
pub(super) struct Plan {
    /// Word vectors.
    pub(super) vocabulary: usize,
    /// Numbers of a word vector.
    pub(super) embedding: usize,
    /// Rows of the table of positions.
    pub(super) positions: usize,
    /// Number of tokens, at most `positions`.
    pub(super) length: usize,
}

/// A layer.
pub(super) struct Block {
    /// What mixes its tokens.
    pub(super) mixing: Mixing,
    /// Number of heads.
    pub(super) heads: usize,
    /// Widths of its feed-forward layers but for the one that leads back.
    pub(super) widths: Vec<usize>,
}

impl Plan {
    /// The network of tokens as wide as `hidden`.
    ///
    /// # Errors
    /// [`crate::Error::Shape`] when a value is too large to count.
    pub(super) fn network(&self, hidden: usize, blocks: &[Block]) -> Result<Network> {
        let mut b = Builder::new(Input::Words {
            length: self.length,
            vocabulary: self.vocabulary,
            features: self.embedding,
        })?;
        let mut x = self.embed(&mut b)?;
        if self.embedding != hidden {
            x = dense(&mut b, "embed.project", hidden, x)?;
        }
        for (i, block) in blocks.iter().enumerate() {
            x = block.add(&mut b, &format!("layer{i}"), x)?;
        }
        Ok(b.finish(&[x]))
    }

    /// Word vectors with positions and type, normed: `[L, embedding]`.
    fn embed(&self, b: &mut Builder) -> Result<NodeId> {
        let words = b.input();
        let shape = [self.length, self.embedding];
        let table = |rows| Op::Constant(vec![rows, self.embedding]);
        let places = b.add("embed.position", table(self.positions), &[])?;
        let places = b.add(
            "embed.position.rows",
            Op::slice(0, 0, self.length),
            &[places],
        )?;
        let kinds = b.add("embed.type", table(2), &[])?;
        let kind = b.add("embed.type.first", Op::slice(0, 0, 1), &[kinds])?;
        let kind = b.add("embed.type.rows", Op::Expand(shape.to_vec()), &[kind])?;
        let x = b.add("embed.sum", Op::Sum, &[words, places, kind])?;
        b.add("embed.norm", Op::layer_norm(EPS, true), &[x])
    }
}

impl Block {
    /// Adds the layer: tokens `[L, h]` → `[L, h]`.
    fn add(&self, b: &mut Builder, name: &str, x: NodeId) -> Result<NodeId> {
        let part = |part: &str| format!("{name}.{part}");
        let hidden = b.shape(x).last().copied().unwrap_or(0);
        let norm = || Op::layer_norm(EPS, true);
        let (mut mixed, is_branch) = self.mixing.add(b, &part("op"), self.heads, x)?;
        if is_branch {
            let sum = b.add(&part("op.sum"), Op::Sum, &[mixed, x])?;
            mixed = b.add(&part("op.norm"), norm(), &[sum])?;
        }
        let mut y = mixed;
        for (j, &width) in self.widths.iter().enumerate() {
            y = dense(b, &part(&format!("ff{j}")), width, y)?;
            let gelu = Op::Activate(Activation::Gelu);
            y = b.add(&part(&format!("gelu{j}")), gelu, &[y])?;
        }
        y = dense(b, &part("ff.out"), hidden, y)?;
        let sum = b.add(&part("ff.sum"), Op::Sum, &[y, mixed])?;
        b.add(&part("ff.norm"), norm(), &[sum])
    }
}
