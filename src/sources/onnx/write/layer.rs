//! Convolutions, dense layers and pools.

#![allow(
    clippy::cast_possible_wrap,
    reason = "sizes were checked when the network was built"
)]

use super::graph::{Attribute, Graph, ints};
use crate::error::Result;
use crate::network::{NodeId, Op};

use Attribute::{Int, Ints};

/// The parameters that a node has, in the file's order.
pub(super) fn parameters(graph: &mut Graph<'_>, id: NodeId, turned: bool) -> Result<Vec<String>> {
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

pub(super) fn conv(graph: &mut Graph<'_>, id: NodeId, x: &str) -> Result<String> {
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

pub(super) fn pool(graph: &mut Graph<'_>, id: NodeId, x: &str) -> String {
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
pub(super) fn dense(graph: &mut Graph<'_>, id: NodeId, x: &str) -> Result<String> {
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
