//! Networks of tokens exported from `transformers` (`tests/onnx/tokens.py`):
//! values, maps and circles against PyTorch's; what is refused, and how.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
mod wire;

use std::path::PathBuf;

use dextr::architecture::{Architecture, Options};
use dextr::array::Array;
use dextr::engine::{
    Curve, Device, Inputs as PassInputs, Pass, Reason, Run, Silent, Statistics, Watch,
};
use dextr::network::Input;
use dextr::proxy::dextr::{Evaluation, Plan, evaluate};
use dextr::proxy::{Settings, Status, all, score};
use dextr::run::Row;
use dextr::sources::onnx::{Inputs, Model};
use serde_json::{Map, Value};

use common::{field, largest, worst_difference};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/onnx")
}

fn model(name: &str) -> Model {
    let path = folder().join(format!("tokens/{name}.onnx"));
    Model::read(&std::fs::read(path).unwrap()).unwrap()
}

fn cases() -> Map<String, Value> {
    let bytes = std::fs::read(folder().join("tokens.json")).unwrap();
    let cases: Map<String, Value> = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(cases.len(), 13);
    cases
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

fn architecture(name: &str, options: &[(&str, &str)]) -> Architecture {
    let mut given = Options::new();
    for (name, value) in options {
        given.set(name, value);
    }
    let found = model(name).architecture(name, &given);
    found.unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn ids(case: &Value) -> Array {
    let ids: Vec<f32> = serde_json::from_value(case["ids"].clone()).unwrap();
    Array::f32(vec![ids.len()], ids)
}

/// The file's network of ten tokens, with the file's weights.
fn own(name: &str) -> Architecture {
    architecture(name, &[("length", "10"), ("weights", "file")])
}

fn evaluation(name: &str, case: &Value, device: &Device) -> Evaluation {
    let arch = own(name);
    let mut plan = Plan::new(&arch, &Settings::default()).unwrap();
    let shape = plan.network.input_shape().to_vec();
    plan.image = ids(case);
    plan.curves = vec![Curve {
        u: field("u0", &shape),
        w: field("w0", &shape),
    }];
    let weights = arch.start.weights(&plan.network, 0);
    pollster::block_on(evaluate(&plan, &weights, device, &Silent)).unwrap()
}

#[test]
fn values_of_ids_are_those_of_pytorch() {
    for (name, case) in cases() {
        let arch = own(&name);
        let network = &arch.network;
        // The vectors of ALBERT's shared norms are counted where they are used: an
        // exporter stores equal vectors once, whether they are shared or not.
        let again = if name == "albert" { 64 } else { 0 };
        let params = case["params"].as_u64().map(|n| n + again);
        assert_eq!(Some(network.params()), params, "{name}");
        let weights = arch.start.weights(network, 0);
        let inputs = PassInputs {
            images: vec![ids(&case)],
            statistics: Statistics::Batch,
            ..PassInputs::default()
        };
        let run = Run {
            network,
            weights: &weights,
            inputs: &inputs,
        };
        let device = Device::cpu_double();
        let watches = [Watch::Values];
        let pass = pollster::block_on(Pass::run(run, &watches, &device, &Silent)).unwrap();
        let dextr::engine::Found::Values(found) = &pass.found[0] else {
            panic!("{name}: no values");
        };
        let right = numbers(&case["y"]);
        assert_eq!(found[0].len(), right.len(), "{name}");
        let off = worst_difference(&found[0], &right) / largest(&right);
        assert!(off < 1e-6, "{name}: off by {off:e}");
    }
}

/// Maps and circles: ratios absolutely, the rest relatively.
fn check(device: &Device, ratio: f64, jet: f64, kappa: f64) {
    for (name, case) in cases() {
        let found = evaluation(&name, &case, device);
        let mut right: Vec<(usize, usize, f64)> =
            serde_json::from_value(case["maps"].clone()).unwrap();
        let mut maps: Vec<(usize, usize, f64)> = Vec::new();
        for map in found.maps.iter().filter(|m| m.sigma_max > 0.0) {
            let columns = map.shape[1..].iter().product();
            let each = (map.shape[0], columns, map.ratio);
            maps.extend(std::iter::repeat_n(each, map.count as usize));
        }
        for maps in [&mut maps, &mut right] {
            maps.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2.total_cmp(&b.2)));
        }
        assert_eq!(maps.len(), right.len(), "{name}: {maps:?}, not {right:?}");
        for (map, right) in maps.iter().zip(&right) {
            assert_eq!((map.0, map.1), (right.0, right.1), "{name}");
            assert!(
                (map.2 - right.2).abs() <= ratio,
                "{name}: {map:?} {right:?}"
            );
        }
        let s = case["s"].as_f64().unwrap();
        assert!(
            (found.s - s).abs() <= 10.0 * ratio,
            "{name}: {} {s}",
            found.s
        );
        let parts = [
            (&found.jets[0].y, "curve_y"),
            (&found.jets[0].dy, "curve_dy"),
            (&found.jets[0].ddy, "curve_ddy"),
        ];
        for (values, part) in parts {
            let right = numbers(&case[part]);
            let off = worst_difference(values, &right) / largest(&right);
            assert!(off <= jet, "{name}: {part} is off by {off:e}");
        }
        let off = found.kappa[0].unwrap() / case["kappa"].as_f64().unwrap() - 1.0;
        assert!(off.abs() <= kappa, "{name}: κ is off by {off:e}");
    }
}

