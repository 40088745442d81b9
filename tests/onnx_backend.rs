//! ONNX's own backend suite: `tests/onnx/backend.py` writes its single-node
//! cases and its whole networks, with the shapes that ONNX's shape inference
//! gives; `./build.sh test` runs this on them.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a test's numbers are small"
)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use dextr::array::Array;
use dextr::engine::{
    Choice, Curve, Device, Inputs as PassInputs, Pass, Reason, Run, Silent, Watch,
};
use dextr::sources::onnx::{Flat, Inputs, Lowered, Model};
use serde_json::Value;

/// One case of the suite.
struct Case {
    name: String,
    bytes: Vec<u8>,
    facts: Value,
}

fn folder() -> PathBuf {
    let folder = std::env::var_os("DEXTR_ONNX_CASES").expect(
        "DEXTR_ONNX_CASES names no folder: run python3 tests/onnx/backend.py target/onnx-cases",
    );
    folder.into()
}

/// The single-node cases.
fn cases() -> Vec<Case> {
    let cases = read(&folder());
    assert!(cases.len() > 300, "only {} cases", cases.len());
    cases
}

fn read(folder: &Path) -> Vec<Case> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "onnx"))
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| Case {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            bytes: std::fs::read(path).unwrap(),
            facts: serde_json::from_slice(&std::fs::read(path.with_extension("json")).unwrap())
                .unwrap(),
        })
        .collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    if value["values"] == "ramp" {
        let n = shape(value).iter().product();
        return (0..n).map(|i| i as f64 / n as f64).collect();
    }
    let values = value["values"].as_array().unwrap().iter();
    values.map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
}

fn shape(value: &Value) -> Vec<usize> {
    let dims = value["shape"].as_array().unwrap().iter();
    dims.map(|d| d.as_u64().unwrap() as usize).collect()
}

/// Every computed value has the shape that ONNX's shape inference gives it,
/// where it gives one; how many those are.
fn check_shapes(inferred: &Value, lowered: &Lowered) -> Result<usize, String> {
    let inferred = inferred.as_object().unwrap();
    let mut compared = 0;
    for (name, right) in inferred {
        if let Some(found) = lowered.shapes.get(name) {
            if serde_json::json!(found) != *right {
                return Err(format!("{name} has the shape {found:?}, not {right}"));
            }
            compared += 1;
        }
    }
    Ok(compared)
}

impl Case {
    /// The case with as many of its inputs computed as there can be; weights,
    /// shapes and the like are constants. Also the flat input.
    fn lowered(&self) -> Result<Option<(Lowered, Vec<f32>, usize)>, String> {
        let inputs = self.facts["inputs"].as_array().unwrap();
        let float = |v: &Value| v["kind"] == "f" && !shape(v).contains(&0);
        let computed = inputs.iter().take_while(|v| float(v)).count();
        if computed == 0 {
            return Ok(None);
        }
        let all = self.facts["outputs"].as_array().unwrap().len();
        let mut last = String::new();
        for outputs in [all, 1] {
            for count in (1..=computed).rev() {
                let mut flat = Vec::new();
                let bound: Vec<Flat> = inputs
                    .iter()
                    .enumerate()
                    .map(|(i, v)| {
                        let values = numbers(v);
                        if i < count {
                            flat.extend(values.iter().map(|&x| x as f32));
                        }
                        Flat {
                            name: v["name"].as_str().unwrap().to_owned(),
                            shape: shape(v),
                            constant: (i >= count).then(|| (values, v["kind"] != "f")),
                        }
                    })
                    .collect();
                let mut model = Model::read(&self.bytes).map_err(|e| e.to_string())?;
                match model.lower_flat(&bound, outputs) {
                    Ok(lowered) => return Ok(Some((lowered, flat, outputs))),
                    Err(error) => last = error.to_string(),
                }
            }
        }
        Err(last)
    }

