//! An architecture → the bytes of an ONNX file, with the weights of a seed.
//!
//! A value of shape `s` is `[1, …s]` there: the batch is 1, as statistics of one
//! sample are what a network at initialisation is normalised by. (Running
//! statistics are written as 0 and 1, which is what they begin with: a runtime
//! that uses them computes other numbers than the network in train mode.)
//!
//! What leads to no output (the nodes of a cell behind `none`, a head beside
//! features) is part of the network, and readers leave such nodes out: so 0 times
//! its mean is added to the output, which changes nothing.
//!
//! A fixed matrix is written as whole numbers over a power of two: numbers that are
//! no whole ones would be taken for a weight.
//!
//! What the reader makes of the file is the network that it was written of: the
//! same parameters, the same values, under the policy `flow` the same maps. The
//! crates that write (`onnx-pb`, `tract-onnx`) bring a second copy of the
//! messages, or a runtime; the messages are here.

#![allow(clippy::cast_possible_wrap, reason = "a value has few axes")]

mod activation;
mod graph;
mod layer;
mod node;
mod norm;
#[cfg(test)]
mod tests;

use prost::Message;

use activation::with_number;
use graph::{Attribute, Graph};

use super::proto::{GraphProto, ModelProto, OperatorSetIdProto, ValueInfoProto};
use crate::architecture::Architecture;
use crate::error::Result;
use crate::network::Input;

/// The version of ONNX's own operators that is written.
const OPSET: i64 = 17;
/// The version of the file format that came with it.
const IR_VERSION: i64 = 8;
/// What the image is called.
const INPUT: &str = "image";
/// What token ids are called, as exporters of PyTorch's models call them.
const IDS: &str = "input_ids";

/// The file of an architecture, with the weights that `seed` draws.
///
/// # Errors
/// [`crate::Error::Model`] for an operation that cannot be written, which no
/// search space has.
pub fn export(arch: &Architecture, seed: u64) -> Result<Vec<u8>> {
    let network = &arch.network;
    let weights = arch.start.weights(network, seed);
    let mut graph = Graph::new(network, &weights);
    for id in 0..network.nodes().len() {
        node::add(&mut graph, id)?;
    }
    let ports = outputs(&mut graph);
    let proto = GraphProto {
        name: arch.source.to_owned(),
        input: vec![match network.input() {
            &Input::Words { length, .. } => graph.ids(IDS, length),
            _ => graph.port(INPUT, network.input_shape()),
        }],
        output: ports,
        ..graph.finish()
    };
    let model = ModelProto {
        ir_version: IR_VERSION,
        opset_import: vec![OperatorSetIdProto {
            domain: String::new(),
            version: OPSET,
        }],
        producer_name: env!("CARGO_PKG_NAME").to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        graph: Some(proto),
        ..ModelProto::default()
    };
    Ok(model.encode_to_vec())
}

/// The file's outputs, with what would lead nowhere added to the first one.
fn outputs(graph: &mut Graph<'_>) -> Vec<ValueInfoProto> {
    let network = graph.network;
    let mut used = vec![false; network.nodes().len()];
    let inputs = network.nodes().iter().flat_map(|node| &node.inputs);
    for &id in inputs.chain(network.outputs()) {
        used[id] = true;
    }
    let mut nothing = Vec::new();
    for (id, node) in network.nodes().iter().enumerate() {
        if !used[id] {
            let axes = (1..=node.shape.len()).map(|axis| axis as i64).collect();
            let told = vec![Attribute::Ints("axes", axes), Attribute::Int("keepdims", 0)];
            let value = graph.value(id).to_owned();
            let mean = graph.push(&format!("{value}.mean"), "ReduceMean", &[&value], told);
            nothing.push(with_number(
                graph,
                &format!("{value}.nothing"),
                "Mul",
                &mean,
                0.0,
            ));
        }
    }
    let mut ports = Vec::new();
    for &id in network.outputs() {
        let mut value = graph.value(id).to_owned();
        for (i, zero) in std::mem::take(&mut nothing).into_iter().enumerate() {
            let name = format!("{}.and{i}", graph.value(id));
            value = graph.push(&name, "Add", &[&value, &zero], Vec::new());
        }
        ports.push(graph.port(&value, &network.node(id).shape));
    }
    ports
}
