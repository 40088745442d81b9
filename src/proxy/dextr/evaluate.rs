//! One network with its weights, image and curves → its score's parts.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::combine;
use super::conditioning::{MapRatio, ratio_sum, ratios};
use super::curvature::{curvature, turning};
use super::plan::Plan;
use super::protocol::Protocol;
use crate::engine::{Device, Found, Inputs, MapRange, Monitor, Motion, OutputJet, Phases, Watch};
use crate::error::Result;
use crate::network::NodeId;
use crate::proxy::experiment::run_each;
use crate::proxy::{Experiment, Findings, Origin, Status, Trial, Verdict};
use crate::start::Weights;

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
/// Those of [`Pass::run`](crate::engine::Pass::run).
pub async fn evaluate(
    plan: &Plan,
    weights: &Weights,
    device: &Device,
    monitor: &dyn Monitor,
) -> Result<Evaluation> {
    let origin = Origin::Given(Arc::new(weights.clone()));
    let (findings, phases) = run_each(&plan.experiments(&origin), device, monitor).await?;
    let mut evaluation = plan.judge(&findings);
    evaluation.phases = phases;
    Ok(evaluation)
}

impl Plan {
    /// The trial of these weights.
    pub(super) fn trial(self, origin: &Origin, value: fn(&Evaluation) -> Option<f64>) -> Trial {
        Trial {
            experiments: self.experiments(origin),
            judge: Box::new(move |findings| {
                let evaluation = self.judge(findings);
                let value = value(&evaluation);
                evaluation.verdict(value, self.protocol)
            }),
        }
    }

    /// The pass of image and curves; under `published` the curves have their own.
    fn experiments(&self, origin: &Origin) -> Vec<Experiment> {
        let jets = Watch::Jets {
            whole: self.whole || self.outputs.is_some(),
        };
        let mut watches: Vec<Watch> = self.needed().map(Watch::Range).collect();
        let of = |network: &Arc<_>, images, curves, watches| Experiment {
            network: Arc::clone(network),
            origin: origin.clone(),
            inputs: Arc::new(Inputs {
                images,
                curves,
                ..Inputs::default()
            }),
            double: false,
            watches,
        };
        let images = vec![self.image.clone()];
        match &self.curve_network {
            None => {
                watches.extend((!self.curves.is_empty()).then_some(jets));
                vec![of(&self.network, images, self.curves.clone(), watches)]
            }
            Some(other) => vec![
                of(&self.network, images, Vec::new(), watches),
                of(other, Vec::new(), self.curves.clone(), vec![jets]),
            ],
        }
    }

    /// The nodes whose maps must be decomposed, each once.
    fn needed(&self) -> impl Iterator<Item = NodeId> {
        let counts = self.constants_count();
        let observed = self.observed.iter();
        let mut nodes: Vec<NodeId> = observed
            .filter(|o| o.live || counts)
            .map(|o| o.node)
            .collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes.into_iter()
    }

    /// Joins what was found.
    fn judge(&self, findings: &[Findings]) -> Evaluation {
        let mut ranges: BTreeMap<NodeId, MapRange> = BTreeMap::new();
        let mut nodes = self.needed();
        let mut jets = Vec::new();
        for found in findings.iter().flatten() {
            match found {
                Found::Range(range) => {
                    ranges.extend(nodes.next().map(|node| (node, *range)));
                }
                Found::Jets(all) => jets.clone_from(all),
                _ => {}
            }
        }
        let published = self.protocol == Protocol::Published;
        let maps = ratios(
            &self.network,
            &self.observed,
            &ranges,
            self.constants_count(),
        );
        let ratio_sum = ratio_sum(&maps);
        let s = ratio_sum.ln_1p();
        let kappa: Vec<Option<f64>> = jets.iter().map(|jet| self.kappa(jet)).collect();
        let defined: Vec<f64> = kappa.iter().flatten().map(|k| k.ln_1p()).collect();
        let k = (!defined.is_empty()).then(|| defined.iter().sum::<f64>() / defined.len() as f64);
        let finite = |jet: &OutputJet| {
            let mut all = jet.y.iter().chain(&jet.dy).chain(&jet.ddy);
            all.all(|x| x.is_finite())
        };
        let bends = !self.curves.is_empty();
        let status = if !jets.iter().all(finite) || !s.is_finite() {
            Status::NonFinite
        } else if self.observed.is_empty() {
            Status::Unsuited
        } else if self.network.output_len() == 1 && bends {
            Status::SingleOutput
        } else if k.is_none() && bends || !self.network.is_connected() {
            Status::Disconnected
        } else {
            Status::Ok
        };
        let score = match (status, k) {
            (Status::Ok, Some(k)) => Some(combine(s, k)),
            (Status::Disconnected, _) => Some(if published { s } else { 0.0 }),
            _ => None,
        };
        Evaluation {
            status,
            score,
            s,
            k: k.filter(|_| matches!(status, Status::Ok | Status::Unsuited)),
            kappa,
            ratio_sum,
            maps,
            jets,
            phases: Phases::default(),
        }
    }

