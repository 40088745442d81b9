//! Networks exported from PyTorch (`tests/onnx/export.py`): forward values,
//! parameters, and the score of a NAS-Bench-201 network.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::PathBuf;

use dextr::engine::{Curve, Device, Inputs as PassInputs, Pass, Reason, Silent};
use dextr::network::{Array, Network, Policy, Weights};
use dextr::onnx::{Inputs, Model, ModelOptions, WeightSource};
use dextr::score::{Settings, Status, score};
use dextr::spaces::{self, Options};
use serde_json::Value;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/onnx")
}

fn read(name: &str) -> (Model, Value) {
    let bytes = std::fs::read(folder().join(format!("{name}.onnx"))).unwrap();
    let facts = std::fs::read(folder().join(format!("{name}.json"))).unwrap();
    (
        Model::read(&bytes).unwrap(),
        serde_json::from_slice(&facts).unwrap(),
    )
}

const FILE: Inputs = Inputs {
    height: None,
    width: None,
    weights: WeightSource::File,
};

/// The image of `export.py`.
fn image(shape: &[usize]) -> Array {
    let n: usize = shape.iter().product();
    let value = |i: usize| {
        let i = i as f64;
        (0.37 * i + 0.11 * i * i / n as f64).sin() as f32
    };
    Array::f32(shape.to_vec(), (0..n).map(value).collect())
}

fn forward(network: &Network) -> Vec<f64> {
    let u = image(network.input_shape());
    let w = Array::f32(u.shape.clone(), vec![0.0; u.to_f64().len()]);
    let inputs = PassInputs {
        image: None,
        curves: vec![Curve { u, w }],
    };
    let weights = Weights::seeded(network, 0);
    let device = Device::cpu(Reason::Asked);
    let run = Pass::run(network, &weights, &inputs, &[], &device, &Silent);
    pollster::block_on(run).unwrap().jets.remove(0).y
}

#[test]
fn forward_values_are_those_of_pytorch() {
    for name in [
        "residual",
        "inverted",
        "dense",
        "vit",
        "vit_layernorm",
        "convnext",
        "swin",
        "cell_a",
        "cell_b",
        "cell_c",
    ] {
        let (model, facts) = read(name);
        let lowered = model.lower(&FILE).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(
            Some(lowered.network.params()),
            facts["params"].as_u64(),
            "{name}"
        );
        let found = forward(&lowered.network);
        let wanted: Vec<f64> = facts["outputs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v.as_f64().unwrap())
            .collect();
        assert_eq!(found.len(), wanted.len(), "{name}");
        let scale = wanted.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        for (i, (f, w)) in found.iter().zip(&wanted).enumerate() {
            assert!(
                (f - w).abs() <= 2e-4 * scale,
                "{name} output {i}: {f} against {w}"
            );
        }
    }
}

#[test]
fn every_model_scores_under_both_kinds_of_weights() {
    let device = Device::cpu(Reason::Asked);
    for name in ["residual", "inverted", "dense", "vit", "convnext", "swin"] {
        let (model, _) = read(name);
        for weights in [WeightSource::Seed, WeightSource::File] {
            let mut options = ModelOptions::default();
            options.inputs.weights = weights;
            let (arch, _) = model.architecture(name, &options).unwrap();
            assert_eq!(arch.space, "onnx");
            let settings = Settings::default();
            let run = score(&arch, &settings, &device, &Silent);
            let scored = pollster::block_on(run).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(scored.status, Status::Ok, "{name}");
            assert!(
                scored.score > Some(0.01) && !scored.layers.is_empty(),
                "{name}: {:?}",
                scored.score
            );
        }
    }
}

/// The maps that `flow` observes, as a multiset of what they are.
fn observed(network: &Network) -> Vec<(Vec<usize>, bool)> {
    let mut maps: Vec<_> = network
        .observed(Policy::Flow, false)
        .into_iter()
        .map(|m| {
            (
                network.node(m.node).shape.clone(),
                network.node(m.source).op.is_activation(),
            )
        })
        .collect();
    maps.sort();
    maps
}

/// The same weights under the names of the cell string's network: both
/// networks have their layers in the same order.
fn carried(from: &Network, to: &Network) -> Weights {
    let layers = |network: &Network| -> Vec<(String, Vec<usize>)> {
        let nodes = network.nodes().iter().enumerate();
        let all = nodes.flat_map(|(id, node)| {
            let parameters = network.parameters(id).into_iter();
            parameters
                .map(|p| (format!("{}.{}", node.name, p.suffix), p.shape))
                .collect::<Vec<_>>()
        });
        all.collect()
    };
    let weights = Weights::seeded(from, 0);
    let (old, new) = (layers(from), layers(to));
    assert_eq!(old.len(), new.len());
    Weights::from_fn(to, |name| {
        let place = new.iter().position(|(n, _)| n == name).unwrap();
        assert_eq!(old[place].1, new[place].1, "{name} and {}", old[place].0);
        Ok(Array::clone(weights.get(&old[place].0)?))
    })
    .unwrap()
}

#[test]
fn an_exported_cell_scores_what_its_string_scores() {
    for name in ["cell_a", "cell_b", "cell_c"] {
        let (model, facts) = read(name);
        let (exported, _) = model
            .architecture(name, &ModelOptions { inputs: FILE })
            .unwrap();
        let mut options = Options::new();
        options
            .set("stem_width", "8")
            .set("cells", "1")
            .set("classes", "10")
            .set("bias", "false")
            .set("affine", "true");
        let space = spaces::by_name("nasbench201").unwrap();
        let written = space
            .build(facts["arch"].as_str().unwrap(), &options)
            .unwrap();
        assert_eq!(
            observed(&exported.network),
            observed(&written.network),
            "{name}"
        );
        let weights = carried(&exported.network, &written.network);
        // The policy that a file and a string have in common.
        let settings = Settings {
            observe: Some(Policy::Flow),
            ..Settings::default()
        };
        let device = Device::cpu(Reason::Asked);
        let sum = |arch: &spaces::Architecture, weights: &Weights| {
            let plan = dextr::score::Plan::new(arch, &settings).unwrap();
            let run = dextr::score::evaluate(&plan, weights, &device, &Silent);
            let found = pollster::block_on(run).unwrap();
            (found.ratio_sum, found.k.unwrap(), found.score.unwrap())
        };
        let a = sum(&exported, &Weights::seeded(&exported.network, 0));
        let b = sum(&written, &weights);
        let close = |x: f64, y: f64| (x - y).abs() <= 1e-4 * x.abs().max(1e-3);
        assert!(
            close(a.0, b.0) && close(a.1, b.1) && close(a.2, b.2),
            "{name}: {a:?} against {b:?}"
        );
    }
}
