//! One node with its operands and attributes.

#![allow(
    clippy::cast_possible_wrap,
    reason = "sizes and axes were held against their ranges where they were read"
)]

use std::collections::HashMap;
use std::sync::Arc;

use super::constants::Constants;
use super::value::Value;
use crate::error::{Error, Result};
use crate::sources::onnx::name::node_name;
use crate::sources::onnx::proto::{AttributeProto, NodeProto};
use crate::sources::onnx::tensor::Tensor;

/// The largest kernel side, stride, padding and the like.
const LARGEST: i64 = 1 << 20;

/// A node of the file, ready to be computed.
#[derive(Debug, Clone)]
pub(in crate::sources::onnx) struct Call<'a> {
    pub(in crate::sources::onnx) node: &'a NodeProto,
    /// Its name in messages.
    pub(in crate::sources::onnx) name: String,
    /// Its operands; none for optional ones that are left out.
    pub(in crate::sources::onnx) inputs: Vec<Option<Value<'a>>>,
    /// The version of the operators.
    pub(in crate::sources::onnx) opset: i64,
}

impl<'a> Call<'a> {
    /// A node of the file with what is known of its operands.
    pub(in crate::sources::onnx) fn of(
        values: &HashMap<&'a str, Value<'a>>,
        node: &'a NodeProto,
        index: usize,
        opset: i64,
    ) -> Result<Self> {
        let name = node_name(node, index);
        let mut inputs = Vec::with_capacity(node.input.len());
        for input in &node.input {
            inputs.push(match input.as_str() {
                "" => None,
                given => match values.get(given) {
                    Some(value) => Some(value.clone()),
                    None => {
                        return Err(fail(
                            &name,
                            format!("takes '{given}', which has no value"),
                            "give the network one image input, and all other values in the file",
                        ));
                    }
                },
            });
        }
        Ok(Self {
            node,
            name,
            inputs,
            opset,
        })
    }

    /// An error at this node.
    pub(in crate::sources::onnx) fn fail(&self, message: impl Into<String>, cure: &str) -> Error {
        fail(&self.name, message.into(), cure)
    }

    /// An error that no whole file has.
    pub(in crate::sources::onnx) fn broken(&self, message: impl Into<String>) -> Error {
        self.fail(message, "export the network again")
    }

    /// An error of sizes that do not fit each other.
    pub(in crate::sources::onnx) fn misfit(&self, message: impl Into<String>) -> Error {
        let cure = "give an image of the size that the network was exported for";
        self.fail(message, cure)
    }

    /// What this node does is not supported.
    pub(in crate::sources::onnx) fn unsupported(&self, what: impl std::fmt::Display) -> Error {
        Error::Model {
            code: "unsupported-operator",
            place: format!("node {}", self.name),
            message: format!("{} {what} is not supported", self.node.op_type),
            cure: "export the network without it".to_owned(),
        }
    }

    /// Random numbers are taken where they are no mask.
    pub(in crate::sources::onnx) fn random(&self) -> Error {
        Error::Model {
            code: "unsupported-operator",
            place: format!("node {}", self.name),
            message: "takes numbers that are drawn at random, and not as a mask or as noise"
                .to_owned(),
            cure: "networks draw numbers in training: call model.eval() before torch.onnx.export (training=torch.onnx.TrainingMode.PRESERVE keeps the batch norms)".to_owned(),
        }
    }

