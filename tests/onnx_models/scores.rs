//! Scores of exported networks, with the files' weights, against PyTorch's
//! (`tests/onnx/scores.py`).

use dextr::engine::Curve;
use dextr::proxy::dextr::{Evaluation, Plan, evaluate};

use super::common::{field, gpu, largest, worst_difference};
use super::*;

/// How far off a score's parts may be: ratios absolutely; y, y′ and y″ of
/// their largest entry; κ and the score relatively.
struct Limits {
    ratio: f64,
    jet: f64,
    kappa: f64,
    score: f64,
}

/// Constants inside the files (√d of an attention, ε) are in single precision.
const DOUBLE: Limits = Limits {
    ratio: 1e-6,
    jet: 1e-7,
    kappa: 1e-6,
    score: 1e-6,
};

/// Ratios are held against those of f64 features, from which PyTorch's own in
/// single precision are as far.
const SINGLE: Limits = Limits {
    ratio: 2e-5,
    jet: 1e-4,
    kappa: 0.01,
    score: 0.005,
};

const GPU: Limits = Limits {
    jet: 1e-3,
    ..SINGLE
};

fn cases() -> serde_json::Map<String, Value> {
    let bytes = std::fs::read(folder().join("scores.json")).unwrap();
    let cases: serde_json::Map<String, Value> = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(cases.len(), 10);
    cases
}

fn run(name: &str, case: &Value, policy: Policy, device: &Device) -> Evaluation {
    let (model, _) = read(name);
    let arch = model.architecture(name, &weights_of("file")).unwrap();
    let settings = Settings {
        observe: Some(policy),
        ..Settings::default()
    };
    let mut plan = Plan::new(&arch, &settings).unwrap();
    let shape = plan.network.input_shape().to_vec();
    plan.image = field("image", &shape);
    plan.curves = (0..case["kappa"].as_array().unwrap().len())
        .map(|j| Curve {
            u: field(&format!("u{j}"), &shape),
            w: field(&format!("w{j}"), &shape),
        })
        .collect();
    let weights = arch.start.weights(&plan.network, 0);
    pollster::block_on(evaluate(&plan, &weights, device, &Silent)).unwrap()
}

/// Rows, columns and ratio of every map, each as often as it counts, sorted:
/// PyTorch's calls do not have the names of the file's nodes.
fn sorted(mut maps: Vec<(u64, u64, f64)>) -> Vec<(u64, u64, f64)> {
    maps.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
    maps
}

fn check(name: &str, case: &Value, policy: Policy, device: &Device, limits: &Limits) {
    let place = format!("{name}, {}", policy.name());
    let found = run(name, case, policy, device);
    assert_eq!(found.status, Status::Ok, "{place}");

    let right: Vec<(u64, u64, f64)> =
        serde_json::from_value(case["maps"][policy.name()].clone()).unwrap();
    // Values that cannot depend on the image are listed with nothing in them.
    let live = found.maps.iter().filter(|m| m.sigma_max > 0.0);
    let maps = live.flat_map(|m| {
        let rows = m.shape[0];
        let columns = m.shape[1..].iter().product::<usize>();
        std::iter::repeat_n((rows as u64, columns as u64, m.ratio), m.count as usize)
    });
    let (maps, right) = (sorted(maps.collect()), sorted(right));
    assert_eq!(maps.len(), right.len(), "{place}: {maps:?}, not {right:?}");
    for (map, right) in maps.iter().zip(&right) {
        assert_eq!((map.0, map.1), (right.0, right.1), "{place}");
        let off = (map.2 - right.2).abs();
        assert!(
            off <= limits.ratio,
            "{place}: {map:?}, not {right:?}: {off:e}"
        );
    }

    for (j, jet) in found.jets.iter().enumerate() {
        for (values, part) in [(&jet.y, "y"), (&jet.dy, "dy"), (&jet.ddy, "ddy")] {
            let right: Vec<f64> = serde_json::from_value(case[part][j].clone()).unwrap();
            let off = worst_difference(values, &right) / largest(&right);
            assert!(
                off <= limits.jet,
                "{place}: {part} of curve {j} is off by {off:e}"
            );
        }
        let off = (found.kappa[j].unwrap() / case["kappa"][j].as_f64().unwrap() - 1.0).abs();
        assert!(
            off <= limits.kappa,
            "{place}: κ of curve {j} is off by {off:e}"
        );
    }
    let right = case[format!("score_{}", policy.name())].as_f64().unwrap();
    let off = (found.score.unwrap() / right - 1.0).abs();
    assert!(off <= limits.score, "{place}: the score is off by {off:e}");
}

#[test]
fn scores_are_those_of_pytorch_in_double_precision() {
    for (name, case) in cases() {
        for policy in [Policy::Flow, Policy::Layers] {
            check(&name, &case, policy, &Device::cpu_double(), &DOUBLE);
        }
    }
}

#[test]
fn scores_are_those_of_pytorch_in_single_precision() {
    let device = Device::cpu(Reason::Asked);
    for (name, case) in cases() {
        for policy in [Policy::Flow, Policy::Layers] {
            check(&name, &case, policy, &device, &SINGLE);
        }
    }
}

#[test]
fn scores_are_those_of_pytorch_on_webgpu() {
    for (name, case) in cases() {
        check(&name, &case, Policy::Flow, gpu(), &GPU);
    }
}
