//! ONNX's own backend suite: `tests/onnx/backend.py` writes its single-node
//! cases; `./build.sh test` runs this on them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::PathBuf;

use dextr::engine::{Choice, Curve, Device, Inputs as PassInputs, Pass, Reason, Silent};
use dextr::network::{Array, Weights};
use dextr::onnx::{Flat, Lowered, Model};
use serde_json::Value;

/// One case of the suite.
struct Case {
    name: String,
    bytes: Vec<u8>,
    facts: Value,
}

fn cases() -> Vec<Case> {
    let folder = std::env::var_os("DEXTR_ONNX_CASES").expect(
        "DEXTR_ONNX_CASES names no folder: run python3 tests/onnx/backend.py target/onnx-cases",
    );
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "onnx"))
        .collect();
    files.sort();
    assert!(files.len() > 300, "only {} cases", files.len());
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
    let values = value["values"].as_array().unwrap().iter();
    values.map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
}

fn shape(value: &Value) -> Vec<usize> {
    let dims = value["shape"].as_array().unwrap().iter();
    dims.map(|d| d.as_u64().unwrap() as usize).collect()
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
        let network = lowered.network;
        let dims = network.input_shape().to_vec();
        let zeros = Array::f32(dims.clone(), vec![0.0; flat.len()]);
        let inputs = PassInputs {
            image: None,
            curves: vec![Curve {
                u: Array::f32(dims, flat),
                w: zeros,
            }],
        };
        let weights = Weights::seeded(&network, 0);
        let pass = Pass::run(&network, &weights, &inputs, &[], device, &Silent);
        let found = pollster::block_on(pass)
            .map_err(|e| e.to_string())?
            .jets
            .remove(0)
            .y;
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
