//! AutoFormer and PiT held against networks written apart in PyTorch
//! (`tests/golden/make_transformers.py`): parameters, maps of two policies,
//! derivatives, κ, scores.
//!
//! No legal network is small enough for its weights to be stored, so both
//! sides make weights, image and curves by the same counter-based generator.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a test's numbers are small"
)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{field, folder, gpu, largest, splitmix, worst_difference};
use dextr::architecture::{Architecture, Options};
use dextr::array::Array;
use dextr::engine::{Curve, Device, Reason, Silent};
use dextr::network::{Network, Policy};
use dextr::proxy::dextr::{Evaluation, Plan, evaluate};
use dextr::proxy::{Settings, Status};
use dextr::sources::spaces;
use dextr::start::Weights;
use serde_json::Value;

/// Largest error of a ratio, absolute.
const RATIO: f64 = 1e-6;
/// The same in single precision.
const RATIO_SINGLE: f64 = 5e-5;

/// Biases and norms are not 0 and 1, so that they are tested.
fn parameter(name: &str, shape: Vec<usize>) -> Array {
    let fan_in = shape[1..].iter().product::<usize>() as f64;
    let constant = ["cls_token", "pos_embed", "table"];
    let start = |z: f64| match () {
        () if name.ends_with(".bias") => 0.2 * z,
        () if name.contains("norm") => 1.0 + 0.2 * z,
        () if constant.iter().any(|part| name.contains(part)) => 0.5 * z,
        () => z / fan_in.sqrt(),
    };
    let count = shape.iter().product();
    let values = splitmix(name, count).map(|z| start(z) as f32);
    Array::f32(shape, values.collect())
}

fn weights(network: &Network) -> Weights {
    let shapes: std::collections::HashMap<String, Vec<usize>> = network
        .nodes()
        .iter()
        .enumerate()
        .flat_map(|(id, node)| {
            let all = network.parameters(id).into_iter();
            all.map(|p| (format!("{}.{}", node.name, p.suffix), p.shape))
        })
        .collect();
    Weights::from_fn(network, |name| Ok(parameter(name, shapes[name].clone()))).unwrap()
}

