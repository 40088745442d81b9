//! Convolutions, dense layers and pools.

#![allow(
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    reason = "sizes were checked when the network was built, and a matrix is scaled to fit"
)]

use super::activation::with_number;
use super::graph::{Attribute, Graph, ints};
use crate::error::Result;
use crate::network::{NodeId, Op};
use crate::sources::onnx::proto::tensor_proto::DataType;

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

/// A matrix along the last axis or the one before it, which is not learned.
pub(super) fn linear(graph: &mut Graph<'_>, id: NodeId, x: &str) -> String {
    let node = graph.network.node(id);
    let (name, axes) = (&node.name, node.shape.len());
    let Op::LinearAlong { axis, out, matrix } = &node.op else {
        return x.to_owned();
    };
    let inner = matrix.len() / (*out).max(1);
    if axis + 1 < axes {
        let matrix = fixed(graph, name, [*out, inner], matrix);
        return graph.push(name, "MatMul", &[&matrix, x], Vec::new());
    }
    let turned = (0..inner * out).map(|i| matrix[i % out * inner + i / out]);
    let turned: Vec<f64> = turned.collect();
    let matrix = fixed(graph, name, [inner, *out], &turned);
    graph.push(name, "MatMul", &[x, &matrix], Vec::new())
}

/// A matrix `[rows, columns]` as whole numbers over a power of two, to some 2⁻⁴⁰ of
/// its largest entry.
fn fixed(graph: &mut Graph<'_>, name: &str, sides: [usize; 2], numbers: &[f64]) -> String {
    let largest = numbers.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    // A power of two divides without rounding.
    let step = libm::exp2(libm::ceil(libm::log2(largest.max(f64::MIN_POSITIVE))) - 40.0);
    let whole = numbers.iter().map(|x| libm::round(x / step) as i64);
    let whole = graph.list(whole.collect());
    let shape = graph.list(ints(&sides));
    let parts = ["whole", "float"].map(|part| format!("{name}.{part}"));
    let whole = graph.push(&parts[0], "Reshape", &[&whole, &shape], Vec::new());
    let to = vec![Int("to", DataType::Float as i64)];
    let float = graph.push(&parts[1], "Cast", &[&whole], to);
    with_number(graph, &format!("{name}.matrix"), "Mul", &float, step)
}
