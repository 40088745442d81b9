//! One function an operation, each on whole batches of jets.

mod conv;
mod host;
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

use burn::tensor::Tensor;

use super::jet::Layout;

/// Adds a bias to the value rows alone: derivatives have none.
///
/// `bias` has the batch's axes with sizes of 1 where it is repeated.
fn add_bias<const D: usize>(x: Tensor<D>, bias: Tensor<D>, layout: Layout) -> Tensor<D> {
    if layout.curves == 0 {
        return x + bias;
    }
    let mut zero_shape = bias.dims();
    zero_shape[0] = 2 * layout.curves;
    let mut value_shape = bias.dims();
    value_shape[0] = layout.values();
    let zeros = bias.zeros_like().expand(zero_shape);
    x + Tensor::cat(vec![bias.expand(value_shape), zeros], 0)
}
