//! A pre-norm block: attention and MLP, each added to what it was given.

use super::dense;
use super::relative::Relative;
use crate::error::Result;
use crate::network::{Activation, Builder, NodeId, Op};

/// What a block is made of.
pub(in crate::sources::spaces) struct Block<'a> {
    /// Number of heads.
    pub(in crate::sources::spaces) heads: usize,
    /// Width of a head.
    pub(in crate::sources::spaces) head: usize,
    /// Width inside the MLP.
    pub(in crate::sources::spaces) hidden: usize,
    /// Added to the variance in layer norms.
    pub(in crate::sources::spaces) eps: f64,
    /// Relative positions of keys and values.
    pub(in crate::sources::spaces) relative: Option<&'a Relative>,
}

impl Block<'_> {
    /// Adds the block: tokens `[N, D]` → `[N, D]`.
    pub(in crate::sources::spaces) fn add(
        &self,
        b: &mut Builder,
        name: &str,
        x: NodeId,
    ) -> Result<NodeId> {
        let part = |part: &str| format!("{name}.{part}");
        let width = b.shape(x).last().copied().unwrap_or(0);
        let norm = || Op::layer_norm(self.eps, true);
        let y = b.add(&part("norm1"), norm(), &[x])?;
        let y = self.attention(b, &part("attn"), y)?;
        let x = b.add(&part("sum1"), Op::Sum, &[x, y])?;
        let y = b.add(&part("norm2"), norm(), &[x])?;
        let y = dense(b, &part("fc1"), self.hidden, y)?;
        let y = b.add(&part("gelu"), Op::Activate(Activation::Gelu), &[y])?;
        let y = dense(b, &part("fc2"), width, y)?;
        b.add(&part("sum2"), Op::Sum, &[x, y])
    }

    fn attention(&self, b: &mut Builder, name: &str, x: NodeId) -> Result<NodeId> {
        let part = |part: &str| format!("{name}.{part}");
        let (n, width) = match *b.shape(x) {
            [n, width] => (n, width),
            _ => (0, 0),
        };
        let inner = self.heads * self.head;
        let x = dense(b, &part("qkv"), 3 * inner, x)?;
        let split = Op::Reshape(vec![n, 3, self.heads, self.head]);
        let x = b.add(&part("split"), split, &[x])?;
        let x = b.add(&part("parts"), Op::Permute(vec![1, 2, 0, 3]), &[x])?;
        let mut taken = [x; 3];
        for (i, to) in taken.iter_mut().enumerate() {
            let name = part(["q", "k", "v"][i]);
            let one = b.add(&format!("{name}.slice"), Op::slice(0, i, i + 1), &[x])?;
            *to = b.add(&name, Op::Reshape(vec![self.heads, n, self.head]), &[one])?;
        }
        let [q, k, v] = taken;
        let scale = Op::Scale(1.0 / (self.head as f64).sqrt());
        let q = b.add(&part("scaled"), scale, &[q])?;
        let k = b.add(&part("k.across"), Op::Permute(vec![0, 2, 1]), &[k])?;
        let mut logits = b.add(&part("qk"), Op::MatMul, &[q, k])?;
        if let Some(relative) = self.relative {
            let positions = relative.of_keys(b, &part("rel_pos_k"), q)?;
            logits = b.add(&part("logits"), Op::Sum, &[logits, positions])?;
        }
        let weights = b.add(&part("softmax"), Op::Softmax, &[logits])?;
        let mut mixed = b.add(&part("av"), Op::MatMul, &[weights, v])?;
        if let Some(relative) = self.relative {
            let positions = relative.of_values(b, &part("rel_pos_v"), weights)?;
            mixed = b.add(&part("mixed"), Op::Sum, &[mixed, positions])?;
        }
        let mixed = b.add(&part("tokens"), Op::Permute(vec![1, 0, 2]), &[mixed])?;
        let joined = Op::Reshape(vec![n, inner]);
        let mixed = b.add(&part("joined"), joined, &[mixed])?;
        dense(b, &part("proj"), width, mixed)
    }
}
