//! The file's graph as it grows: nodes, tensors, names.

#![allow(
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    reason = "sizes were checked when the network was built, and f32 is the file's precision"
)]

use std::collections::{HashMap, HashSet};

use prost::bytes::Bytes;

use super::INPUT;
use crate::array::Values;
use crate::error::Result;
use crate::network::{Network, NodeId};
use crate::sources::onnx::proto::attribute_proto::AttributeType;
use crate::sources::onnx::proto::tensor_proto::DataType;
use crate::sources::onnx::proto::tensor_shape_proto::{Dimension, dimension};
use crate::sources::onnx::proto::{
    AttributeProto, GraphProto, NodeProto, TensorProto, TensorShapeProto, TypeProto,
    ValueInfoProto, type_proto,
};
use crate::start::Weights;

/// What a node is told.
pub(super) enum Attribute<'a> {
    Int(&'a str, i64),
    Ints(&'a str, Vec<i64>),
    Float(&'a str, f64),
    Tensor(&'a str, Box<TensorProto>),
}

/// A graph as it grows.
pub(super) struct Graph<'a> {
    pub(super) network: &'a Network,
    weights: &'a Weights,
    proto: GraphProto,
    /// The names of the values of the network's nodes.
    values: Vec<String>,
    /// The tensors that are there.
    tensors: HashSet<String>,
    /// Whole numbers that several nodes share, by what they are.
    lists: HashMap<Vec<i64>, String>,
}

impl<'a> Graph<'a> {
    pub(super) fn new(network: &'a Network, weights: &'a Weights) -> Self {
        Self {
            network,
            weights,
            proto: GraphProto::default(),
            values: Vec::with_capacity(network.nodes().len()),
            tensors: HashSet::new(),
            lists: HashMap::new(),
        }
    }

    /// The name of the value of a node that was added.
    pub(super) fn value(&self, id: NodeId) -> &str {
        self.values.get(id).map_or(INPUT, String::as_str)
    }

    /// Says what the next node's value is called.
    pub(super) fn named(&mut self, value: String) {
        self.values.push(value);
    }

    /// Adds a node of the file whose only result has the node's own name.
    pub(super) fn push(
        &mut self,
        name: &str,
        operator: &str,
        inputs: &[&str],
        attributes: Vec<Attribute<'_>>,
    ) -> String {
        self.proto.node.push(NodeProto {
            name: name.to_owned(),
            op_type: operator.to_owned(),
            input: inputs.iter().map(|&i| i.to_owned()).collect(),
            output: vec![name.to_owned()],
            attribute: attributes.into_iter().map(attribute).collect(),
            ..NodeProto::default()
        });
        name.to_owned()
    }

    /// A parameter of a node as a tensor of the file, in this shape; a matrix may
    /// be turned over.
    pub(super) fn parameter(
        &mut self,
        id: NodeId,
        suffix: &str,
        shape: &[usize],
        turned: bool,
    ) -> Result<String> {
        let name = self.network.node(id).tensor(suffix);
        if self.tensors.insert(name.clone()) {
            let array = self.weights.get(&name)?;
            let mut numbers: Vec<f32> = match &array.values {
                Values::F32(numbers) => numbers.clone(),
                Values::F64(numbers) => numbers.iter().map(|&x| x as f32).collect(),
            };
            if let (true, &[rows, columns]) = (turned, array.shape.as_slice()) {
                let at = |i: usize| numbers[i % rows * columns + i / rows];
                numbers = (0..rows * columns).map(at).collect();
            }
            self.proto.initializer.push(floats(&name, shape, &numbers));
        }
        Ok(name)
    }

    /// Numbers that nobody learns, which begin the same in every file: a tensor
    /// beside the parameters (running statistics).
    pub(super) fn filled(&mut self, name: &str, shape: &[usize], number: f32) -> String {
        if self.tensors.insert(name.to_owned()) {
            let numbers = vec![number; shape.iter().product()];
            self.proto.initializer.push(floats(name, shape, &numbers));
        }
        name.to_owned()
    }

    /// A number that is part of the graph, or several: a node of their own. An
    /// initialiser is taken for something that is learned.
    pub(super) fn constant(&mut self, name: &str, shape: &[usize], numbers: &[f32]) -> String {
        let tensor = Box::new(floats("", shape, numbers));
        self.push(
            name,
            "Constant",
            &[],
            vec![Attribute::Tensor("value", tensor)],
        )
    }

    /// One number everywhere in a shape, as part of the graph: many numbers inside
    /// a graph may be weights.
    pub(super) fn uniform(&mut self, name: &str, shape: &[usize], number: f32) -> String {
        let shape = self.list(ints(shape));
        let tensor = Box::new(floats("", &[1], &[number]));
        let told = vec![Attribute::Tensor("value", tensor)];
        self.push(name, "ConstantOfShape", &[&shape], told)
    }

    /// Whole numbers: shapes, axes, indices.
    pub(super) fn list(&mut self, numbers: Vec<i64>) -> String {
        if let Some(name) = self.lists.get(&numbers) {
            return name.clone();
        }
        let name = format!("numbers.{}", self.lists.len());
        let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        self.proto.initializer.push(TensorProto {
            name: name.clone(),
            dims: vec![numbers.len() as i64],
            data_type: DataType::Int64 as i32,
            raw_data: Bytes::from(bytes),
            ..TensorProto::default()
        });
        self.lists.insert(numbers, name.clone());
        name
    }

    /// Token ids as an input, with the batch before their number.
    pub(super) fn ids(&self, name: &str, length: usize) -> ValueInfoProto {
        Self::value_info(name, &[length], DataType::Int64)
    }

    /// An input or output, with the batch before its shape.
    pub(super) fn port(&self, name: &str, shape: &[usize]) -> ValueInfoProto {
        Self::value_info(name, shape, DataType::Float)
    }

    fn value_info(name: &str, shape: &[usize], kind: DataType) -> ValueInfoProto {
        let dim = batched(shape).into_iter().map(|n| Dimension {
            value: Some(dimension::Value::DimValue(n)),
            ..Dimension::default()
        });
        let tensor = type_proto::Tensor {
            elem_type: kind as i32,
            shape: Some(TensorShapeProto { dim: dim.collect() }),
        };
        ValueInfoProto {
            name: name.to_owned(),
            r#type: Some(TypeProto {
                value: Some(type_proto::Value::TensorType(tensor)),
                ..TypeProto::default()
            }),
        }
    }

    /// The nodes and tensors.
    pub(super) fn finish(self) -> GraphProto {
        self.proto
    }
}

