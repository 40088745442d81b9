//! Jacobian covariance (Mellor et al., 2020; Abdelfattah et al., ICLR 2021): how
//! differently the network reacts to the pixels of different images:
//! −Σ ln(v + k) + 1/(v + k) over the eigenvalues v of the correlations between
//! the images' gradients of the summed outputs, k = 1e-5.

use std::sync::Arc;

use super::experiment::{Experiment, Findings, Origin};
use super::gradients::{BATCH, on_noise};
use super::{About, Demands, Proxy, Settings, Status, Trial, Verdict};
use crate::architecture::Architecture;
use crate::array::Array;
use crate::engine::{Found, Loss, Watch};
use crate::error::Result;
use crate::network::Network;
use crate::svd;

/// Added to an eigenvalue, as published.
const FLOOR: f64 = 1e-5;

/// The covariance of Jacobians.
pub struct JacobCov;

impl Proxy for JacobCov {
    fn about(&self) -> &'static About {
        &About {
            name: "jacob_cov",
            title: "how differently images move the outputs, −Σ ln(v + k) + 1/(v + k)",
            paper: "Mellor et al., 2020; Abdelfattah et al., ICLR 2021",
            needs: "gradients by a batch of 32 noise images; no labels, data",
            variant: "a symmetric solver in double precision (the published general one may give complex values)",
            demands: const { Demands::images(BATCH).gradients().published(false) },
        }
    }

    fn trial(&self, arch: &Architecture, settings: &Settings, seed: u64) -> Result<Trial> {
        Ok(on_noise(arch, settings, seed, |origin, images| {
            Self::trial_of(&arch.network, origin, images)
        }))
    }
}

impl JacobCov {
    /// For these weights and images, at least two.
    #[must_use]
    pub fn trial_of(network: &Arc<Network>, origin: &Origin, images: Vec<Array>) -> Trial {
        if !network.is_connected() {
            return Trial::decided(Verdict::without(
                Status::Disconnected,
                "the output does not depend on the input: there are no correlations",
            ));
        }
        if images.len() < 2 {
            return Trial::unsuited("two images must fit into memory to be correlated");
        }
        let watches = vec![Watch::InputGradients(Loss::Sum)];
        Trial {
            experiments: vec![Experiment::of_batch(
                network,
                origin.clone(),
                images,
                watches,
            )],
            judge: Box::new(judge),
        }
    }
}

fn judge(found: &[Findings]) -> Verdict {
    let gradients = found.iter().flatten().find_map(|found| match found {
        Found::InputGradients(gradients) => Some(gradients),
        _ => None,
    });
    let Some(gradients) = gradients else {
        return Verdict::without(Status::NonFinite, "nothing was found");
    };
    let Some(rows) = standardised(gradients) else {
        let why = "an image does not move the outputs: its correlations are undefined";
        return Verdict::without(Status::NonFinite, why);
    };
    match svd::values(gradients.len(), &rows) {
        Ok(values) => {
            let all = values.iter().map(|s| s * s + FLOOR);
            // More images than pixels leave eigenvalues that are 0.
            let rest = gradients.len() - values.len();
            let all = all.chain(std::iter::repeat_n(FLOOR, rest));
            Verdict::of(-all.map(|v| v.ln() + v.recip()).sum::<f64>())
        }
        Err(why) => Verdict::without(Status::NonFinite, &why),
    }
}

/// The rows with their means taken off and of length 1: their products are the
/// correlations, and the squares of their singular values the eigenvalues. None
/// where a row is constant.
fn standardised(rows: &[Vec<f64>]) -> Option<Vec<f64>> {
    let mut all = Vec::with_capacity(rows.len() * rows.first().map_or(0, Vec::len));
    for row in rows {
        let mean = row.iter().sum::<f64>() / row.len() as f64;
        let squares = row.iter().map(|x| (x - mean) * (x - mean));
        let length = squares.sum::<f64>().sqrt();
        if length == 0.0 {
            return None;
        }
        all.extend(row.iter().map(|x| (x - mean) / length));
    }
    Some(all)
}
