//! Files of kinds that were refused or misread: computed kernels, masks of a
//! training export, norms over tokens, shared weights, signals, indices.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "sizes of some bytes"
)]

mod wire;

use std::path::PathBuf;

use dextr::architecture::Options;
use dextr::array::Array;
use dextr::engine::{Curve, Device, Inputs as PassInputs, Pass, Reason, Run, Silent, Watch};
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

#[test]
fn masks_are_the_identity_and_the_row_says_so() {
    let row = scored(&read("stochastic_depth_train"), &Options::new());
    assert!(
        row.message.contains("draw numbers at random"),
        "{}",
        row.message
    );
    // Each way of drawing one, before a division by the survival rate or after.
    let one = |name: &str, value: f32| wire::tensor(name, &[], 1, &value.to_le_bytes());
    let mask = |parts: Vec<Vec<u8>>| {
        let like = wire::tensor("like", &[2, 1, 1, 1], 1, &[0; 8]);
        let mut all = vec![like, one("keep", 0.8), one("drop", 0.2)];
        all.extend(parts);
        Model::read(&wire::model(&[1, 3, 8, 8], &all)).unwrap()
    };
    let node = wire::node;
    let uniform = || node("RandomUniformLike", "u", &["like"], &["u"]);
    let cast = || wire::node_with("Cast", "k", &["l"], &["m"], &[wire::int("to", 1)]);
    let cases = [
        vec![
            uniform(),
            node("Add", "a", &["keep", "u"], &["l"]),
            node("Floor", "f", &["l"], &["m"]),
            node("Div", "d", &["x", "keep"], &["q"]),
            node("Mul", "mul", &["q", "m"], &["z"]),
        ],
        vec![
            uniform(),
            node("Less", "l", &["u", "keep"], &["l"]),
            cast(),
            node("Div", "d", &["m", "keep"], &["q"]),
            node("Mul", "mul", &["q", "x"], &["z"]),
        ],
        vec![
            uniform(),
            node("GreaterOrEqual", "l", &["u", "drop"], &["l"]),
            cast(),
            node("Mul", "mul", &["x", "m"], &["q"]),
            node("Div", "d", &["q", "keep"], &["z"]),
        ],
        vec![
            wire::tensor("p", &[1, 1, 1, 1], 1, &0.8f32.to_le_bytes()),
            node("Bernoulli", "b", &["p"], &["m"]),
            node("Div", "d", &["m", "keep"], &["q"]),
            node("Mul", "mul", &["x", "q"], &["z"]),
        ],
        vec![
            node("RandomNormalLike", "n", &["x"], &["m"]),
            node("Mul", "small", &["m", "drop"], &["q"]),
            node("Add", "add", &["x", "q"], &["z"]),
        ],
    ];
    for (i, mut parts) in cases.into_iter().enumerate() {
        parts.push(node("Relu", "r", &["z"], &["y"]));
        let lowered = lowered(&mask(parts), WeightSource::Seed);
        let kinds: Vec<&str> = lowered
            .network
            .nodes()
            .iter()
            .map(|n| n.op.kind())
            .collect();
        let plain = kinds
            .iter()
            .all(|kind| matches!(*kind, "input" | "relu" | "scale"));
        assert!(plain, "{i}: {kinds:?}");
        let found = forward(&lowered);
        let right = forward(&lowered_plain());
        for (f, r) in found.iter().zip(&right) {
            assert!((f - r).abs() < 1e-6, "{i}: {f} and {r}");
        }
        assert_eq!(lowered.notes[0].code, "random-masks", "{i}");
    }
}

/// A ReLU of the image.
fn lowered_plain() -> Lowered {
    let parts = [wire::node("Relu", "r", &["x"], &["y"])];
    let model = Model::read(&wire::model(&[1, 3, 8, 8], &parts)).unwrap();
    lowered(&model, WeightSource::Seed)
}

fn floats(name: &str, dims: &[i64], value: impl Fn(usize) -> f32) -> Vec<u8> {
    let n = dims.iter().product::<i64>() as usize;
    let raw: Vec<u8> = (0..n).flat_map(|i| value(i).to_le_bytes()).collect();
    wire::tensor(name, dims, 1, &raw)
}

