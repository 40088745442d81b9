//! One network with given weights, image and curves → its score's parts.

use std::sync::Arc;

use super::combine;
use super::conditioning::{MapRatio, needed, ratio_sum, ratios};
use super::curvature::{curvature, turning};
use super::protocol::Protocol;
use super::result::Status;
use crate::array::Array;
use crate::engine::{Curve, Device, Inputs, Monitor, OutputJet, Pass, Phases};
use crate::error::Result;
use crate::network::{Network, Observed};
use crate::start::Weights;

/// All that a score depends on but the weights and the device.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The network at the image's size.
    pub network: Arc<Network>,
    /// The network at the curves' size, where that is another (`published`).
    pub curve_network: Option<Network>,
    /// The image, `[C, H, W]`.
    pub image: Array,
    /// The curves, of the curve network's input size.
    pub curves: Vec<Curve>,
    /// Indices of the outputs that enter κ, repeats allowed; none is all.
    pub outputs: Option<Vec<usize>>,
    /// Whether [`Evaluation::jets`] are wanted number by number (where `outputs`
    /// picks some they always are); see [`OutputJet`].
    pub whole: bool,
    /// The observed maps.
    pub observed: Vec<Observed>,
    /// How special cases are scored.
    pub protocol: Protocol,
}

/// A score's parts for one set of weights.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// What the numbers mean.
    pub status: Status,
    /// The score; none where there is none.
    pub score: Option<f64>,
    /// S = ln(1 + Σ ratios).
    pub s: f64,
    /// K, the mean of ln(1 + κ) over the curves that have one.
    pub k: Option<f64>,
    /// κ of each curve, of the output scaled to unit speed where it is a map;
    /// none where the output does not move.
    pub kappa: Vec<Option<f64>>,
    /// Σ ratios.
    pub ratio_sum: f64,
    /// The observed maps.
    pub maps: Vec<MapRatio>,
    /// The outputs' jets, one a curve.
    pub jets: Vec<OutputJet>,
    /// Where the time went.
    pub phases: Phases,
}

/// Runs the pass (two under `published`) and joins its parts.
///
/// # Errors
/// Those of [`Pass::run`].
pub async fn evaluate(
    plan: &Plan,
    weights: &Weights,
    device: &Device,
    monitor: &dyn Monitor,
) -> Result<Evaluation> {
    let published = plan.protocol == Protocol::Published;
    let nodes = needed(&plan.observed, plan.constants_count());
    let whole = plan.whole || plan.outputs.is_some();
    let mut inputs = Inputs {
        image: Some(plan.image.clone()),
        curves: Vec::new(),
        whole,
    };
    if plan.curve_network.is_none() {
        inputs.curves.clone_from(&plan.curves);
    }
    let mut pass = Pass::run(&plan.network, weights, &inputs, &nodes, device, monitor).await?;
    if let Some(network) = &plan.curve_network {
        let inputs = Inputs {
            image: None,
            curves: plan.curves.clone(),
            whole,
        };
        let second = Pass::run(network, weights, &inputs, &[], device, monitor).await?;
        pass.jets = second.jets;
        pass.phases += second.phases;
    }

    let maps = ratios(
        &plan.network,
        &plan.observed,
        &pass.ranges,
        plan.constants_count(),
    );
    let ratio_sum = ratio_sum(&maps);
    let s = ratio_sum.ln_1p();
    let kappa: Vec<Option<f64>> = pass.jets.iter().map(|jet| plan.kappa(jet)).collect();
    let defined: Vec<f64> = kappa.iter().flatten().map(|k| k.ln_1p()).collect();
    let k = (!defined.is_empty()).then(|| defined.iter().sum::<f64>() / defined.len() as f64);

    let finite = |jet: &OutputJet| {
        jet.y
            .iter()
            .chain(&jet.dy)
            .chain(&jet.ddy)
            .all(|x| x.is_finite())
    };
    let status = if !pass.jets.iter().all(finite) || !s.is_finite() {
        Status::NonFinite
    } else if plan.network.output_len() == 1 {
        Status::SingleOutput
    } else if k.is_none() || !plan.network.is_connected() {
        Status::Disconnected
    } else {
        Status::Ok
    };
    let score = match (status, k) {
        (Status::Ok, Some(k)) => Some(combine(s, k)),
        (Status::Disconnected, _) => Some(if published { s } else { 0.0 }),
        _ => None,
    };
    let k = k.filter(|_| status == Status::Ok);
    Ok(Evaluation {
        status,
        score,
        s,
        k,
        kappa,
        ratio_sum,
        maps,
        jets: pass.jets,
        phases: pass.phases,
    })
}

impl Plan {
    /// Whether a map that cannot depend on the input counts: in the published
    /// code it does.
    fn constants_count(&self) -> bool {
        self.protocol == Protocol::Published
    }

    fn kappa(&self, jet: &OutputJet) -> Option<f64> {
        let chosen = |all: &[f64]| match &self.outputs {
            Some(indices) => indices
                .iter()
                .filter_map(|&i| all.get(i).copied())
                .collect(),
            None => all.to_vec(),
        };
        let bend = if self.network.output_is_map() {
            turning
        } else {
            curvature
        };
        bend(&chosen(&jet.dy), &chosen(&jet.ddy))
    }
}