    /// An operand that must be there.
    pub(in crate::sources::onnx) fn value(&self, i: usize) -> Result<&Value<'a>> {
        self.optional(i).ok_or_else(|| {
            self.fail(
                format!("{} has no operand {}", self.node.op_type, i + 1),
                "export the network again; the file is not complete",
            )
        })
    }

    /// An operand that may be left out.
    pub(in crate::sources::onnx) fn optional(&self, i: usize) -> Option<&Value<'a>> {
        self.inputs.get(i).and_then(Option::as_ref)
    }

    /// An operand that must be constant.
    pub(in crate::sources::onnx) fn constant(&self, i: usize) -> Result<&Tensor<'a>> {
        match self.value(i)? {
            Value::Const(tensor) => Ok(tensor),
            Value::Live(_) => Err(self.fail(
                format!(
                    "operand {} of {} is computed from the image",
                    i + 1,
                    self.node.op_type
                ),
                "only constants are supported there: export with fixed shapes and weights",
            )),
            Value::Random(_) => Err(self.random()),
        }
    }

    /// A constant operand's whole numbers.
    pub(in crate::sources::onnx) fn ints(
        &self,
        cx: &Constants<'a>,
        i: usize,
    ) -> Result<Arc<[i64]>> {
        cx.ints(self.constant(i)?)
    }

    /// A constant operand's floats.
    pub(in crate::sources::onnx) fn floats(
        &self,
        cx: &Constants<'a>,
        i: usize,
    ) -> Result<Arc<[f32]>> {
        cx.floats(self.constant(i)?)
    }

    /// The single number of a constant operand.
    pub(in crate::sources::onnx) fn scalar(&self, cx: &Constants<'a>, i: usize) -> Result<f64> {
        cx.scalar(self.constant(i)?).ok_or_else(|| {
            self.broken(format!(
                "operand {} of {} is not one number",
                i + 1,
                self.node.op_type
            ))
        })
    }

    fn attribute(&self, name: &str) -> Option<&'a AttributeProto> {
        self.node.attribute.iter().find(|a| a.name == name)
    }

    /// Whether an attribute is given.
    pub(in crate::sources::onnx) fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    /// A whole number.
    pub(in crate::sources::onnx) fn int(&self, name: &str, default: i64) -> i64 {
        self.attribute(name).map_or(default, |a| a.i)
    }

    /// A yes or no.
    pub(in crate::sources::onnx) fn flag(&self, name: &str) -> bool {
        self.int(name, 0) != 0
    }

    /// A number.
    pub(in crate::sources::onnx) fn float(&self, name: &str, default: f32) -> f64 {
        f64::from(self.attribute(name).map_or(default, |a| a.f))
    }

    /// A word.
    pub(in crate::sources::onnx) fn text(&self, name: &str, default: &'static str) -> &'a str {
        let given = self.attribute(name);
        given.map_or(default, |a| std::str::from_utf8(&a.s).unwrap_or(default))
    }

    /// A list of whole numbers.
    pub(in crate::sources::onnx) fn list(&self, name: &str) -> Option<&'a [i64]> {
        self.attribute(name).map(|a| a.ints.as_slice())
    }

    /// A list of numbers.
    pub(in crate::sources::onnx) fn numbers(&self, name: &str) -> Option<&'a [f32]> {
        self.attribute(name).map(|a| a.floats.as_slice())
    }

    /// A tensor.
    pub(in crate::sources::onnx) fn tensor(&self, name: &str) -> Result<Option<Tensor<'a>>> {
        let given = self.attribute(name).and_then(|a| a.t.as_deref());
        given.map(Tensor::from_proto).transpose()
    }

    /// A list of sizes, of a length; kernel sides, strides, dilations.
    pub(in crate::sources::onnx) fn sizes(
        &self,
        name: &str,
        rank: usize,
        default: usize,
    ) -> Result<Vec<usize>> {
        let Some(list) = self.list(name) else {
            return Ok(vec![default; rank]);
        };
        let sizes = list.iter().map(|&n| self.size(name, n));
        let sizes = sizes.collect::<Result<Vec<_>>>()?;
        if sizes.len() != rank {
            return Err(self.broken(format!(
                "{name} has {} numbers where {rank} are needed",
                sizes.len()
            )));
        }
        Ok(sizes)
    }

    /// A size within reason.
    pub(in crate::sources::onnx) fn size(&self, name: &str, n: i64) -> Result<usize> {
        let fits = usize::try_from(n).ok().filter(|_| n <= LARGEST);
        fits.ok_or_else(|| {
            self.fail(
                format!("{name} is {n}"),
                "it must not be negative, and not larger than 1,048,576",
            )
        })
    }

    /// An axis counted from the front; negative ones count from the back.
    pub(in crate::sources::onnx) fn axis(&self, axis: i64, rank: usize) -> Result<usize> {
        let rank_signed = rank as i64;
        let counted = if axis < 0 {
            axis.saturating_add(rank_signed)
        } else {
            axis
        };
        let found = usize::try_from(counted).ok().filter(|&a| a < rank);
        found.ok_or_else(|| self.broken(format!("axis {axis} does not fit {rank} axes")))
    }

    /// Axes counted from the front, sorted, each once.
    pub(in crate::sources::onnx) fn axes(&self, axes: &[i64], rank: usize) -> Result<Vec<usize>> {
        let counted = axes.iter().map(|&a| self.axis(a, rank));
        let mut counted = counted.collect::<Result<Vec<_>>>()?;
        counted.sort_unstable();
        counted.dedup();
        Ok(counted)
    }
}

fn fail(name: &str, message: String, cure: &str) -> Error {
    Error::Model {
        code: "bad-model",
        place: format!("node {name}"),
        message,
        cure: cure.to_owned(),
    }
}