/// The weight of the first convolution under a seed, `[out, rest]`.
fn drawn(model: &Model) -> Vec<Vec<f64>> {
    let lowered = lowered(model, WeightSource::Seed);
    let nodes = lowered.network.nodes().iter();
    let mut convs = nodes.filter(|n| matches!(n.op.kind(), "conv" | "convt"));
    let conv = convs.next().unwrap();
    let weights = lowered.start.weights(&lowered.network, 3);
    let array = weights.get(&format!("{}.weight", conv.name)).unwrap();
    let numbers = array.to_f64();
    let width = numbers.len() / array.shape[0];
    numbers.chunks(width).map(<[f64]>::to_vec).collect()
}

#[test]
fn a_drawn_kernel_is_standardised() {
    let rows = drawn(&read("weight_standardised"));
    for row in &rows {
        let n = row.len() as f64;
        let mean = row.iter().sum::<f64>() / n;
        let variance = row.iter().map(|w| (w - mean) * (w - mean)).sum::<f64>() / n;
        assert!(mean.abs() < 1e-6, "{mean}");
        assert!((variance - 1.0).abs() < 1e-2, "{variance}");
    }
    // Another seed, another kernel; the file's numbers have no part in it.
    assert!(
        rows[0]
            .iter()
            .zip(&rows[1])
            .any(|(a, b)| (a - b).abs() > 0.1)
    );
}

#[test]
fn weight_norm_keeps_its_lengths() {
    let conv = |weight: &str| wire::node("Conv", "c", &["x", weight], &["y"]);
    // w = g · v / |v|.
    let axes = wire::ints("axes", &[1, 2, 3]);
    let parts = [
        floats("c.v", &[4, 3, 3, 3], |i| (i as f32).sin()),
        floats("c.g", &[4, 1, 1, 1], |i| 0.5 + i as f32),
        wire::node_with("ReduceL2", "n", &["c.v"], &["n"], &[axes]),
        wire::node("Div", "d", &["c.v", "n"], &["u"]),
        wire::node("Mul", "m", &["u", "c.g"], &["w"]),
        conv("w"),
    ];
    let model = Model::read(&wire::model(&[1, 3, 8, 8], &parts)).unwrap();
    assert_eq!(
        lowered(&model, WeightSource::Seed).network.params(),
        108 + 4
    );
    for (i, row) in drawn(&model).iter().enumerate() {
        let length = row.iter().map(|w| w * w).sum::<f64>().sqrt();
        assert!((length - 0.5 - i as f64).abs() < 1e-5, "{length}");
    }
}

/// w = v / (a · V b), a and b of length 1 and not learned; the rows of V are the
/// first axis of v, or the second in a transposed convolution.
fn spectral(transposed: bool) -> Model {
    let to: Vec<u8> = [4i64, 27].iter().flat_map(|n| n.to_le_bytes()).collect();
    let turn = wire::ints(
        "perm",
        if transposed {
            &[1, 0, 2, 3]
        } else {
            &[0, 1, 2, 3]
        },
    );
    let dims = if transposed {
        [3, 4, 3, 3]
    } else {
        [4, 3, 3, 3]
    };
    let op = if transposed { "ConvTranspose" } else { "Conv" };
    let parts = [
        floats("c.weight", &dims, |i| (i as f32).sin()),
        floats("a", &[4], |i| [0.5, -0.5, 0.5, 0.5][i]),
        floats("b", &[27], |i| if i == 3 { 1.0 } else { 0.0 }),
        wire::tensor("s", &[2], 7, &to),
        wire::node_with("Transpose", "t", &["c.weight"], &["turned"], &[turn]),
        wire::node("Reshape", "r", &["turned", "s"], &["V"]),
        wire::node("MatMul", "p", &["V", "b"], &["Vb"]),
        wire::node("MatMul", "q", &["a", "Vb"], &["sigma"]),
        wire::node("Div", "d", &["c.weight", "sigma"], &["w"]),
        wire::node(op, "c", &["x", "w"], &["y"]),
    ];
    Model::read(&wire::model(&[1, 3, 8, 8], &parts)).unwrap()
}

