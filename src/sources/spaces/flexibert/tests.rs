//! Small networks of all six operations held against ones that were written apart
//! in PyTorch, in double precision.

use std::sync::Arc;

use safetensors::SafeTensors;
use serde_json::Value;

use super::mixing::Mixing;
use super::network::{Block, Plan};
use super::*;
use crate::architecture::{Architecture, Options};
use crate::array::{Array, Values};
use crate::engine::{Curve, Device, Reason, Silent};
use crate::network::Network;
use crate::proxy::dextr::{self, Evaluation, evaluate};
use crate::proxy::{Origin, Proxy, Settings, Trial, ZeroLm};
use crate::start::Weights;

const MANIFEST: &str = include_str!("../../../../tests/golden/flexibert_manifest.json");

const FILES: [&[u8]; 3] = [
    include_bytes!("../../../../tests/golden/flexibert_sdp_dft.safetensors"),
    include_bytes!("../../../../tests/golden/flexibert_wma_dct.safetensors"),
    include_bytes!("../../../../tests/golden/flexibert_conv5_conv9.safetensors"),
];

struct Case {
    right: Value,
    tensors: SafeTensors<'static>,
    network: Network,
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

fn cases() -> Vec<Case> {
    let manifest: Value = serde_json::from_str(MANIFEST).unwrap();
    let cases = manifest["cases"].as_array().unwrap();
    assert_eq!(cases.len(), FILES.len());
    let case = |(right, file): (&Value, &'static [u8])| {
        let config = &right["config"];
        let plan = Plan {
            vocabulary: number(&config["vocab"]),
            embedding: number(&config["embed"]),
            positions: number(&config["positions"]),
            length: number(&manifest["tokens"]),
        };
        let blocks = config["layers"].as_array().unwrap().iter().map(|layer| {
            let word = |name: &str| layer[name].as_str().map(str::to_owned);
            let kernel = || layer["par"].to_string();
            let name = [word("op").unwrap(), word("par").unwrap_or_else(kernel)].join(" ");
            let widths = layer["widths"].as_array().unwrap();
            Block {
                mixing: Mixing::named(&name).unwrap(),
                heads: number(&layer["heads"]),
                widths: widths.iter().map(number).collect(),
            }
        });
        let blocks: Vec<_> = blocks.collect();
        Case {
            network: plan.network(number(&config["hidden"]), &blocks).unwrap(),
            right: right.clone(),
            tensors: SafeTensors::deserialize(file).unwrap(),
        }
    };
    cases.iter().zip(FILES).map(case).collect()
}

impl Case {
    fn tensor(&self, name: &str) -> Array {
        Array::from_safetensors(&self.tensors, name).unwrap()
    }

    fn weights(&self) -> Weights {
        let named = |name: &str| match name {
            "input.weight" => self.tensor("w.embed.word"),
            "embed.position.weight" | "embed.type.weight" => {
                self.tensor(&format!("w.{}", name.trim_end_matches(".weight")))
            }
            _ if name.ends_with(".depth.weight") => {
                // [h, 1, K] over tokens, of which a map has a second side of 1.
                let mut kernel = self.tensor(&format!("w.{name}"));
                kernel.shape.push(1);
                kernel
            }
            _ => self.tensor(&format!("w.{name}")),
        };
        Weights::from_fn(&self.network, |name| Ok(named(name))).unwrap()
    }

    fn ids(&self) -> Array {
        let view = self.tensors.tensor("ids").unwrap();
        let ids = view.data().chunks_exact(8);
        let ids: Vec<f64> = ids
            .map(|bytes| i64::from_le_bytes(bytes.try_into().unwrap()) as f64)
            .collect();
        Array {
            shape: vec![ids.len()],
            values: Values::F64(ids),
        }
    }

    fn run(&self, device: &Device) -> Evaluation {
        let arch = Architecture {
            source: "flexibert",
            arch: String::new(),
            options: String::new(),
            published: false,
            observe: Policy::Flow,
            normalisation: Normalisation::NONE,
            network: Arc::new(self.network.clone()),
            start: Start::default(),
            notes: Vec::new(),
        };
        let mut plan = dextr::Plan::new(&arch, &Settings::default()).unwrap();
        plan.image = self.ids();
        let basis = self.tensor("basis").to_f64();
        let side = |column: usize| Array {
            shape: self.network.input_shape().to_vec(),
            values: Values::F64(basis.chunks_exact(2).map(|pair| pair[column]).collect()),
        };
        plan.curves = vec![Curve {
            u: side(0),
            w: side(1),
        }];
        plan.whole = true;
        pollster::block_on(evaluate(&plan, &self.weights(), device, &Silent)).unwrap()
    }

