//! Weights that are shared by several layers, and weights that are computed from
//! others (weight standardisation, weight norm, spectral norm): what is drawn is
//! then what the computation takes, and the computation is done on it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::constant::{Role as Becomes, role};
use super::context::Lowering;
use super::held::Held;
use crate::array::Array;
use crate::error::Result;
use crate::network::{Made, NodeId, Op, Parameter, Role, Singular};
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

/// Products with weights.
const PRODUCTS: &[&str] = &["Conv", "ConvTranspose", "Einsum", "Gemm", "MatMul"];

/// The tensors that are learned, and how many numbers each has.
type Learned = Vec<(String, u64)>;

/// How a weight is computed.
struct Chain<'a> {
    /// The value of the graph that it is.
    value: &'a str,
    nodes: Vec<usize>,
    /// The tensor that is drawn: the one of most elements.
    raw: Tensor<'a>,
    raw_name: &'a str,
    /// Other tensors of several floats.
    others: Vec<(&'a str, Tensor<'a>)>,
}

/// The words that tell weights apart: the tensor of the file, and how it lies.
fn key(source: &str, shape: &[usize], transposed: bool) -> String {
    format!("{source} {shape:?} {transposed}")
}

impl<'a> Lowering<'a> {
    /// Makes a tensor of the file the input's table of word vectors; a dense layer
    /// behind may have the same numbers for its weight.
    pub(super) fn table(&mut self, table: &Tensor<'a>) -> Result<()> {
        let input = self.builder.input();
        let whole = <[f32]>::to_vec;
        self.parameter(input, "weight", table, &table.shape, false, whole)?;
        if let Some(name) = table.name {
            // Whether an exporter turns it before the product or in it.
            self.words = [false, true]
                .map(|turned| key(name, &table.shape, turned))
                .into();
            self.weights.extend(self.words.iter().cloned());
            self.table = Some(table.clone());
        }
        Ok(())
    }

