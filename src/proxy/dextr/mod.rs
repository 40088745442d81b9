//! The Dextr score (Asthana et al., TMLR 2025): a network's singular-value
//! ratios and its curvature, joined, with the evidence.

mod conditioning;
mod curvature;
mod evaluate;
mod plan;
mod protocol;
mod reference;
mod spectrum;
mod survey;

pub use conditioning::{MapRatio, RATIO_FLOOR, random_ratio};
pub use curvature::{curvature, turning};
pub use evaluate::{Evaluation, evaluate};
pub use plan::Plan;
pub use protocol::{PROTOCOLS, Protocol};
pub use reference::score_reference;
pub use spectrum::singular_values;
pub use survey::{Loss, Surveyed, survey};

use super::{About, Demands, Origin, Proxy, Settings, Trial};
use crate::architecture::Architecture;
use crate::error::Result;
use crate::stimulus::default_curves;

/// Where it comes from.
const PAPER: &str = "Asthana et al., TMLR 2025, arXiv 2508.12977";
/// What its pass takes.
const NEEDS: &str = "one image (noise will do), circles in input space; no labels, data, gradients";
/// What the settings decide.
const VARIANT: &str = "refined, or published for parity with the published code";

/// The score, S·K/(S + K).
pub struct Dextr;

impl Proxy for Dextr {
    fn about(&self) -> &'static About {
        &About {
            name: "dextr",
            title: "conditioning of the feature maps joined with the output's curvature, S·K/(S+K)",
            paper: PAPER,
            needs: NEEDS,
            variant: VARIANT,
            demands: const { Demands::images(1) },
        }
    }

    fn trial(&self, arch: &Architecture, settings: &Settings, seed: u64) -> Result<Trial> {
        trial(arch, settings, seed, |e| e.score)
    }
}

/// One of the score's halves by itself.
pub enum Part {
    /// S = ln(1 + Σ ratios).
    S,
    /// K, the mean of ln(1 + κ).
    K,
}

impl Proxy for Part {
    fn about(&self) -> &'static About {
        match self {
            Self::S => &About {
                name: "s",
                title: "conditioning of the feature maps, ln(1 + Σ σ_min/σ_max)",
                paper: PAPER,
                needs: "one image (noise will do); no circles where it is asked for without dextr and k; no labels, data, gradients",
                variant: VARIANT,
                demands: const { Demands::images(1) },
            },
            Self::K => &About {
                name: "k",
                title: "curvature of the output along circles, ln(1 + κ)",
                paper: PAPER,
                needs: NEEDS,
                variant: VARIANT,
                demands: const { Demands::images(1) },
            },
        }
    }

    fn trial(&self, arch: &Architecture, settings: &Settings, seed: u64) -> Result<Trial> {
        let s = |e: &Evaluation| Some(e.s).filter(|s| s.is_finite() && !e.is_blind());
        match self {
            Self::S if is_alone(settings) => {
                let plan = Plan::new(arch, settings)?.of_image_alone();
                Ok(plan.trial(&Origin::Drawn(arch.start.clone(), seed), s))
            }
            Self::S => trial(arch, settings, seed, s),
            Self::K => trial(arch, settings, seed, |e| e.k),
        }
    }
}

/// Whether S is asked for and nothing that takes circles: the image's row is then
/// the whole pass. (The published protocol's curves have a pass of their own.)
fn is_alone(settings: &Settings) -> bool {
    let circles: [&dyn Proxy; 2] = [&Dextr, &Part::K];
    let refined = settings.protocol == Protocol::Refined;
    refined && !settings.proxies.iter().any(|p| circles.contains(p))
}

fn trial(
    arch: &Architecture,
    settings: &Settings,
    seed: u64,
    value: fn(&Evaluation) -> Option<f64>,
) -> Result<Trial> {
    let plan = Plan::new(arch, settings)?;
    Ok(plan.trial(&Origin::Drawn(arch.start.clone(), seed), value))
}

/// How many curves an architecture's score takes.
#[must_use]
pub fn curves_of(arch: &Architecture, settings: &Settings) -> usize {
    match settings.protocol {
        Protocol::Published => 1,
        Protocol::Refined => {
            let default = default_curves(arch.network.input_shape());
            settings.curves.unwrap_or(default)
        }
    }
}

/// S·K / (S + K), and 0 when both are 0.
#[must_use]
pub fn combine(s: f64, k: f64) -> f64 {
    if s + k == 0.0 { 0.0 } else { s * k / (s + k) }
}
