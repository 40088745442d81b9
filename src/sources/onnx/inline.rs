//! Functions that a file defines: their nodes take the place of those that call
//! them. PyTorch's first dynamo exporters wrote every layer as one, and
//! `export_modules_as_functions` does.

use std::collections::HashMap;

use prost::Message;

use super::name::node_name;
use super::proto::{AttributeProto, FunctionProto, GraphProto, ModelProto, NodeProto};
use crate::error::{Error, Result};

/// Functions that call functions, at most.
const DEEPEST: usize = 64;

/// What all calls together may add: so many times the file, and 16 MiB.
const TIMES: usize = 4;
const BESIDES: usize = 16 << 20;

/// A function's domain, name and overload.
type Key<'a> = (&'a str, &'a str, &'a str);

/// ONNX's own domain has two names.
fn domain(name: &str) -> &str {
    if name == "ai.onnx" { "" } else { name }
}

/// Puts the nodes of the file's functions where they are called.
///
/// # Errors
/// [`Error::Model`] for functions that call themselves, become too large, or
/// have operators of another version than the file.
pub(super) fn functions(
    model: &ModelProto,
    graph: &mut GraphProto,
    opset: i64,
    bytes: usize,
) -> Result<()> {
    if model.functions.is_empty() {
        return Ok(());
    }
    let table = model.functions.iter();
    let table: HashMap<Key<'_>, &FunctionProto> = table
        .map(|f| ((domain(&f.domain), &*f.name, &*f.overload), f))
        .collect();
    let mut room = bytes.saturating_mul(TIMES).saturating_add(BESIDES);
    let mut nodes = Vec::with_capacity(graph.node.len());
    let mut open: Vec<(NodeProto, usize)> = graph.node.drain(..).map(|n| (n, 0)).collect();
    open.reverse();
    let mut calls = 0;
    while let Some((node, depth)) = open.pop() {
        let key = (domain(&node.domain), &*node.op_type, &*node.overload);
        let Some(function) = table.get(&key) else {
            nodes.push(node);
            continue;
        };
        calls += 1;
        let name = node_name(&node, calls);
        if depth == DEEPEST {
            return Err(fail(
                &name,
                format!(
                    "calls functions of the file {DEEPEST} deep, or one that calls itself: {}",
                    function.name
                ),
                "export the network again; a function of ONNX does not call itself",
            ));
        }
        let own = |o: &&super::proto::OperatorSetIdProto| domain(&o.domain).is_empty();
        if let Some(import) = function.opset_import.iter().find(own)
            && import.version != opset
        {
            return Err(fail(
                &name,
                format!(
                    "the function {} has operators of opset {}, the file those of {opset}",
                    function.name, import.version
                ),
                "inline its functions first (onnx.inliner.inline_local_functions)",
            ));
        }
        let body = Call {
            node: &node,
            function,
            name: &name,
            number: calls,
        }
        .body();
        let size = body
            .iter()
            .map(|n| n.encoded_len() + size_of::<NodeProto>());
        let size = size.sum();
        room = room.checked_sub(size).ok_or_else(|| {
            fail(
                &name,
                "becomes too large with the functions that it calls".to_owned(),
                "export the network without functions of its own",
            )
        })?;
        open.extend(body.into_iter().rev().map(|n| (n, depth + 1)));
    }
    graph.node = nodes;
    Ok(())
}

/// A call of a function.
struct Call<'a> {
    node: &'a NodeProto,
    function: &'a FunctionProto,
    name: &'a str,
    /// Tells the values of one call from those of another.
    number: usize,
}

impl Call<'_> {
    /// The function's nodes, with the caller's values and attributes.
    fn body(&self) -> Vec<NodeProto> {
        let (node, function) = (self.node, self.function);
        let mut values: HashMap<&str, String> = HashMap::new();
        for (i, name) in function.input.iter().enumerate() {
            // An operand that may be left out is.
            values.insert(name, node.input.get(i).cloned().unwrap_or_default());
        }
        let mut again = Vec::new();
        let outputs = function.output.iter().zip(&node.output);
        for (inner, outer) in outputs.filter(|(_, outer)| !outer.is_empty()) {
            match values.get(inner.as_str()) {
                // An operand, or a value that is a result twice.
                Some(there) => again.push(NodeProto {
                    op_type: "Identity".to_owned(),
                    name: self.name.to_owned(),
                    input: vec![there.clone()],
                    output: vec![outer.clone()],
                    ..NodeProto::default()
                }),
                None => {
                    values.insert(inner, outer.clone());
                }
            }
        }
        let value = |name: &String| match values.get(name.as_str()) {
            Some(outer) => outer.clone(),
            None if name.is_empty() => String::new(),
            None => format!("{}:{}", self.number, name),
        };
        let inner = function.node.iter().map(|inner| NodeProto {
            input: inner.input.iter().map(value).collect(),
            output: inner.output.iter().map(value).collect(),
            name: match inner.name.as_str() {
                "" => String::new(),
                own => format!("{}/{own}", self.name),
            },
            op_type: inner.op_type.clone(),
            domain: inner.domain.clone(),
            overload: inner.overload.clone(),
            attribute: inner
                .attribute
                .iter()
                .filter_map(|a| self.attribute(a))
                .collect(),
        });
        inner.chain(again).collect()
    }

    /// An attribute of a node inside: its own, the caller's, or the function's
    /// default; none where the caller leaves it out.
    fn attribute(&self, inner: &AttributeProto) -> Option<AttributeProto> {
        if inner.ref_attr_name.is_empty() {
            return Some(inner.clone());
        }
        let all = self.node.attribute.iter();
        let mut all = all.chain(&self.function.attribute_proto);
        let given = all.find(|a| a.name == inner.ref_attr_name)?;
        Some(AttributeProto {
            name: inner.name.clone(),
            ..given.clone()
        })
    }
}

fn fail(node: &str, message: String, cure: &str) -> Error {
    Error::Model {
        code: "bad-model",
        place: format!("node {node}"),
        message,
        cure: cure.to_owned(),
    }
}
