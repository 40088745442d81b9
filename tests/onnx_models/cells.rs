//! NAS-Bench-201 cells as ONNX files score what their strings score.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "a test's numbers are small"
)]

use std::cell::Cell;

use dextr::architecture::Architecture;
use dextr::network::{Activation, Op};
use dextr::proxy::dextr::{Plan, evaluate};
use dextr::start::Start;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRng, TestRunner};

use super::*;

/// The maps that `flow` observes, as a multiset of what they are.
fn observed(network: &Network) -> Vec<(Vec<usize>, bool)> {
    let originals = network.originals();
    let mut maps: Vec<_> = network
        .observed(Policy::Flow, false)
        .into_iter()
        .map(|m| {
            (
                network.node(m.node).shape.clone(),
                network.node(originals[m.node]).op.is_activation(),
            )
        })
        .collect();
    maps.sort();
    maps
}

/// The same weights under the names of the cell string's network: both
/// networks have their layers in the same order.
fn carried(from: &Network, to: &Network) -> Weights {
    let layers = |network: &Network| -> Vec<(String, Vec<usize>)> {
        let nodes = network.nodes().iter().enumerate();
        let all = nodes.flat_map(|(id, node)| {
            let parameters = network.parameters(id).into_iter();
            parameters
                .map(|p| (format!("{}.{}", node.name, p.suffix), p.shape))
                .collect::<Vec<_>>()
        });
        all.collect()
    };
    let weights = Start::default().weights(from, 0);
    let (old, new) = (layers(from), layers(to));
    assert_eq!(old.len(), new.len());
    Weights::from_fn(to, |name| {
        let place = new.iter().position(|(n, _)| n == name).unwrap();
        assert_eq!(old[place].1, new[place].1, "{name} and {}", old[place].0);
        Ok(Array::clone(weights.get(&old[place].0)?))
    })
    .unwrap()
}

#[test]
fn an_exported_cell_scores_what_its_string_scores() {
    for name in ["cell_a", "cell_b", "cell_c"] {
        let (model, facts) = read(name);
        let exported = model.architecture(name, &weights_of("file")).unwrap();
        let mut options = Options::new();
        options
            .set("stem_width", "8")
            .set("cells", "1")
            .set("classes", "10")
            .set("bias", "false")
            .set("affine", "true");
        let space = spaces::by_name("nasbench201").unwrap();
        let written = space
            .build(facts["arch"].as_str().unwrap(), &options)
            .unwrap();
        assert_eq!(
            observed(&exported.network),
            observed(&written.network),
            "{name}"
        );
        let weights = carried(&exported.network, &written.network);
        let drawn = exported.start.weights(&exported.network, 0);
        same(name, (&exported, &drawn), (&written, &weights), 1e-4);
    }
}

/// Two networks with their weights have the same parts of a score, under the
/// policy that a file and a string have in common.
fn same(place: &str, a: (&Architecture, &Weights), b: (&Architecture, &Weights), tolerance: f64) {
    let settings = Settings {
        observe: Some(Policy::Flow),
        ..Settings::default()
    };
    let device = Device::cpu(Reason::Asked);
    let run = |(arch, weights): (&Architecture, &Weights)| {
        let plan = Plan::new(arch, &settings).unwrap();
        pollster::block_on(evaluate(&plan, weights, &device, &Silent)).unwrap()
    };
    let (a, b) = (run(a), run(b));
    assert_eq!(a.status, b.status, "{place}");
    for (x, y) in [
        (Some(a.ratio_sum), Some(b.ratio_sum)),
        (a.k, b.k),
        (a.score, b.score),
    ] {
        let close = match (x, y) {
            (Some(x), Some(y)) => (x - y).abs() <= tolerance * x.abs().max(1e-3),
            (x, y) => x == y,
        };
        assert!(close, "{place}: {x:?} against {y:?}");
    }
}

/// How an exporter may write what a network does not say.
#[derive(Debug, Clone, Copy)]
struct Style {
    /// Skips are nodes of their own, not the value itself.
    identities: bool,
    /// A sum is one `Sum`, not a chain of `Add`.
    sums: bool,
    /// `none` edges multiply by 0, and are not subtracted from themselves.
    zeros: bool,
}

