//! One function an operation, each on whole batches of jets.

mod conv;
mod host;
mod kernel;
mod norm;
mod pointwise;
mod pool;
mod pool_host;
mod product;
mod shape;

pub(crate) use conv::{conv2d, dense};
pub(crate) use norm::{Normalised, normalise};
pub(crate) use pointwise::{activate, scale};
pub(crate) use pool::{Window, avg_pool, global_avg_pool, max_pool, mean_first};
pub(crate) use product::{matmul, softmax};
pub(crate) use shape::{concat, permute, slice, sum, zero};

#[cfg(test)]
mod tests;
