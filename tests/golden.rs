//! The score held against reference values made by an independent PyTorch
//! implementation (`tests/golden`): all six NAS-Bench-201 cases, under both
//! protocols, in single and in double precision.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{Case, cases, largest, worst_difference};
use dextr::engine::{Device, Reason, Silent};
use dextr::network::Policy;
use dextr::proxy::dextr::{Evaluation, Protocol, combine, score_reference};
use dextr::proxy::{Settings, Status};

/// Largest error of a ratio, absolute.
const RATIO: f64 = 1e-6;
/// Largest error of y′ and y″ in double precision, of their largest entry.
const JET_DOUBLE: f64 = 1e-10;
/// The same in single precision on the CPU.
const JET_SINGLE: f64 = 1e-4;

fn run(case: &Case, protocol: Protocol, device: &Device) -> Evaluation {
    let settings = Settings {
        protocol,
        observe: (protocol == Protocol::Refined).then_some(Policy::Flow),
        ..Settings::default()
    };
    let arch = case.architecture();
    let run = score_reference(&arch, &settings, &case.bytes, device, &Silent);
    pollster::block_on(run).unwrap().1
}

fn cpu() -> Device {
    Device::cpu(Reason::Asked)
}

#[test]
fn every_module_has_the_reference_ratio() {
    for case in cases() {
        let found = run(&case, Protocol::Published, &cpu());
        let modules = case.value["modules"].as_array().unwrap();
        assert_eq!(found.maps.len(), modules.len(), "{}", case.name);
        for (map, module) in found.maps.iter().zip(modules) {
            let place = format!("{}: {}", case.name, map.name);
            assert_eq!(map.name, module["name"].as_str().unwrap(), "{place}");
            assert_eq!(map.kind, module["kind"].as_str().unwrap(), "{place}");
            let shape: Vec<u64> = map.shape.iter().map(|&d| d as u64).collect();
            assert_eq!(serde_json::json!(shape), module["shape"], "{place}");
            let ratio = module["ratio"].as_f64().unwrap();
            assert!(
                (map.ratio - ratio).abs() <= RATIO,
                "{place}: {} is not {ratio}",
                map.ratio
            );
        }
    }
}

#[test]
fn the_flow_policy_observes_the_reference_maps() {
    for case in cases() {
        let found = run(&case, Protocol::Refined, &cpu());
        let mut observed = case.value["refined"]["observed"]
            .as_array()
            .unwrap()
            .clone();
        if found.status == Status::Disconnected {
            // The reference lists a merge's operands whether they are live or
            // not; those that are not count 0.
            assert!(
                observed.iter().all(|map| map["ratio"] == 0.0),
                "{}",
                case.name
            );
            observed.retain(|map| map["kind"] == "relu");
        }
        assert_eq!(found.maps.len(), observed.len(), "{}", case.name);
        for (map, right) in found.maps.iter().zip(&observed) {
            let place = format!("{}: {}", case.name, map.name);
            assert_eq!(
                (map.name.as_str(), map.count),
                (right["name"].as_str().unwrap(), 1),
                "{place}"
            );
            let ratio = right["ratio"].as_f64().unwrap();
            assert!(
                (map.ratio - ratio).abs() <= RATIO,
                "{place}: {} is not {ratio}",
                map.ratio
            );
        }
    }
}

#[test]
fn published_jets_and_scores() {
    for (device, jet, kappa, score) in [
        (cpu(), JET_SINGLE, 0.01, 0.005),
        (Device::cpu_double(), JET_DOUBLE, 1e-9, 1e-9),
    ] {
        let double = jet == JET_DOUBLE;
        for case in cases() {
            let found = run(&case, Protocol::Published, &device);
            case.check_jet(&found.jets[0], "dy", "ddy", 0, jet);
            let s = case.s(&case.value["modules"], double);
            let Some(right) = case.value["kappa"].as_f64() else {
                // κ is undefined: the score is S alone.
                assert_eq!(found.status, Status::Disconnected, "{}", case.name);
                assert!(
                    (found.score.unwrap() - s).abs() <= score * s,
                    "{}",
                    case.name
                );
                continue;
            };
            assert_eq!(found.status, Status::Ok, "{}", case.name);
            let relative = (found.kappa[0].unwrap() / right - 1.0).abs();
            assert!(relative <= kappa, "{}: κ is off by {relative:e}", case.name);
            let right = combine(s, right.ln_1p());
            let relative = (found.score.unwrap() / right - 1.0).abs();
            assert!(
                relative <= score,
                "{}: the score is off by {relative:e}",
                case.name
            );
        }
    }
}

#[test]
fn refined_jets_and_scores() {
    for (device, jet, kappa, score) in [
        (cpu(), JET_SINGLE, 0.01, 0.005),
        (Device::cpu_double(), JET_DOUBLE, 1e-9, 1e-9),
    ] {
        let double = jet == JET_DOUBLE;
        for case in cases() {
            let found = run(&case, Protocol::Refined, &device);
            let refined = &case.value["refined"];
            assert_eq!(
                found.status.name(),
                refined["status"].as_str().unwrap(),
                "{}",
                case.name
            );
            for (i, jets) in found.jets.iter().enumerate() {
                case.check_jet(jets, "refined.dy", "refined.ddy", i, jet);
                match (found.kappa[i], refined["kappa"][i].as_f64()) {
                    (Some(k), Some(right)) => assert!(
                        (k / right - 1.0).abs() <= kappa,
                        "{}: curve {i}: κ {k}, not {right}",
                        case.name
                    ),
                    (found, right) => assert_eq!(found, right, "{}: curve {i}", case.name),
                }
            }
            let s = case.s(&refined["observed"], double);
            let right = match found.status {
                Status::Disconnected => 0.0,
                _ => combine(s, refined["k"].as_f64().unwrap()),
            };
            let difference = (found.score.unwrap() - right).abs();
            assert!(
                difference <= score * right,
                "{}: {:?} is not {right}",
                case.name,
                found.score
            );
            // And the manifest's own score, whose ratios are of f32 features.
            let right = refined["score"].as_f64().unwrap();
            assert!(
                (found.score.unwrap() - right).abs() <= 0.005 * right,
                "{}",
                case.name
            );
        }
    }
}

#[test]
fn the_layers_policy_sums_to_the_reference() {
    for case in cases() {
        let settings = Settings {
            observe: Some(Policy::Layers),
            ..Settings::default()
        };
        let device = cpu();
        let arch = case.architecture();
        let run = score_reference(&arch, &settings, &case.bytes, &device, &Silent);
        let found = pollster::block_on(run).unwrap().1;
        let right = case.value["refined"]["ratio_sum_layers_policy"]
            .as_f64()
            .unwrap();
        assert!(
            (found.ratio_sum - right).abs() <= RATIO * found.maps.len() as f64,
            "{}: {} is not {right}",
            case.name,
            found.ratio_sum
        );
    }
}

#[test]
fn parameters_are_the_reference_networks() {
    for case in cases() {
        let params = case.architecture().network.params();
        assert_eq!(
            Some(params),
            case.value["n_params"].as_u64(),
            "{}",
            case.name
        );
    }
}

#[test]
fn the_double_jet_is_as_good_as_automatic_differentiation() {
    // The tolerance above is met with room, so a loss of digits would show.
    let case = cases()
        .into_iter()
        .find(|c| c.name == "full_light")
        .unwrap();
    let found = run(&case, Protocol::Published, &Device::cpu_double());
    let right = case.numbers("ddy");
    assert!(worst_difference(&found.jets[0].ddy, &right) <= 1e-12 * largest(&right));
}
