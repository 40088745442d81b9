//! Files of kinds that were refused or misread: computed kernels, masks of a
//! training export, norms over tokens, shared weights, signals, indices.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "sizes of some bytes"
)]

mod common;
mod wire;

#[path = "onnx_trials/exports.rs"]
mod exports;
#[path = "onnx_trials/webgpu.rs"]
mod webgpu;
#[path = "onnx_trials/weights.rs"]
mod weights;

use std::path::PathBuf;

use dextr::architecture::Options;
use dextr::array::Array;
use dextr::engine::{Curve, Device, Inputs as PassInputs, Pass, Reason, Run, Silent, Watch};
use dextr::network::Op;
use dextr::proxy::{Score, Settings, Status, by_names, score};
use dextr::sources::onnx::{Inputs, Lowered, Model, WeightSource};
use serde_json::Value;

const SCORED: [&str; 8] = [
    "clip_pads",
    "matmul_kernel",
    "bn_kernel",
    "reducel2_kernel",
    "softmax_constant",
    "stochastic_depth_train",
    "bn_tokens",
    "weight_standardised",
];

/// Parameters by hand: kernels with what they are computed from, norms.
const PARAMS: [u64; 8] = [108, 62, 116, 108, 108, 1461, 116, 853];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/onnx/trials")
}

fn read(name: &str) -> Model {
    Model::read(&std::fs::read(folder().join(format!("{name}.onnx"))).unwrap()).unwrap()
}

fn cpu() -> Device {
    Device::cpu(Reason::Asked)
}

fn set(pairs: &[(&str, &str)]) -> Options {
    let mut options = Options::new();
    for (name, value) in pairs {
        options.set(name, value);
    }
    options
}

fn scored(model: &Model, options: &Options) -> Score {
    let arch = model.architecture("model", options).unwrap();
    pollster::block_on(score(&arch, &Settings::default(), &cpu(), &Silent)).unwrap()
}

fn lowered(model: &Model, weights: WeightSource) -> Lowered {
    let inputs = Inputs {
        weights,
        ..Inputs::default()
    };
    model.lower(&inputs).unwrap()
}

/// The image of `reference.py`.
fn forward(lowered: &Lowered) -> Vec<f64> {
    let network = &lowered.network;
    let shape = network.input_shape().to_vec();
    let n: usize = shape.iter().product();
    let value = |i: usize| {
        let i = i as f64;
        (0.37 * i + 0.11 * i * i / n as f64).sin() as f32
    };
    let u = Array::f32(shape.clone(), (0..n).map(value).collect());
    let w = Array::f32(shape, vec![0.0; n]);
    let inputs = PassInputs {
        curves: vec![Curve { u, w }],
        ..PassInputs::default()
    };
    let weights = lowered.start.weights(network, 0);
    let run = Run {
        network,
        weights: &weights,
        inputs: &inputs,
    };
    let device = Device::cpu_double();
    let pass = Pass::run(run, &[Watch::Jets { whole: true }], &device, &Silent);
    pollster::block_on(pass).unwrap().jets()[0].y.clone()
}

