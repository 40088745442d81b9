//! How evenly the channels of a map share its variance (AZ-NAS): the entropy of
//! the eigenvalues of their covariance matrix, over all images and positions.

use std::collections::BTreeMap;

use burn::tensor::Tensor;

use super::waiting::Waiting;
use super::{Found, Observer, Watch};
use crate::engine::jet::{Jets, Layout};
use crate::engine::ops::{matmul, permute};
use crate::engine::read::host;
use crate::error::{Error, Result};
use crate::network::{Network, Node, NodeId};
use crate::svd;

/// Added to a part before its logarithm, as published.
const FLOOR: f64 = 1e-8;

/// The covariance matrices of the watched nodes: on a GPU there until the end, on
/// the CPU decomposed as they come.
pub(super) struct Entropies {
    watches: Vec<(usize, NodeId)>,
    waiting: Waiting,
    here: BTreeMap<NodeId, f64>,
}

impl Entropies {
    pub(super) fn new(watches: &[Watch], originals: &[NodeId]) -> Self {
        let all = watches.iter().enumerate();
        let own = all.filter_map(|(i, watch)| match watch {
            Watch::Entropy(node) => Some((i, originals[*node])),
            _ => None,
        });
        Self {
            watches: own.collect(),
            waiting: Waiting::default(),
            here: BTreeMap::new(),
        }
    }
}

impl Observer for Entropies {
    fn nodes(&self) -> Vec<NodeId> {
        self.watches.iter().map(|&(_, node)| node).collect()
    }

    fn take(&mut self, id: NodeId, node: &Node, value: &Jets) -> Result<()> {
        if !self.watches.iter().any(|&(_, wanted)| wanted == id) {
            return Ok(());
        }
        let matrix = covariance(value, &node.shape);
        if value.layout.host {
            let matrix = host(matrix.try_into_data())?;
            self.here.insert(id, of(&matrix, node)?);
        } else {
            self.waiting.insert(id, matrix);
        }
        Ok(())
    }

    fn finish(&mut self, _: usize) -> Option<Tensor<1>> {
        self.waiting.joined()
    }

    fn found(&self, read: &[f64], network: &Network) -> Result<Vec<(usize, Found)>> {
        let found = self.watches.iter().filter_map(|(watch, node)| {
            let entropy = match self.here.get(node) {
                Some(entropy) => Ok(*entropy),
                None => {
                    let matrix = self.waiting.of(*node, read)?;
                    of(matrix, network.node(*node))
                }
            };
            Some(entropy.map(|x| (*watch, Found::Entropy(x))))
        });
        found.collect()
    }
}

/// The entropy of a node's covariance matrix.
fn of(matrix: &[f64], node: &Node) -> Result<f64> {
    entropy(matrix).map_err(|message| Error::SingularValues {
        map: node.name.clone(),
        message,
    })
}

/// The covariance of a map's channels, or of tokens' features.
fn covariance(value: &Jets, shape: &[usize]) -> Tensor<1> {
    let images = Jets {
        data: value.images(),
        layout: Layout {
            curves: 0,
            ..value.layout
        },
    };
    let [channels, positions] = match *shape {
        [positions, features] => [features, positions],
        _ => {
            let channels = shape.first().copied().unwrap_or(1);
            [channels, shape.iter().skip(1).product()]
        }
    };
    let x = match shape.len() {
        2 => permute(&images, shape, &[1, 0]),
        _ => images,
    };
    let x: Tensor<3> = x.view(&[channels, positions]);
    let centred = value.with_images(x.clone() - x.mean_dim(2).mean_dim(0));
    let turned = permute(&centred, &[channels, positions], &[1, 0]);
    let squares = matmul(
        &centred,
        &[channels, positions],
        &turned,
        &[positions, channels],
    );
    let sum = squares.data.sum_dim(0).reshape([channels * channels]);
    sum / (value.layout.images * positions).max(1) as f64
}

/// −Σ p·ln(p + 1e-8) of a covariance matrix's eigenvalues as parts of their sum.
/// Its singular values are their magnitudes, so that one which rounding has
/// taken below 0 counts as the rounding that it is.
fn entropy(matrix: &[f64]) -> std::result::Result<f64, String> {
    let side = matrix.len().isqrt();
    let values = svd::values(side, matrix)?;
    let sum: f64 = values.iter().sum();
    if sum == 0.0 {
        return Ok(0.0);
    }
    let parts = values.iter().map(|s| s / sum);
    Ok(-parts.map(|p| p * (p + FLOOR).ln()).sum::<f64>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_variances_have_the_logarithm_of_their_number() {
        let even = entropy(&[2.0, 0.0, 0.0, 2.0]).unwrap();
        assert!((even - 2.0f64.ln()).abs() < 1e-7, "{even}");
        let one = entropy(&[1.0, 1.0, 1.0, 1.0]).unwrap();
        assert!(one.abs() < 1e-7, "{one}");
        assert_eq!(entropy(&[0.0; 9]), Ok(0.0));
    }
}
