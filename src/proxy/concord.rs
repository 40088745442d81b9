//! Concord, our own (of no paper): what three proxies and one number more agree
//! on, √(`dextr` · join(`dextr`, `growth`)) × ln(1 + `meco_opt`) × `swap` with
//! Dextr's own join, a·b/(a + b).
//!
//! | part | asks |
//! |---|---|
//! | `dextr` | are the maps of a smooth image well conditioned, and does the output bend? |
//! | `growth` | how much comes through the merges unchanged, for training to start from? |
//! | `meco_opt` | are a few channels of each map independent of each other, for noise? |
//! | `swap` | in how many ways does a batch switch the neurons? |
//!
//! Growth is ½·ln(1 + v̄), where v̄ is the mean variance of what the norms take,
//! with weights N(0, 1). What has gone through a norm has unit variance, whatever
//! was before; what a skip carries past it adds up from merge to merge. So v̄ is
//! large where signals, and gradients on their way back, need not go through
//! every layer. It says little of poor networks and most of the best ones, where
//! the other parts fail; joined as Dextr joins its halves, the smaller one
//! counts. Of Dextr and that join the geometric mean is taken: it keeps what
//! growth says of the best, and loses nothing over all.
//!
//! `meco_opt` is a sum over modules, which Dextr's own sums enter by their
//! logarithm, and so does this one. As a factor itself it outvotes the others
//! where `swap` has no more patterns to tell apart (inputs of 256 pixels).
//!
//! There is no weight to choose and no pool to rank against, and a part that is 0
//! makes it 0: what one of them calls dead is not worth training. How it ranks
//! stands in `benches/RESULTS.md`, with what else was tried. Its passes are those
//! of its parts, so beside them it costs nothing.

use super::dextr::{Dextr, combine};
use super::experiment::{Experiment, Findings, Judge, Verdict};
use super::zen::normalised;
use super::{About, Demands, Meco, Proxy, Settings, Status, Swap, Trial};
use crate::architecture::Architecture;
use crate::engine::{Found, Watch};
use crate::error::Result;

/// The proxies that it is made of; the first one is joined with the growth.
const PARTS: [&dyn Proxy; 3] = [&Dextr, &Meco::SOME, &Swap];

/// The product of several proxies.
pub struct Concord;

impl Proxy for Concord {
    fn about(&self) -> &'static About {
        &About {
            name: "concord",
            title: "what several agree on: Dextr joined with the norms' growth, × ln(1 + meco_opt) × swap",
            paper: "none: this project's own, not the paper's",
            needs: "what its parts need: noise images, circles in input space, weights N(0, 1) beside the network's own; no labels, data, gradients, pool",
            variant: "without weights; no value where a part has none, or there are no norms",
            demands: const { Demands::images(16).own_start() },
        }
    }

    fn trial(&self, arch: &Architecture, settings: &Settings, seed: u64) -> Result<Trial> {
        // Its patterns count as they are, whatever `swap` is regularised by.
        let settings = Settings {
            swap_size: None,
            ..settings.clone()
        };
        let trials = PARTS.map(|part| part.trial(arch, &settings, seed));
        let trials: Result<Vec<Trial>> = trials.into_iter().collect();
        Ok(concord(trials?))
    }
}

/// The trial of all parts together.
fn concord(trials: Vec<Trial>) -> Trial {
    // The growth is seen in SWAP's pass, the last one; where there is none, SWAP
    // says why there is no value.
    let growth = trials.last().and_then(|swap| swap.experiments.first());
    let growth = growth.map(|pass| Experiment {
        watches: normalised(&pass.network).map(Watch::Variance).collect(),
        ..pass.clone()
    });
    let mut experiments = Vec::new();
    let mut judges: Vec<(usize, Judge)> = Vec::new();
    for trial in trials {
        judges.push((trial.experiments.len(), trial.judge));
        experiments.extend(trial.experiments);
    }
    experiments.extend(growth);
    Trial {
        experiments,
        judge: Box::new(|found| {
            let mut rest = found;
            let verdicts = judges.into_iter().map(|(own, judge)| {
                let (found, others): (&[Findings], _) = rest.split_at(own.min(rest.len()));
                rest = others;
                judge(found)
            });
            let verdicts: Vec<Verdict> = verdicts.collect();
            joined(verdicts, growth_of(rest))
        }),
    }
}

/// ½·ln(1 + v̄); none without norms.
fn growth_of(found: &[Findings]) -> Option<f64> {
    let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len() as f64;
    let variances = found.iter().flatten().filter_map(|found| match found {
        Found::Variance(channels) => Some(mean(channels)),
        _ => None,
    });
    let variances: Vec<f64> = variances.collect();
    (!variances.is_empty()).then(|| 0.5 * mean(&variances).ln_1p())
}

/// The value, with the parts and their own parts.
fn joined(verdicts: Vec<Verdict>, growth: Option<f64>) -> Verdict {
    let named = || PARTS.iter().map(|part| part.about().name).zip(&verdicts);
    let lacking = named().find(|(_, verdict)| verdict.value.is_none());
    let values: Vec<f64> = verdicts.iter().filter_map(|v| v.value).collect();
    let mut joined = match (lacking, values.as_slice(), growth) {
        (Some((name, verdict)), ..) => {
            let why = format!("{name} has no value: {}", verdict.message);
            Verdict::without(verdict.status, why.trim_end_matches([':', ' ']))
        }
        (None, &[dextr, meco_opt, swap], Some(growth)) => {
            let grown = (dextr * combine(dextr, growth)).sqrt();
            Verdict::of(grown * meco_opt.ln_1p() * swap)
        }
        _ => Verdict::without(
            Status::Unsuited,
            "the network has no norms, and what they take is how its growth is seen",
        ),
    };
    // What does not reach the output has the value 0, and a reason.
    let still = named().find(|(_, verdict)| verdict.status == Status::Disconnected);
    if let Some((_, verdict)) = still.filter(|_| joined.value.is_some()) {
        joined.status = Status::Disconnected;
        joined.message.clone_from(&verdict.message);
    }
    let parts = named().map(|(name, verdict)| (name, verdict.value));
    let parts = parts.chain([("growth", growth)]);
    joined.parts = parts
        .filter_map(|(name, part)| Some((name, part?)))
        .collect();
    for verdict in verdicts {
        joined.parts.extend(verdict.parts);
        if joined.layers.is_empty() {
            joined.layers = verdict.layers;
        }
    }
    joined
}
