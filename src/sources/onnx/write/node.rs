//! One node of a network as nodes of the file.

#![allow(
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    reason = "sizes were checked when the network was built, and f32 is the file's precision"
)]

use super::activation::{activate, map, with_number};
use super::graph::{Attribute, Graph, batched, ints};
use crate::error::{Error, Result};
use crate::network::{Network, NodeId, Op, Reduction};

use Attribute::{Float, Int, Ints};

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
        Op::Input => super::INPUT.to_owned(),
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

/// The parameters that a node has, in the file's order.
fn parameters(graph: &mut Graph<'_>, id: NodeId, turned: bool) -> Result<Vec<String>> {
    let all = graph.network.parameters(id).into_iter();
    let all = all.map(|p| {
        let mut shape = p.shape;
        if turned && shape.len() == 2 {
            shape.reverse();
        }
        graph.parameter(id, p.suffix, &shape, turned)
    });
    all.collect()
}

fn conv(graph: &mut Graph<'_>, id: NodeId, x: &str) -> Result<String> {
    let node = graph.network.node(id);
    let (operator, told) = match &node.op {
        Op::Conv2d {
            kernel,
            stride,
            padding,
            dilation,
            groups,
            ..
        } => (
            "Conv",
            sliding(kernel, stride, padding, dilation, Some(*groups)),
        ),
        Op::ConvTranspose2d {
            kernel,
            stride,
            padding,
            output_padding,
            dilation,
            groups,
            ..
        } => {
            let mut told = sliding(kernel, stride, padding, dilation, Some(*groups));
            told.push(Ints("output_padding", ints(output_padding)));
            ("ConvTranspose", told)
        }
        _ => return Ok(x.to_owned()),
    };
    let parameters = parameters(graph, id, false)?;
    let inputs: Vec<&str> = std::iter::once(x)
        .chain(parameters.iter().map(String::as_str))
        .collect();
    Ok(graph.push(&node.name, operator, &inputs, told))
}

fn sliding(
    kernel: &[usize],
    stride: &[usize],
    padding: &[usize],
    dilation: &[usize],
    groups: Option<usize>,
) -> Vec<Attribute<'static>> {
    let mut told = vec![
        Ints("kernel_shape", ints(kernel)),
        Ints("strides", ints(stride)),
        Ints("pads", ints(padding)),
        Ints("dilations", ints(dilation)),
    ];
    told.extend(groups.map(|groups| Int("group", groups as i64)));
    told
}

fn pool(graph: &mut Graph<'_>, id: NodeId, x: &str) -> String {
    let node = graph.network.node(id);
    let (operator, told) = match &node.op {
        Op::AvgPool {
            kernel,
            stride,
            padding,
            count_padding,
            ceil,
        } => {
            let mut told = sliding(kernel, stride, padding, &[1, 1], None);
            // The dilation of a mean came with opset 19.
            told.truncate(3);
            told.push(Int("count_include_pad", i64::from(*count_padding)));
            told.push(Int("ceil_mode", i64::from(*ceil)));
            ("AveragePool", told)
        }
        Op::MaxPool {
            kernel,
            stride,
            padding,
            dilation,
            ceil,
        } => {
            let mut told = sliding(kernel, stride, padding, dilation, None);
            told.push(Int("ceil_mode", i64::from(*ceil)));
            ("MaxPool", told)
        }
        _ => return x.to_owned(),
    };
    graph.push(&node.name, operator, &[x], told)
}

