//! The golden cases whole on WebGPU, in single precision: both protocols, all
//! six NAS-Bench-201 cases.
//!
//! They need a WebGPU adapter and fail without one; without a GPU, Chromium's
//! SwiftShader serves (`VK_ICD_FILENAMES`, see `build.sh`).

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{Case, cases, gpu, largest, worst_difference};
use dextr::engine::Silent;
use dextr::network::Policy;
use dextr::proxy::dextr::{Evaluation, Protocol, combine, score_reference};
use dextr::proxy::{Settings, Status};

/// Largest error of a ratio, absolute.
const RATIO: f64 = 1e-6;
/// Largest error of y, y′ and y″, of their largest entry.
const JET: f64 = 1e-3;
/// The same for `best` under `published`: one value before a ReLU is −6.7e-7
/// there, closer to zero than single precision tells apart so deep in the
/// network (9e-7 rms, on the CPU as well), and its sign moves y′ by 1e-2.
const JET_ON_EDGE: f64 = 2e-2;
/// Largest relative error of a score.
const SCORE: f64 = 0.005;

fn run(case: &Case, protocol: Protocol) -> Evaluation {
    let settings = Settings {
        protocol,
        observe: (protocol == Protocol::Refined).then_some(Policy::Flow),
        ..Settings::default()
    };
    let arch = case.architecture();
    let run = score_reference(&arch, &settings, &case.bytes, gpu(), &Silent);
    pollster::block_on(run).unwrap().1
}

#[test]
fn published_ratios_jets_and_scores() {
    for case in cases() {
        let found = run(&case, Protocol::Published);
        let modules = case.value["modules"].as_array().unwrap();
        assert_eq!(found.maps.len(), modules.len(), "{}", case.name);
        for (map, module) in found.maps.iter().zip(modules) {
            let ratio = module["ratio"].as_f64().unwrap();
            let off = (map.ratio - ratio).abs();
            assert!(off <= RATIO, "{}: {}: off by {off:e}", case.name, map.name);
        }
        let jet = if case.name == "best" {
            JET_ON_EDGE
        } else {
            JET
        };
        check_jets(&case, &found, "", jet);
        let s = case.s(&case.value["modules"], false);
        let right = case.value["kappa"].as_f64();
        let right = right.map_or(s, |kappa| combine(s, kappa.ln_1p()));
        check_score(&case, &found, right);
    }
}

#[test]
fn refined_ratios_jets_and_scores() {
    for case in cases() {
        let found = run(&case, Protocol::Refined);
        let refined = &case.value["refined"];
        let status = refined["status"].as_str().unwrap();
        assert_eq!(found.status.name(), status, "{}", case.name);
        for map in &found.maps {
            let observed = refined["observed"].as_array().unwrap();
            let right = observed.iter().find(|m| m["name"] == map.name.as_str());
            let off = (map.ratio - right.unwrap()["ratio"].as_f64().unwrap()).abs();
            assert!(off <= RATIO, "{}: {}: off by {off:e}", case.name, map.name);
        }
        check_jets(&case, &found, "refined.", JET);
        let s = case.s(&refined["observed"], false);
        let right = match found.status {
            Status::Disconnected => 0.0,
            _ => combine(s, refined["k"].as_f64().unwrap()),
        };
        check_score(&case, &found, right);
    }
}

fn check_jets(case: &Case, found: &Evaluation, prefix: &str, tolerance: f64) {
    for (i, jet) in found.jets.iter().enumerate() {
        for (found, name) in [(&jet.y, "y"), (&jet.dy, "dy"), (&jet.ddy, "ddy")] {
            let all = case.numbers(&format!("{prefix}{name}"));
            let right = &all[i * found.len()..(i + 1) * found.len()];
            let worst = worst_difference(found, right);
            let largest = largest(right);
            let place = format!("{}: {prefix}{name} of curve {i}", case.name);
            println!("{place}: {worst:.1e} of {largest:.1e}");
            assert!(worst <= tolerance * largest, "{place} is off by {worst:e}");
        }
    }
}

fn check_score(case: &Case, found: &Evaluation, right: f64) {
    let score = found.score.unwrap();
    let off = (score - right).abs();
    println!(
        "{}: {score} for {right}, relative {:e}",
        case.name,
        off / right
    );
    assert!(off <= SCORE * right, "{}: {score}, not {right}", case.name);
}
