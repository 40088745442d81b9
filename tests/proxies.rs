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
use dextr::engine::{
    Along, Curve, Device, Found, Inputs, Loss, Pass, Reason, Run, Silent, Statistics, Watch,
};
use dextr::network::{Builder, Input, Network, Op};
use dextr::proxy::{
    self, AzNas, GradNorm, JacobCov, L2Norm, Lswag, Meco, Naswot, Origin, Proxy, Settings, Size,
    Snip, Status, Swap, Synflow, Trial, Zen, ZeroLm, Zico, run_trial,
};
use dextr::sources::spaces;
use dextr::start::{Start, Weights};
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

    fn labels(&self) -> Vec<usize> {
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        let view = file.tensor("labels").unwrap();
        let numbers = view.data().chunks_exact(8);
        numbers
            .map(|b| usize::try_from(i64::from_le_bytes(b.try_into().unwrap())).unwrap())
            .collect()
    }
}

/// The same weights with no biases and layers of another variance, as the golden
/// values of Zen and SWAP (1) and of AZ-NAS (2/fan_in) derive them.
fn derived(network: &Network, weights: &Weights, factor: fn(f64) -> f64) -> Weights {
    let roles: std::collections::BTreeMap<String, _> = network.named_parameters().collect();
    Weights::from_fn(network, |name| {
        let own = weights.get(name).unwrap();
        let parameter = &roles[name];
        if parameter.role.is_weight() {
            let fan_in: usize = parameter.shape[1..].iter().product();
            let factor = factor(fan_in as f64);
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
    let unit = derived(network, &case.weights, |fan_in| (3.0 * fan_in).sqrt());
    let unit = given(unit);
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
    let size = Size {
        mean: 10.0,
        spread: 100.0,
    };
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
        ("swap", Swap::trial_of(network, own, batch(), None)),
        (
            "swap_unit_weights",
            Swap::trial_of(network, unit.clone(), batch(), None),
        ),
        (
            "swap_regular_mu10_sigma100",
            Swap::trial_of(network, unit, batch(), Some(size)),
        ),
        ("zen_running", zen.unwrap()),
        ("synflow", Synflow::trial_of(network, positive).unwrap()),
    ]
}

/// All trials of gradients under the names of their golden values, and those of
/// weights.
fn reverse_trials(golden: &Golden, case: &Case) -> Vec<(&'static str, Trial)> {
    let network = &case.network;
    let own = Origin::Given(Arc::new(case.weights.clone()));
    let halves = || [0..8, 8..16].map(|range| (golden.images("x", range.clone()), range));
    let labelled = || {
        let halves = halves().map(|(images, range)| {
            let labels = golden.labels()[range].to_vec();
            (images, Loss::CrossEntropy(labels.into()))
        });
        halves.to_vec()
    };
    let summed = || halves().map(|(images, _)| (images, Loss::Sum)).to_vec();
    let all = || golden.images("x", 0..16);
    let mut trials = Vec::new();
    for (names, batches) in [
        (
            [
                "grad_norm_labels",
                "snip_labels",
                "zico_labels",
                "lswag_labels",
            ],
            labelled(),
        ),
        (
            ["grad_norm_sum", "snip_sum", "zico_sum", "lswag_sum"],
            summed(),
        ),
    ] {
        let (images, loss) = batches[0].clone();
        let [grad_norm, snip, zico, lswag] = names;
        trials.push((
            grad_norm,
            GradNorm::trial_of(network, &own, images.clone(), loss.clone()),
        ));
        trials.push((snip, Snip::trial_of(network, &own, images, loss)));
        trials.push((zico, Zico::trial_of(network, &own, batches.clone())));
        trials.push((lswag, Lswag::trial_of(network, &own, batches, all())));
    }
    trials.push(("jacob_cov", JacobCov::trial_of(network, &own, all())));
    trials.push(("l2_norm", L2Norm::trial_of(network, &own).unwrap()));
    trials.push(("zerolm", ZeroLm::trial_of(network, &own).unwrap()));
    trials
}

/// Holds the proxies of gradients to relative tolerances: those of batches whose
/// gradients are divided by their differences have one of their own.
fn check_reverse(device: &Device, tolerance: f64, of_differences: f64) {
    let golden = golden();
    for case in &golden.cases {
        let (arch, values) = (&case.value["arch"], &case.value["values"]);
        let hold = |name: &str, found: f64, tolerance: f64| {
            let right = values[name].as_f64().unwrap();
            let wrong = (found - right).abs() / right.abs();
            assert!(
                wrong <= tolerance,
                "{arch} {name}: {found} for {right} ({wrong:.1e})"
            );
        };
        for (name, trial) in reverse_trials(&golden, case) {
            let (verdict, _) = pollster::block_on(run_trial(trial, device, &Silent)).unwrap();
            let tolerance = match name {
                _ if name.starts_with("zico") => of_differences,
                // One weight whose |g| are equal but for rounding moves a layer's
                // logarithm: by 2.9e-4 for one of six values, with gradients that
                // are as exact as PyTorch's (1e-6). Its own is off by 3e-5 here,
                // and by 1.1e-4 for ZiCo.
                _ if name.starts_with("lswag") => 2.0 * of_differences,
                _ => tolerance,
            };
            hold(name, verdict.value.unwrap(), tolerance);
        }
        let kaiming = derived(&case.network, &case.weights, |_| 6.0f64.sqrt());
        let origin = Origin::Given(Arc::new(kaiming));
        let trial = AzNas::trial_of(&case.network, &origin, golden.images("x", 0..8));
        let (verdict, _) = pollster::block_on(run_trial(trial, device, &Silent)).unwrap();
        assert_eq!((verdict.status, verdict.value), (Status::Ok, None));
        assert_eq!(verdict.parts.len(), 4);
        for (name, value) in verdict.parts {
            let differs = name == "az_progressivity";
            let tolerance = if differs { of_differences } else { tolerance };
            hold(name, value, tolerance);
        }
    }
}

#[test]
fn gradients_in_double_precision() {
    check_reverse(&Device::cpu_double(), 1e-9, 1e-9);
}

#[test]
fn gradients_in_single_precision() {
    check_reverse(&Device::cpu(Reason::Asked), 1e-5, 2e-4);
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
            let tolerance = if name.starts_with("swap_regular") {
                1e-14
            } else if name.starts_with("swap") {
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
        assert_eq!(together.parts, alone.measurements[0].parts, "{name}");
        assert_eq!(together.status, Status::Ok, "{name}: {}", together.message);
        if *name == "az_nas" {
            assert_eq!((together.value, together.parts.len()), (None, 4));
            continue;
        }
        let deviates = !["params", "macs", "zerolm"].contains(name);
        assert_eq!(together.deviation.unwrap() > 0.0, deviates, "{name}");
    }
    assert_eq!(together.score, together.measurements[0].value);
    assert_eq!(together.s, together.measurements[1].value);
    assert_eq!(together.k, together.measurements[2].value);
}

#[test]
fn a_proxy_that_cannot_judge_says_why_and_the_others_stand() {
    // A network without norms and activations, of which Dextr has a score.
    let mut b = Builder::new([3, 8, 8]).unwrap();
    let conv = b.add("conv", Op::conv(4, 3, 1, 1, true), &[0]).unwrap();
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
    let trial = Swap::trial_of(&case.network, own, images, None);
    let device = Device::cpu(Reason::Asked);
    let error = pollster::block_on(run_trial(trial, &device, &Silent)).unwrap_err();
    assert!(error.to_string().contains("65 images"), "{error}");
}

#[test]
fn a_disconnected_cell_has_no_gradients() {
    let arch = cell("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|");
    let names = "grad_norm,snip,zico,lswag,jacob_cov,az_nas";
    for measured in score(&arch, &settings(names)).measurements {
        assert_eq!(measured.status, Status::Disconnected, "{}", measured.name);
        let value = measured.value;
        assert!(
            value.is_none_or(|x| x == 0.0),
            "{}: {value:?}",
            measured.name
        );
    }
}

#[test]
fn a_cell_that_passes_its_input_on_has_no_trainability() {
    let skip = "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|";
    let score = score(&cell(skip), &settings("az_nas"));
    let names: Vec<&str> = score.measurements[0]
        .parts
        .iter()
        .map(|(n, _)| *n)
        .collect();
    assert_eq!(
        names,
        ["az_expressivity", "az_progressivity", "az_complexity"]
    );
    assert!(
        score.message.contains("passes its input on"),
        "{}",
        score.message
    );
}

#[test]
fn networks_without_weights_or_with_bad_labels_are_named() {
    let mut b = Builder::new([3, 8, 8]).unwrap();
    let relu = b.add("relu", Op::relu(), &[0]).unwrap();
    let arch = Architecture {
        network: Arc::new(b.finish(&[relu])),
        ..cell(CELL)
    };
    let score = score(
        &arch,
        &settings("params,l2_norm,grad_norm,zico,lswag,zerolm"),
    );
    for measured in &score.measurements[1..] {
        assert_eq!(measured.status, Status::Unsuited, "{}", measured.name);
        assert!(measured.message.contains("no convolution or dense layer"));
    }
    let golden = golden();
    let case = &golden.cases[0];
    let own = Origin::Given(Arc::new(case.weights.clone()));
    let loss = Loss::CrossEntropy([0, 10].into());
    let trial = GradNorm::trial_of(&case.network, &own, golden.images("x", 0..2), loss);
    let device = Device::cpu(Reason::Asked);
    let error = pollster::block_on(run_trial(trial, &device, &Silent)).unwrap_err();
    assert!(error.to_string().contains("label 10"), "{error}");
}

/// An attention and a feed-forward layer on tokens, each added to its input.
fn tokens() -> Network {
    let mut b = Builder::new(Input::Tokens([6, 8])).unwrap();
    let mut add = |name: &str, op: Op, inputs: &[usize]| b.add(name, op, inputs).unwrap();
    let dense = |out: usize| Op::Dense { out, bias: true };
    let norm = add("norm1", Op::layer_norm(1e-5, true), &[0]);
    let [q, k, v] = ["q", "k", "v"].map(|name| add(name, dense(8), &[norm]));
    let across = add("across", Op::Permute(vec![1, 0]), &[k]);
    let logits = add("logits", Op::MatMul, &[q, across]);
    let weights = add("weights", Op::Softmax, &[logits]);
    let mixed = add("mixed", Op::MatMul, &[weights, v]);
    let out = add("out", dense(8), &[mixed]);
    let sum = add("sum1", Op::Sum, &[0, out]);
    let norm = add("norm2", Op::layer_norm(1e-5, true), &[sum]);
    let up = add("up", dense(16), &[norm]);
    let act = add("act", Op::Activate(dextr::network::Activation::Gelu), &[up]);
    let down = add("down", dense(8), &[act]);
    let sum = add("sum2", Op::Sum, &[sum, down]);
    let mean = add("mean", Op::MeanFirst, &[sum]);
    let head = add("head", dense(5), &[mean]);
    b.finish(&[head])
}

/// Σ w·∂L/∂w is the loss's derivative with all weights scaled, and the same by
/// the input along a direction: both are forward tangents.
#[test]
fn gradients_of_whole_networks_are_those_of_the_tangents() {
    let cell = cell(CELL).network;
    for network in [&*cell, &tokens()] {
        let shape = network.input_shape();
        let noise = dextr::stimulus::white_noise(shape, 3, 2);
        let device = Device::cpu_double();
        let weights = Start::default().weights(network, 1);
        let pass = |inputs: &Inputs, watches: &[Watch]| {
            let run = Run {
                network,
                weights: &weights,
                inputs,
            };
            pollster::block_on(Pass::run(run, watches, &device, &Silent)).unwrap()
        };
        let watches = [
            Watch::InputGradients(Loss::Sum),
            Watch::WeightGradients(Loss::Sum),
        ];
        let image = Inputs {
            images: vec![noise[0].clone()],
            ..Inputs::default()
        };
        let found = pass(&image, &watches).found;
        let [Found::InputGradients(input), Found::WeightGradients(by)] = found.as_slice() else {
            panic!("{found:?}");
        };
        let tangent = |along: Along| {
            let inputs = Inputs {
                curves: vec![Curve {
                    u: noise[0].clone(),
                    w: noise[1].clone(),
                }],
                along,
                ..Inputs::default()
            };
            let pass = pass(&inputs, &[Watch::Jets { whole: true }]);
            pass.jets()[0].dy.iter().sum::<f64>()
        };
        let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
        let along_input = dot(&input[0], &noise[1].to_f64());
        let each = by.iter().map(|g| dot(&g.gradient, &g.weight.to_f64()));
        let along_weights: f64 = each.sum();
        for (found, right) in [
            (along_input, tangent(Along::Input)),
            (along_weights, tangent(Along::Weights)),
        ] {
            assert!(
                right != 0.0 && (found / right - 1.0).abs() < 1e-9,
                "{found} {right}"
            );
        }
    }
}

#[test]
fn networks_of_tokens_have_gradients_and_features() {
    let arch = Architecture {
        network: Arc::new(tokens()),
        ..cell(CELL)
    };
    let names = "grad_norm,snip,jacob_cov,zico,lswag,az_nas,l2_norm,zerolm";
    for measured in score(&arch, &settings(names)).measurements {
        assert_eq!(
            measured.status,
            Status::Ok,
            "{}: {}",
            measured.name,
            measured.message
        );
        match measured.name {
            "az_nas" => assert_eq!(measured.parts.len(), 4),
            // Four of an attention's 8 × 8, a quarter each, 16 × 8 twice, 5 × 8.
            "zerolm" => {
                let right = 1.0 + 2.0 * 32.0 / 24.0 + 16.0 / 13.0;
                assert!((measured.value.unwrap() - right).abs() < 1e-12);
            }
            _ => assert!(measured.deviation.unwrap() > 0.0, "{}", measured.name),
        }
    }
}

#[test]
fn gradients_beside_curves_are_refused() {
    let network = tokens();
    let noise = dextr::stimulus::white_noise(network.input_shape(), 0, 2);
    let inputs = Inputs {
        curves: vec![Curve {
            u: noise[0].clone(),
            w: noise[1].clone(),
        }],
        statistics: Statistics::Row,
        ..Inputs::default()
    };
    let run = Run {
        network: &network,
        weights: &Start::default().weights(&network, 0),
        inputs: &inputs,
    };
    let watches = [Watch::InputGradients(Loss::Sum)];
    let device = Device::cpu_double();
    let pass = Pass::run(run, &watches, &device, &Silent);
    let error = pollster::block_on(pass).unwrap_err();
    assert_eq!(error.code(), "usage", "{error}");
}

#[test]
fn entropies_on_webgpu_are_the_cpus() {
    let network = cell(CELL).network;
    let nodes = network.nodes().iter().enumerate();
    let maps = nodes.filter(|(_, node)| node.shape.len() == 3 && node.op.is_norm());
    let watches: Vec<Watch> = maps.map(|(id, _)| Watch::Entropy(id)).collect();
    let inputs = Inputs {
        images: dextr::stimulus::white_noise(network.input_shape(), 1, 4),
        statistics: Statistics::Batch,
        ..Inputs::default()
    };
    let run = Run {
        network: &network,
        weights: &Start::default().weights(&network, 0),
        inputs: &inputs,
    };
    let [found, right] = [gpu(), &Device::cpu_double()].map(|device| {
        let pass = pollster::block_on(Pass::run(run, &watches, device, &Silent));
        pass.unwrap().found
    });
    assert!(found.len() > 5 && found.len() == right.len());
    for (found, right) in found.iter().zip(&right) {
        let (Found::Entropy(found), Found::Entropy(right)) = (found, right) else {
            panic!("{found:?} {right:?}");
        };
        assert!((found - right).abs() < 1e-4 * right, "{found} {right}");
    }
}
