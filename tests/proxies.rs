//! Every proxy against an independent PyTorch reference that agrees with the
//! published functions (`tests/golden/proxies_manifest.json`): in double
//! precision, in single, and on WebGPU; and what several proxies share.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a test's numbers are small"
)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::sync::Arc;

use common::{folder, gpu};
use dextr::architecture::{Architecture, Options};
use dextr::array::Array;
use dextr::engine::{Device, Reason, Silent};
use dextr::network::Network;
use dextr::proxy::{
    self, Meco, Naswot, Origin, Proxy, Settings, Status, Swap, Synflow, Trial, Zen, run_trial,
};
use dextr::sources::spaces;
use dextr::start::Weights;
use safetensors::SafeTensors;
use serde_json::Value;

struct Case {
    value: Value,
    network: Arc<Network>,
    weights: Weights,
}

struct Golden {
    bytes: Vec<u8>,
    cases: Vec<Case>,
}

fn golden() -> Golden {
    let read = |name: &str| std::fs::read(folder().join(name)).unwrap();
    let bytes = read("proxies.safetensors");
    let manifest: Value = serde_json::from_slice(&read("proxies_manifest.json")).unwrap();
    let cases = manifest["cases"].as_object().unwrap().iter();
    let cases: Vec<Case> = cases
        .map(|(name, value)| {
            let mut options = Options::new();
            options
                .set("stem_width", &value["C"].to_string())
                .set("cells", &value["N"].to_string())
                .set("size", "16");
            let space = spaces::by_name("nasbench201").unwrap();
            let arch = space.build(value["arch"].as_str().unwrap(), &options);
            let network = arch.unwrap().network;
            let weights = Weights::from_safetensors(&network, &bytes, &format!("{name}.")).unwrap();
            Case {
                value: value.clone(),
                network,
                weights,
            }
        })
        .collect();
    assert_eq!(cases.len(), 3);
    Golden { bytes, cases }
}

impl Golden {
    /// The images of a tensor, one an image.
    fn images(&self, name: &str, range: std::ops::Range<usize>) -> Vec<Array> {
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        let all = Array::from_safetensors(&file, name).unwrap();
        let shape = all.shape[1..].to_vec();
        let n: usize = shape.iter().product();
        let numbers = all.to_f64();
        let image = |i: usize| {
            let values = numbers[i * n..(i + 1) * n].iter().map(|&x| x as f32);
            Array::f32(shape.clone(), values.collect())
        };
        range.map(image).collect()
    }
}

/// The same weights with layers of unit variance and no biases, as the golden
/// values of Zen and SWAP derive them.
fn unit(network: &Network, weights: &Weights) -> Weights {
    let roles: std::collections::BTreeMap<String, _> = network.named_parameters().collect();
    Weights::from_fn(network, |name| {
        let own = weights.get(name).unwrap();
        let parameter = &roles[name];
        if parameter.role.is_weight() {
            let fan_in: usize = parameter.shape[1..].iter().product();
            let factor = (3.0 * fan_in as f64).sqrt();
            let values = own.to_f64().into_iter().map(|x| (x * factor) as f32);
            return Ok(Array::f32(own.shape.clone(), values.collect()));
        }
        let value = if name.ends_with(".bias") { 0.0 } else { 1.0 };
        Ok(Array::f32(
            own.shape.clone(),
            vec![value; own.to_f64().len()],
        ))
    })
    .unwrap()
}

fn magnitudes(network: &Network, weights: &Weights) -> Weights {
    Weights::from_fn(network, |name| {
        let own = weights.get(name).unwrap();
        let values = own.to_f64().into_iter().map(|x| x.abs() as f32);
        Ok(Array::f32(own.shape.clone(), values.collect()))
    })
    .unwrap()
}

/// All trials of a case under the names of their golden values.
fn trials(golden: &Golden, case: &Case) -> Vec<(&'static str, Trial)> {
    let given = |weights: Weights| Origin::Given(Arc::new(weights));
    let (network, own) = (&case.network, given(case.weights.clone()));
    let unit = given(unit(network, &case.weights));
    let side = network.with_input([3, 64, 64]).map(Arc::new).unwrap();
    let image = || golden.images("image64", 0..1);
    let mut channels = case.value["meco_opt_channels"].as_array().unwrap().iter();
    let drawn = |_| {
        let indices = channels.next().unwrap().as_array().unwrap().iter();
        Some(indices.map(|i| i.as_u64().unwrap() as usize).collect())
    };
    let batch = || golden.images("x", 0..16);
    let zen = Zen::trial_of(
        network,
        &unit,
        golden.images("x", 0..8),
        &golden.images("e", 0..8),
    );
    let positive = given(magnitudes(network, &case.weights));
    vec![
        (
            "meco",
            Meco::trial_of(Arc::clone(&side), own.clone(), image(), |_| None),
        ),
        (
            "meco_opt",
            Meco::trial_of(side, own.clone(), image(), drawn),
        ),
        ("naswot", Naswot::trial_of(network, own.clone(), batch())),
        ("swap", Swap::trial_of(network, own, batch())),
        ("swap_unit_weights", Swap::trial_of(network, unit, batch())),
        ("zen_running", zen.unwrap()),
        ("synflow", Synflow::trial_of(network, positive).unwrap()),
    ]
}

