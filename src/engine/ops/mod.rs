//! One function an operation, each on whole batches of jets.

mod conv;
mod host;
mod kernel;
mod linear;
mod norm;
mod norm_host;
mod pointwise;
mod pool;
mod pool_host;
mod product;
mod reduce;
mod shape;

pub(super) use kernel::framed;
pub(super) use kernel::linear::LONGEST;

pub(crate) use conv::{Moves, conv_transpose2d, conv2d, dense};
pub(crate) use norm::{Normalised, normalise};
pub(crate) use pointwise::{activate, map, prelu, scale, shift};
pub(crate) use pool::{Window, avg_pool, global_avg_pool, max_pool, mean_first};
pub(crate) use product::{log_softmax, matmul, multiply, softmax};
pub(crate) use reduce::{extreme, reduce};
pub(crate) use shape::{
    concat, expand, flat, gather, linear_along, pad, permute, slice, sum, zero,
};

#[cfg(test)]
mod tests;
