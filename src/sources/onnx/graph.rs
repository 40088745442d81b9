//! The order in which a file's nodes are computed, and which are needed at all.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::rc::Rc;

use super::name::node_name;
use super::proto::tensor_proto::DataType;
use super::proto::{GraphProto, TensorProto};
use super::read::Model;
use super::tensor::Budget;
use crate::error::{Error, Result};

/// The needed nodes of a graph in execution order.
#[derive(Debug)]
pub(super) struct Order<'a> {
    /// Indices into the file's nodes.
    pub(super) nodes: Vec<usize>,
    /// How many needed nodes and graph outputs use a value.
    pub(super) uses: HashMap<&'a str, usize>,
    /// Where values come from.
    pub(super) origins: Rc<Origins<'a>>,
    /// The outputs that are wanted.
    pub(super) outputs: Vec<&'a str>,
}

/// Where values come from.
#[derive(Debug)]
pub(super) struct Origins<'a> {
    writers: HashMap<&'a str, usize>,
    tensors: HashMap<&'a str, &'a TensorProto>,
    /// Each needed node's place in the execution order.
    places: HashMap<usize, usize>,
}

impl<'a> Origins<'a> {
    /// A tensor of the file.
    pub(super) fn tensor(&self, name: &str) -> Option<&'a TensorProto> {
        self.tensors.get(name).copied()
    }

    /// The values that one was joined from.
    pub(super) fn joined(&self, graph: &'a GraphProto, name: &str) -> Option<Vec<&'a str>> {
        let node = &graph.node[*self.writers.get(name)?];
        let joined = node.op_type == "Concat";
        joined.then(|| node.input.iter().map(String::as_str).collect())
    }

    /// Whether a value has numbers of the file in it, and not one number of the
    /// graph everywhere, in a shape. Some exporters write weights as `constants`
    /// inside the graph.
    pub(super) fn holds(
        &self,
        graph: &'a GraphProto,
        name: &'a str,
        constants: bool,
        budget: &Budget,
    ) -> Result<bool> {
        let many = |t: &TensorProto| t.dims.iter().product::<i64>() > 1;
        let mut seen = HashSet::new();
        let mut open = vec![name];
        while let Some(name) = open.pop() {
            budget.work(1)?;
            if self
                .tensors
                .get(name)
                .is_some_and(|t| is_float(t) && many(t))
            {
                return Ok(true);
            }
            let Some(&writer) = self.writers.get(name) else {
                continue;
            };
            let node = &graph.node[writer];
            let mut tensors = node.attribute.iter().filter_map(|a| a.t.as_deref());
            if constants && tensors.any(|t| is_float(t) && many(t)) {
                return Ok(true);
            }
            let operands = match node.op_type.as_str() {
                "Shape" | "Size" => 0,
                "CastLike" => 1,
                _ => usize::MAX,
            };
            if seen.insert(writer) {
                open.extend(node.input.iter().take(operands).map(String::as_str));
            }
        }
        Ok(false)
    }

    /// The nodes that compute a value from the file's tensors alone, in
    /// execution order; none where it takes an input of the graph.
    pub(super) fn chain(&self, graph: &'a GraphProto, name: &str) -> Option<Vec<usize>> {
        let mut chain = HashMap::new();
        let mut open = vec![*self.writers.get(name)?];
        while let Some(index) = open.pop() {
            if chain.insert(index, *self.places.get(&index)?).is_some() {
                continue;
            }
            let inputs = graph.node[index].input.iter().filter(|n| !n.is_empty());
            for input in inputs {
                match self.writers.get(input.as_str()) {
                    Some(&writer) => open.push(writer),
                    None if self.tensors.contains_key(input.as_str()) => {}
                    None => return None,
                }
            }
        }
        let mut nodes: Vec<usize> = chain.keys().copied().collect();
        nodes.sort_by_key(|index| chain[index]);
        Some(nodes)
    }
}

fn is_float(tensor: &TensorProto) -> bool {
    let kinds = [
        DataType::Float,
        DataType::Float16,
        DataType::Bfloat16,
        DataType::Double,
    ];
    kinds.iter().any(|&kind| kind as i32 == tensor.data_type)
}

