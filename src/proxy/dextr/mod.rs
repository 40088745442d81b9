//! The Dextr score (Asthana et al., TMLR 2025): a network's singular-value
//! ratios and its curvature, joined, with the evidence.

mod conditioning;
mod curvature;
mod evaluate;
mod protocol;
mod reference;
mod result;
mod spectrum;

pub use conditioning::{MapRatio, RATIO_FLOOR};
pub use curvature::{curvature, turning};
pub use evaluate::{Evaluation, Plan, evaluate};
pub use protocol::{PROTOCOLS, Protocol, Settings};
pub use reference::score_reference;
pub use result::{Score, Status, score};
pub use spectrum::singular_values;

/// S·K / (S + K), and 0 when both are 0.
pub fn combine(s: f64, k: f64) -> f64 {
    if s + k == 0.0 { 0.0 } else { s * k / (s + k) }
}
