//! Reduced networks of the spaces held against reference values made by
//! PyTorch networks written from the benchmarks' definitions
//! (`tests/golden/make_spaces.py`): the same weights, maps, derivatives, scores.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a test's numbers are small"
)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
#[path = "golden_spaces/supernet.rs"]
mod supernet;

use common::{folder, gpu, largest, worst_difference};
use dextr::architecture::{Architecture, Options};
use dextr::engine::{Device, OutputJet, Reason, Silent};
use dextr::network::Policy;
use dextr::proxy::dextr::{Evaluation, Plan, Protocol, combine, evaluate, score_reference};
use dextr::proxy::{Settings, Status};
use dextr::sources::spaces;
use dextr::start::Weights;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;

/// Largest error of a ratio, absolute, in double precision.
const RATIO: f64 = 1e-6;
/// The same in single precision. Norms over the four pixels of a last map
/// amplify rounding: PyTorch's own single and double precision are up to 7e-6
/// apart there.
const RATIO_SINGLE: f64 = 5e-5;

/// One reduced network.
struct Case {
    name: String,
    value: Value,
    /// Its weights and derivatives, with the image and the curves.
    bytes: Vec<u8>,
}

fn cases() -> Vec<Case> {
    let manifest = std::fs::read(folder().join("spaces.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let cases: Vec<Case> = manifest
        .as_array()
        .unwrap()
        .iter()
        .map(|value| Case {
            name: value["name"].as_str().unwrap().to_owned(),
            bytes: with_inputs(value),
            value: value.clone(),
        })
        .collect();
    assert_eq!(cases.len(), 8);
    cases
}

fn f32s(file: &SafeTensors<'_>, name: &str) -> Vec<f32> {
    let data = file.tensor(name).unwrap().data();
    data.chunks_exact(4)
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect()
}

/// The case's file with the image and the curves of a NAS-Bench-201 fixture;
/// at 64 pixels, every pixel doubled, and the published curve with
/// unit-variance pixels.
fn with_inputs(value: &Value) -> Vec<u8> {
    let own = std::fs::read(folder().join(value["file"].as_str().unwrap())).unwrap();
    let base = std::fs::read(folder().join("nb201_none.safetensors")).unwrap();
    let own = SafeTensors::deserialize(&own).unwrap();
    let base = SafeTensors::deserialize(&base).unwrap();
    let mut tensors: Vec<(String, TensorView<'_>)> = own.tensors();
    let bytes =
        |values: Vec<f32>| -> Vec<u8> { values.into_iter().flat_map(f32::to_le_bytes).collect() };
    let small = f32s(&base, "image");
    let doubled = (0..3 * 64 * 64).map(|i| {
        let (c, y, x) = (i / 4096, i / 64 % 64, i % 64);
        small[c * 1024 + y / 2 * 32 + x / 2]
    });
    let doubled = bytes(doubled.collect());
    let radius = (12288.0f64 / 2.0).sqrt() as f32;
    let curve = f32s(&base, "curve_basis");
    let curve = bytes(curve.into_iter().map(|v| v * radius).collect());
    let view = |shape: &[usize], data| TensorView::new(Dtype::F32, shape.to_vec(), data).unwrap();
    if value["options"]["size"] == "64" {
        tensors.push(("image".to_owned(), view(&[1, 3, 64, 64], &doubled)));
        let curves = view(&[1, 12288, 2], &curve);
        tensors.push(("refined.curve_bases".to_owned(), curves));
    } else {
        for name in ["image", "refined.curve_bases"] {
            tensors.push((name.to_owned(), base.tensor(name).unwrap()));
        }
    }
    for name in ["curve_basis", "coords"] {
        tensors.push((name.to_owned(), base.tensor(name).unwrap()));
    }
    safetensors::serialize(tensors, None).unwrap()
}

impl Case {
    fn architecture(&self) -> Architecture {
        let mut options = Options::new();
        for (name, value) in self.value["options"].as_object().unwrap() {
            options.set(name, value.as_str().unwrap());
        }
        let space = spaces::by_name(self.value["space"].as_str().unwrap()).unwrap();
        let arch = self.value["arch"].as_str().unwrap();
        space.build(arch, &options).unwrap()
    }

    fn run(&self, protocol: Protocol, device: &Device) -> Evaluation {
        let settings = Settings {
            protocol,
            observe: match protocol {
                Protocol::Published => None,
                Protocol::Refined => Some(Policy::Flow),
            },
            ..Settings::default()
        };
        let arch = self.architecture();
        let run = score_reference(&arch, &settings, &self.bytes, device, &Silent);
        let run = pollster::block_on(run);
        run.unwrap_or_else(|e| panic!("{}: {e}; {}", self.name, e.hint()))
            .1
    }

    /// y′ and y″ of the stored outputs, within a tolerance of the largest of all.
    fn check_jets(&self, found: &Evaluation, tolerance: f64) {
        let kept: Vec<usize> = serde_json::from_value(self.value["kept"].clone()).unwrap();
        for (i, jet) in found.jets.iter().enumerate() {
            assert_eq!(jet.dy.len() as u64, self.value["outputs"].as_u64().unwrap());
            for (part, name, all) in [
                (0, "refined.y", &jet.y),
                (1, "refined.dy", &jet.dy),
                (2, "refined.ddy", &jet.ddy),
            ] {
                let right = common::numbers(&self.bytes, name);
                let right = &right[i * kept.len()..(i + 1) * kept.len()];
                let some: Vec<f64> = kept.iter().map(|&k| all[k]).collect();
                let worst = worst_difference(&some, right);
                let scale = self.value["largest"][i][part].as_f64().unwrap();
                let place = format!("{}: {name} of curve {i}", self.name);
                assert!(
                    worst <= tolerance * scale,
                    "{place} is off by {worst:e} of {scale:e}"
                );
                assert!((largest(all) / scale - 1.0).abs() < 1e-3, "{place}");
            }
        }
    }
}

/// The tolerances of a device: derivatives, κ, score.
fn devices() -> [(Device, f64, f64, f64); 3] {
    [
        (Device::cpu(Reason::Asked), 1e-4, 0.01, 0.005),
        (Device::cpu_double(), 1e-10, 1e-9, 1e-9),
        (gpu().clone(), 1e-3, 0.01, 0.005),
    ]
}

#[test]
fn weights_have_the_reference_names_and_shapes() {
    for case in cases() {
        let network = case.architecture().network;
        let weights = Weights::from_safetensors(&network, &case.bytes, "w.");
        assert!(weights.is_ok(), "{}: {weights:?}", case.name);
        // None is left over: the counts agree.
        let params = case.value["params"].as_u64().unwrap();
        assert_eq!(network.params(), params, "{}", case.name);
        assert_eq!(
            network.output_len() as u64,
            case.value["outputs"].as_u64().unwrap()
        );
    }
}

#[test]
fn the_flow_policy_names_the_reference_maps() {
    for case in cases() {
        let network = case.architecture().network;
        let maps = network.observed(Policy::Flow, false);
        let found: Vec<&str> = maps.iter().map(|m| m.name.as_str()).collect();
        let right = case.value["observed"].as_array().unwrap().iter();
        let right: Vec<&str> = right.map(|m| m["name"].as_str().unwrap()).collect();
        assert_eq!(found, right, "{}", case.name);
    }
}

#[test]
fn large_outputs_are_read_in_the_curves_own_frame() {
    let speed = |jet: &OutputJet| {
        let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
        norm(&jet.dy) / norm(&jet.y)
    };
    let mut framed = 0;
    for case in cases() {
        let arch = case.architecture();
        let mut plan = Plan::new(&arch, &Settings::default()).unwrap();
        let weights = arch.start.weights(&plan.network, 0);
        let mut run = |whole| {
            plan.whole = whole;
            let run = evaluate(&plan, &weights, gpu(), &Silent);
            pollster::block_on(run).unwrap()
        };
        let (whole, read) = (run(true), run(false));
        let numbers = plan.network.output_len();
        let rows = 1 + 3 * plan.curves.len();
        let small = 4 * rows * numbers <= 1 << 15;
        let lengths = read
            .jets
            .iter()
            .map(|jet| [jet.y.len(), jet.dy.len(), jet.ddy.len()]);
        if small {
            assert!(
                lengths.into_iter().all(|l| l == [numbers; 3]),
                "{}",
                case.name
            );
        } else if 4 * rows * numbers > 1 << 16 {
            assert!(lengths.into_iter().all(|l| l == [2; 3]), "{}", case.name);
            framed += 1;
        }
        for (whole, read) in whole.kappa.iter().zip(&read.kappa) {
            let off = (read.unwrap() / whole.unwrap() - 1.0).abs();
            assert!(off < 1e-5, "{}: κ is off by {off:e}", case.name);
        }
        for (whole, read) in whole.jets.iter().zip(&read.jets) {
            let off = (speed(read) / speed(whole) - 1.0).abs();
            assert!(off < 1e-5, "{}: |y′|/|y| is off by {off:e}", case.name);
        }
    }
    assert!(framed > 0, "no case has a large output");
}

#[test]
fn refined_maps_jets_and_scores() {
    for (device, jet, kappa, score) in devices() {
        let double = jet < 1e-9;
        for case in cases() {
            let found = case.run(Protocol::Refined, &device);
            assert_eq!(found.status, Status::Ok, "{}", case.name);
            let right = case.value["observed"].as_array().unwrap();
            // An operand of two merges is one map that counts twice.
            let maps: Vec<_> = found
                .maps
                .iter()
                .flat_map(|m| std::iter::repeat_n(m, m.count as usize))
                .collect();
            assert_eq!(maps.len(), right.len(), "{}", case.name);
            for (map, right) in maps.into_iter().zip(right) {
                let (key, limit) = match double {
                    true => ("ratio_f64", RATIO),
                    false => ("ratio", RATIO_SINGLE),
                };
                let ratio = right[key].as_f64().unwrap();
                let place = format!("{}: {}", case.name, map.name);
                assert!(
                    (map.ratio - ratio).abs() <= limit,
                    "{place}: {} is not {ratio}",
                    map.ratio
                );
            }
            case.check_jets(&found, jet);
            let kappas = case.value["kappa"].as_array().unwrap();
            assert_eq!(found.kappa.len(), kappas.len());
            for (found, right) in found.kappa.iter().zip(kappas) {
                let off = (found.unwrap() / right.as_f64().unwrap() - 1.0).abs();
                assert!(off <= kappa, "{}: κ is off by {off:e}", case.name);
            }
            let right = case.value["score"].as_f64().unwrap();
            let off = (found.score.unwrap() / right - 1.0).abs();
            assert!(off <= score, "{}: the score is off by {off:e}", case.name);
        }
    }
}

#[test]
fn published_modules_and_score_of_the_size_space() {
    for (device, jet, _, score) in devices() {
        for case in cases() {
            let right = &case.value["published"];
            let Some(modules) = right["modules"].as_array() else {
                continue;
            };
            let found = case.run(Protocol::Published, &device);
            let names: Vec<_> = found
                .maps
                .iter()
                .map(|m| (m.name.as_str(), m.kind))
                .collect();
            let listed: Vec<_> = modules
                .iter()
                .map(|m| (m["name"].as_str().unwrap(), m["kind"].as_str().unwrap()))
                .collect();
            assert_eq!(names, listed, "{}", case.name);
            let key = if jet < 1e-9 { "ratio_f64" } else { "ratio" };
            for (map, module) in found.maps.iter().zip(modules) {
                let ratio = module[key].as_f64().unwrap();
                assert!(
                    (map.ratio - ratio).abs() <= RATIO,
                    "{}: {}",
                    map.name,
                    map.ratio
                );
            }
            let s = right["s"].as_f64().unwrap();
            let all = combine(s, right["kappa"].as_f64().unwrap().ln_1p());
            assert!((all / right["score"].as_f64().unwrap() - 1.0).abs() < 1e-12);
            let off = (found.score.unwrap() / all - 1.0).abs();
            assert!(off <= score, "{}: the score is off by {off:e}", case.name);
        }
    }
}

#[test]
fn logits_that_stand_still_are_said_to() {
    // No pools: the last batch norms fix the means that the classifier sees.
    let skip = "('skip_connect', 0), ('sep_conv_3x3', 1)";
    let cell = format!("[{skip}, {skip}, {skip}, {skip}]");
    let genotype = format!(
        "Genotype(normal={cell}, normal_concat=range(2, 6), reduce={cell}, reduce_concat=range(2, 6))"
    );
    let space = spaces::by_name("darts").unwrap();
    for (output, noise) in [("features", false), ("logits", true)] {
        let mut options = Options::new();
        for (name, value) in [("channels", "4"), ("layers", "3"), ("output", output)] {
            options.set(name, value);
        }
        let arch = space.build(&genotype, &options).unwrap();
        let device = Device::cpu(Reason::Asked);
        let settings = Settings::default();
        let score = dextr::proxy::score(&arch, &settings, &device, &Silent);
        let score = pollster::block_on(score).unwrap();
        let said = score.message.contains("does not move beyond the rounding");
        assert_eq!(said, noise, "{output}: {}", score.message);
        assert_eq!(score.status == Status::Disconnected, noise, "{output}");
        assert_eq!(score.score == Some(0.0), noise, "{output}");
    }
}
