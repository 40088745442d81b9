//! The supernet of `darts` against an independent PyTorch one
//! (`tests/golden/supernet_manifest.json`): maps, derivatives and scores under
//! given operation weights, the edges that a node keeps, and a whole projection.

use std::sync::Arc;

use dextr::architecture::{Architecture, Options};
use dextr::array::Array;
use dextr::engine::{Device, Reason, Silent};
use dextr::network::Policy;
use dextr::proxy::dextr::{Evaluation, score_reference};
use dextr::proxy::{Naswot, Origin, Settings, run_trial};
use dextr::run::Row;
use dextr::search::{Measure, Plan, Search, Strategy, Wish};
use dextr::sources::spaces::{self, Place, Set, Supernet};
use dextr::start::Weights;
use safetensors::SafeTensors;
use serde_json::Value;

use crate::common::{folder, gpu, largest, numbers, worst_difference};

struct Golden {
    manifest: Value,
    /// The file with its circles under the name that a reference case has.
    bytes: Vec<u8>,
}

fn golden() -> Golden {
    let manifest = std::fs::read(folder().join("supernet_manifest.json")).unwrap();
    let bytes = std::fs::read(folder().join("supernet.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let renamed = file.tensors().into_iter().map(|(name, view)| {
        let name = match name.as_str() {
            "curve_bases" => "refined.curve_bases".to_owned(),
            _ => name,
        };
        (name, view)
    });
    Golden {
        manifest: serde_json::from_slice(&manifest).unwrap(),
        bytes: safetensors::serialize(renamed, None).unwrap(),
    }
}

fn build(arch: &str, golden: &Golden) -> Architecture {
    let mut options = Options::new();
    for (option, name) in [("channels", "C"), ("layers", "layers"), ("size", "size")] {
        options.set(option, &golden.manifest[name].to_string());
    }
    spaces::by_name("darts")
        .unwrap()
        .build(arch, &options)
        .unwrap()
}

fn run(arch: &str, golden: &Golden, device: &Device) -> Evaluation {
    let arch = build(arch, golden);
    let settings = Settings::default();
    let run = score_reference(&arch, &settings, &golden.bytes, device, &Silent);
    pollster::block_on(run).unwrap().1
}

fn whole() -> Supernet {
    Supernet::whole(spaces::by_name("darts").unwrap().layout().unwrap())
}

fn at(kind: &Value, edge: &Value) -> Place {
    Place {
        group: usize::from(kind == "reduce"),
        edge: edge.as_u64().unwrap() as usize,
    }
}

/// The supernet of a case.
fn supernet(case: &Value) -> Supernet {
    let mut supernet = whole();
    for step in case["projected"].as_array().into_iter().flatten() {
        let set = Set::one(step[2].as_u64().unwrap() as usize);
        supernet = supernet.with(at(&step[0], &step[1]), set);
    }
    if let Some(absent) = case["absent"].as_u64() {
        let at = at(&case["kind"], &case["edge"]);
        supernet = supernet.with(at, supernet.set(at).without(absent as usize));
    }
    supernet
}

fn close(found: f64, right: &Value, tolerance: f64, what: &str) {
    let right = right.as_f64().unwrap();
    let off = (found / right - 1.0).abs();
    assert!(off <= tolerance, "{what} is off by {off:e}");
}

#[test]
fn a_supernet_has_the_published_parameters_and_the_reference_names() {
    let golden = golden();
    let small = build(&whole().to_string(), &golden);
    assert_eq!(
        small.network.params(),
        golden.manifest["params"].as_u64().unwrap()
    );
    assert_eq!(
        small.network.macs(),
        golden.manifest["macs"].as_u64().unwrap()
    );
    Weights::from_safetensors(&small.network, &golden.bytes, "w.").unwrap();
    let maps = small.network.observed(Policy::Flow, false);
    let names: Vec<&str> = maps.iter().map(|m| m.name.as_str()).collect();
    let right = golden.manifest["cases"][0]["observed"].as_array().unwrap();
    let right: Vec<&str> = right.iter().map(|n| n.as_str().unwrap()).collect();
    assert_eq!(names, right);
    let mut options = Options::new();
    options.set("channels", "16");
    let space = spaces::by_name("darts").unwrap();
    let full = space.build(&whole().to_string(), &options).unwrap();
    assert_eq!(full.network.params(), 1_930_618);
}

