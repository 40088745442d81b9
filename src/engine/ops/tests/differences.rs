//! Every operation's jet against differences of its values in double
//! precision, and single precision against double.

use super::*;
use crate::engine::OutputJet;

/// Values at five places of the curve, by formulas of the fourth order.
pub(super) fn differences(network: &crate::network::Network, h: f64) -> OutputJet {
    let device = Device::cpu_double();
    let [u, w] = cases::basis(network);
    let at = |k: i32| {
        let (sin, cos) = (f64::from(k) * h).sin_cos();
        let place = u.iter().zip(&w).map(|(u, w)| u * cos + w * sin).collect();
        cases::along(network, &[place, w.clone()], &device).y
    };
    let [f2, f1, g, b1, b2] = [2, 1, 0, -1, -2].map(at);
    let each = |f: &dyn Fn(usize) -> f64| (0..g.len()).map(f).collect::<Vec<f64>>();
    OutputJet {
        dy: each(&|i| (8.0 * (f1[i] - b1[i]) - (f2[i] - b2[i])) / (12.0 * h)),
        ddy: each(&|i| (16.0 * (f1[i] + b1[i]) - (f2[i] + b2[i]) - 30.0 * g[i]) / (12.0 * h * h)),
        y: g,
    }
}

/// Largest error against differences: theirs, h⁴ times a sixth derivative and
/// 1e-16/h² of rounding.
pub(super) const TOLERANCE: f64 = 2e-6;

#[test]
fn jets_are_the_limits_of_differences() {
    let mut failed = Vec::new();
    for seed in [1, 2, 3] {
        for (name, network) in cases::all(seed) {
            let found = cases::run(&network, &Device::cpu_double());
            let off = cases::worst(&found, &differences(&network, 2e-4));
            if off > TOLERANCE {
                failed.push((seed, name, off));
            }
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn single_precision_is_near_double() {
    let mut failed = Vec::new();
    for (name, network) in cases::all(4) {
        let right = cases::run(&network, &Device::cpu_double());
        let off = cases::worst(&cases::run(&network, &cpu()), &right);
        if off > 5e-6 {
            failed.push((name, off));
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}
