//! Every operation's jet against differences of its values in double
//! precision, single precision against double, one row against many, and a GPU
//! against the CPU.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a test's numbers are small"
)]

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
        rounding: f64::EPSILON / 2.0,
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

/// Images and curves in any number: every row is what it is by itself.
#[test]
fn rows_do_not_know_of_one_another() {
    let device = Device::cpu_double();
    let mut failed = Vec::new();
    for (name, network) in cases::all(5) {
        let n = network.input_shape().iter().product();
        let run = |rows: Vec<f64>, [images, curves]: [usize; 2]| {
            let x = Jets::from_rows(rows, layout(images, curves, &device), &device);
            numbers(cases::forward(&network, x, &device))
        };
        for [images, curves] in [[3, 2], [4, 0]] {
            let x = random([images, curves], n, &mut Stream::new(6, &name));
            let found = run(x.clone(), [images, curves]);
            let out = found.len() / (images + 3 * curves);
            let pick = |from: &[f64], n: usize, rows: &[usize]| -> Vec<f64> {
                let rows = rows.iter().flat_map(|&row| &from[row * n..(row + 1) * n]);
                rows.copied().collect()
            };
            let image = (0..images).map(|i| (vec![i], [1, 0]));
            let curve = (0..curves).map(|c| {
                let parts = (0..3).map(|part| images + part * curves + c);
                (parts.collect(), [0, 1])
            });
            for (rows, alone) in image.chain(curve) {
                let right = run(pick(&x, n, &rows), alone);
                let found = pick(&found, out, &rows);
                let largest = right.iter().fold(1e-300f64, |m, x| m.max(x.abs()));
                let mut pairs = found.iter().zip(&right);
                if pairs.any(|(x, y)| (x - y).abs() > 1e-12 * largest) {
                    failed.push((name.clone(), [images, curves], rows));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

/// Every operation, as networks of one: single precision on the GPU against
/// double precision on the CPU.
#[test]
fn every_operation_agrees_with_the_cpu() {
    let mut failures = Failures::default();
    for (name, network) in cases::all(3) {
        let n = network.input_shape().iter().product();
        for rows in [[1, 1], [3, 2], [4, 0]] {
            let x = random(rows, n, &mut Stream::new(7, &name));
            let x: Vec<f64> = x.iter().map(|x| f64::from((x - 1.5) as f32)).collect();
            failures.compare(&name, &x, rows, 5e-5, |x, device| {
                cases::forward(&network, x, device)
            });
        }
    }
    failures.none();
}