#[test]
fn maps_jets_and_scores_under_given_operations() {
    let golden = golden();
    let cases = golden.manifest["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 17);
    let devices = [
        (Device::cpu(Reason::Asked), 1e-4, 0.005),
        (Device::cpu_double(), 1e-10, 1e-9),
        (gpu().clone(), 1e-3, 0.005),
    ];
    for (device, jet, score) in devices {
        let double = score < 1e-6;
        // Software graphics take seconds a supernet: two of them there.
        let on_gpu = device.kind().name() == "webgpu";
        let some = cases.iter().filter(|c| !on_gpu || c["kept"].is_array());
        for case in some {
            let name = case["name"].as_str().unwrap();
            let found = run(&supernet(case).to_string(), &golden, &device);
            let maps: Vec<f64> = found
                .maps
                .iter()
                .flat_map(|m| std::iter::repeat_n(m.ratio, m.count as usize))
                .collect();
            assert_eq!(maps.len() as u64, case["maps"].as_u64().unwrap(), "{name}");
            close(found.s, &case["s"], score, name);
            close(found.k.unwrap(), &case["k"], score, name);
            close(found.score.unwrap(), &case["score"], score, name);
            if !case["kept"].is_array() {
                continue;
            }
            let ratios = numbers(&golden.bytes, &format!("{name}.ratios"));
            let worst = worst_difference(&maps, &ratios);
            assert!(
                worst <= if double { 1e-6 } else { 5e-5 },
                "{name}: {worst:e}"
            );
            let kept: Vec<usize> = serde_json::from_value(case["kept"].clone()).unwrap();
            for (i, jets) in found.jets.iter().enumerate() {
                for (part, all) in [("y", &jets.y), ("dy", &jets.dy), ("ddy", &jets.ddy)] {
                    let right = numbers(&golden.bytes, &format!("{name}.{part}"));
                    let right = &right[i * kept.len()..(i + 1) * kept.len()];
                    let some: Vec<f64> = kept.iter().map(|&k| all[k]).collect();
                    let off = worst_difference(&some, right) / largest(all);
                    assert!(off <= jet, "{name}: {part} is off by {off:e}");
                }
            }
        }
    }
}

/// ln|det K| of the reference's batch.
fn logdet(arch: &str, golden: &Golden, device: &Device) -> f64 {
    let network = build(arch, golden).network;
    let weights = Weights::from_safetensors(&network, &golden.bytes, "w.").unwrap();
    let file = SafeTensors::deserialize(&golden.bytes).unwrap();
    let batch = Array::from_safetensors(&file, "batch").unwrap();
    let dextr::array::Values::F32(values) = &batch.values else {
        panic!("the batch is not single");
    };
    let shape = batch.shape[1..].to_vec();
    let images = values
        .chunks_exact(shape.iter().product())
        .map(|image| Array::f32(shape.clone(), image.to_vec()));
    let origin = Origin::Given(Arc::new(weights));
    let trial = Naswot::trial_of(&network, origin, images.collect());
    let run = pollster::block_on(run_trial(trial, device, &Silent)).unwrap();
    run.0.value.unwrap()
}

/// The traced projection, in the order that the trace has: every choice of the
/// search is the reference's, whose smallest margin is 0.0009.
#[test]
fn a_traced_projection_chooses_the_same_operation_at_every_edge() {
    let golden = golden();
    let device = Device::cpu(Reason::Asked);
    let trace = &golden.manifest["trace"];
    let steps = trace["steps"].as_array().unwrap();
    let wish = Wish {
        space: Some("darts".to_owned()),
        strategy: Some("projection".to_owned()),
        ..Wish::default()
    };
    let mut plan: Plan = wish.plan(Measure::default()).unwrap();
    if let Strategy::Projection { order, .. } = &mut plan.strategy {
        order.extend(steps.iter().map(|step| at(&step["kind"], &step["edge"])));
    }
    let mut search = Search::new(plan).unwrap();
    while !search.progress().done {
        for candidate in search.ask(1).unwrap() {
            let score = match candidate.proxies.as_str() {
                "naswot" => Some(logdet(&candidate.arch, &golden, &device)),
                // A genotype's norms are affine, which the file does not have.
                _ if candidate.arch.starts_with("Genotype") => Some(0.0),
                _ => run(&candidate.arch, &golden, &device).score,
            };
            let row = Row {
                arch: candidate.arch,
                space: candidate.space,
                status: "ok".to_owned(),
                proxies: candidate.proxies,
                score,
                ..Row::default()
            };
            search.tell(candidate.step, &row).unwrap();
        }
    }
    let decisions = search.decisions();
    for (decision, step) in decisions.iter().zip(steps) {
        let what = format!("{} {}", step["kind"], step["edge"]);
        assert_eq!(decision.group, step["kind"].as_str().unwrap());
        let place = decision.chosen.unwrap();
        assert_eq!(
            decision.without[place],
            step["operation"].as_str().unwrap(),
            "{what}"
        );
        for (value, right) in decision
            .values
            .iter()
            .zip(step["scores"].as_array().unwrap())
        {
            close(value.unwrap(), right, 0.005, &what);
        }
    }
    let kept = trace["edge_selection"]["steps"].as_array().unwrap();
    let rounds = kept
        .iter()
        .flat_map(|node| node["rounds"].as_array().unwrap());
    let drops = &decisions[steps.len()..];
    assert_eq!(drops.len(), 12);
    for (drop, round) in drops.iter().zip(rounds) {
        for (value, right) in drop.values.iter().zip(round["logdet"].as_array().unwrap()) {
            close(value.unwrap(), right, 0.005, "ln|det K|");
        }
    }
    let gene = |cell: &str| {
        let pairs = trace["genotype"][cell].as_array().unwrap().iter();
        let pair = |p: &Value| format!("('{}', {})", p[0].as_str().unwrap(), p[1]);
        pairs.map(pair).collect::<Vec<_>>().join(", ")
    };
    let concat = "[2, 3, 4, 5]";
    assert_eq!(
        search.best(1)[0].arch,
        format!(
            "Genotype(normal=[{}], normal_concat={concat}, reduce=[{}], reduce_concat={concat})",
            gene("normal"),
            gene("reduce")
        )
    );
}