#[test]
fn values_are_those_of_the_reference_evaluator() {
    for (name, params) in SCORED.into_iter().zip(PARAMS) {
        let lowered = lowered(&read(name), WeightSource::File);
        assert_eq!(lowered.network.params(), params, "{name}");
        let facts = std::fs::read(folder().join(format!("{name}.json"))).unwrap();
        let facts: Value = serde_json::from_slice(&facts).unwrap();
        let right: Vec<f64> = facts["outputs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v.as_f64().unwrap())
            .collect();
        let found = forward(&lowered);
        // The reference answers for each image of the file's batch.
        assert_eq!(right.len() % found.len(), 0, "{name}");
        let largest = found.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        for (f, r) in found.iter().zip(&right) {
            assert!((f - r).abs() <= 2e-5 * largest, "{name}: {f} and {r}");
        }
    }
}

#[test]
fn all_of_them_score_by_seed_and_by_file() {
    for (name, params) in SCORED.into_iter().zip(PARAMS) {
        for source in ["seed", "file"] {
            let row = scored(&read(name), &set(&[("weights", source)]));
            assert_eq!(row.status, Status::Ok, "{name}: {}", row.message);
            assert!(row.score > Some(0.0), "{name}");
            assert_eq!(row.params, params, "{name}");
        }
    }
}

fn floats(name: &str, dims: &[i64], value: impl Fn(usize) -> f32) -> Vec<u8> {
    let n = dims.iter().product::<i64>() as usize;
    let raw: Vec<u8> = (0..n).flat_map(|i| value(i).to_le_bytes()).collect();
    wire::tensor(name, dims, 1, &raw)
}

#[test]
fn operators_on_constants_are_those_on_values() {
    let shape = |name: &str, to: &[i64]| {
        let raw: Vec<u8> = to.iter().flat_map(|n| n.to_le_bytes()).collect();
        wire::tensor(name, &[to.len() as i64], 7, &raw)
    };
    // A kernel of 4·27 numbers from `k`, by many an operator.
    for (op, attributes) in [
        ("Relu", vec![]),
        ("Elu", vec![]),
        ("Gelu", vec![]),
        ("HardSwish", vec![]),
        ("Softmax", vec![wire::int("axis", 1)]),
        ("LogSoftmax", vec![]),
        ("Sin", vec![]),
        ("Cos", vec![]),
        ("Softsign", vec![]),
        ("Shrink", vec![]),
        ("ThresholdedRelu", vec![]),
        ("Erf", vec![]),
        ("Sqrt", vec![]),
        ("Reciprocal", vec![]),
        ("LRN", vec![wire::int("size", 3)]),
    ] {
        // The operator on a constant, and on the image.
        let node = |from: &str, to: &str| wire::node_with(op, "o", &[from], &[to], &attributes);
        let positive = |i: usize| 0.1 + (i as f32 * 0.7).sin().abs();
        let parts = [
            floats("k", &[1, 4, 3, 9], positive),
            node("k", "l"),
            shape("s", &[4, 3, 3, 3]),
            wire::node("Reshape", "r", &["l", "s"], &["w"]),
            wire::node("Conv", "c", &["x", "w"], &["y"]),
        ];
        let model = Model::read(&wire::model(&[1, 3, 3, 3], &parts)).unwrap();
        let found = forward(&lowered(&model, WeightSource::File));
        assert!(
            found.iter().all(|v| v.is_finite()) && found.len() == 4,
            "{op}"
        );
        assert_eq!(scored_params(&model), 108, "{op}");
    }
}

fn scored_params(model: &Model) -> u64 {
    lowered(model, WeightSource::Seed).network.params()
}

#[test]
fn padding_that_depends_on_the_image_s_size_is_computed() {
    // TensorFlow's "same": max((⌈n/s⌉ − 1)·s + k − n, 0), of the value's shape.
    let int = |name: &str, n: i64| wire::tensor(name, &[1], 7, &n.to_le_bytes());
    let node = wire::node;
    let scalar = |name: &str, v: f32| wire::tensor(name, &[], 1, &v.to_le_bytes());
    let to_int = || vec![wire::int("to", 7)];
    let to_float = || vec![wire::int("to", 1)];
    let parts = vec![
        int("two", 2),
        scalar("stride", 2.0),
        scalar("none", 0.0),
        int("zero", 0),
        int("one", 1),
        int("kernel", 3),
        node("Shape", "sh", &["x"], &["shape"]),
        node("Gather", "g", &["shape", "two"], &["n"]),
        wire::node_with("Cast", "f", &["n"], &["nf"], &to_float()),
        node("Div", "d", &["nf", "stride"], &["nd"]),
        node("Ceil", "ce", &["nd"], &["nc"]),
        wire::node_with("Cast", "i", &["nc"], &["out"], &to_int()),
        node("Sub", "m1", &["out", "one"], &["o1"]),
        node("Mul", "ms", &["o1", "two"], &["o2"]),
        node("Add", "ak", &["o2", "kernel"], &["o3"]),
        node("Sub", "sn", &["o3", "n"], &["o4"]),
        wire::node_with("Cast", "pf", &["o4"], &["pf"], &to_float()),
        node("Clip", "cl", &["pf", "none"], &["pc"]),
        wire::node_with("Cast", "pi", &["pc"], &["p"], &to_int()),
        node("Clip", "whole", &["p", "zero"], &["q"]),
        wire::node_with(
            "Concat",
            "cat",
            &["zero", "zero", "zero", "zero", "zero", "zero", "q", "q"],
            &["pads"],
            &[wire::int("axis", 0)],
        ),
        node("Pad", "pad", &["x", "pads"], &["padded"]),
        floats("w", &[4, 3, 3, 3], |i| (i as f32).sin()),
        wire::node_with(
            "Conv",
            "c",
            &["padded", "w"],
            &["y"],
            &[wire::ints("strides", &[2, 2])],
        ),
    ];
    let model = Model::read(&wire::model(&[1, 3, 8, 8], &parts)).unwrap();
    let lowered = lowered(&model, WeightSource::Seed);
    let output = lowered.network.outputs()[0];
    assert_eq!(lowered.network.node(output).shape, [4, 4, 4]);
}

#[test]
fn without_a_map_there_is_no_score() {
    let model = read("mlp");
    let row = scored(&model, &Options::new());
    assert_eq!(
        (row.status, row.score, row.s),
        (Status::Unsuited, None, None)
    );
    assert!(
        row.message.contains("no map is observed"),
        "{}",
        row.message
    );
    let arch = model.architecture("mlp", &Options::new()).unwrap();
    let settings = Settings {
        proxies: by_names("k,s").unwrap(),
        ..Settings::default()
    };
    let row = pollster::block_on(score(&arch, &settings, &cpu(), &Silent)).unwrap();
    assert!(row.score > Some(0.0));
    assert_eq!(row.status, Status::Ok);
    let s = &row.measurements[1];
    assert_eq!((s.status, s.value), (Status::Unsuited, None));
}

#[test]
fn an_index_beside_the_logits_can_be_left_out() {
    let mut graph = [
        floats("w", &[4, 3, 8, 8], |i| (i as f32).sin()),
        wire::node("Conv", "c", &["x", "w"], &["y"]),
        wire::node("ArgMax", "index", &["y"], &["class"]),
    ]
    .concat();
    graph.extend(wire::port(12, "class", &[], 7));
    let model = Model::read(&wire::model(&[1, 3, 8, 8], &[graph])).unwrap();
    let error = model.lower(&Inputs::default()).unwrap_err();
    assert!(error.hint().contains("outputs=y"), "{}", error.hint());
    let arch = model
        .architecture("model", &set(&[("outputs", "y")]))
        .unwrap();
    assert_eq!(arch.network.output_len(), 4);
    let error = model
        .architecture("model", &set(&[("outputs", "z")]))
        .unwrap_err();
    assert_eq!(error.code(), "unknown-name");
}

#[test]
fn signals_and_images_that_are_too_large_are_refused_with_the_reason() {
    let parts = [
        floats("w", &[4, 1, 3], |i| (i as f32).sin()),
        wire::node("Conv", "c", &["x", "w"], &["z"]),
        wire::node("Relu", "r", &["z"], &["y"]),
    ];
    let model = Model::read(&wire::model(&[1, 1, 64], &parts)).unwrap();
    let error = model.lower(&Inputs::default()).unwrap_err();
    assert!(error.to_string().contains("signals"), "{error}");
    // Of four axes it is an image of one row, and is told to be.
    let parts = [
        floats("w", &[4, 1, 1, 3], |i| (i as f32).sin()),
        wire::node("Conv", "c", &["x", "w"], &["z"]),
        wire::node("Relu", "r", &["z"], &["y"]),
    ];
    let model = Model::read(&wire::model(&[1, 1, 1, 64], &parts)).unwrap();
    let row = scored(&model, &Options::new());
    assert!(row.message.contains("signal of one row"), "{}", row.message);
    let nine = [wire::node("Relu", "r", &["x"], &["y"])];
    let model = Model::read(&wire::model(&[1, 9, 1, 128], &nine)).unwrap();
    let error = model.lower(&Inputs::default()).unwrap_err();
    assert!(error.to_string().contains("a signal of one row"), "{error}");
    let relu = [wire::node("Relu", "r", &["x"], &["y"])];
    let model = Model::read(&wire::model(&[1, 3, 8, 8192], &relu)).unwrap();
    let error = model.lower(&Inputs::default()).unwrap_err();
    assert!(error.to_string().contains("more than 4096"), "{error}");
}

#[test]
fn constants_that_take_too_long_are_refused() {
    // A product of 2⁴⁵ terms from a file of some bytes.
    let shape: Vec<u8> = [1i64 << 11, 1 << 11]
        .iter()
        .flat_map(|n| n.to_le_bytes())
        .collect();
    let mut parts = vec![
        wire::tensor("s", &[2], 7, &shape),
        wire::node("ConstantOfShape", "o", &["s"], &["v0"]),
    ];
    for i in 0..12 {
        let (from, to) = (format!("v{i}"), format!("v{}", i + 1));
        parts.push(wire::node(
            "MatMul",
            &format!("m{i}"),
            &[&from, &from],
            &[&to],
        ));
    }
    parts.push(wire::node("ReduceMax", "max", &["v12"], &["m"]));
    parts.push(wire::node("Add", "a", &["x", "m"], &["y"]));
    let model = Model::read(&wire::model(&[1, 3, 8, 8], &parts)).unwrap();
    let error = model.lower(&Inputs::default()).unwrap_err();
    assert_eq!(error.code(), "too-large");
}
