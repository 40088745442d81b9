//! Weights that are shared by several layers, and weights that are computed from
//! others (weight standardisation, weight norm, spectral norm): what is drawn is
//! then what the computation takes, and the computation is done on it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::constant::{Role as Becomes, role};
use super::context::Lowering;
use super::held::Held;
use crate::error::Result;
use crate::network::{Made, NodeId, Op, Parameter, Role};
use crate::sources::onnx::inputs::WeightSource;
use crate::sources::onnx::operator::{Call, Live, Value};
use crate::sources::onnx::tensor::{Kind, Tensor};

/// Operators that leave numbers as they are: what only these make of a weight
/// is drawn itself.
const MOVES: &[&str] = &[
    "Cast",
    "CastLike",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "Dropout",
    "Expand",
    "Flatten",
    "Gather",
    "Identity",
    "Reshape",
    "Shape",
    "Size",
    "Slice",
    "Split",
    "Squeeze",
    "Tile",
    "Transpose",
    "Unsqueeze",
];

/// How a weight is computed.
struct Chain<'a> {
    /// The value of the graph that it is.
    value: &'a str,
    nodes: Vec<usize>,
    /// The tensor that is drawn: the one of most elements.
    raw: Tensor<'a>,
    raw_name: &'a str,
    /// Other tensors of several floats.
    others: Vec<Tensor<'a>>,
}

impl<'a> Lowering<'a> {
    /// Adds a layer of a weight and a bias: a convolution or a dense layer, whose
    /// weight lies transposed in the file where `transposed`.
    pub(super) fn layer(
        &mut self,
        call: &Call<'a>,
        op: Op,
        input: NodeId,
        weight: &Tensor<'a>,
        bias: Option<&Tensor<'a>>,
        transposed: bool,
    ) -> Result<NodeId> {
        let chain = match self.aside {
            true => None,
            false => self.chain(weight)?,
        };
        let name = chain.as_ref().map(|c| c.raw_name).or(weight.name);
        let name = super::conv::layer_name(call, name);
        let node = self.push(&name, op, &[input])?;
        let parameters = self.builder.so_far().parameters(node);
        let own = parameters.into_iter().find(|p| p.suffix == "weight");
        let Some(own) = own else {
            return Err(call.unsupported("without a weight"));
        };
        self.parameter(node, "weight", weight, &own.shape, false, |values| {
            match (transposed, weight.shape.as_slice()) {
                (true, &[rows, columns]) => super::conv::swapped(values, rows, columns),
                _ => values.to_vec(),
            }
        })?;
        if let Some(bias) = bias {
            self.parameter(node, "bias", bias, &[bias.len()], false, <[f32]>::to_vec)?;
        }
        if self.aside {
            return Ok(node);
        }
        let made = match &chain {
            Some(chain) => self.made(chain, &own, transposed)?,
            None => None,
        };
        self.hold(node, weight, &own, transposed, made)?;
        Ok(node)
    }

    /// Notes what is known of a node's weight.
    fn hold(
        &mut self,
        node: NodeId,
        weight: &Tensor<'a>,
        own: &Parameter,
        transposed: bool,
        made: Option<Made>,
    ) -> Result<()> {
        // Vectors (and matrices of one row) are stored once where they are equal.
        let matrix = weight.shape.iter().filter(|&&n| n > 1).count() > 1;
        let source = match made {
            Some(_) => weight.computed,
            None => weight.name.filter(|_| matrix),
        };
        let Some(source) = source else { return Ok(()) };
        let mut key = format!("{source} {:?} {transposed}", own.shape);
        if self.weights.contains(&key) {
            // One number everywhere is how several start, which an exporter
            // stores once.
            let values = self.constants.floats(weight)?;
            if values.iter().all(|v| *v == values[0]) {
                key = format!("{key} {node}");
            } else {
                self.shared.insert(source);
            }
        }
        self.weights.insert(key.clone());
        let held = match made {
            Some(made) => Held::Made(key, Arc::new(made)),
            None => Held::Shared(key),
        };
        self.held.insert(node, held);
        Ok(())
    }

