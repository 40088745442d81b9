//! Adjoint of softmax u over the last axis: u·(g − ⟨u, g⟩), and of its logarithm:
//! g − u·Σ g.

use burn::tensor::{Tensor, activation};

use crate::engine::jet::Jets;

/// The gradient by the operand; see [`softmax`](super::softmax).
pub(crate) fn softmax(x: &Jets, gradient: &Jets, axes: &[usize], log: bool) -> Jets {
    let (before, width) = axes.split_at(axes.len() - 1);
    let sides = [before.iter().product(), width[0]];
    let u = activation::softmax(x.view::<3>(&sides), 2);
    let g: Tensor<3> = gradient.view(&sides);
    match log {
        true => gradient.with(g.clone() - u * g.sum_dim(2)),
        false => gradient.with(u.clone() * (g.clone() - (u * g).sum_dim(2))),
    }
}