/// A network of a space as an ONNX file with these weights.
fn exported(network: &Network, weights: &Weights, style: Style) -> Vec<u8> {
    let mut parts = vec![wire::tensor("zero", &[], 1, &0.0f32.to_le_bytes())];
    // The name that a node's value has in the file.
    let mut values: Vec<String> = Vec::new();
    for (id, node) in network.nodes().iter().enumerate() {
        let name = node.name.as_str();
        let inputs: Vec<String> = node.inputs.iter().map(|&i| values[i].clone()).collect();
        let mut operands: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let last = network.outputs() == [id];
        let output = if last {
            "y".to_owned()
        } else {
            format!("{name}/value")
        };
        let parameters: Vec<String> = network
            .parameters(id)
            .iter()
            .map(|p| format!("{name}.{}", p.suffix))
            .collect();
        for (p, tensor) in network.parameters(id).iter().zip(&parameters) {
            let numbers = weights.get(tensor).unwrap().to_f64();
            let raw: Vec<u8> = numbers
                .iter()
                .flat_map(|&x| (x as f32).to_le_bytes())
                .collect();
            let dims: Vec<i64> = p.shape.iter().map(|&d| d as i64).collect();
            parts.push(wire::tensor(tensor, &dims, 1, &raw));
            operands.push(tensor);
        }
        let list = |name: &str, sides: &[usize]| {
            let sides: Vec<i64> = sides.iter().map(|&n| n as i64).collect();
            wire::ints(name, &sides)
        };
        let mut add = |op: &str, operands: &[&str], attributes: &[Vec<u8>]| {
            parts.push(wire::node_with(op, name, operands, &[&output], attributes));
        };
        match &node.op {
            Op::Input => {
                values.push("x".to_owned());
                continue;
            }
            Op::Identity if !style.identities => {
                values.push(inputs[0].clone());
                continue;
            }
            Op::Identity => add("Identity", &operands, &[]),
            Op::Zero if style.zeros => add("Mul", &[operands[0], "zero"], &[]),
            Op::Zero => add("Mul", &["zero", operands[0]], &[]),
            Op::Sum if style.sums => add("Sum", &operands, &[]),
            Op::Sum => {
                let mut sum = operands[0].to_owned();
                for (i, operand) in operands.iter().enumerate().skip(1) {
                    let whole = i + 1 == operands.len();
                    let next = if whole {
                        output.clone()
                    } else {
                        format!("{output}/{i}")
                    };
                    parts.push(wire::node("Add", name, &[&sum, operand], &[&next]));
                    sum = next;
                }
            }
            Op::Activate(Activation::Relu) => add("Relu", &operands, &[]),
            Op::BatchNorm { eps, .. } => {
                // Running statistics, which nothing reads.
                for statistic in ["mean", "variance"] {
                    let n = node.shape[0];
                    let raw = 1.0f32.to_le_bytes().repeat(n);
                    let tensor = format!("{name}/{statistic}");
                    parts.push(wire::tensor(&tensor, &[n as i64], 1, &raw));
                }
                let (mean, variance) = (format!("{name}/mean"), format!("{name}/variance"));
                operands.extend([mean.as_str(), variance.as_str()]);
                let eps = wire::float("epsilon", *eps as f32);
                parts.push(wire::node_with(
                    "BatchNormalization",
                    name,
                    &operands,
                    &[&output],
                    &[eps],
                ));
            }
            Op::Conv2d {
                kernel,
                stride,
                padding,
                dilation,
                groups,
                ..
            } => {
                let attributes = [
                    list("kernel_shape", kernel),
                    list("strides", stride),
                    list("pads", padding),
                    list("dilations", dilation),
                    wire::int("group", *groups as i64),
                ];
                add("Conv", &operands, &attributes);
            }
            Op::AvgPool {
                kernel,
                stride,
                padding,
                count_padding,
                ..
            } => {
                let attributes = [
                    list("kernel_shape", kernel),
                    list("strides", stride),
                    list("pads", padding),
                    wire::int("count_include_pad", i64::from(*count_padding)),
                ];
                add("AveragePool", &operands, &attributes);
            }
            Op::MaxPool {
                kernel,
                stride,
                padding,
                ..
            } => {
                let attributes = [
                    list("kernel_shape", kernel),
                    list("strides", stride),
                    list("pads", padding),
                ];
                add("MaxPool", &operands, &attributes);
            }
            Op::Concat { axis } => {
                add("Concat", &operands, &[wire::int("axis", *axis as i64 + 1)]);
            }
            Op::Slice {
                axis, start, end, ..
            } => {
                let bounds = [("starts", start), ("ends", end), ("axes", &(axis + 1))];
                let names = bounds.map(|(bound, _)| format!("{name}/{bound}"));
                for (tensor, (_, value)) in names.iter().zip(bounds) {
                    let raw = (*value as i64).to_le_bytes();
                    parts.push(wire::tensor(tensor, &[1], 7, &raw));
                }
                operands.extend(names.iter().map(String::as_str));
                parts.push(wire::node("Slice", name, &operands, &[&output]));
            }
            Op::Pad { before, after, .. } => {
                let sides = [&[0], before.as_slice(), &[0], after].concat();
                let raw: Vec<u8> = sides
                    .iter()
                    .flat_map(|&n| (n as i64).to_le_bytes())
                    .collect();
                let tensor = format!("{name}/pads");
                parts.push(wire::tensor(&tensor, &[sides.len() as i64], 7, &raw));
                parts.push(wire::node("Pad", name, &[operands[0], &tensor], &[&output]));
            }
            Op::GlobalAvgPool => add("GlobalAveragePool", &operands, &[]),
            Op::Reshape(_) => add("Flatten", &operands, &[]),
            Op::Dense { .. } => add("Gemm", &operands, &[wire::int("transB", 1)]),
            other => panic!("{other:?}"),
        }
        values.push(output);
    }
    let dims: Vec<i64> = network.input_shape().iter().map(|&d| d as i64).collect();
    wire::model(&[&[1], dims.as_slice()].concat(), &parts)
}

