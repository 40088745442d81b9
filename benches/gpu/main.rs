//! A GPU at work: the device, seconds a score and scores a second, how many
//! dispatches a score is, and the GPU's time by kernel, over NAS-Bench-201 cells,
//! AutoFormer-Tiny and ResNet-50. With a Python that has torch and a GPU for it,
//! also the published procedure on the same card.
//!
//! `./build.sh bench gpu [scores]`, which runs `gpu.mjs` in Chromium after it: the
//! same networks, with what they write and read. Where the device gives no
//! timestamps, kernels are timed by the host's clock. `--software` takes the reduced
//! network alone, for an adapter that is no GPU. `gpu write FOLDER` writes
//! `resnet50.onnx` for the browser.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod kernels;
mod resnet;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use dextr::architecture::{Architecture, Options};
use dextr::engine::{Choice, Device, Reason, Silent};
use dextr::proxy::{Settings, score};
use dextr::sources::onnx;
use dextr::sources::spaces::{self, Cell};

/// The command line's.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Of AutoFormer-Tiny: the largest network.
const LARGEST: &str = r#"{"depth": 14, "embed_dim": 240, "num_heads": [4,4,4,4,4,4,4,4,4,4,4,4,4,4], "mlp_ratio": [4,4,4,4,4,4,4,4,4,4,4,4,4,4]}"#;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [verb, folder, ..] if verb == "write" => {
            let file = Path::new(folder).join("resnet50.onnx");
            std::fs::create_dir_all(folder).unwrap();
            std::fs::write(file, onnx::export(&resnet::resnet50(), 0).unwrap()).unwrap();
        }
        [verb, name, ..] if verb == kernels::VERB => kernels::one_score(&named(name)[0]),
        _ => {
            let scores = arguments.iter().find_map(|a| a.parse().ok());
            let networks: &[&str] = match arguments.iter().any(|a| a == "--software") {
                true => &["reduced"],
                false => &["nasbench201", "autoformer-tiny", "resnet50"],
            };
            compare(networks, scores.unwrap_or(10));
        }
    }
}

/// The networks of a name.
fn named(name: &str) -> Vec<Architecture> {
    let of = |space: &str, text: &str, options: &Options| {
        let space = spaces::by_name(space).unwrap();
        space.build(text, options).unwrap()
    };
    let own = &Options::new();
    match name {
        "nasbench201" => (0..10)
            .map(|i| Cell::from_index((i * 7919 + 4321) % Cell::COUNT).unwrap())
            .map(|cell| of("nasbench201", &cell.to_string(), own))
            .collect(),
        "reduced" => {
            let mut small = Options::new();
            small.set("stem_width", "8").set("cells", "1");
            vec![of("nasbench201", "1,3,3,3,3,3", &small)]
        }
        "autoformer-tiny" => vec![of("autoformer-tiny", LARGEST, own)],
        _ => vec![resnet::resnet50()],
    }
}

fn compare(networks: &[&str], scores: usize) {
    let device = pollster::block_on(Device::open(Choice::WebGpu)).unwrap();
    println!("{}: {}", device.kind().name(), device.name());
    for &name in networks {
        let networks = named(name);
        println!("\n{name}");
        let first = seconds(&networks[0], &device);
        let on_gpu = median((0..scores).map(|i| seconds(&networks[i % networks.len()], &device)));
        let cpu = Device::cpu(Reason::Asked);
        let few = scores.min(networks.len().max(2));
        let on_cpu = median((0..few).map(|i| seconds(&networks[i % networks.len()], &cpu)));
        println!(
            "  first score {first:.3} s, then {on_gpu:.4} s: {:.1} a second",
            1.0 / on_gpu
        );
        println!(
            "  on the CPU, one thread, {on_cpu:.4} s: the GPU takes {:.3} of that",
            on_gpu / on_cpu
        );
        kernels::table(name);
    }
    published();
}

fn seconds(arch: &Architecture, device: &Device) -> f64 {
    let start = Instant::now();
    pollster::block_on(score(arch, &Settings::default(), device, &Silent)).unwrap();
    start.elapsed().as_secs_f64()
}

fn median(seconds: impl Iterator<Item = f64>) -> f64 {
    let mut all: Vec<f64> = seconds.collect();
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// The published procedure in PyTorch on a card, where there is one for it.
fn published() {
    let python = std::env::var("DEXTR_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/published_baseline.py");
    let arguments = [script, "--cells", "10", "--device", "cuda"];
    println!("\nthe published procedure in PyTorch on the same card, nasbench201");
    let said = match Command::new(&python).args(arguments).output() {
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => format!("{python}: {error}"),
    };
    said.lines().for_each(|line| println!("  {line}"));
}