/// Holds all values on a device to a relative tolerance.
fn check(device: &Device, tolerance: f64) {
    let golden = golden();
    for case in &golden.cases {
        for (name, trial) in trials(&golden, case) {
            let (verdict, _) = pollster::block_on(run_trial(trial, device, &Silent)).unwrap();
            let right = case.value["values"][name].as_f64().unwrap();
            let found = verdict.value.unwrap();
            let wrong = (found - right).abs() / right.abs();
            let arch = &case.value["arch"];
            // Counts are exact.
            let tolerance = if name.starts_with("swap") {
                0.0
            } else {
                tolerance
            };
            assert!(
                wrong <= tolerance,
                "{arch} {name}: {found} for {right} ({wrong:.1e})"
            );
        }
        let params = case.value["values"]["params"].as_u64().unwrap();
        let macs = case.value["values"]["macs_16px"].as_u64().unwrap();
        assert_eq!((case.network.params(), case.network.macs()), (params, macs));
    }
}

#[test]
fn values_in_double_precision() {
    check(&Device::cpu_double(), 1e-9);
}

#[test]
fn values_in_single_precision() {
    check(&Device::cpu(Reason::Asked), 1e-5);
}

#[test]
fn values_on_webgpu() {
    check(gpu(), 1e-4);
}

fn cell(text: &str) -> Architecture {
    let mut options = Options::new();
    options
        .set("stem_width", "4")
        .set("cells", "1")
        .set("size", "8");
    let space = spaces::by_name("nasbench201").unwrap();
    space.build(text, &options).unwrap()
}

const CELL: &str =
    "|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|";

fn settings(proxies: &str) -> Settings {
    Settings {
        proxies: proxy::by_names(proxies).unwrap(),
        seeds: 2,
        ..Settings::default()
    }
}

fn score(arch: &Architecture, settings: &Settings) -> proxy::Score {
    let device = Device::cpu(Reason::Asked);
    pollster::block_on(proxy::score(arch, settings, &device, &Silent)).unwrap()
}

#[test]
fn together_or_alone_every_proxy_has_the_same_value() {
    let arch = cell(CELL);
    let names: Vec<&str> = proxy::all().iter().map(|p| p.about().name).collect();
    let together = score(&arch, &settings(&names.join(",")));
    for (name, together) in names.iter().zip(&together.measurements) {
        let alone = score(&arch, &settings(name));
        assert_eq!(together.name, *name);
        assert_eq!(together.value, alone.score, "{name}");
        assert_eq!(together.status, Status::Ok, "{name}: {}", together.message);
        let deviates = !["params", "macs"].contains(name);
        assert_eq!(together.deviation.unwrap() > 0.0, deviates, "{name}");
    }
    assert_eq!(together.score, together.measurements[0].value);
    assert_eq!(together.s, together.measurements[1].value);
    assert_eq!(together.k, together.measurements[2].value);
}

#[test]
fn a_proxy_that_cannot_judge_says_why_and_the_others_stand() {
    // A network without norms and activations, of which Dextr has a score.
    let mut b = dextr::network::Builder::new([3, 8, 8]).unwrap();
    let conv = b
        .add("conv", dextr::network::Op::conv(4, 3, 1, 1, true), &[0])
        .unwrap();
    let arch = Architecture {
        network: Arc::new(b.finish(&[conv])),
        observe: dextr::network::Policy::Layers,
        ..cell(CELL)
    };
    let score = score(&arch, &settings("dextr,naswot,zen,meco"));
    assert_eq!(score.status, Status::Ok, "{}", score.message);
    let status: Vec<Status> = score.measurements.iter().map(|m| m.status).collect();
    assert_eq!(
        status,
        [Status::Ok, Status::Unsuited, Status::Unsuited, Status::Ok]
    );
    assert!(
        score
            .message
            .contains("naswot: the network has no activations")
    );
    assert!(
        score
            .message
            .contains("zen: the network has no global pool")
    );
    assert!(score.measurements[1].value.is_none() && score.measurements[3].value.is_some());
}

#[test]
fn unknown_proxies_are_named_with_those_that_exist() {
    let error = proxy::by_names("dextr,mecco").unwrap_err();
    assert_eq!(error.to_string(), "unknown proxy 'mecco'");
    assert!(error.hint().contains("meco, meco_opt"), "{}", error.hint());
    assert!(proxy::by_names(" , ").is_err());
}

#[test]
fn a_disconnected_cell_has_no_flow() {
    let none = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|";
    let arch = cell(none);
    let score = score(&arch, &settings("dextr,synflow"));
    assert_eq!(score.measurements[1].value, Some(0.0));
    assert_eq!(score.measurements[1].status, Status::Disconnected);
    let about = proxy::all().iter().map(|p: &&dyn Proxy| p.about());
    assert!(about.into_iter().all(|a| !a.needs.is_empty()));
}

#[test]
fn two_equal_images_are_said_to_have_no_determinant() {
    let golden = golden();
    let case = &golden.cases[0];
    let mut images = golden.images("x", 0..4);
    images.push(images[0].clone());
    let own = Origin::Given(Arc::new(case.weights.clone()));
    let trial = Naswot::trial_of(&case.network, own, images);
    let device = Device::cpu(Reason::Asked);
    let (verdict, _) = pollster::block_on(run_trial(trial, &device, &Silent)).unwrap();
    assert_eq!((verdict.status, verdict.value), (Status::NonFinite, None));
    assert!(
        verdict.message.contains("two images"),
        "{}",
        verdict.message
    );
}

#[test]
fn more_images_than_a_pattern_holds_are_refused() {
    let golden = golden();
    let case = &golden.cases[0];
    let images = vec![golden.images("x", 0..1).remove(0); 65];
    let own = Origin::Given(Arc::new(case.weights.clone()));
    let trial = Swap::trial_of(&case.network, own, images);
    let device = Device::cpu(Reason::Asked);
    let error = pollster::block_on(run_trial(trial, &device, &Silent)).unwrap_err();
    assert!(error.to_string().contains("65 images"), "{error}");
}