    /// What is wrong with the values on a device.
    fn run(&self, device: &Device) -> Result<bool, String> {
        let Some((lowered, flat, outputs)) = self.lowered()? else {
            return Ok(false);
        };
        check_shapes(&self.facts["shapes"], &lowered)?;
        let network = &lowered.network;
        let dims = network.input_shape().to_vec();
        let zeros = Array::f32(dims.clone(), vec![0.0; flat.len()]);
        let inputs = PassInputs {
            curves: vec![Curve {
                u: Array::f32(dims, flat),
                w: zeros,
            }],
            ..PassInputs::default()
        };
        let weights = lowered.start.weights(network, 0);
        let run = Run {
            network,
            weights: &weights,
            inputs: &inputs,
        };
        let pass = Pass::run(run, &[Watch::Jets { whole: true }], device, &Silent);
        let pass = pollster::block_on(pass).map_err(|e| e.to_string())?;
        let found = &pass.jets()[0].y;
        let wanted: Vec<f64> = self.facts["outputs"].as_array().unwrap()[..outputs]
            .iter()
            .flat_map(numbers)
            .collect();
        if found.len() != wanted.len() {
            return Err(format!("{} numbers, not {}", found.len(), wanted.len()));
        }
        let (rtol, atol) = (
            self.facts["rtol"].as_f64().unwrap(),
            self.facts["atol"].as_f64().unwrap(),
        );
        for (i, (f, w)) in found.iter().zip(&wanted).enumerate() {
            if w.is_finite() && (f.is_nan() || (f - w).abs() > atol + rtol * w.abs()) {
                return Err(format!("number {i} is {f}, not {w}"));
            }
        }
        Ok(true)
    }
}

#[test]
#[ignore = "needs the cases that tests/onnx/backend.py writes"]
fn single_node_cases_on_the_cpu() {
    let device = Device::cpu(Reason::Asked);
    let (mut passed, mut whole) = (0, 0);
    let mut wrong = Vec::new();
    for case in cases() {
        match case.run(&device) {
            Ok(true) => passed += 1,
            Ok(false) => whole += 1,
            Err(error) => wrong.push(format!("{}: {error}", case.name)),
        }
    }
    println!("{passed} cases pass, {whole} have no input of floats");
    assert!(
        wrong.is_empty(),
        "{} cases fail:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(passed > 250, "only {passed} cases");
}

/// What is computed otherwise: batch norms take the statistics of the one
/// image, not the file's.
const NORMALISED: [&str; 1] = ["densenet121"];

#[test]
#[ignore = "needs the cases that tests/onnx/backend.py writes"]
fn whole_networks_on_the_cpu() {
    let device = Device::cpu(Reason::Asked);
    let cases = read(&folder().join("whole"));
    assert_eq!(cases.len(), 10);
    let mut wrong = Vec::new();
    for case in cases {
        let start = Instant::now();
        match case.run(&device) {
            Ok(ran) => assert!(ran),
            Err(error) => wrong.push(format!("{}: {error}", case.name)),
        }
        println!("{}: {:.1?}", case.name, start.elapsed());
    }
    wrong.retain(|w| !NORMALISED.iter().any(|n| w.starts_with(n)));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "needs the cases that tests/onnx/backend.py writes"]
fn exported_networks_have_the_inferred_shapes() {
    let models = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/onnx");
    let mut compared = 0;
    for entry in std::fs::read_dir(folder().join("shapes")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let shapes: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let bytes = std::fs::read(models.join(format!("{name}.onnx"))).unwrap();
        let model = Model::read(&bytes).unwrap();
        let lowered = model.lower(&Inputs::default()).unwrap();
        let found = check_shapes(&shapes, &lowered);
        let found = found.unwrap_or_else(|error| panic!("{name}: {error}"));
        // A norm's running statistics, which nothing reads, are not computed.
        let statistics = shapes.as_object().unwrap().keys();
        let statistics = statistics.filter(|n| {
            n.ends_with("BatchNormalization_output_1") || n.ends_with("BatchNormalization_output_2")
        });
        let all = shapes.as_object().unwrap().len();
        assert_eq!(found + statistics.count(), all, "{name}");
        compared += found;
    }
    println!("{compared} shapes");
    assert!(compared > 600, "only {compared} shapes");
}

#[test]
#[ignore = "needs the cases that tests/onnx/backend.py writes"]
fn a_case_of_every_operator_on_webgpu() {
    let device = pollster::block_on(Device::open(Choice::WebGpu)).unwrap();
    let mut seen = BTreeSet::new();
    let mut wrong = Vec::new();
    for case in cases() {
        let operators = case.facts["operators"].as_array().unwrap();
        let names: Vec<String> = operators
            .iter()
            .map(|o| o.as_str().unwrap().to_owned())
            .collect();
        if names.iter().all(|n| seen.contains(n)) {
            continue;
        }
        match case.run(&device) {
            Ok(true) => seen.extend(names),
            Ok(false) => {}
            Err(error) => wrong.push(format!("{}: {error}", case.name)),
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases fail:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(seen.len() > 60, "only {seen:?}");
}
