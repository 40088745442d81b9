//! What is written is read back as the network that it was written of.

use super::export;
use crate::architecture::{Architecture, Options};
use crate::engine::{Device, Reason, Silent};
use crate::network::Policy;
use crate::proxy::{self, Settings};
use crate::sources::onnx::Model;
use crate::sources::spaces::{self, Space};

const SEED: u64 = 3;

/// Options of a small network, as far as a space has them.
fn small(space: &dyn Space, more: &[(&str, &str)]) -> Options {
    let known = space.about().options;
    let has = |name: &str| known.iter().any(|o| o.name == name);
    let mut options = Options::new();
    let size = match space.name() {
        name if name.starts_with("autoformer") => "32",
        "pit" | "transnasbench101" => "64",
        "nats-size" => "16",
        _ => "32",
    };
    let numbers = [
        ("stem_width", "8"),
        ("decoder_width", "8"),
        ("channels", "4"),
        ("layers", "3"),
        ("cells", "1"),
        ("classes", "7"),
        ("size", size),
        ("length", "9"),
    ];
    for (name, value) in numbers.iter().chain(more).filter(|(name, _)| has(name)) {
        options.set(name, value);
    }
    options
}

/// The outputs of a pink image under a seed, by plain loops in double precision.
fn outputs(arch: &Architecture) -> Vec<f64> {
    let network = &arch.network;
    let weights = arch.start.weights(network, SEED);
    let input: Vec<f64> = (0..network.node(0).len())
        .map(|i| ((i * 37 % 101) as f64 - 50.0) / 29.0)
        .collect();
    let find = |id: usize, suffix: &'static str| {
        let array = weights.get(&network.node(id).tensor(suffix)).ok()?;
        Some(array.to_f64())
    };
    let values = network.outputs().iter();
    let values = values.map(|&id| network.evaluate(id, &input, &find).unwrap());
    values.flatten().collect()
}

/// How many maps are observed.
fn maps(score: &proxy::Score) -> u32 {
    score.layers.iter().map(|map| map.count).sum()
}

fn score(arch: &Architecture) -> proxy::Score {
    let settings = Settings {
        seed: SEED,
        observe: Some(Policy::Flow),
        curves: Some(1),
        ..Settings::default()
    };
    let device = Device::cpu(Reason::Asked);
    pollster::block_on(proxy::score(arch, &settings, &device, &Silent)).unwrap()
}

/// Writes an architecture, reads it, and compares both.
fn returns(space: &dyn Space, text: &str, options: &Options) {
    let what = format!("{} {text} {options:?}", space.name());
    let arch = space.build(text, options).unwrap();
    let bytes = export(&arch, SEED).unwrap();
    let mut from_file = Options::new();
    from_file.set("weights", "file");
    let model = Model::read(&bytes).unwrap_or_else(|e| panic!("{what}: {e}"));
    let read = model.architecture("net.onnx", &from_file);
    let read = read.unwrap_or_else(|e| panic!("{what}: {e}"));
    let sizes = |arch: &Architecture| [arch.network.params(), arch.network.macs()];
    assert_eq!(sizes(&read), sizes(&arch), "{what}");
    let (own, others) = (outputs(&arch), outputs(&read));
    assert_eq!(own.len(), others.len(), "{what}");
    let largest = own.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    for (a, b) in own.iter().zip(&others) {
        // Weights have single precision in both; the fixed numbers of a GELU, too.
        assert!((a - b).abs() <= 1e-6 * largest, "{what}: {a} {b}");
    }
    let (own, others) = (score(&arch), score(&read));
    assert_eq!(own.status, others.status, "{what}");
    assert_eq!(maps(&own), maps(&others), "{what}");
    for (a, b) in [
        (own.score, others.score),
        (own.s, others.s),
        (own.k, others.k),
    ] {
        let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
        assert!((a - b).abs() <= 1e-5 * a.abs(), "{what}: {a} {b}");
    }
}

#[test]
fn networks_of_every_space_return() {
    for space in spaces::all() {
        let options = small(*space, &[]);
        let examples = space.about().examples.iter().map(|e| e.arch.to_owned());
        let mut texts: Vec<String> = examples.take(1).collect();
        texts.extend((0..2).map(|seed| space.sample(seed)));
        // A ViT takes its time in plain loops.
        let few = space.name().starts_with("autoformer") || space.name() == "pit";
        for text in texts.iter().take(if few { 1 } else { 3 }) {
            returns(*space, text, &options);
        }
    }
}

#[test]
fn every_task_and_head_returns() {
    let space = spaces::by_name("transnasbench101").unwrap();
    let tasks = space.about().options.iter().find(|o| o.name == "task");
    let text = space.sample(1);
    for task in tasks.unwrap().values {
        returns(space, &text, &small(space, &[("task", task)]));
    }
    let space = spaces::by_name("nasbench201").unwrap();
    for affine in ["false", "true"] {
        returns(
            space,
            &space.sample(1),
            &small(space, &[("affine", affine)]),
        );
    }
    let space = spaces::by_name("darts").unwrap();
    let imagenet = small(space, &[("network", "imagenet"), ("size", "64")]);
    returns(space, &space.sample(1), &imagenet);
    returns(
        space,
        &space.sample(2),
        &small(space, &[("auxiliary", "true")]),
    );
}

/// What hangs on `none` alone is there, and is dead.
#[test]
fn dead_edges_return_dead() {
    let space = spaces::by_name("nasbench201").unwrap();
    let dead = "|none~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|avg_pool_3x3~1|none~2|";
    returns(space, dead, &small(space, &[]));
}

#[test]
fn another_seed_is_another_file_and_the_same_seed_the_same() {
    let space = spaces::by_name("nasbench201").unwrap();
    let arch = space.build(&space.sample(0), &small(space, &[])).unwrap();
    assert_eq!(export(&arch, 1).unwrap(), export(&arch, 1).unwrap());
    assert_ne!(export(&arch, 1).unwrap(), export(&arch, 2).unwrap());
}
