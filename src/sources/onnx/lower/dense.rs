//! Dense layers and matrix products.

use super::combine::combine;
use super::context::Lowering;
use crate::error::Result;
use crate::network::Op;
use crate::sources::onnx::operator::{Call, Live, Value, broadcast};
use crate::sources::onnx::proto::TensorProto;
use crate::sources::onnx::proto::tensor_proto::DataType;
use crate::sources::onnx::tensor::Tensor;

/// A dense layer on the last axis, with a weight `[in, out]`, or `[out, in]`.
fn dense<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    x: &Live,
    weight: &Tensor<'a>,
    bias: Option<&Tensor<'a>>,
    out_first: bool,
) -> Result<Live> {
    let (a, b) = (weight.shape[0], weight.shape[1]);
    let (out, width) = if out_first { (a, b) } else { (b, a) };
    let Some((&last, lead)) = x.shape.split_last() else {
        return Err(call.broken("multiplies a single number"));
    };
    if last != width || width == 0 {
        return Err(call.misfit(format!(
            "multiplies {:?} by a weight {:?}",
            x.shape, weight.shape
        )));
    }
    let view = cx.rows(&call.name, x, &[width])?;
    let op = Op::Dense {
        out,
        bias: bias.is_some(),
    };
    let node = cx.layer(call, op, view, weight, bias, !out_first)?;
    let mut shape = lead.to_vec();
    shape.push(out);
    Ok(Live::new(node, shape))
}

/// α·A·B + β·C.
pub(super) fn gemm<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let (alpha, beta) = (call.float("alpha", 1.0), call.float("beta", 1.0));
    let mut a = cx.live(call, 0)?;
    if a.shape.len() != 2 {
        return Err(call.broken(format!("takes {:?}, not a matrix", a.shape)));
    }
    if call.flag("transA") {
        a = super::shape::permute(cx, &call.name, &a, &[1, 0])?;
    }
    let transposed = call.flag("transB");
    let mut product = match call.value(1)?.clone() {
        Value::Const(weight) if weight.shape.len() == 2 => {
            let out = weight.shape[usize::from(!transposed)];
            let bias = match call.optional(2) {
                Some(Value::Const(bias))
                    if alpha == 1.0 && beta == 1.0 && is_row(&bias.shape, out) =>
                {
                    Some(bias.clone())
                }
                _ => None,
            };
            let layer = dense(cx, call, &a, &weight, bias.as_ref(), transposed)?;
            if bias.is_some() {
                return Ok(layer);
            }
            layer
        }
        Value::Const(weight) => {
            return Err(call.broken(format!("multiplies by {:?}, not a matrix", weight.shape)));
        }
        Value::Live(b) => {
            let b = match transposed {
                true => super::shape::permute(cx, &call.name, &b, &[1, 0])?,
                false => b,
            };
            product(cx, call, &a, &b)?
        }
        Value::Random(_) => return Err(call.random()),
    };
    if alpha != 1.0 {
        product = cx.map(call, Op::Scale(alpha), &product)?;
    }
    if call.optional(2).is_none() || beta == 0.0 {
        return Ok(product);
    }
    let mut c = cx.live(call, 2)?;
    if beta != 1.0 {
        c = cx.map(call, Op::Scale(beta), &c)?;
    }
    combine(cx, call, Op::Sum, &[product, c])
}

/// Whether a shape is that of one row of `n` numbers.
fn is_row(shape: &[usize], n: usize) -> bool {
    shape.last() == Some(&n) && shape.iter().product::<usize>() == n
}

/// What numbers of a graph are; quantised weights are stored as others.
const WIDE: [DataType; 6] = [
    DataType::Int32,
    DataType::Int64,
    DataType::Float,
    DataType::Double,
    DataType::Float16,
    DataType::Bool,
];

/// Operators that make numbers which are, or may become, a weight's.
const STARTS: [&str; 2] = ["ConstantOfShape", "DequantizeLinear"];

/// Whether a matrix is computed from whole numbers and single ones alone, and so
/// not learned: waves, window sums. Narrow whole numbers are how weights are stored
/// that were quantised.
fn is_fixed<'a>(cx: &Lowering<'a>, matrix: &Tensor<'a>) -> Result<bool> {
    let graph = &cx.model.graph;
    let Some(value) = matrix.computed.filter(|_| matrix.shape.len() == 2) else {
        return Ok(false);
    };
    if cx.origins.holds(graph, value, true, &cx.constants.budget)? {
        return Ok(false);
    }
    let Some(nodes) = cx.origins.chain(graph, value) else {
        return Ok(false);
    };
    let narrow = |tensor: &TensorProto| {
        let mut kinds = WIDE.iter();
        !kinds.any(|&kind| tensor.data_type == kind as i32)
    };
    let learned = |&node: &usize| {
        let node = &graph.node[node];
        let stored = node.input.iter().filter_map(|name| cx.origins.tensor(name));
        let own = node.attribute.iter().filter_map(|a| a.t.as_deref());
        STARTS.contains(&node.op_type.as_str()) || stored.chain(own).any(narrow)
    };
    Ok(!nodes.iter().any(learned))
}