/// Small networks of a space.
fn small(space: &str) -> Options {
    let mut options = Options::new();
    let settings: &[(&str, &str)] = match space {
        "nasbench201" => &[
            ("stem_width", "4"),
            ("cells", "1"),
            ("size", "8"),
            ("affine", "true"),
        ],
        "nasbench101" => &[("stem_width", "8"), ("cells", "1"), ("size", "16")],
        "darts" => &[
            ("channels", "4"),
            ("layers", "3"),
            ("size", "16"),
            ("output", "logits"),
        ],
        other => panic!("{other}"),
    };
    for (name, value) in settings {
        options.set(name, value);
    }
    options
}

/// Random architectures of a space as files, and how many of them are connected.
fn check(space: &str, cases: u32) -> u32 {
    let space = spaces::by_name(space).unwrap();
    let config = Config::with_cases(cases);
    let random = TestRng::deterministic_rng(config.rng_algorithm);
    let mut runner = TestRunner::new_with_rng(config, random);
    let strategy = (any::<u64>(), any::<[bool; 3]>());
    let connected = Cell::new(0);
    runner
        .run(&strategy, |(seed, [identities, sums, zeros])| {
            let arch = space.sample(seed);
            let written = space.build(&arch, &small(space.name())).unwrap();
            let weights = written.start.weights(&written.network, seed);
            let style = Style {
                identities,
                sums,
                zeros,
            };
            let bytes = exported(&written.network, &weights, style);
            let read = Model::read(&bytes)
                .unwrap()
                .architecture("cell", &weights_of("file"))
                .unwrap();
            let place = format!("{arch}, {style:?}");
            let notes = &read.notes;
            assert!(notes.is_empty(), "{place}: {notes:?}");
            assert_eq!(read.network.macs(), written.network.macs(), "{place}");
            assert_eq!(read.network.params(), written.network.params(), "{place}");
            assert_eq!(
                observed(&read.network),
                observed(&written.network),
                "{place}"
            );
            let own = read.start.weights(&read.network, 1);
            same(&place, (&read, &own), (&written, &weights), 1e-5);
            connected.set(connected.get() + u32::from(read.network.is_connected()));
            Ok(())
        })
        .unwrap();
    connected.get()
}

#[test]
fn any_cell_written_as_a_file_scores_what_its_string_scores() {
    for (space, cases) in [("nasbench201", 60), ("nasbench101", 20), ("darts", 6)] {
        let connected = check(space, cases);
        assert!(connected > cases / 2, "{space}: {connected} of {cases}");
    }
}
