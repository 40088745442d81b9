//! What a model file says of itself.

use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

use super::proto::tensor_shape_proto::dimension;
use super::proto::{ValueInfoProto, type_proto};
use super::read::Model;

/// One dimension of an input or output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Dimension {
    /// A number.
    Fixed(i64),
    /// A name, to be given a value (`batch`, `height`).
    Named(String),
    /// Neither a number nor a name.
    Unknown(()),
}

/// An input or output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// Its dimensions; none where the file does not say.
    pub shape: Option<Vec<Dimension>>,
}

/// An operator and how many nodes have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Used {
    /// Its domain; empty for ONNX's own.
    pub domain: String,
    /// Its name.
    pub operator: String,
    /// How many nodes have it.
    pub count: usize,
}

/// What a model file says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Info {
    /// The graph's name.
    pub name: String,
    /// The version of ONNX's own operators.
    pub opset: i64,
    /// The program that wrote it, with its version.
    pub producer: String,
    /// Inputs that are not weights.
    pub inputs: Vec<Port>,
    /// Outputs.
    pub outputs: Vec<Port>,
    /// Number of nodes in the file.
    pub nodes: usize,
    /// The operators, by name.
    pub operators: Vec<Used>,
    /// Files that weights lie in, besides the model.
    pub data_files: Vec<String>,
}

impl Model {
    /// What the file says of itself.
    pub fn info(&self) -> Info {
        let mut used: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for node in &self.graph.node {
            *used.entry((&node.domain, &node.op_type)).or_default() += 1;
        }
        let producer = format!(
            "{} {}",
            self.proto.producer_name, self.proto.producer_version
        );
        Info {
            name: self.graph.name.clone(),
            opset: self.opset,
            producer: producer.trim().to_owned(),
            inputs: self.inputs().map(port).collect(),
            outputs: self.graph.output.iter().map(port).collect(),
            nodes: self.graph.node.len(),
            operators: used
                .into_iter()
                .map(|((domain, operator), count)| Used {
                    domain: domain.to_owned(),
                    operator: operator.to_owned(),
                    count,
                })
                .collect(),
            data_files: self.data_files(),
        }
    }

    /// Whether a convolution or pool slides over a map, and whether one slides
    /// along a line, as on signals.
    pub(super) fn slides(&self) -> [bool; 2] {
        let tensors = self.graph.initializer.iter();
        let ranks: HashMap<&str, usize> = tensors.map(|t| (&*t.name, t.dims.len())).collect();
        let sides = self.graph.node.iter().filter_map(|node| {
            let given = node.attribute.iter().find(|a| a.name == "kernel_shape");
            let given = given.map(|a| a.ints.len());
            let weight = || ranks.get(node.input.get(1)?.as_str())?.checked_sub(2);
            match node.op_type.as_str() {
                "Conv" | "ConvTranspose" => given.or_else(weight),
                "MaxPool" | "AveragePool" => given,
                _ => None,
            }
        });
        let sides: Vec<usize> = sides.collect();
        [sides.contains(&2), sides.contains(&1)]
    }

    /// The inputs that are not weights (old files list those too).
    pub(super) fn inputs(&self) -> impl Iterator<Item = &ValueInfoProto> {
        let weights: std::collections::HashSet<&str> = self
            .graph
            .initializer
            .iter()
            .map(|t| t.name.as_str())
            .collect();
        let inputs = self.graph.input.iter();
        inputs.filter(move |i| !weights.contains(i.name.as_str()))
    }
}

fn port(value: &ValueInfoProto) -> Port {
    Port {
        name: value.name.clone(),
        shape: dimensions(value),
    }
}

/// The tensor type of a value, if it is a tensor.
pub(super) fn tensor_type(value: &ValueInfoProto) -> Option<&type_proto::Tensor> {
    match value.r#type.as_ref()?.value.as_ref()? {
        type_proto::Value::TensorType(tensor) => Some(tensor),
    }
}

/// The dimensions of a value, where the file has them.
pub(super) fn dimensions(value: &ValueInfoProto) -> Option<Vec<Dimension>> {
    let shape = tensor_type(value)?.shape.as_ref()?;
    let dims = shape.dim.iter().map(|d| match &d.value {
        Some(dimension::Value::DimValue(n)) => Dimension::Fixed(*n),
        Some(dimension::Value::DimParam(name)) if !name.is_empty() => {
            Dimension::Named(name.clone())
        }
        _ => Dimension::Unknown(()),
    });
    Some(dims.collect())
}