    /// How a weight is computed; none where it is a tensor of the file, or its
    /// entries in other places.
    fn chain(&self, weight: &Tensor<'a>) -> Result<Option<Chain<'a>>> {
        let graph = &self.model.graph;
        let Some(value) = weight.computed else {
            return Ok(None);
        };
        let Some(nodes) = self.origins.chain(graph, value) else {
            return Ok(None);
        };
        self.constants.budget.work(nodes.len() as u64)?;
        let computes = |&index: &usize| !MOVES.contains(&graph.node[index].op_type.as_str());
        if !nodes.iter().any(computes) {
            return Ok(None);
        }
        let mut tensors: Vec<(&'a str, Tensor<'a>)> = Vec::new();
        for &index in &nodes {
            let node = &graph.node[index];
            // A batch norm's running statistics are neither used nor learned.
            let used = match node.op_type.as_str() {
                "BatchNormalization" => 3,
                _ => usize::MAX,
            };
            for name in node.input.iter().take(used) {
                let there = tensors.iter().any(|(own, _)| own == name);
                if let Some(proto) = self.origins.tensor(name).filter(|_| !there) {
                    tensors.push((&proto.name, Tensor::from_proto(proto)?));
                }
            }
            // Some exporters write weights as constants.
            if node.op_type == "Constant"
                && let Some(proto) = node.attribute.iter().find_map(|a| a.t.as_deref())
                && let Some(name) = node.output.first()
            {
                tensors.push((name, Tensor::from_proto(proto)?));
            }
        }
        tensors.retain(|(_, t)| t.kind == Kind::Float && t.len() > 1);
        let most = tensors.iter().map(|(_, t)| t.len()).max();
        let Some(place) = tensors.iter().position(|(_, t)| Some(t.len()) == most) else {
            return Ok(None);
        };
        let (raw_name, raw) = tensors.remove(place);
        // What stands in the graph itself is not learned.
        tensors.retain(|(name, _)| self.origins.tensor(name).is_some());
        let others = tensors.into_iter().map(|(_, tensor)| tensor).collect();
        Ok(Some(Chain {
            value,
            nodes,
            raw,
            raw_name,
            others,
        }))
    }

    /// The computation as a network, with the raw tensor for a parameter; none
    /// where it cannot be one.
    fn made(
        &mut self,
        chain: &Chain<'a>,
        own: &Parameter,
        transposed: bool,
    ) -> Result<Option<Made>> {
        let mut aside = self.aside()?;
        let before = aside.constants.budget.left();
        let name = chain.raw_name;
        let drawn = aside.push(name, Op::Constant(chain.raw.shape.clone()), &[])?;
        let raw = Live::new(drawn, chain.raw.shape.clone());
        aside.values.insert(name, Value::Live(raw));
        // What a kernel cannot be computed by when it is drawn is no such weight.
        if aside.follow(&chain.nodes).is_err() {
            return Ok(None);
        }
        let Some(Value::Live(mut result)) = aside.values.get(chain.value).cloned() else {
            return Ok(None);
        };
        if transposed {
            result = super::shape::permute(&mut aside, name, &result, &[1, 0])?;
        }
        let network = aside.builder.so_far();
        let [work, numbers] = network.effort(result.node);
        aside.constants.budget.work(work)?;
        aside
            .constants
            .budget
            .take(usize::try_from(numbers).unwrap_or(usize::MAX))?;
        let singular = self.singular(chain, &aside)?;
        let network = aside.builder.finish(&[result.node]);
        let given: BTreeMap<_, _> = aside
            .given
            .into_iter()
            .flat_map(|(node, all)| {
                let all = all.into_iter();
                all.map(move |(suffix, array)| ((node, suffix), array))
            })
            .collect();
        let held: usize = given
            .values()
            .map(|array| 8 * array.shape.iter().product::<usize>())
            .sum();
        self.constants.budget.settle(before, held);
        let mut learned = chain.raw.len() as u64;
        for tensor in &chain.others {
            if singular.is_some() && self.is_unit(tensor)? {
                continue;
            }
            if role(&self.constants.floats(tensor)?) != Becomes::Fixed {
                learned = learned.saturating_add(tensor.len() as u64);
                self.kept += usize::from(self.source == WeightSource::Seed);
            }
        }
        let fan_in = chain.raw.shape.iter().skip(1).product();
        let role = match own.role {
            role if chain.raw.len() == own.shape.iter().product::<usize>() => role,
            Role::Dense { .. } => Role::Dense { fan_in },
            _ => Role::Kernel { fan_in },
        };
        Ok(Some(Made {
            network,
            drawn,
            parameter: Parameter {
                suffix: "weight",
                shape: chain.raw.shape.clone(),
                role,
            },
            given,
            singular,
            learned,
        }))
    }

    /// Whether a vector has the length 1.
    fn is_unit(&self, tensor: &Tensor<'a>) -> Result<bool> {
        let values = self.constants.floats(tensor)?;
        let square: f64 = values.iter().map(|&v| f64::from(v) * f64::from(v)).sum();
        Ok((square - 1.0).abs() < 1e-3)
    }

    /// The nodes of two vectors of length 1, of as many numbers as the raw
    /// tensor has rows and columns: those of its largest singular value.
    fn singular(&self, chain: &Chain<'a>, aside: &Self) -> Result<Option<[NodeId; 2]>> {
        let rows = chain.raw.shape.first().copied().unwrap_or(0);
        let columns: usize = chain.raw.shape.iter().skip(1).product();
        let mut found = [None, None];
        for (place, n) in [rows, columns].into_iter().enumerate() {
            for tensor in &chain.others {
                if tensor.len() != n || !self.is_unit(tensor)? {
                    continue;
                }
                // Both sides may be as long: each vector is one of the two.
                let values = self.constants.floats(tensor)?;
                let same = |array: &crate::array::Array| {
                    let given = array.to_f64();
                    given.len() == n
                        && given
                            .iter()
                            .zip(values.iter())
                            .all(|(a, &b)| *a == f64::from(b))
                };
                let mut nodes: Vec<NodeId> = aside
                    .given
                    .iter()
                    .filter(|(_, all)| all.iter().any(|(_, array)| same(array)))
                    .map(|(&node, _)| node)
                    .collect();
                nodes.sort_unstable();
                let free = nodes.into_iter().find(|node| !found.contains(&Some(*node)));
                found[place] = found[place].or(free);
            }
        }
        Ok(found[0].zip(found[1]).map(|(left, right)| [left, right]))
    }
}