#[test]
fn scores_are_those_of_pytorch_in_double_precision() {
    check(&Device::cpu_double(), 1e-6, 1e-6, 1e-5);
}

#[test]
fn scores_are_those_of_pytorch_in_single_precision() {
    check(&Device::cpu(Reason::Asked), 2e-5, 1e-3, 0.01);
}

#[test]
fn seeded_ids_are_scored_and_said_in_the_row() {
    let device = Device::cpu(Reason::Asked);
    let settings = Settings::default();
    let scored = |arch: &Architecture, settings: &Settings| {
        pollster::block_on(score(arch, settings, &device, &Silent)).unwrap()
    };
    for name in cases().keys() {
        let arch = architecture(name, &[("length", "12")]);
        let found = scored(&arch, &settings);
        assert_eq!(found.status, Status::Ok, "{name}");
        assert!(found.s > Some(0.0) && found.k > Some(0.0), "{name}");
        assert_eq!(scored(&arch, &settings).score, found.score, "{name}");
    }
    let arch = architecture("bert", &[("length", "12")]);
    let row = Row::begin(&arch, &settings, &device);
    assert_eq!(row.image, "tokens");
    assert!(row.options.ends_with("renormalise=no length=12"), "{row:?}");
    let other = Settings {
        image_seed: 1,
        ..Settings::default()
    };
    let (one, two) = (scored(&arch, &settings), scored(&arch, &other));
    assert_ne!(one.s, two.s);
    assert_eq!(one.k, two.k);
}

#[test]
fn every_proxy_takes_tokens_or_says_why_not() {
    let device = Device::cpu(Reason::Asked);
    for name in ["bert", "gpt2_head"] {
        let arch = architecture(name, &[("length", "8")]);
        for &proxy in all() {
            let settings = Settings {
                proxies: vec![proxy],
                ..Settings::default()
            };
            let about = proxy.about().name;
            let run = score(&arch, &settings, &device, &Silent);
            let found = pollster::block_on(run).unwrap_or_else(|e| panic!("{about}: {e}"));
            let said = found.score.is_some() || !found.message.is_empty();
            assert!(said, "{name}, {about}: {found:?}");
        }
    }
}

#[test]
fn the_input_is_the_space_of_word_vectors_and_a_tied_head_has_its_table() {
    let arch = architecture("gpt2_head", &[("length", "9")]);
    let words = Input::Words {
        length: 9,
        vocabulary: 100,
        features: 16,
    };
    assert_eq!(arch.network.input(), &words);
    assert_eq!(arch.network.node_params(0), 1600);
    let last = &arch.network.nodes()[arch.network.outputs()[0]];
    assert_eq!(last.tensor("weight"), "input.weight");
    assert_eq!(last.shape, [9, 100]);
    // ALBERT's two layers are one, and so are their parameters.
    let albert = architecture("albert", &[("length", "24")]);
    assert_eq!(albert.network.input_shape(), [24, 8]);
}

fn refused(model: &Model, length: Option<usize>) -> (String, String) {
    let inputs = Inputs {
        length,
        ..Inputs::default()
    };
    let error = model.lower(&inputs).unwrap_err();
    (error.to_string(), error.hint())
}

#[test]
fn a_length_over_the_positions_is_refused_with_the_longest_which_is_taken_unasked() {
    for (name, most) in [
        ("bert", 24),
        ("gpt2", 24),
        ("bert_dynamo", 24),
        ("roberta", 22),
    ] {
        let (message, hint) = refused(&model(name), Some(128));
        let up_to = format!("up to {most} tokens, not 128");
        assert!(message.contains(&up_to), "{name}: {message}");
        assert!(hint.contains(&format!("length={most}")), "{name}: {hint}");
        let fits = Inputs {
            length: Some(most),
            ..Inputs::default()
        };
        let asked = model(name).lower(&fits).unwrap();
        assert!(asked.notes.iter().all(|note| note.code != "length"));
        // Where nobody asks for a length, it is that one, and it is said.
        let open = model(name).lower(&Inputs::default()).unwrap();
        assert_eq!(open.network.input_shape(), asked.network.input_shape());
        let note = open.notes.iter().find(|note| note.code == "length");
        let begins = format!("{most} tokens are taken");
        assert!(note.unwrap().message.starts_with(&begins), "{name}");
    }
}