    /// Our name of an observed map: an operand goes by the node that makes it.
    fn name(&self, theirs: &str) -> String {
        let Some((sum, operand)) = theirs.rsplit_once(".sum.") else {
            return theirs.to_owned();
        };
        let (sum, operand) = (format!("{sum}.sum"), operand.parse::<usize>().unwrap());
        let node = self.network.nodes().iter().find(|n| n.name == sum).unwrap();
        self.network.node(node.inputs[operand]).name.clone()
    }
}

/// Largest difference, of the largest number.
fn off(found: &[f64], right: &[f64]) -> f64 {
    assert_eq!(found.len(), right.len());
    let largest = right.iter().fold(0f64, |a, b| a.max(b.abs()));
    let differences = found.iter().zip(right).map(|(a, b)| (a - b).abs());
    differences.fold(0f64, f64::max) / largest
}

fn check(device: &Device, [ratio, jet]: [f64; 2]) {
    for case in cases() {
        let name = case.right["name"].as_str().unwrap();
        assert_eq!(
            case.network.params(),
            case.right["params"].as_u64().unwrap()
        );
        let found = case.run(device);
        let right = case.right["observed"].as_array().unwrap();
        let maps: Vec<_> = found
            .maps
            .iter()
            .map(|m| (m.name.clone(), m.count, m.ratio))
            .collect();
        assert_eq!(maps.len(), right.len(), "{name}: {maps:?}");
        for map in right {
            let own = case.name(map["name"].as_str().unwrap());
            let (_, count, found) = maps.iter().find(|(n, ..)| *n == own).unwrap();
            assert_eq!(*count, 1, "{name}: {own}");
            let off = (found - map["ratio"].as_f64().unwrap()).abs();
            assert!(off <= ratio, "{name}: {own} is off by {off:e}");
        }
        let jets = &found.jets[0];
        for (values, tensor) in [
            (&jets.y, "curve_y"),
            (&jets.dy, "curve_dy"),
            (&jets.ddy, "curve_ddy"),
        ] {
            let off = off(values, &case.tensor(tensor).to_f64());
            assert!(off <= jet, "{name}: {tensor} is off by {off:e}");
        }
        let kappa = dextr::curvature(&jets.dy, &jets.ddy).unwrap();
        let off = (kappa / case.right["kappa"].as_f64().unwrap() - 1.0).abs();
        assert!(off <= 10.0 * jet, "{name}: κ is off by {off:e}");
    }
}

fn value(trial: Trial) -> f64 {
    (trial.judge)(&[]).value.unwrap()
}

#[test]
fn zerolm_weighs_the_matrices_that_were_given() {
    for case in cases() {
        let origin = Origin::Given(Arc::new(case.weights()));
        let found = value(ZeroLm::trial_of(&case.network, &origin).unwrap());
        let right = case.right["zerolm"]["score"].as_f64().unwrap();
        assert!((found / right - 1.0).abs() < 1e-9, "{found} for {right}");
    }
}

#[test]
fn parameters_and_zerolm_are_the_published_code_s_in_every_row() {
    use crate::sources::spaces::Space;
    let file = include_str!("../../../../tests/golden/flexibert_params.csv");
    let mut rows = 0;
    for row in file.lines().skip(1) {
        let columns: Vec<&str> = row.split(';').collect();
        for (network, right) in NETWORKS.iter().zip(&columns[1..]) {
            let mut options = Options::new();
            options.set("network", network);
            let built = FlexiBert.build(columns[0], &options).unwrap();
            assert_eq!(
                built.network.params().to_string(),
                *right,
                "{network} {row}"
            );
        }
        let built = FlexiBert.build(columns[0], &Options::new()).unwrap();
        let found = value(ZeroLm.trial(&built, &Settings::default(), 0).unwrap());
        let right: f64 = columns[4].parse().unwrap();
        assert!((found - right).abs() < 1e-9, "{found} for {row}");
        rows += 1;
    }
    assert_eq!(rows, 250);
}

#[test]
fn double_precision_is_pytorchs() {
    check(&Device::cpu_double(), [1e-6, 1e-9]);
}

#[test]
fn single_precision_is_near() {
    check(&Device::cpu(Reason::Asked), [5e-5, 1e-4]);
}

#[test]
fn depths_are_drawn_as_often_as_there_are_networks() {
    let mut stream = Stream::new(1, "depths");
    let shallow = (0..20_000)
        .filter(|_| FlexiBert::sample(&mut stream).layers.len() == DEPTHS[0])
        .count();
    // One in 2,305.
    assert!((1..=25).contains(&shallow), "{shallow}");
}

#[test]
fn webgpu_is_near() {
    check(crate::engine::webgpu(), [5e-5, 1e-4]);
}
