//! Which operators are known, and who computes them.

use super::context::Lowering;
use super::{
    binary, conv, dense, einsum, join, norm, pad, pool, random, reduce, resize, select, shape,
    unary,
};
use crate::error::Result;
use crate::sources::onnx::operator::{Call, Value};
use crate::sources::onnx::proto::NodeProto;

/// The operators that are supported on values computed from the image, sorted.
pub const OPERATORS: &[&str] = &[
    "Abs",
    "Add",
    "AveragePool",
    "BatchNormalization",
    "Cast",
    "CastLike",
    "Celu",
    "Clip",
    "Concat",
    "Conv",
    "ConvTranspose",
    "Cos",
    "DepthToSpace",
    "Div",
    "Dropout",
    "Einsum",
    "Elu",
    "Erf",
    "Exp",
    "Expand",
    "Flatten",
    "Gather",
    "Gelu",
    "Gemm",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "GroupNormalization",
    "HardSigmoid",
    "HardSwish",
    "Identity",
    "InstanceNormalization",
    "IsNaN",
    "LRN",
    "LayerNormalization",
    "LeakyRelu",
    "Log",
    "LogSoftmax",
    "MatMul",
    "Max",
    "MaxPool",
    "Mean",
    "Min",
    "Mish",
    "Mul",
    "Neg",
    "PRelu",
    "Pad",
    "Pow",
    "RMSNormalization",
    "Reciprocal",
    "ReduceL1",
    "ReduceL2",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceSum",
    "ReduceSumSquare",
    "Relu",
    "Reshape",
    "Resize",
    "Selu",
    "Shape",
    "Shrink",
    "Sigmoid",
    "Sin",
    "Size",
    "Slice",
    "Softmax",
    "Softplus",
    "Softsign",
    "SpaceToDepth",
    "Split",
    "Sqrt",
    "Squeeze",
    "Sub",
    "Sum",
    "Swish",
    "Tanh",
    "ThresholdedRelu",
    "Tile",
    "Transpose",
    "Unsqueeze",
    "Upsample",
    "Where",
];

/// More that is computed on constants alone.
const CONSTANT: &[&str] = &[
    "Constant",
    "ConstantOfShape",
    "CumSum",
    "GatherElements",
    "GatherND",
    "Range",
    "ScatterND",
    "Trilu",
    "And",
    "Ceil",
    "Equal",
    "Floor",
    "Greater",
    "GreaterOrEqual",
    "Less",
    "LessOrEqual",
    "Mod",
    "NonZero",
    "Not",
    "Or",
    "ReduceProd",
    "Round",
    "Sign",
    "Xor",
];

/// Whether a node's operator is one of those that are known.
pub(super) fn is_known(node: &NodeProto) -> bool {
    let own = node.domain.is_empty() || node.domain == "ai.onnx";
    let name = node.op_type.as_str();
    let all = [OPERATORS, CONSTANT, random::OPERATORS];
    own && all.iter().any(|list| list.contains(&name))
}

/// Whether an operator belongs to quantised networks.
pub(super) fn is_quantised(operator: &str) -> bool {
    operator.contains("Quantize")
        || operator.starts_with("QLinear")
        || operator.ends_with("Integer")
}

/// A node's results as nodes of the network.
pub(super) fn lower<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Vec<Value<'a>>> {
    let one = |live| vec![Value::Live(live)];
    Ok(match call.node.op_type.as_str() {
        "Add" => one(binary::add(cx, call)?),
        "Sub" => one(binary::sub(cx, call)?),
        "Mul" => one(binary::mul(cx, call)?),
        "Div" => one(binary::div(cx, call)?),
        "Pow" => one(binary::pow(cx, call)?),
        "Min" | "Max" => one(binary::extreme(cx, call)?),
        "Sum" | "Mean" => one(binary::variadic(cx, call)?),
        "Where" => one(binary::choose(cx, call)?),
        "Conv" => one(conv::conv(cx, call)?),
        "ConvTranspose" => one(conv::transposed(cx, call)?),
        "AveragePool" => one(pool::average(cx, call)?),
        "MaxPool" => one(pool::max(cx, call)?),
        "GlobalAveragePool" | "GlobalMaxPool" => one(pool::global(cx, call)?),
        "BatchNormalization" => one(norm::batch(cx, call)?),
        "InstanceNormalization" => one(norm::instance(cx, call)?),
        "GroupNormalization" => one(norm::group(cx, call)?),
        "LayerNormalization" => one(norm::over_last_axes(cx, call, true)?),
        "RMSNormalization" => one(norm::over_last_axes(cx, call, false)?),
        "LRN" => one(norm::local_response(cx, call)?),
        "Gemm" => one(dense::gemm(cx, call)?),
        "MatMul" => one(dense::matmul(cx, call)?),
        "Einsum" => one(einsum::einsum(cx, call)?),
        "ReduceMean" | "ReduceSum" | "ReduceMax" | "ReduceMin" | "ReduceL1" | "ReduceL2"
        | "ReduceSumSquare" => one(reduce::reduce(cx, call)?),
        "Softmax" | "LogSoftmax" => one(reduce::softmax(cx, call)?),
        "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" => one(shape::reshape(cx, call)?),
        "Transpose" => one(shape::transpose(cx, call)?),
        "Expand" => one(shape::expand(cx, call)?),
        "Tile" => one(shape::tile(cx, call)?),
        "DepthToSpace" | "SpaceToDepth" => one(shape::depth_space(cx, call)?),
        "Concat" => one(join::concat(cx, call)?),
        "Split" => select::split(cx, call)?
            .into_iter()
            .map(Value::Live)
            .collect(),
        "Slice" => one(select::slice(cx, call)?),
        "Gather" => one(select::gather(cx, call)?),
        "Pad" => one(pad::pad(cx, call)?),
        "Resize" | "Upsample" => one(resize::resize(cx, call)?),
        _ => one(unary::unary(cx, call)?),
    })
}
