//! Concord, our own (of no paper): the product of three proxies that look at
//! different things and agree on what is good.
//!
//! | part | asks |
//! |---|---|
//! | `dextr` | are the maps of a smooth image well conditioned, and does the output bend? |
//! | `meco_opt` | are a few channels of each map independent of each other, for noise? |
//! | `swap` | in how many ways does a batch switch the neurons? |
//!
//! A product needs no pool to rank against, and no weights to choose: a factor
//! on a part, or its unit, changes no order. A part that is 0 makes it 0, as it
//! should: nothing that one of them calls dead is worth training. How it ranks
//! stands in `benches/RESULTS.md`, with what else was tried.
//!
//! Its passes are those of its parts, so beside them it costs nothing.

use super::dextr::Dextr;
use super::experiment::{Findings, Judge, Verdict};
use super::{About, Meco, Proxy, Settings, Status, Swap, Trial};
use crate::architecture::Architecture;
use crate::error::Result;

/// Its factors.
const PARTS: [&dyn Proxy; 3] = [&Dextr, &Meco::SOME, &Swap];

/// The product of several proxies.
pub struct Concord;

impl Proxy for Concord {
    fn about(&self) -> &'static About {
        &About {
            name: "concord",
            title: "conditioning, curvature, independent channels and sign patterns, dextr × meco_opt × swap",
            paper: "none: this project's own, not the paper's",
            needs: "what its parts need: noise images, circles in input space, weights N(0, 1) beside the network's own; no labels, data, gradients, pool",
            variant: "a plain product, without weights; no value where one of the parts has none",
        }
    }

    fn trial(&self, arch: &Architecture, settings: &Settings, seed: u64) -> Result<Trial> {
        let trials = PARTS.map(|part| part.trial(arch, settings, seed));
        let trials: Result<Vec<Trial>> = trials.into_iter().collect();
        Ok(product(trials?))
    }
}

/// The trial of all parts together.
fn product(trials: Vec<Trial>) -> Trial {
    let mut experiments = Vec::new();
    let mut judges: Vec<(usize, Judge)> = Vec::new();
    for trial in trials {
        judges.push((trial.experiments.len(), trial.judge));
        experiments.extend(trial.experiments);
    }
    Trial {
        experiments,
        judge: Box::new(|found| {
            let mut rest = found;
            let verdicts = judges.into_iter().map(|(own, judge)| {
                let (found, others): (&[Findings], _) = rest.split_at(own.min(rest.len()));
                rest = others;
                judge(found)
            });
            joined(verdicts.collect())
        }),
    }
}

/// The product of the parts' values, with these and their own parts.
fn joined(verdicts: Vec<Verdict>) -> Verdict {
    let named = || PARTS.iter().map(|part| part.about().name).zip(&verdicts);
    let lacking = named().find(|(_, verdict)| verdict.value.is_none());
    let mut joined = match lacking {
        Some((name, verdict)) => {
            let why = format!("{name} has no value: {}", verdict.message);
            Verdict::without(verdict.status, why.trim_end_matches([':', ' ']))
        }
        None => Verdict::of(verdicts.iter().filter_map(|v| v.value).product()),
    };
    // A part that is 0 because nothing reaches the output says so of all.
    let still = named().find(|(_, verdict)| verdict.status == Status::Disconnected);
    if let Some((_, verdict)) = still.filter(|_| joined.value.is_some()) {
        joined.status = Status::Disconnected;
        joined.message.clone_from(&verdict.message);
    }
    joined.parts = named()
        .filter_map(|(name, verdict)| Some((name, verdict.value?)))
        .collect();
    for verdict in verdicts {
        joined.parts.extend(verdict.parts);
        if joined.layers.is_empty() {
            joined.layers = verdict.layers;
        }
    }
    joined
}
