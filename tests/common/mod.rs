//! Reads the reference cases of `tests/golden`.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a test's numbers are small"
)]
#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, unreachable_pub)]

use std::path::PathBuf;
use std::sync::OnceLock;

use dextr::architecture::{Architecture, Options};
use dextr::array::Array;
use dextr::engine::{Choice, Device, OutputJet};
use dextr::sources::spaces;
use safetensors::SafeTensors;
use serde_json::Value;

/// The folder of reference values.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

/// The manifest of reference values.
pub fn manifest() -> Value {
    serde_json::from_slice(&std::fs::read(folder().join("manifest.json")).unwrap()).unwrap()
}

/// One NAS-Bench-201 case.
pub struct Case {
    pub name: String,
    pub value: Value,
    pub bytes: Vec<u8>,
}

/// All NAS-Bench-201 cases.
pub fn cases() -> Vec<Case> {
    let manifest = manifest();
    let cases: Vec<Case> = manifest["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|value| Case {
            name: value["name"].as_str().unwrap().to_owned(),
            value: value.clone(),
            bytes: std::fs::read(folder().join(value["file"].as_str().unwrap())).unwrap(),
        })
        .collect();
    assert_eq!(cases.len(), 6);
    cases
}

impl Case {
    /// The network of the case.
    pub fn architecture(&self) -> Architecture {
        let mut options = Options::new();
        options
            .set("stem_width", &self.value["C"].to_string())
            .set("cells", &self.value["N"].to_string())
            .set("classes", &self.value["classes"].to_string());
        let space = spaces::by_name("nasbench201").unwrap();
        space
            .build(self.value["arch"].as_str().unwrap(), &options)
            .unwrap()
    }

    /// A tensor of the case's file.
    pub fn numbers(&self, name: &str) -> Vec<f64> {
        numbers(&self.bytes, name)
    }

    /// S over the listed maps, from the reference's single- or
    /// double-precision features.
    pub fn s(&self, maps: &Value, double: bool) -> f64 {
        let modules = self.value["modules"].as_array().unwrap();
        let ratio = |map: &Value| {
            let same = |m: &&Value| m["name"] == map["name"] && m["kind"] == map["kind"];
            let module = modules.iter().find(same).unwrap();
            let ratio = module[if double {
                "ratio_f64_features"
            } else {
                "ratio"
            }]
            .as_f64()
            .unwrap();
            if ratio < 1e-6 { 0.0 } else { ratio }
        };
        maps.as_array()
            .unwrap()
            .iter()
            .map(ratio)
            .sum::<f64>()
            .ln_1p()
    }

    /// y′ and y″ within a tolerance of their largest entry.
    pub fn check_jet(&self, jet: &OutputJet, dy: &str, ddy: &str, curve: usize, tolerance: f64) {
        for (found, name) in [(&jet.dy, dy), (&jet.ddy, ddy)] {
            let all = self.numbers(name);
            let n = found.len();
            let right = &all[curve * n..(curve + 1) * n];
            let worst = worst_difference(found, right);
            assert!(
                worst <= tolerance * largest(right),
                "{}: {name} of curve {curve} is off by {worst:e}",
                self.name
            );
        }
    }
}

/// A tensor of a safetensors file.
pub fn numbers(bytes: &[u8], name: &str) -> Vec<f64> {
    let file = SafeTensors::deserialize(bytes).unwrap();
    Array::from_safetensors(&file, name).unwrap().to_f64()
}

/// The largest absolute value.
pub fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |m, v| m.max(v.abs()))
}

/// The largest absolute difference; infinite where one is not a number.
pub fn worst_difference(found: &[f64], right: &[f64]) -> f64 {
    assert_eq!(found.len(), right.len());
    found.iter().zip(right).fold(0.0, |m: f64, (x, y)| {
        let d = (x - y).abs();
        if d.is_nan() { f64::INFINITY } else { m.max(d) }
    })
}

/// Numbers that the Python scripts make, too: uniform with mean 0 and variance
/// 1, by splitmix64 of a counter that starts at the name's FNV-1a hash.
pub fn splitmix(name: &str, count: usize) -> impl Iterator<Item = f64> {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (1..=count as u64).map(move |i| {
        let z = hash.wrapping_add(i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let z = z ^ (z >> 31);
        let u = (z >> 11) as f64 / (1u64 << 53) as f64;
        (2.0 * u - 1.0) * 3.0f64.sqrt()
    })
}

/// An image or a direction of such numbers.
pub fn field(name: &str, shape: &[usize]) -> Array {
    let values = splitmix(name, shape.iter().product()).map(|z| z as f32);
    Array::f32(shape.to_vec(), values.collect())
}

/// The WebGPU adapter. Tests that use it fail without one; without a GPU,
/// Chromium's SwiftShader serves (`VK_ICD_FILENAMES`, see `build.sh`).
pub fn gpu() -> &'static Device {
    static DEVICE: OnceLock<Device> = OnceLock::new();
    DEVICE.get_or_init(|| {
        pollster::block_on(Device::open(Choice::WebGpu))
            .expect("these tests need a WebGPU adapter: set VK_ICD_FILENAMES, see build.sh")
    })
}
