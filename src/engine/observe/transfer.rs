//! What becomes of random signs that are taken back from one node to an earlier
//! one (AZ-NAS's trainability).

#![allow(
    clippy::cast_possible_truncation,
    reason = "a sign's number wraps around, as published"
)]

use burn::tensor::Tensor;

use crate::engine::jet::Jets;
use crate::engine::ops::{matmul, permute};
use crate::engine::read::host;
use crate::error::{Error, Result};
use crate::network::Node;
use crate::svd;

/// How signs g at a node are related to their gradient h at an earlier one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transfer {
    /// The largest singular value of the mean over images and positions of h·gᵀ,
    /// channels × channels. Where the map has become smaller, each block of
    /// pixels of h is a column of its own.
    pub largest: f64,
    /// Whether the gradient is the signs themselves.
    pub same: bool,
}

/// Random signs, `count` of them: a hash of each one's number.
pub(in crate::engine) fn signs(count: usize, salt: u32) -> Vec<f64> {
    let sign = |i: usize| {
        let mut h = (i as u32).wrapping_add(salt);
        h ^= h >> 16;
        h = h.wrapping_mul(0x85eb_ca6b);
        h ^= h >> 13;
        h = h.wrapping_mul(0xc2b2_ae35);
        h ^= h >> 16;
        if h >> 31 == 1 { -1.0 } else { 1.0 }
    };
    (0..count).map(sign).collect()
}

/// Relates signs at the node `later` to their gradient at `earlier`.
///
/// # Errors
/// [`Error::Usage`] for shapes that cannot be laid over one another.
pub(in crate::engine) fn transfer(
    signs: &Jets,
    later: &Node,
    gradient: &Jets,
    earlier: &Node,
) -> Result<Transfer> {
    let refuse = || Error::Usage {
        message: format!(
            "the maps of {} {:?} and of {} {:?} do not lie over one another",
            earlier.name, earlier.shape, later.name, later.shape
        ),
        cure: "leave out az_nas for this network".to_owned(),
    };
    let (h, g) = match (earlier.shape.as_slice(), later.shape.as_slice()) {
        (&[c, height, width], &[out, rows, columns]) => {
            let [tall, wide] = [height / rows.max(1), width / columns.max(1)];
            if (tall * rows, wide * columns) != (height, width) {
                return Err(refuse());
            }
            let blocks = [c, rows, tall, columns, wide];
            let h = permute(gradient, &blocks, &[0, 2, 4, 1, 3]);
            let positions = rows * columns;
            (
                (h, [c * tall * wide, positions]),
                (signs.clone(), [out, positions]),
            )
        }
        (&[tokens, features], &[others, out]) if tokens == others => {
            let turned = |x: &Jets, n| permute(x, &[tokens, n], &[1, 0]);
            (
                (turned(gradient, features), [features, tokens]),
                (turned(signs, out), [out, tokens]),
            )
        }
        _ => return Err(refuse()),
    };
    let ((h, [rows, positions]), (g, [columns, _])) = (h, g);
    let g = permute(&g, &[columns, positions], &[1, 0]);
    let products = matmul(&h, &[rows, positions], &g, &[positions, columns]);
    let images = signs.layout.images;
    let mean: Tensor<2> = products.data.sum_dim(0) / (images * positions).max(1) as f64;
    let mean = host(mean.try_into_data())?;
    let values = svd::values(rows, &mean).map_err(|message| Error::SingularValues {
        map: earlier.name.clone(),
        message,
    })?;
    let same = earlier.shape == later.shape && {
        let [h, g] = [gradient, signs].map(|x| host(x.data.clone().try_into_data()));
        h? == g?
    };
    Ok(Transfer {
        largest: values.first().copied().unwrap_or(0.0),
        same,
    })
}