impl<'a> Order<'a> {
    /// Of what some of the graph's outputs need, or all of them.
    ///
    /// # Errors
    /// [`Error::Model`] for a cycle, a value that two nodes write, one that
    /// nothing writes, and a graph without outputs.
    pub(super) fn of(model: &'a Model, wanted: Option<&str>) -> Result<Self> {
        let graph = &model.graph;
        if graph.output.is_empty() {
            return Err(fail("file", "has no output".to_owned(), "export it again"));
        }
        let names: Vec<&str> = graph.output.iter().map(|o| o.name.as_str()).collect();
        let outputs = match wanted {
            None => names,
            Some(wanted) => {
                let wanted = wanted.split(',').map(str::trim);
                let find = |name| {
                    let found = names.iter().copied().find(|n| *n == name);
                    found.ok_or_else(|| Error::unknown("output", name, &names))
                };
                wanted.map(find).collect::<Result<Vec<_>>>()?
            }
        };
        let writers = writers(graph)?;
        let needed = needed(graph, &outputs, &writers)?;
        let mut uses: HashMap<&str, usize> = HashMap::new();
        let mut readers: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut waits = vec![0usize; graph.node.len()];
        for (index, node) in graph.node.iter().enumerate().filter(|(i, _)| needed[*i]) {
            for name in node.input.iter().filter(|n| !n.is_empty()) {
                *uses.entry(name).or_default() += 1;
                if let Some(&writer) = writers.get(name.as_str()) {
                    readers.entry(writer).or_default().push(index);
                    waits[index] += 1;
                }
            }
        }
        for output in &outputs {
            *uses.entry(output).or_default() += 1;
        }
        let ready = (0..graph.node.len()).filter(|&i| needed[i] && waits[i] == 0);
        let mut ready: BinaryHeap<Reverse<usize>> = ready.map(Reverse).collect();
        let mut nodes = Vec::new();
        while let Some(Reverse(index)) = ready.pop() {
            nodes.push(index);
            for &reader in readers.get(&index).into_iter().flatten() {
                waits[reader] -= 1;
                if waits[reader] == 0 {
                    ready.push(Reverse(reader));
                }
            }
        }
        let stuck = (0..graph.node.len()).find(|&i| needed[i] && waits[i] > 0);
        match stuck {
            Some(index) => Err(fail(
                &format!("node {}", node_name(&graph.node[index], index)),
                "needs its own result: the graph has a cycle".to_owned(),
                "export the network again; a graph of ONNX has no cycles",
            )),
            None => {
                let tensors = graph.initializer.iter().map(|t| (t.name.as_str(), t));
                let places = nodes.iter().enumerate().map(|(i, &node)| (node, i));
                let origins = Origins {
                    tensors: tensors.collect(),
                    places: places.collect(),
                    writers,
                };
                let origins = Rc::new(origins);
                Ok(Self {
                    nodes,
                    uses,
                    origins,
                    outputs,
                })
            }
        }
    }
}

/// The node that writes each value.
fn writers(graph: &GraphProto) -> Result<HashMap<&str, usize>> {
    let mut writers = HashMap::with_capacity(graph.node.len());
    for (index, node) in graph.node.iter().enumerate() {
        for name in node.output.iter().filter(|n| !n.is_empty()) {
            if writers.insert(name.as_str(), index).is_some() {
                return Err(fail(
                    &format!("node {}", node_name(node, index)),
                    format!("writes '{name}', which another node writes too"),
                    "export the network again; each value has one node that writes it",
                ));
            }
        }
    }
    Ok(writers)
}

/// Which nodes the outputs depend on. Without recursion: graphs are deep.
fn needed<'a>(
    graph: &'a GraphProto,
    outputs: &[&'a str],
    writers: &HashMap<&'a str, usize>,
) -> Result<Vec<bool>> {
    let mut known: HashSet<&str> = graph.initializer.iter().map(|t| t.name.as_str()).collect();
    known.extend(graph.input.iter().map(|i| i.name.as_str()));
    let mut needed = vec![false; graph.node.len()];
    let mut open = Vec::new();
    for &output in outputs {
        match writers.get(output) {
            Some(&writer) => open.push(writer),
            None if known.contains(output) => {}
            None => {
                return Err(fail(
                    &format!("output {output}"),
                    "is written by no node".to_owned(),
                    "export the network again",
                ));
            }
        }
    }
    while let Some(index) = open.pop() {
        if std::mem::replace(&mut needed[index], true) {
            continue;
        }
        let node = &graph.node[index];
        for name in node.input.iter().filter(|n| !n.is_empty()) {
            match writers.get(name.as_str()) {
                Some(&writer) if !needed[writer] => open.push(writer),
                Some(_) => {}
                None if known.contains(name.as_str()) => {}
                None => {
                    return Err(fail(
                        &format!("node {}", node_name(node, index)),
                        format!(
                            "takes '{name}', which is no input, no weight and no node's result"
                        ),
                        "export the network again; the file is not complete",
                    ));
                }
            }
        }
    }
    Ok(needed)
}

fn fail(place: &str, message: String, cure: &str) -> Error {
    Error::Model {
        code: "bad-model",
        place: place.to_owned(),
        message,
        cure: cure.to_owned(),
    }
}