#[test]
fn spectral_norm_keeps_its_size() {
    for transposed in [false, true] {
        let model = spectral(transposed);
        assert_eq!(lowered(&model, WeightSource::Seed).network.params(), 108);
        let rows = drawn(&model);
        let rows: Vec<Vec<f64>> = match transposed {
            false => rows,
            // [3][4·9] → [4][3·9].
            true => (0..4)
                .map(|o| rows.iter().flat_map(|r| r[9 * o..][..9].to_vec()).collect())
                .collect(),
        };
        let mut v = vec![1.0; 27];
        let mut largest = 0.0;
        for _ in 0..200 {
            let u: Vec<f64> = rows
                .iter()
                .map(|r| r.iter().zip(&v).map(|(w, v)| w * v).sum())
                .collect();
            v = (0..27)
                .map(|j| rows.iter().zip(&u).map(|(r, u)| r[j] * u).sum())
                .collect();
            let length = v.iter().map(|x: &f64| x * x).sum::<f64>().sqrt();
            v.iter_mut().for_each(|x| *x /= length);
            largest = length.sqrt();
        }
        assert!((largest - 1.0).abs() < 0.05, "{transposed}: {largest}");
    }
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
fn shared_weights_are_drawn_once_and_counted_once() {
    let parts = [
        floats("c.weight", &[3, 3, 3, 3], |i| (i as f32).sin()),
        wire::node_with(
            "Conv",
            "a",
            &["x", "c.weight"],
            &["u"],
            &[wire::ints("pads", &[1; 4])],
        ),
        wire::node("Relu", "r", &["u"], &["v"]),
        wire::node_with(
            "Conv",
            "b",
            &["v", "c.weight"],
            &["y"],
            &[wire::ints("pads", &[1; 4])],
        ),
    ];
    let model = Model::read(&wire::model(&[1, 3, 8, 8], &parts)).unwrap();
    for source in [WeightSource::Seed, WeightSource::File] {
        let lowered = lowered(&model, source);
        assert_eq!(lowered.network.params(), 81);
        assert_eq!(lowered.network.named_parameters().count(), 1);
        assert_eq!(lowered.notes[0].code, "shared-weights");
        let found = forward(&lowered);
        assert!(found.iter().any(|v| *v != 0.0));
    }
    let row = scored(&model, &Options::new());
    assert_eq!((row.status, row.params), (Status::Ok, 81));
}

#[test]
fn functions_of_the_file_stand_where_they_are_called() {
    let pads = || wire::ints("pads", &[1; 4]);
    let strides = |n: i64| wire::ints("strides", &[n; 2]);
    let weights = || {
        [
            floats("a.weight", &[4, 3, 3, 3], |i| (i as f32).sin()),
            floats("b.weight", &[4, 4, 3, 3], |i| (i as f32).cos()),
        ]
        .concat()
    };
    // A convolution with the caller's strides, and its map beside the result.
    let block = wire::function(
        "Block",
        &["x", "w"],
        &["y", "map"],
        &[
            wire::node_with(
                "Conv",
                "conv",
                &["x", "w"],
                &["map"],
                &[pads(), wire::of_caller("strides", "step")],
            ),
            wire::node("Relu", "relu", &["map"], &["y"]),
        ],
    );
    // Calls another, and passes an operand through.
    let both = wire::function(
        "Both",
        &["x", "v", "w"],
        &["x", "y"],
        &[
            wire::call(
                "Block",
                "one",
                &["x", "v"],
                &["h", ""],
                &[wire::ints("step", &[2; 2])],
            ),
            wire::call("Block", "two", &["h", "w"], &["y"], &[]),
        ],
    );
    let call = wire::call(
        "Both",
        "net",
        &["x", "a.weight", "b.weight"],
        &["same", "z"],
        &[],
    );
    let join = wire::node("Flatten", "f", &["z"], &["y"]);
    let mut model = wire::model(&[1, 3, 8, 8], &[weights(), call, join]);
    model.extend([block, both].concat());
    let found = lowered(&Model::read(&model).unwrap(), WeightSource::File);
    let plain = [
        weights(),
        wire::node_with(
            "Conv",
            "1",
            &["x", "a.weight"],
            &["h"],
            &[pads(), strides(2)],
        ),
        wire::node("Relu", "2", &["h"], &["i"]),
        wire::node_with("Conv", "3", &["i", "b.weight"], &["j"], &[pads()]),
        wire::node("Relu", "4", &["j"], &["k"]),
        wire::node("Flatten", "5", &["k"], &["y"]),
    ];
    let plain = Model::read(&wire::model(&[1, 3, 8, 8], &plain)).unwrap();
    let plain = lowered(&plain, WeightSource::File);
    assert_eq!(forward(&found), forward(&plain));
    assert_eq!(found.network.params(), 4 * 27 + 4 * 36);
}

#[test]
fn functions_that_never_end_are_refused() {
    let start = wire::call("F0", "start", &["x"], &["y"], &[]);
    let read = |functions: Vec<Vec<u8>>| {
        let mut model = wire::model(&[1, 3, 8, 8], std::slice::from_ref(&start));
        model.extend(functions.concat());
        Model::read(&model).unwrap_err()
    };
    // One calls itself; of forty each calls the next twice.
    let again = wire::call("F0", "again", &["x"], &["y"], &[]);
    let error = read(vec![wire::function("F0", &["x"], &["y"], &[again])]);
    assert!(error.to_string().contains("calls itself"), "{error}");
    let bomb = (0..40).map(|i| {
        let next = format!("F{}", i + 1);
        let nodes = [
            wire::call(&next, "a", &["x"], &["h"], &[]),
            wire::call(&next, "b", &["h"], &["y"], &[]),
        ];
        wire::function(&format!("F{i}"), &["x"], &["y"], &nodes)
    });
    let error = read(bomb.collect());
    assert!(error.to_string().contains("too large"), "{error}");
}

#[test]
fn what_exporters_fill_in_is_not_learned_and_what_is_computed_is() {
    let node = wire::node;
    let pads = || wire::ints("pads", &[1; 4]);
    let kernel = || floats("c.weight", &[3, 3, 3, 3], |i| (i as f32).sin());
    let int = |name: &str, n: i64| wire::tensor(name, &[1], 7, &n.to_le_bytes());
    let conv = |inputs: &[&str], to: &str| wire::node_with("Conv", to, inputs, &[to], &[pads()]);
    let params = |parts: Vec<Vec<u8>>| {
        let model = Model::read(&wire::model(&[1, 3, 8, 8], &parts)).unwrap();
        let row = scored(&model, &Options::new());
        assert_eq!(row.status, Status::Ok, "{}", row.message);
        row.params
    };
    // A bias of zeros that a shape was filled with, of the type of the image.
    let filled = vec![
        kernel(),
        int("three", 3),
        node("ConstantOfShape", "o", &["three"], &["zeros"]),
        node("CastLike", "k", &["zeros", "x"], &["b"]),
        conv(&["x", "c.weight", "b"], "u"),
        node("Relu", "r", &["u"], &["y"]),
    ];
    assert_eq!(params(filled), 81);
    // A layer that stands twice has its bias twice.
    let twice = vec![
        kernel(),
        floats("c.bias", &[3], |_| 0.0),
        conv(&["x", "c.weight", "c.bias"], "u"),
        node("Relu", "r", &["u"], &["v"]),
        conv(&["v", "c.weight", "c.bias"], "y"),
    ];
    assert_eq!(params(twice), 84);
    // A layer on a constant (the waves of a position) is one all the same.
    let position = vec![
        kernel(),
        floats(
            "waves",
            &[1, 3, 8, 8],
            |i| if i % 2 == 0 { -60.0 } else { 1.0 },
        ),
        floats("p.weight", &[3, 3, 1, 1], |i| (i as f32).cos()),
        node("Conv", "p", &["waves", "p.weight"], &["p"]),
        conv(&["x", "c.weight"], "u"),
        node("Add", "a", &["u", "p"], &["v"]),
        node("Relu", "r", &["v"], &["y"]),
    ];
    assert_eq!(params(position), 81 + 9);
    // A clipped scale is learned, and so is a gain of one number by its path.
    let clipped = vec![
        kernel(),
        floats("scale", &[3, 1, 1], |_| 2.0),
        floats("top", &[], |_| 4.0),
        floats("block.gain", &[], |_| 0.5),
        node("Min", "m", &["scale", "top"], &["s"]),
        conv(&["x", "c.weight"], "u"),
        node("Mul", "g", &["u", "block.gain"], &["w"]),
        node("Mul", "a", &["w", "s"], &["v"]),
        node("Relu", "r", &["v"], &["y"]),
    ];
    assert_eq!(params(clipped), 81 + 3 + 1);
}

#[test]
fn a_batch_norm_of_one_vector_has_its_running_statistics() {
    let parts = [
        floats("c.weight", &[4, 3, 3, 3], |i| (i as f32).sin()),
        floats("n.weight", &[4], |i| 1.0 + i as f32),
        floats("n.bias", &[4], |i| i as f32),
        floats("mean", &[4], |_| 0.5),
        floats("variance", &[4], |_| 4.0),
        wire::node("Conv", "c", &["x", "c.weight"], &["u"]),
        wire::node("GlobalAveragePool", "p", &["u"], &["v"]),
    ];
    let norm = ["v", "n.weight", "n.bias", "mean", "variance"];
    let norm = wire::node("BatchNormalization", "n", &norm, &["y"]);
    let bare = parts[..].concat();
    let model = Model::read(&wire::model(&[1, 3, 8, 8], &[bare.clone(), norm])).unwrap();
    let pool = [bare, wire::node("Identity", "i", &["v"], &["y"])];
    let pool = Model::read(&wire::model(&[1, 3, 8, 8], &pool)).unwrap();
    let found = forward(&lowered(&model, WeightSource::File));
    let before = forward(&lowered(&pool, WeightSource::File));
    for (i, (y, x)) in found.iter().zip(&before).enumerate() {
        let i = i as f64;
        let right = (1.0 + i) * (x - 0.5) / (4.0f64 + 1e-5).sqrt() + i;
        assert!((y - right).abs() < 1e-5, "{y} and {right}");
    }
    let seeded = lowered(&model, WeightSource::Seed);
    assert_eq!(seeded.network.params(), 108 + 8);
    assert!(seeded.notes.iter().any(|n| n.code == "vector-norms"));
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

#[test]
fn folded_norms_are_told_and_can_be_put_back() {
    let mut parts = Vec::new();
    let mut from = "x".to_owned();
    for i in 0..4 {
        let (w, b, c, r) = (
            format!("w{i}"),
            format!("b{i}"),
            format!("c{i}"),
            format!("r{i}"),
        );
        let inputs = if i == 0 { 3 } else { 4 };
        parts.push(floats(&w, &[4, inputs, 3, 3], |k| {
            (k as f32 + i as f32).sin()
        }));
        parts.push(floats(&b, &[4], |k| k as f32));
        let pads = wire::ints("pads", &[1; 4]);
        parts.push(wire::node_with(
            "Conv",
            &c,
            &[&from, &w, &b],
            &[&c],
            &[pads],
        ));
        let to = if i == 3 { "y".to_owned() } else { r.clone() };
        parts.push(wire::node("Relu", &r, &[&c], &[&to]));
        from = to;
    }
    let model = Model::read(&wire::model(&[1, 3, 8, 8], &parts)).unwrap();
    let plain = lowered(&model, WeightSource::Seed);
    assert_eq!(plain.notes[0].code, "folded-batch-norm");
    let arch = |options: &Options| model.architecture("model", options);
    let folded = arch(&Options::new()).unwrap();
    let restored = arch(&set(&[("renormalise", "yes")])).unwrap();
    let norms = restored.network.nodes().iter().filter(|n| n.op.is_norm());
    assert_eq!(norms.count(), 4);
    // A scale and a shift where there was a bias.
    assert_eq!(restored.network.params(), folded.network.params() + 4 * 4);
    assert!(
        restored.notes.iter().any(|n| n.contains("4 convolutions")),
        "{:?}",
        restored.notes
    );
    assert!(!restored.notes.iter().any(|n| n.contains("folded into")));
    for options in [
        vec![("renormalise", "yes")],
        vec![("renormalise", "yes"), ("weights", "file")],
    ] {
        let row = scored(&model, &set(&options));
        assert!(row.score > Some(0.0), "{}", row.message);
        assert_ne!(row.score, scored(&model, &Options::new()).score);
    }
    assert_eq!(
        arch(&set(&[("renormalise", "maybe")])).unwrap_err().code(),
        "bad-option"
    );
    // Nothing to put back.
    let none = [
        floats("w", &[4, 3, 8, 8], |i| (i as f32).sin()),
        wire::node("Conv", "c", &["x", "w"], &["y"]),
    ];
    let none = Model::read(&wire::model(&[1, 3, 8, 8], &none)).unwrap();
    let error = none
        .architecture("m", &set(&[("renormalise", "yes")]))
        .unwrap_err();
    assert!(error.to_string().contains("nothing to put back"), "{error}");
}