/// A shape with the batch before it.
pub(super) fn batched(shape: &[usize]) -> Vec<i64> {
    let own = shape.iter().map(|&n| n as i64);
    std::iter::once(1).chain(own).collect()
}

/// Sizes as the file has them.
pub(super) fn ints(sizes: &[usize]) -> Vec<i64> {
    sizes.iter().map(|&n| n as i64).collect()
}

/// A tensor of numbers.
pub(super) fn floats(name: &str, shape: &[usize], numbers: &[f32]) -> TensorProto {
    let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
    TensorProto {
        name: name.to_owned(),
        dims: ints(shape),
        data_type: DataType::Float as i32,
        raw_data: Bytes::from(bytes),
        ..TensorProto::default()
    }
}

fn attribute(attribute: Attribute<'_>) -> AttributeProto {
    let (name, kind) = match &attribute {
        Attribute::Int(name, _) => (*name, AttributeType::Int),
        Attribute::Ints(name, _) => (*name, AttributeType::Ints),
        Attribute::Float(name, _) => (*name, AttributeType::Float),
        Attribute::Tensor(name, _) => (*name, AttributeType::Tensor),
    };
    let mut proto = AttributeProto {
        name: name.to_owned(),
        r#type: kind as i32,
        ..AttributeProto::default()
    };
    match attribute {
        Attribute::Int(_, value) => proto.i = value,
        Attribute::Ints(_, values) => proto.ints = values,
        Attribute::Float(_, value) => proto.f = value as f32,
        Attribute::Tensor(_, tensor) => proto.t = Some(tensor),
    }
    proto
}
