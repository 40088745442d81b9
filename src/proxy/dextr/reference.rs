//! Reference cases: weights, image, curves and outputs from one safetensors
//! file, so that a device's score can be held against known values.
//!
//! Tensors (see `tests/golden/README.md`): `w.<name>` weights, `image`
//! (1, C, H, W), `curve_basis` (n, 2) and `coords` for the published protocol,
//! `refined.curve_bases` (m, n, 2) for the refined one.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are far below the types' ranges"
)]

use safetensors::SafeTensors;

use super::Dextr;
use super::evaluate::{Evaluation, evaluate};
use super::plan::Plan;
use super::protocol::Protocol;
use crate::architecture::Architecture;
use crate::array::{Array, Values};
use crate::engine::{Curve, Device, Monitor};
use crate::error::{Error, Result};
use crate::proxy::{Measured, Score, Settings};
use crate::start::Weights;

/// Scores an architecture with what a reference file holds instead of what the
/// seeds would draw.
///
/// # Errors
/// [`Error::Weights`] when the file lacks a tensor or does not fit the
/// network, and those of [`evaluate`].
pub async fn score_reference(
    arch: &Architecture,
    settings: &Settings,
    file: &[u8],
    device: &Device,
    monitor: &dyn Monitor,
) -> Result<(Score, Evaluation)> {
    let mut plan = Plan::new(arch, settings)?;
    let weights = Weights::from_safetensors(&plan.network, file, "w.")?;
    let tensors = SafeTensors::deserialize(file)
        .map_err(|e| broken("file", format!("is not a safetensors file ({e})")))?;
    plan.image = Array::from_safetensors(&tensors, "image")?;
    let shape = plan
        .curve_network
        .as_ref()
        .unwrap_or(&plan.network)
        .input_shape()
        .to_vec();
    plan.curves = match settings.protocol {
        Protocol::Published => curves(&Array::from_safetensors(&tensors, "curve_basis")?, &shape)?,
        Protocol::Refined => curves(
            &Array::from_safetensors(&tensors, "refined.curve_bases")?,
            &shape,
        )?,
    };
    if settings.protocol == Protocol::Published {
        let view = tensors
            .tensor("coords")
            .map_err(|e| broken("coords", e.to_string()))?;
        let words = view.data().chunks_exact(8);
        let indices = words
            .map(|b| i64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]) as usize);
        plan.outputs = Some(indices.collect());
    }
    plan.whole = true;
    let evaluation = evaluate(&plan, &weights, device, monitor).await?;
    let verdict = evaluation.clone().verdict(evaluation.score, plan.protocol);
    let measured = Measured::of_one(&Dextr, verdict);
    Ok((Score::new(arch, measured), evaluation))
}

/// Bases stored as `[…, n, 2]`: for each pixel its u and its w.
fn curves(bases: &Array, shape: &[usize]) -> Result<Vec<Curve>> {
    let n: usize = shape.iter().product();
    let Values::F32(values) = &bases.values else {
        return Err(broken("curve basis", "is not F32".to_owned()));
    };
    if values.is_empty() || values.len() % (2 * n) != 0 {
        return Err(broken(
            "curve basis",
            format!(
                "has the shape {:?}, the network takes {shape:?}",
                bases.shape
            ),
        ));
    }
    let column = |pairs: &[f32], i: usize| {
        Array::f32(
            shape.to_vec(),
            pairs.chunks_exact(2).map(|p| p[i]).collect(),
        )
    };
    let circles = values.chunks_exact(2 * n).map(|pairs| Curve {
        u: column(pairs, 0),
        w: column(pairs, 1),
    });
    Ok(circles.collect())
}

fn broken(tensor: &str, message: String) -> Error {
    Error::Weights {
        tensor: tensor.to_owned(),
        message,
        cure: "take a file made by tests/golden/make.py".to_owned(),
    }
}