    /// The table of word vectors, where a weight is the same numbers in a tensor of
    /// its own: an exporter that folds constants stores a head's once more, turned.
    fn words_again(
        &self,
        weight: &Tensor<'a>,
        own: &Parameter,
        transposed: bool,
    ) -> Result<Option<&'a str>> {
        let Some(table) = &self.table else {
            return Ok(None);
        };
        let &[words, features] = table.shape.as_slice() else {
            return Ok(None);
        };
        if own.shape != table.shape || weight.name == table.name {
            return Ok(None);
        }
        let (theirs, values) = (
            self.constants.floats(table)?,
            self.constants.floats(weight)?,
        );
        let same = match transposed {
            false => theirs == values,
            true => (0..words * features).all(|i| {
                let (word, feature) = (i / features, i % features);
                theirs.get(i) == values.get(feature * words + word)
            }),
        };
        Ok(table.name.filter(|_| same))
    }

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
            false => self.chain(weight, false)?,
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
            self.biases
                .extend(bias.source().map(|source| (node, source)));
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
        made: Option<(Made, Learned)>,
    ) -> Result<()> {
        // Vectors (and matrices of one row) are stored once where they are equal.
        let matrix = weight.shape.iter().filter(|&&n| n > 1).count() > 1;
        let source = match made {
            Some(_) => weight.computed,
            None => weight.name.filter(|_| matrix),
        };
        let Some(source) = source else { return Ok(()) };
        let again = self.words_again(weight, own, transposed)?;
        let source = again.unwrap_or(source);
        let mut key = key(source, &own.shape, transposed);
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
            Some((made, learned)) => Held::Made(key, Arc::new(made), learned),
            None => Held::Shared(key),
        };
        self.held.insert(node, held);
        Ok(())
    }

    /// A node for a constant that is computed from learned tensors (a table that a
    /// small network makes of coordinates, a clipped scale): it is computed anew
    /// from what is drawn. None where it is made of nothing that is learned.
    pub(super) fn computed(
        &mut self,
        tensor: &Tensor<'a>,
        own: &[usize],
    ) -> Result<Option<NodeId>> {
        if tensor.kind != Kind::Float {
            return Ok(None);
        }
        let Some(chain) = self.chain(tensor, true)? else {
            return Ok(None);
        };
        let graph = &self.model.graph;
        let has = |list: &[&str]| {
            let mut kinds = chain.nodes.iter().map(|&i| graph.node[i].op_type.as_str());
            kinds.any(|kind| list.contains(&kind))
        };
        let products = has(PRODUCTS);
        // Waves of fixed frequencies.
        if has(&["Sin", "Cos"]) && !products {
            return Ok(None);
        }
        let values = self.constants.floats(&chain.raw)?;
        let drawn = match role(&values) {
            Becomes::Drawn => true,
            Becomes::Kept => products && values.iter().any(|v| *v != values[0]),
            Becomes::Fixed => return Ok(None),
        };
        let node = self.push(chain.raw_name, Op::Constant(own.to_vec()), &[])?;
        let parameters = self.builder.so_far().parameters(node);
        let Some(parameter) = parameters.into_iter().find(|p| p.suffix == "weight") else {
            return Ok(None);
        };
        let Some((made, learned)) = self.made(&chain, &parameter, false)? else {
            return Ok(None);
        };
        self.parameter(node, "weight", tensor, own, !drawn, <[f32]>::to_vec)?;
        self.kept += usize::from(!drawn && self.source == WeightSource::Seed);
        let key = format!("{} {own:?} constant", chain.value);
        self.held
            .insert(node, Held::Made(key, Arc::new(made), learned));
        Ok(Some(node))
    }

    /// Whether a bias is learned in parts, beside numbers that nobody learns.
    pub(super) fn is_padded(&self, tensor: &Tensor<'a>) -> Result<bool> {
        let graph = &self.model.graph;
        let Some(parts) = tensor.computed.and_then(|v| self.origins.joined(graph, v)) else {
            return Ok(false);
        };
        let budget = &self.constants.budget;
        let held = parts
            .iter()
            .map(|part| self.origins.holds(graph, part, false, budget));
        let held = held.collect::<Result<Vec<_>>>()?;
        Ok(held.contains(&true) && held.contains(&false))
    }

    /// How a weight is computed; none where it is a tensor of the file, or (unless
    /// `moved`) its entries in other places.
    fn chain(&self, weight: &Tensor<'a>, moved: bool) -> Result<Option<Chain<'a>>> {
        let graph = &self.model.graph;
        let Some(value) = weight.computed else {
            return Ok(None);
        };
        let Some(nodes) = self.origins.chain(graph, value) else {
            return Ok(None);
        };
        self.constants.budget.work(nodes.len() as u64)?;
        let computes = |&index: &usize| !MOVES.contains(&graph.node[index].op_type.as_str());
        if !moved && !nodes.iter().any(computes) {
            return Ok(None);
        }
        let mut tensors: Vec<(&'a str, Tensor<'a>)> = Vec::new();
        let mut aliases = HashSet::new();
        for &index in &nodes {
            let node = &graph.node[index];
            // A batch norm's running statistics are neither used nor learned.
            let used = match node.op_type.as_str() {
                "BatchNormalization" => 3,
                _ => usize::MAX,
            };
            let used = match node.op_type.as_str() {
                "Shape" | "Size" => 0,
                _ => used,
            };
            for name in node.input.iter().take(used) {
                let Some(proto) = self.origins.tensor(name) else {
                    continue;
                };
                let tensor = Tensor::from_proto(proto)?;
                // Tensors that start with one number everywhere are stored once,
                // and those of their names are copies of it.
                let alias = match node.output.first() {
                    Some(alias) if node.op_type == "Identity" && self.is_start(&tensor)? => {
                        aliases.insert(alias.as_str());
                        alias.as_str()
                    }
                    _ => proto.name.as_str(),
                };
                if !tensors.iter().any(|(own, _)| *own == alias) {
                    tensors.push((alias, tensor));
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
        // What stands in the graph itself is a weight only where nothing else is.
        let own = |name: &str| self.origins.tensor(name).is_some() || aliases.contains(name);
        match tensors.iter().any(|(name, _)| own(name)) {
            true => tensors.retain(|(name, _)| own(name)),
            false if moved => return Ok(None),
            false => {}
        }
        let most = tensors.iter().map(|(_, t)| t.len()).max();
        let Some(place) = tensors.iter().position(|(_, t)| Some(t.len()) == most) else {
            return Ok(None);
        };
        let (raw_name, raw) = tensors.remove(place);
        // What stands in the graph itself is not learned.
        tensors.retain(|(name, _)| own(name));
        Ok(Some(Chain {
            value,
            nodes,
            raw,
            raw_name,
            others: tensors,
        }))
    }

    /// The computation as a network, with the raw tensor for a parameter; none
    /// where it cannot be one.
    fn made(
        &mut self,
        chain: &Chain<'a>,
        own: &Parameter,
        transposed: bool,
    ) -> Result<Option<(Made, Learned)>> {
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
        let own_name = |name: &str, tensor: &Tensor<'a>| -> Result<String> {
            Ok(match self.is_start(tensor)? {
                true => format!("{name} of {}", chain.value),
                false => name.to_owned(),
            })
        };
        let mut learned = vec![(own_name(name, &chain.raw)?, chain.raw.len() as u64)];
        let mut kept = 0;
        for (other, tensor) in &chain.others {
            if singular.is_some() && self.is_unit(tensor)? {
                continue;
            }
            if role(&self.constants.floats(tensor)?) != Becomes::Fixed {
                learned.push((own_name(other, tensor)?, tensor.len() as u64));
                kept += usize::from(self.source == WeightSource::Seed);
            }
        }
        self.kept += kept;
        let fan_in = chain.raw.shape.iter().skip(1).product();
        let role = match own.role {
            role if chain.raw.len() == own.shape.iter().product::<usize>() => role,
            Role::Dense { .. } => Role::Dense { fan_in },
            _ => Role::Kernel { fan_in },
        };
        let made = Made {
            network,
            drawn,
            parameter: Parameter {
                suffix: "weight",
                shape: chain.raw.shape.clone(),
                role,
            },
            given,
            singular,
            learned: learned.iter().map(|(_, n)| n).sum(),
        };
        Ok(Some((made, learned)))
    }

    /// Whether a tensor has one number everywhere, as several start.
    fn is_start(&self, tensor: &Tensor<'a>) -> Result<bool> {
        if tensor.kind != Kind::Float {
            return Ok(false);
        }
        let values = self.constants.floats(tensor)?;
        Ok(values.iter().all(|v| *v == values[0]))
    }

    /// Whether a vector has the length 1.
    fn is_unit(&self, tensor: &Tensor<'a>) -> Result<bool> {
        let values = self.constants.floats(tensor)?;
        let square: f64 = values.iter().map(|&v| f64::from(v) * f64::from(v)).sum();
        Ok((square - 1.0).abs() < 1e-3)
    }

    /// Two vectors of length 1, of as many numbers as the raw tensor has rows and
    /// columns by one of its axes (the second one's in transposed convolutions):
    /// those of its largest singular value. Of several readings the one of the
    /// largest product is it.
    fn singular(&self, chain: &Chain<'a>, aside: &Self) -> Result<Option<Singular>> {
        let mut units = Vec::new();
        for (_, tensor) in &chain.others {
            if !self.is_unit(tensor)? {
                continue;
            }
            let values = self.constants.floats(tensor)?;
            let values: Vec<f64> = values.iter().map(|&v| f64::from(v)).collect();
            let own = |all: &Vec<(_, Array)>| all.iter().any(|(_, a)| a.to_f64() == values);
            let nodes = aside.given.iter().filter(|(_, all)| own(all));
            if let Some(node) = nodes.map(|(&node, _)| node).min() {
                units.push((node, values));
            }
        }
        if units.len() < 2 {
            return Ok(None);
        }
        let shape = &chain.raw.shape;
        let raw = self.constants.floats(&chain.raw)?;
        let raw: Vec<f64> = raw.iter().map(|&v| f64::from(v)).collect();
        let mut found: Option<(f64, Singular)> = None;
        for (axis, &rows) in shape.iter().enumerate() {
            for (left, u) in units.iter().filter(|(_, u)| u.len() == rows) {
                let others = units.iter().filter(|(right, _)| right != left);
                for (right, v) in others.filter(|(_, v)| v.len() * rows == raw.len()) {
                    self.constants.budget.work(raw.len() as u64)?;
                    let product = Singular::product(shape, axis, &raw, v);
                    let size: f64 = product.iter().zip(u).map(|(a, b)| a * b).sum();
                    if found.is_none_or(|(largest, _)| size.abs() > largest) {
                        let vectors = [*left, *right];
                        found = Some((size.abs(), Singular { axis, vectors }));
                    }
                }
            }
        }
        Ok(found.map(|(_, singular)| singular))
    }
}