/// A matrix that is not learned along an axis from the end, 0 for the last; `turned`
/// where it lies `[in, out]`.
fn fixed<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    x: &Live,
    matrix: &Tensor<'a>,
    (from_end, turned): (usize, bool),
) -> Result<Live> {
    let (rows, columns) = (matrix.shape[0], matrix.shape[1]);
    let (out, inner) = if turned {
        (columns, rows)
    } else {
        (rows, columns)
    };
    let place = x.shape.len().checked_sub(from_end + 1);
    let Some(place) = place.filter(|&place| x.shape[place] == inner && inner > 0) else {
        return Err(call.misfit(format!(
            "multiplies {:?} by a matrix {:?}",
            x.shape, matrix.shape
        )));
    };
    let numbers = cx.constants.floats(matrix)?;
    let entry = |place: usize| {
        let (o, i) = (place / inner, place % inner);
        let place = if turned { i * columns + o } else { place };
        f64::from(numbers[place])
    };
    let entries: Vec<f64> = (0..out * inner).map(entry).collect();
    let view = cx.rows(&call.name, x, &x.shape[place..])?;
    let linear = Op::LinearAlong {
        axis: cx.builder.so_far().node(view).shape.len() - 1 - from_end,
        out,
        matrix: entries.into(),
    };
    let node = cx.push(&call.name, linear, &[view])?;
    let mut shape = x.shape.clone();
    shape[place] = out;
    Ok(Live::new(node, shape))
}

pub(super) fn matmul<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    match (call.value(0)?.clone(), call.value(1)?.clone()) {
        (Value::Live(a), Value::Const(matrix)) if is_fixed(cx, &matrix)? => {
            fixed(cx, call, &a, &matrix, (0, true))
        }
        (Value::Const(matrix), Value::Live(b)) if b.shape.len() > 1 && is_fixed(cx, &matrix)? => {
            fixed(cx, call, &b, &matrix, (1, false))
        }
        (Value::Live(a), Value::Const(weight)) if weight.shape.len() == 2 => {
            dense(cx, call, &a, &weight, None, false)
        }
        _ => {
            let a = cx.live(call, 0)?;
            let b = cx.live(call, 1)?;
            product(cx, call, &a, &b)
        }
    }
}

/// A product of matrices, with numpy's rules for one axis and for more.
pub(super) fn product<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    a: &Live,
    b: &Live,
) -> Result<Live> {
    let (mut left, mut right) = (a.shape.clone(), b.shape.clone());
    let misfit = || call.misfit(format!("multiplies {:?} by {:?}", a.shape, b.shape));
    if left.is_empty() || right.is_empty() {
        return Err(misfit());
    }
    let (vector_a, vector_b) = (left.len() == 1, right.len() == 1);
    if vector_a {
        left.insert(0, 1);
    }
    if vector_b {
        right.push(1);
    }
    let (lead_a, matrix_a) = left.split_at(left.len() - 2);
    let (lead_b, matrix_b) = right.split_at(right.len() - 2);
    let lead = broadcast(lead_a, lead_b).ok_or_else(misfit)?;
    let batch: usize = lead.iter().product();
    let mut operand = |x: &Live, own_lead: &[usize], matrix: &[usize]| -> Result<usize> {
        let count: usize = own_lead.iter().product();
        if count == batch {
            let shape = [&[batch], matrix].concat();
            return cx.view(&call.name, x.node, &shape);
        }
        let mut shape = vec![1; lead.len() - own_lead.len()];
        shape.extend(own_lead);
        let (shape, to) = (
            [&shape, matrix].concat(),
            [lead.as_slice(), matrix].concat(),
        );
        let view = cx.view(&call.name, x.node, &shape)?;
        let wide = cx.push(&call.name, Op::Expand(to), &[view])?;
        cx.view(&call.name, wide, &[&[batch], matrix].concat())
    };
    let x = operand(a, lead_a, matrix_a)?;
    let y = operand(b, lead_b, matrix_b)?;
    let node = cx.push(&call.name, Op::MatMul, &[x, y])?;
    let (rows, columns) = (matrix_a[0], matrix_b[1]);
    let mut shape = lead;
    if !vector_a {
        shape.push(rows);
    }
    if !vector_b {
        shape.push(columns);
    }
    // A single matrix is one without the axis of its batch.
    let node = if batch == 1 {
        cx.view(&call.name, node, &[rows, columns])?
    } else {
        node
    };
    Ok(Live::new(node, shape))
}