/// A vector by `Gemm`, tokens by `MatMul` and `Add`, as PyTorch writes them.
fn dense(graph: &mut Graph<'_>, id: NodeId, x: &str) -> Result<String> {
    let node = graph.network.node(id);
    if node.shape.len() == 1 {
        let parameters = parameters(graph, id, false)?;
        let inputs: Vec<&str> = std::iter::once(x)
            .chain(parameters.iter().map(String::as_str))
            .collect();
        return Ok(graph.push(&node.name, "Gemm", &inputs, vec![Int("transB", 1)]));
    }
    let parameters = parameters(graph, id, true)?;
    match parameters.as_slice() {
        [weight, bias] => {
            let product = format!("{}.product", node.name);
            let product = graph.push(&product, "MatMul", &[x, weight], Vec::new());
            Ok(graph.push(&node.name, "Add", &[&product, bias], Vec::new()))
        }
        [weight] => Ok(graph.push(&node.name, "MatMul", &[x, weight], Vec::new())),
        _ => Ok(x.to_owned()),
    }
}

/// A norm's scale and shift: its parameters, or ones and zeros that are part of
/// the graph.
fn affine(graph: &mut Graph<'_>, id: NodeId, shape: &[usize]) -> Result<[String; 2]> {
    let name = &graph.network.node(id).name;
    let there = parameters(graph, id, false)?;
    let mut parts = there.into_iter();
    let mut part = |graph: &mut Graph<'_>, suffix: &str, number: f32| {
        let fixed = || graph.uniform(&format!("{name}.{suffix}"), shape, number);
        parts.next().unwrap_or_else(fixed)
    };
    Ok([part(graph, "ones", 1.0), part(graph, "zeros", 0.0)])
}

fn norm(graph: &mut Graph<'_>, id: NodeId, x: &str) -> Result<String> {
    let node = graph.network.node(id);
    let (name, shape) = (&node.name, &node.shape);
    let channels = shape.first().copied().unwrap_or(0);
    match node.op {
        Op::BatchNorm { eps, .. } => {
            let [scale, shift] = affine(graph, id, &[channels])?;
            let mean = graph.filled(&format!("{name}.running_mean"), &[channels], 0.0);
            let spread = graph.filled(&format!("{name}.running_var"), &[channels], 1.0);
            let inputs = [x, &scale, &shift, &mean, &spread];
            let told = vec![Float("epsilon", eps)];
            Ok(graph.push(name, "BatchNormalization", &inputs, told))
        }
        Op::LayerNorm { eps, axes, .. } => {
            let [scale, shift] = affine(graph, id, &shape[shape.len().saturating_sub(axes)..])?;
            let told = vec![Int("axis", -(axes as i64)), Float("epsilon", eps)];
            Ok(graph.push(name, "LayerNormalization", &[x, &scale, &shift], told))
        }
        // An instance norm of the groups as channels, as PyTorch writes it.
        Op::GroupNorm {
            groups,
            eps,
            affine: scaled,
        } => {
            let part = |part: &str| format!("{name}.{part}");
            let inside = shape.iter().product::<usize>() / groups.max(1);
            let grouped = graph.list(batched(&[groups, inside]));
            let view = graph.push(&part("groups"), "Reshape", &[x, &grouped], Vec::new());
            let ones = graph.uniform(&part("ones"), &[groups], 1.0);
            let zeros = graph.uniform(&part("zeros"), &[groups], 0.0);
            let told = vec![Float("epsilon", eps)];
            let normal = "InstanceNormalization";
            let plain = graph.push(&part("plain"), normal, &[&view, &ones, &zeros], told);
            let whole = graph.list(batched(shape));
            let last = if scaled { part("norm") } else { name.clone() };
            let plain = graph.push(&last, "Reshape", &[&plain, &whole], Vec::new());
            if !scaled {
                return Ok(plain);
            }
            let mut each = vec![1; shape.len()];
            each[0] = channels;
            let scale = graph.parameter(id, "weight", &each, false)?;
            let shift = graph.parameter(id, "bias", &each, false)?;
            let scaled = graph.push(&part("scaled"), "Mul", &[&plain, &scale], Vec::new());
            Ok(graph.push(name, "Add", &[&scaled, &shift], Vec::new()))
        }
        _ => Ok(x.to_owned()),
    }
}
