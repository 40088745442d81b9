//! Concord: what it is made of, by its parts' own proxies and by plain loops; on
//! WebGPU; and what it says where it has no value.

use std::sync::Arc;

use super::common::gpu;
use super::{CELL, cell};
use dextr::architecture::Architecture;
use dextr::engine::{Device, Found, Pass, Reason, Run, Silent, Watch};
use dextr::network::{Builder, Op, Policy};
use dextr::proxy::{self, Experiment, Origin, Proxy, Score, Settings, Status};

/// The proxies that it is made of.
const PARTS: &str = "dextr,meco_opt,swap";

fn settings(proxies: &str) -> Settings {
    Settings {
        proxies: proxy::by_names(proxies).unwrap(),
        ..Settings::default()
    }
}

fn score(arch: &Architecture, proxies: &str) -> Score {
    let device = Device::cpu(Reason::Asked);
    pollster::block_on(proxy::score(arch, &settings(proxies), &device, &Silent)).unwrap()
}

fn experiments(arch: &Architecture, proxies: &str) -> Vec<Experiment> {
    let settings = settings(proxies);
    let trial = |proxy: &&dyn Proxy| proxy.trial(arch, &settings, 0).unwrap().experiments;
    settings.proxies.iter().flat_map(trial).collect()
}

/// Whether two experiments differ in their watches alone.
fn same_pass(a: &Experiment, b: &Experiment) -> bool {
    let of = |e: &Experiment| (Arc::clone(&e.network), Arc::clone(&e.inputs), e.double);
    of(a) == of(b) && a.origin == b.origin
}

#[test]
fn its_value_is_that_of_its_parts_and_it_needs_no_pass_beside_theirs() {
    let arch = cell(CELL);
    let found = score(&arch, &format!("concord,{PARTS}")).measurements;
    let passes = experiments(&arch, "concord");
    let growth = growth(passes.last().unwrap());
    let [dextr, meco_opt, swap] = [1, 2, 3].map(|i: usize| found[i].value.unwrap());
    let grown = dextr * (growth / (dextr + growth)).sqrt();
    let right = grown * (1.0 + meco_opt).ln() * swap;
    let value = found[0].value.unwrap();
    assert!((value / right - 1.0).abs() < 1e-6, "{value} for {right}");
    for part in &found[1..] {
        let own = found[0].parts.iter().find(|(name, _)| *name == part.name);
        assert_eq!(own.map(|(_, value)| *value), part.value, "{}", part.name);
    }
    let theirs = experiments(&arch, PARTS);
    for pass in &passes {
        assert!(theirs.iter().any(|other| same_pass(pass, other)));
    }
}

/// ½·ln(1 + v̄) by plain loops, from the value of each norm's operand.
fn growth(pass: &Experiment) -> f64 {
    let Origin::Drawn(start, seed) = &pass.origin else {
        panic!("the weights are drawn")
    };
    let norms = pass.network.nodes().iter().filter(|node| node.op.is_norm());
    let variances = norms.map(|norm| {
        let network = pass.network.up_to(norm.inputs[0]).unwrap();
        let run = Run {
            network: &network,
            weights: &start.weights(&network, *seed),
            inputs: &pass.inputs,
        };
        let device = Device::cpu(Reason::Asked);
        let pass = Pass::run(run, &[Watch::Values], &device, &Silent);
        let Found::Values(images) = pollster::block_on(pass).unwrap().found.remove(0) else {
            panic!("the values were watched")
        };
        let channels = network.node(network.outputs()[0]).shape[0];
        let positions = images[0].len() / channels;
        let of_channel = |c: usize| -> f64 {
            let places = c * positions..(c + 1) * positions;
            let all = images.iter().flat_map(|image| &image[places.clone()]);
            let all: Vec<f64> = all.copied().collect();
            let mean = all.iter().sum::<f64>() / all.len() as f64;
            all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (all.len() - 1) as f64
        };
        (0..channels).map(of_channel).sum::<f64>() / channels as f64
    });
    let variances: Vec<f64> = variances.collect();
    0.5 * (variances.iter().sum::<f64>() / variances.len() as f64).ln_1p()
}

#[test]
fn swap_and_zen_share_a_pass() {
    let arch = cell(CELL);
    let (swap, zen) = (experiments(&arch, "swap"), experiments(&arch, "zen"));
    assert!(same_pass(&swap[0], &zen[0]));
}

#[test]
fn on_webgpu_it_is_that_of_the_cpu() {
    let arch = cell(CELL);
    let right = score(&arch, "concord").score.unwrap();
    let settings = settings("concord");
    let found = proxy::score(&arch, &settings, gpu(), &Silent);
    let found = pollster::block_on(found).unwrap().score.unwrap();
    assert!((found / right - 1.0).abs() < 1e-4, "{found} for {right}");
}

#[test]
fn what_does_not_reach_the_output_has_the_value_0() {
    let none = cell("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|");
    let dead = score(&none, "concord");
    assert_eq!((dead.status, dead.score), (Status::Disconnected, Some(0.0)));
    assert!(dead.message.contains("does not depend"), "{}", dead.message);
}

#[test]
fn it_says_which_part_is_missing() {
    let mut b = Builder::new([3, 8, 8]).unwrap();
    let conv = b.add("conv", Op::conv(4, 3, 1, 1, true), &[0]).unwrap();
    let linear = Architecture {
        network: Arc::new(b.finish(&[conv])),
        observe: Policy::Layers,
        ..cell(CELL)
    };
    let linear = score(&linear, "concord");
    assert_eq!((linear.status, linear.score), (Status::Unsuited, None));
    let why = "swap has no value: the network has no activations";
    assert!(linear.message.contains(why), "{}", linear.message);
    let parts = &linear.measurements[0].parts;
    assert!(parts.iter().any(|(name, _)| *name == "dextr"));

    let plain = cell(CELL);
    let bare = Architecture {
        network: Arc::new(plain.network.without_norms().unwrap()),
        ..plain
    };
    let bare = score(&bare, "concord");
    assert_eq!((bare.status, bare.score), (Status::Unsuited, None));
    assert!(bare.message.contains("no norms"), "{}", bare.message);
}
