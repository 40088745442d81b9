//! The same on WebGPU against the CPU: maps whose
//! σ_min is rounding, computed kernels, norms over tokens, outputs on a line.
//!
//! They need a WebGPU adapter and fail without one (see `tests/webgpu.rs`).

use super::*;
use crate::common::gpu;

/// Largest relative difference of a score between the devices.
const SCORE: f64 = 0.005;
/// Largest difference of a ratio, absolute.
const RATIO: f64 = 1e-5;

fn seeded(model: &Model, seed: u64, device: &Device) -> Score {
    let arch = model.architecture("model", &Options::new()).unwrap();
    let settings = Settings {
        seed,
        ..Settings::default()
    };
    pollster::block_on(score(&arch, &settings, device, &Silent)).unwrap()
}

/// Scores on both devices and compares what they say.
fn compare(name: &str, seed: u64) -> Score {
    let model = read(name);
    let right = seeded(&model, seed, &Device::cpu(Reason::Asked));
    let found = seeded(&model, seed, gpu());
    let place = format!("{name}, seed {seed}");
    assert_eq!(found.status, right.status, "{place}: {}", found.message);
    assert_eq!(found.layers.len(), right.layers.len(), "{place}");
    for (found, right) in found.layers.iter().zip(&right.layers) {
        let off = (found.ratio - right.ratio).abs();
        assert!(off <= RATIO, "{place}: {}: off by {off:e}", right.name);
    }
    match (found.score, right.score) {
        (Some(found), Some(right)) => {
            let off = (found - right).abs();
            assert!(off <= SCORE * right, "{place}: {found}, not {right}");
        }
        (found, right) => assert_eq!(found, right, "{place}"),
    }
    found
}

#[test]
fn maps_with_a_smallest_singular_value_of_rounding_end() {
    for name in ["svd_96_20", "svd_120_20"] {
        for seed in 0..12 {
            assert_eq!(compare(name, seed).status, Status::Ok, "{name}: {seed}");
        }
    }
}

#[test]
fn computed_kernels_masks_and_norms_over_tokens() {
    for name in SCORED {
        assert_eq!(compare(name, 0).status, Status::Ok, "{name}");
    }
}

#[test]
fn outputs_on_a_line_have_no_curvature() {
    for seed in 0..4 {
        let row = compare("softmax2", seed);
        assert_eq!(row.curvature, Some(0.0), "seed {seed}: {}", row.message);
        assert!(row.message.contains("line"), "{}", row.message);
    }
}

#[test]
fn a_network_without_an_observed_map_has_no_score() {
    let row = compare("mlp", 0);
    assert_eq!((row.status, row.score), (Status::Unsuited, None));
}
