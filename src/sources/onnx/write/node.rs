//! One node of a network as nodes of the file.

#![allow(
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    reason = "sizes were checked when the network was built, and f32 is the file's precision"
)]

use super::activation::{activate, map, with_number};
use super::graph::{Attribute, Graph, batched, ints};
use super::layer::{conv, dense, linear, pool};
use super::norm::norm;
use crate::error::{Error, Result};
use crate::network::{Input, Network, NodeId, Op, Reduction};

use Attribute::{Int, Ints};

/// Adds a node; its operands are there.
pub(super) fn add(graph: &mut Graph<'_>, id: NodeId) -> Result<()> {
    let network: &Network = graph.network;
    let node = network.node(id);
    let inputs = node.inputs.iter().map(|&i| graph.value(i).to_owned());
    let inputs: Vec<String> = inputs.collect();
    let all: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let x = all.first().copied().unwrap_or(super::INPUT);
    let name = node.name.as_str();
    let value = match &node.op {
        Op::Input => match network.input() {
            Input::Words { .. } => {
                let table = network.parameters(id);
                let shape = table.first().map(|p| p.shape.clone()).unwrap_or_default();
                let table = graph.parameter(id, "weight", &shape, false)?;
                graph.push(name, "Gather", &[&table, super::IDS], vec![Int("axis", 0)])
            }
            _ => super::INPUT.to_owned(),
        },
        Op::Constant(shape) => {
            let shape = [&[1], shape.as_slice()].concat();
            graph.parameter(id, "weight", &shape, false)?
        }
        Op::Fixed { shape, values } => {
            let shape = [&[1], shape.as_slice()].concat();
            match values
                .first()
                .filter(|first| values.iter().all(|v| v == *first))
            {
                Some(&number) => graph.uniform(name, &shape, number),
                None => graph.constant(name, &shape, values),
            }
        }
        Op::Conv2d { .. } | Op::ConvTranspose2d { .. } => conv(graph, id, x)?,
        Op::Dense { .. } => dense(graph, id, x)?,
        Op::BatchNorm { .. } | Op::GroupNorm { .. } | Op::LayerNorm { .. } => norm(graph, id, x)?,
        Op::Activate(of) => activate(graph, name, *of, x),
        Op::Map(of) => map(graph, name, *of, x),
        Op::AvgPool { .. } | Op::MaxPool { .. } => pool(graph, id, x),
        Op::GlobalAvgPool => graph.push(name, "GlobalAveragePool", &[x], Vec::new()),
        Op::MeanFirst => {
            let told = vec![Ints("axes", vec![1]), Int("keepdims", 0)];
            graph.push(name, "ReduceMean", &[x], told)
        }
        Op::Reduce { kind, axes, keep } => {
            let axes = axes.iter().map(|&a| a as i64 + 1).collect();
            let keep = Int("keepdims", i64::from(*keep));
            let operator = match kind {
                // The one whose axes are an input in opset 17.
                Reduction::Sum => {
                    let axes = graph.list(axes);
                    let sum = graph.push(name, "ReduceSum", &[x, &axes], vec![keep]);
                    graph.named(sum);
                    return Ok(());
                }
                Reduction::Mean => "ReduceMean",
                Reduction::Max => "ReduceMax",
                Reduction::Min => "ReduceMin",
                Reduction::L2 => "ReduceL2",
            };
            graph.push(name, operator, &[x], vec![Ints("axes", axes), keep])
        }
        Op::Identity => graph.push(name, "Identity", &[x], Vec::new()),
        // As NAS-Bench-201's own code has it: a product with 0 is read as zeros
        // that depend on nothing, with all that hangs on them.
        Op::Zero => with_number(graph, name, "Mul", x, 0.0),
        Op::Sum => match all.len() {
            1 => graph.push(name, "Identity", &all, Vec::new()),
            2 => graph.push(name, "Add", &all, Vec::new()),
            _ => graph.push(name, "Sum", &all, Vec::new()),
        },
        Op::Concat { axis } => {
            graph.push(name, "Concat", &all, vec![Int("axis", *axis as i64 + 1)])
        }
        Op::Multiply => {
            let mut product = x.to_owned();
            for (i, other) in all.iter().enumerate().skip(1) {
                let part = match i + 1 == all.len() {
                    true => name.to_owned(),
                    false => format!("{name}.{i}"),
                };
                product = graph.push(&part, "Mul", &[&product, other], Vec::new());
            }
            product
        }
        Op::Minimum => graph.push(name, "Min", &all, Vec::new()),
        Op::Maximum => graph.push(name, "Max", &all, Vec::new()),
        Op::Expand(to) => {
            // The batch stays in front of axes that are new.
            let from = network.input_shapes(id);
            let from = from.first().copied().unwrap_or_default();
            let ones = vec![1; to.len().saturating_sub(from.len())];
            let shape = graph.list(batched(&[&ones, from].concat()));
            let view = graph.push(&format!("{name}.view"), "Reshape", &[x, &shape], Vec::new());
            let shape = graph.list(batched(to));
            graph.push(name, "Expand", &[&view, &shape], Vec::new())
        }
        Op::MatMul => graph.push(name, "MatMul", &all, Vec::new()),
        Op::Scale(factor) => with_number(graph, name, "Mul", x, *factor),
        Op::Shift(number) => with_number(graph, name, "Add", x, *number),
        Op::Softmax => graph.push(name, "Softmax", &[x], vec![Int("axis", -1)]),
        Op::LogSoftmax => graph.push(name, "LogSoftmax", &[x], vec![Int("axis", -1)]),
        Op::Reshape(to) => {
            let shape = graph.list(batched(to));
            graph.push(name, "Reshape", &[x, &shape], Vec::new())
        }
        Op::Permute(axes) => {
            let own = axes.iter().map(|&a| a as i64 + 1);
            let axes = std::iter::once(0).chain(own).collect();
            graph.push(name, "Transpose", &[x], vec![Ints("perm", axes)])
        }
        Op::Slice {
            axis,
            start,
            end,
            step,
        } => {
            let numbers = [*start, *end, *axis + 1, *step].map(|n| graph.list(vec![n as i64]));
            let [start, end, axis, step] = numbers.each_ref().map(String::as_str);
            graph.push(name, "Slice", &[x, start, end, axis, step], Vec::new())
        }
        Op::Gather { axis, indices } => {
            let indices = graph.list(ints(indices));
            let told = vec![Int("axis", *axis as i64 + 1)];
            graph.push(name, "Gather", &[x, &indices], told)
        }
        Op::Pad {
            before,
            after,
            value,
        } => {
            let pads = [&[0], ints(before).as_slice(), &[0], ints(after).as_slice()].concat();
            let pads = graph.list(pads);
            let value = graph.constant(&format!("{name}.value"), &[], &[*value as f32]);
            graph.push(name, "Pad", &[x, &pads, &value], Vec::new())
        }
        Op::LinearAlong { axis, .. } if axis + 2 >= node.shape.len() => linear(graph, id, x),
        Op::RmsNorm { .. } | Op::PRelu { .. } | Op::LinearAlong { .. } => {
            return Err(Error::Model {
                code: "unsupported-operator",
                place: name.to_owned(),
                message: format!("{} cannot be written to a file", node.op.kind()),
                cure: "export an architecture of a search space".to_owned(),
            });
        }
    };
    graph.named(value);
    Ok(())
}
