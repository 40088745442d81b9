//! Networks exported from PyTorch (`tests/onnx/export.py`): forward values,
//! parameters, and the score of a NAS-Bench-201 network.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a test's numbers are small"
)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
mod wire;

#[path = "onnx_models/cells.rs"]
mod cells;
#[path = "onnx_models/scores.rs"]
mod scores;

use std::path::PathBuf;

use dextr::architecture::Options;
use dextr::array::Array;
use dextr::engine::{Curve, Device, Inputs as PassInputs, Pass, Reason, Run, Silent, Watch};
use dextr::network::{Network, Policy};
use dextr::proxy::{Settings, Status, score};
use dextr::sources::onnx::{Inputs, Lowered, Model, WeightSource};
use dextr::sources::spaces;
use dextr::start::Weights;
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
    length: None,
    weights: WeightSource::File,
};

/// Options with weights from there: `seed` or `file`.
fn weights_of(source: &str) -> Options {
    let mut options = Options::new();
    options.set("weights", source);
    options
}

/// The image of `export.py`.
fn image(shape: &[usize]) -> Array {
    let n: usize = shape.iter().product();
    let value = |i: usize| {
        let i = i as f64;
        (0.37 * i + 0.11 * i * i / n as f64).sin() as f32
    };
    Array::f32(shape.to_vec(), (0..n).map(value).collect())
}

fn forward(lowered: &Lowered) -> Vec<f64> {
    let network = &lowered.network;
    let u = image(network.input_shape());
    let w = Array::f32(u.shape.clone(), vec![0.0; u.to_f64().len()]);
    let inputs = PassInputs {
        curves: vec![Curve { u, w }],
        ..PassInputs::default()
    };
    let weights = lowered.start.weights(&lowered.network, 0);
    let device = Device::cpu(Reason::Asked);
    let run = Run {
        network,
        weights: &weights,
        inputs: &inputs,
    };
    let pass = Pass::run(run, &[Watch::Jets { whole: true }], &device, &Silent);
    pollster::block_on(pass).unwrap().jets()[0].y.clone()
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
        let found = forward(&lowered);
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
        for source in ["seed", "file"] {
            let arch = model.architecture(name, &weights_of(source)).unwrap();
            assert_eq!(arch.source, "onnx");
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

#[test]
fn what_an_exporter_stores_once_belongs_to_each_of_its_layers() {
    let tensor = |name: &str, dims: &[i64], value: fn(usize) -> f32| {
        let n = dims.iter().product::<i64>() as usize;
        let raw: Vec<u8> = (0..n).flat_map(|i| value(i).to_le_bytes()).collect();
        wire::tensor(name, dims, 1, &raw)
    };
    let parts = [
        tensor("scale", &[3, 1, 1], |_| 1e-6),
        tensor("first", &[192, 4], |i| (i as f32).sin()),
        tensor("second", &[4, 4], |i| (i as f32).sin()),
        tensor("bias", &[4], |_| 0.0),
        wire::node("Mul", "m1", &["x", "scale"], &["a"]),
        wire::node("Mul", "m2", &["a", "scale"], &["b"]),
        wire::node("Flatten", "flat", &["b"], &["c"]),
        wire::node("MatMul", "d1", &["c", "first"], &["d"]),
        wire::node("Add", "b1", &["d", "bias"], &["e"]),
        wire::node("MatMul", "d2", &["e", "second"], &["f"]),
        wire::node("Add", "b2", &["bias", "f"], &["g"]),
        // A weight that really is shared.
        wire::node("MatMul", "d3", &["g", "second"], &["y"]),
    ];
    let model = Model::read(&wire::model(&[1, 3, 8, 8], &parts)).unwrap();
    let lowered = model.lower(&Inputs::default()).unwrap();
    // The shared one counts once.
    let params = 2 * 3 + (192 * 4 + 4) + (4 * 4 + 4);
    assert_eq!(lowered.network.params(), params);
    let codes: Vec<&str> = lowered.notes.iter().map(|note| note.code).collect();
    assert_eq!(codes, ["shared-weights", "kept-constants"]);
    assert!(lowered.notes[0].message.starts_with("1 of the weights"));
    assert_eq!(lowered.notes.len(), 2);
}

#[test]
fn several_seeds_of_a_file_s_own_weights_are_refused() {
    let (model, _) = read("residual");
    let settings = Settings {
        seeds: 2,
        ..Settings::default()
    };
    let ends = |source| {
        let arch = model.architecture("residual", &weights_of(source)).unwrap();
        let device = Device::cpu(Reason::Asked);
        pollster::block_on(score(&arch, &settings, &device, &Silent)).map(|s| s.score_std.is_some())
    };
    assert!(ends("seed").unwrap(), "a deviation over two seeds");
    let error = ends("file").unwrap_err();
    assert!(
        error.to_string().contains("seeds change nothing"),
        "{error}"
    );
}
