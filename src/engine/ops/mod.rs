//! What computes the operations, a folder a family, on whole batches of jets.
//!
//! Where a family has a form of its own for the CPU (`cpu`) and for a GPU
//! (`gpu`), the two have one signature, and the family's `mod.rs` chooses once,
//! by [`Layout::host`](super::jet::Layout::host). Everything else is tensor
//! operations that run on both.
//!
//! Each family's `adjoint` takes gradients back, on the CPU alone. Batches of
//! gradients are laid out as those of values, with no curves.

mod arrange;
mod conv;
mod dense;
mod frame;
mod host;
mod library;
mod merge;
mod norm;
mod pointwise;
mod pool;
mod product;
mod reduce;
mod softmax;
#[cfg(test)]
mod tests;

/// Adjoints: gradients by operands and weights, on the CPU.
pub(super) mod adjoint {
    pub(in crate::engine) use super::arrange::adjoint::{expand, gather, pad, permute};
    pub(in crate::engine) use super::conv::adjoint::{conv, conv_weight};
    pub(in crate::engine) use super::dense::adjoint::{dense, dense_weight};
    pub(in crate::engine) use super::merge::adjoint::{concat, extreme, multiply};
    pub(in crate::engine) use super::norm::adjoint::normalise;
    pub(in crate::engine) use super::pointwise::adjoint::{curved, prelu};
    pub(in crate::engine) use super::pool::adjoint::pool;
    pub(in crate::engine) use super::product::adjoint::matmul;
    pub(in crate::engine) use super::reduce::adjoint::reduce;
    pub(in crate::engine) use super::softmax::adjoint::softmax;
}

pub(super) use conv::gpu::LONGEST;
pub(super) use frame::framed;
pub(super) use host::with_bias;

pub(crate) use arrange::{expand, flat, gather, pad, permute, slice, zero};
pub(crate) use conv::conv;
pub(crate) use dense::dense;
pub(crate) use merge::{concat, extreme, multiply, sum};
pub(crate) use norm::normalise;
pub(crate) use pointwise::{curved, prelu, scale, shift};
pub(crate) use pool::pool;
pub(crate) use product::matmul;
pub(crate) use reduce::reduce;
pub(crate) use softmax::softmax;
