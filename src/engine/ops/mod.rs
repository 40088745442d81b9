//! What computes the operations, a folder a family, on whole batches of jets.
//!
//! Where a family has a form of its own for the CPU (`cpu`) and for a GPU
//! (`gpu`), the two have one signature, and the family's `mod.rs` chooses once,
//! by [`Layout::host`](super::jet::Layout::host). Everything else is tensor
//! operations that run on both.

mod arrange;
mod conv;
mod dense;
mod frame;
mod host;
mod merge;
mod norm;
mod pointwise;
mod pool;
mod product;
mod reduce;
mod softmax;
#[cfg(test)]
mod tests;

pub(super) use conv::gpu::LONGEST;
pub(super) use frame::framed;

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