fn cases() -> Vec<Value> {
    let file = std::fs::read(folder().join("transformers.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_slice(&file).unwrap();
    assert_eq!(cases.len(), 5);
    cases
}

fn architecture(case: &Value) -> Architecture {
    let mut options = Options::new();
    for (name, value) in case["options"].as_object().unwrap() {
        options.set(name, value.as_str().unwrap());
    }
    let space = spaces::by_name(case["space"].as_str().unwrap()).unwrap();
    space.build(&case["arch"].to_string(), &options).unwrap()
}

fn run(case: &Value, policy: Policy, device: &Device) -> Evaluation {
    let arch = architecture(case);
    let settings = Settings {
        observe: Some(policy),
        ..Settings::default()
    };
    let mut plan = Plan::new(&arch, &settings).unwrap();
    let shape = plan.network.input_shape().to_vec();
    plan.image = field("image", &shape);
    plan.curves = (0..case["curves"].as_u64().unwrap())
        .map(|i| Curve {
            u: field(&format!("u{i}"), &shape),
            w: field(&format!("w{i}"), &shape),
        })
        .collect();
    let weights = weights(&plan.network);
    pollster::block_on(evaluate(&plan, &weights, device, &Silent)).unwrap()
}

/// The numbers of one curve.
fn stored(case: &Value, name: &str, curve: usize) -> Vec<f64> {
    serde_json::from_value(case[name][curve].clone()).unwrap()
}

fn check(case: &Value, policy: Policy, device: &Device, limits: [f64; 4]) {
    let [ratio, jet, kappa, score] = limits;
    let found = run(case, policy, device);
    let space = case["space"].as_str().unwrap();
    assert_eq!(found.status, Status::Ok, "{space}");
    let right = case["maps"][policy.name()].as_array().unwrap();
    let maps: Vec<_> = found
        .maps
        .iter()
        .flat_map(|m| std::iter::repeat_n(m, m.count as usize))
        .collect();
    let names: Vec<&str> = maps.iter().map(|m| m.name.as_str()).collect();
    let listed: Vec<&str> = right.iter().map(|m| m[0].as_str().unwrap()).collect();
    assert_eq!(names, listed, "{space}");
    for (map, right) in maps.into_iter().zip(right) {
        let off = (map.ratio - right[1].as_f64().unwrap()).abs();
        assert!(off <= ratio, "{space}: {} is off by {off:e}", map.name);
    }
    assert_eq!(found.jets.len(), found.kappa.len());
    for (i, jet_found) in found.jets.iter().enumerate() {
        for (values, name) in [
            (&jet_found.y, "y"),
            (&jet_found.dy, "dy"),
            (&jet_found.ddy, "ddy"),
        ] {
            let right = stored(case, name, i);
            let off = worst_difference(values, &right) / largest(&right);
            assert!(off <= jet, "{space}: {name} of curve {i} is off by {off:e}");
        }
        let right = case["kappa"][i].as_f64().unwrap();
        let off = (found.kappa[i].unwrap() / right - 1.0).abs();
        assert!(off <= kappa, "{space}: κ of curve {i} is off by {off:e}");
    }
    let right = &case[policy.name()];
    let off = (found.s / right["s"].as_f64().unwrap() - 1.0).abs();
    assert!(off <= score, "{space}: S is off by {off:e}");
    let off = (found.score.unwrap() / right["score"].as_f64().unwrap() - 1.0).abs();
    assert!(off <= score, "{space}: the score is off by {off:e}");
}

#[test]
fn parameters_are_as_many() {
    for case in cases() {
        let network = architecture(&case).network;
        assert_eq!(network.params(), case["params"].as_u64().unwrap());
    }
}

#[test]
fn parameters_at_the_default_settings_are_as_counted_apart() {
    let file = folder().join("transformers_params.csv");
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader
        .delimiter(b';')
        .quoting(false)
        .from_path(file)
        .unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 60);
    for row in &rows {
        let space = spaces::by_name(&row[0]).unwrap();
        let network = space.build(&row[1], &Options::new()).unwrap().network;
        assert_eq!(network.params().to_string(), row[2], "{}", &row[1]);
    }
}

#[test]
fn published_architectures_are_as_large_as_published() {
    let millions = |space: &str, arch: &str, options: &[(&str, &str)]| {
        let mut set = Options::new();
        for (name, value) in options {
            set.set(name, value);
        }
        let built = spaces::by_name(space).unwrap().build(arch, &set).unwrap();
        built.network.params() as f64 / 1e6
    };
    // The repository's figure for Tiny is 5.8, the paper's 5.7; the four tables
    // of relative positions of each layer are 0.1 of ours.
    for (space, published, off) in [
        ("autoformer-tiny", 5.8, 0.1),
        ("autoformer-small", 22.9, 0.05),
        ("autoformer-base", 53.7, 0.05),
        ("pit", 4.9, 0.06),
    ] {
        let arch = spaces::by_name(space).unwrap().about().examples[0].arch;
        let found = millions(space, arch, &[]);
        assert!((found - published).abs() < off, "{space}: {found}");
    }
    let larger = [
        ("48,4,2 6 4,2 4 8", 10.6, ["16", "8"]),
        ("48,4,2 6 4,3 6 12", 23.5, ["16", "8"]),
        ("64,4,3 6 4,4 8 16", 73.8, ["14", "7"]),
    ];
    for (arch, published, [patch, stride]) in larger {
        let found = millions("pit", arch, &[("patch", patch), ("stride", stride)]);
        assert!((found - published).abs() < 0.05, "{arch}: {found}");
    }
}

#[test]
fn double_precision_is_pytorchs() {
    for case in cases() {
        for policy in [Policy::Flow, Policy::Layers] {
            // Norms amplify the rounding of the ratio; 1e-9 is of the score.
            check(
                &case,
                policy,
                &Device::cpu_double(),
                [RATIO, 1e-10, 1e-9, 1e-8],
            );
        }
    }
}

#[test]
fn single_precision_is_near() {
    // The largest has no operation that the others have not.
    let small = |case: &Value| case["params"].as_u64().unwrap() < 20_000_000;
    for case in cases().into_iter().filter(small) {
        let device = Device::cpu(Reason::Asked);
        check(
            &case,
            Policy::Flow,
            &device,
            [RATIO_SINGLE, 1e-4, 0.01, 0.005],
        );
    }
}

#[test]
fn webgpu_is_near() {
    for case in [&cases()[0], &cases()[3]] {
        let limits = [RATIO_SINGLE, 1e-3, 0.01, 0.005];
        check(case, Policy::Flow, gpu(), limits);
    }
}