    /// Whether a map that cannot depend on the input counts: in the published
    /// code it does.
    fn constants_count(&self) -> bool {
        self.protocol == Protocol::Published
    }

    /// κ of one curve; none where the output does not move.
    fn kappa(&self, jet: &OutputJet) -> Option<f64> {
        let Some(indices) = &self.outputs else {
            return match jet.motion() {
                Motion::Still => None,
                Motion::Straight => Some(0.0),
                Motion::Curved => self.bend(&jet.dy, &jet.ddy),
            };
        };
        // The published code looks at no rounding.
        let chosen = |all: &[f64]| -> Vec<f64> {
            let chosen = indices.iter().filter_map(|&i| all.get(i));
            chosen.copied().collect()
        };
        self.bend(&chosen(&jet.dy), &chosen(&jet.ddy))
    }

    fn bend(&self, v: &[f64], a: &[f64]) -> Option<f64> {
        match self.network.output_is_map() {
            true => turning(v, a),
            false => curvature(v, a),
        }
    }
}

impl Evaluation {
    /// Whether no map is observed.
    pub(super) fn is_blind(&self) -> bool {
        self.status == Status::Unsuited
    }

    /// The verdict whose value is `value`.
    pub(super) fn verdict(self, value: Option<f64>, protocol: Protocol) -> Verdict {
        let defined: Vec<f64> = self.kappa.iter().flatten().copied().collect();
        let curvature = (!defined.is_empty() && self.k.is_some())
            .then(|| defined.iter().sum::<f64>() / defined.len() as f64);
        // Without a map there is no S; K is there all the same.
        let mapped = |part: f64| Some(part).filter(|p| p.is_finite() && !self.is_blind());
        let parts = [
            ("s", mapped(self.s)),
            ("k", self.k),
            ("curvature", curvature),
            ("ratio_sum", mapped(self.ratio_sum)),
        ];
        let parts = parts.into_iter();
        let status = match value {
            Some(_) if self.is_blind() => Status::Ok,
            _ => self.status,
        };
        Verdict {
            status,
            value,
            parts: parts
                .filter_map(|(name, part)| Some((name, part?)))
                .collect(),
            message: explain(status, protocol, &self.kappa, &self.jets),
            layers: self.maps,
        }
    }
}

/// What a status means, in words; empty where all is as it should be.
fn explain(
    status: Status,
    protocol: Protocol,
    kappa: &[Option<f64>],
    jets: &[OutputJet],
) -> String {
    let moves = |jet: &OutputJet| jet.dy.iter().any(|&x| x != 0.0);
    match (status, protocol) {
        (Status::Disconnected, Protocol::Refined) if jets.iter().any(moves) => {
            return "the output does not move beyond the rounding of its own numbers: the score is 0".to_owned();
        }
        (Status::Disconnected, Protocol::Refined) => {
            return "the output does not depend on the input: no path leads through the network; the score is 0".to_owned();
        }
        (Status::Disconnected, Protocol::Published) => {
            return "the output does not depend on the input: κ is undefined and the score is S alone".to_owned();
        }
        (Status::SingleOutput, _) => {
            return "one output has no extrinsic curvature: observe the vector before the last layer instead".to_owned();
        }
        (Status::NonFinite, _) => {
            return "the output or one of its derivatives is not finite: check the weights and the operations".to_owned();
        }
        (Status::Unsuited, _) => {
            return "no map is observed: all that is joined or activated is a vector, so that S and the score are undefined; rank by K, or observe layers".to_owned();
        }
        (Status::Ok, _) => {}
    }
    let curves = kappa.len();
    let still = kappa.iter().filter(|k| k.is_none()).count();
    if still > 0 {
        return format!(
            "on {still} of {curves} curves the output does not move; the others are averaged"
        );
    }
    let straight = |jet: &OutputJet| jet.motion() == Motion::Straight;
    if protocol == Protocol::Refined && !jets.is_empty() && jets.iter().all(straight) {
        return "the outputs lie on a line (as those of a softmax of two do), so that κ and the score are 0: rank by S".to_owned();
    }
    let slowest = jets
        .iter()
        .map(relative_speed)
        .fold(f64::INFINITY, f64::min);
    if slowest < STILL {
        return format!(
            "the output hardly moves (|y′| is {slowest:.0e} of |y|), which alone makes κ large: rank by S, or observe the map before the global mean"
        );
    }
    String::new()
}

/// |y′| / |y| below which an output is said to stand still. Where a global mean
/// follows a batch norm, rounding alone makes up to 2e-4; of outputs that do
/// depend on the image, none was seen below 0.07.
const STILL: f64 = 1e-3;

fn relative_speed(jet: &OutputJet) -> f64 {
    let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
    let (size, speed) = (norm(&jet.y), norm(&jet.dy));
    if size > 0.0 {
        speed / size
    } else {
        f64::INFINITY
    }
}