#[test]
fn the_options_of_images_and_of_tokens_are_told_apart() {
    let sized = Inputs {
        height: Some(160),
        ..Inputs::default()
    };
    let error = model("bert").lower(&sized).unwrap_err();
    assert!(error.to_string().contains("no image"), "{error}");
    assert!(error.hint().contains("option length"), "{error:?}");
    let image = std::fs::read(folder().join("residual.onnx")).unwrap();
    let (message, hint) = refused(&Model::read(&image).unwrap(), Some(16));
    assert!(message.contains("no tokens"), "{message}");
    assert!(hint.contains("height and width"), "{hint}");
}

#[test]
fn ids_beyond_the_vocabulary_are_refused() {
    let arch = own("bert");
    let mut plan = Plan::new(&arch, &Settings::default()).unwrap();
    plan.image = Array::f32(vec![10], vec![100.0; 10]);
    let weights = arch.start.weights(&plan.network, 0);
    let device = Device::cpu(Reason::Asked);
    let run = evaluate(&plan, &weights, &device, &Silent);
    let error = pollster::block_on(run).unwrap_err();
    assert!(
        error.to_string().contains("the vocabulary's 100"),
        "{error}"
    );
}

/// A model that looks `x` up in `table`, of ten words, and adds what `others`
/// (inputs with their shapes and types) make of it.
fn small(dims: &[i64], others: &[(&str, &[i64], u64)], nodes: &[Vec<u8>]) -> Model {
    let rows: Vec<u8> = (0..40u8).flat_map(|i| f32::from(i).to_le_bytes()).collect();
    let mut parts = vec![
        wire::tensor("table", &[10, 4], 1, &rows),
        wire::tensor("other", &[10, 4], 1, &rows),
        wire::node("Gather", "words", &["table", "x"], &["e"]),
    ];
    parts.extend_from_slice(nodes);
    let ports = others.iter();
    parts.extend(ports.map(|(name, dims, kind)| wire::port(11, name, dims, *kind)));
    Model::read(&wire::model_of(7, dims, &parts)).unwrap()
}

#[test]
fn what_cannot_be_taken_is_named_with_its_cure() {
    let add = |with: &str| vec![wire::node("Add", "sum", &["e", with], &["y"])];
    let looked = |by: &str, table: &str| {
        let gather = wire::node("Gather", "again", &[table, by], &["f"]);
        vec![gather, wire::node("Add", "sum", &["e", "f"], &["y"])]
    };
    let fixed: &[i64] = &[1, 6];
    let vectors: &[i64] = &[1, 6, 4];
    let cases: [(Model, &str, &str); 6] = [
        (
            small(
                fixed,
                &[("past_key_values.0.key", vectors, 1)],
                &add("past_key_values.0.key"),
            ),
            "past tokens: past_key_values.0.key",
            "use_cache",
        ),
        (
            small(
                fixed,
                &[("decoder_input_ids", fixed, 7)],
                &looked("decoder_input_ids", "table"),
            ),
            "several inputs of token ids: decoder_input_ids, x",
            "alone",
        ),
        (
            small(fixed, &[("pixels", vectors, 1)], &add("pixels")),
            "token ids (x) and pixels together",
            "alone",
        ),
        (
            small(fixed, &[("mask", vectors, 1)], &add("mask")),
            "shape [1, 6, 4], not [batch, length]",
            "two axes",
        ),
        (
            small(fixed, &[], &looked("x", "other")),
            "several tables",
            "one embedding",
        ),
        (
            small(fixed, &[], &[wire::node("Cast", "cast", &["x"], &["y"])]),
            "no table of word vectors",
            "Embedding",
        ),
    ];
    for (model, says, cure) in cases {
        let (message, hint) = refused(&model, None);
        assert!(message.contains(says), "{says}: {message}");
        assert!(hint.contains(cure), "{cure}: {hint}");
    }
    let fits = small(fixed, &[], &[wire::node("Relu", "relu", &["e"], &["y"])]);
    assert_eq!(fits.lower(&Inputs::default()).unwrap().network.params(), 40);
    let (message, hint) = refused(&fits, Some(7));
    assert!(message.contains("takes 6 tokens, not 7"), "{message}");
    assert!(hint.contains("dynamic"), "{hint}");
}
