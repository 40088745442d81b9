//! The token ids that a graph takes, as exporters of BERT, GPT-2 and their kin
//! write them: `input_ids` of whole numbers `[batch, length]`, and beside them
//! `attention_mask`, `token_type_ids` and `position_ids`.
//!
//! The ids are looked up in a table of word vectors, and these vectors are the
//! network's input ([`Input::Words`]). All else that is made of ids is a part of
//! the graph: the mask lets every token see all that the network lets it see, all
//! tokens are of type 0, positions count from 0, and no token is a padding or
//! another special one. So the arithmetic of masks and positions is folded away.

#![allow(
    clippy::cast_possible_wrap,
    reason = "sizes were held against their ranges where they were read"
)]

use std::collections::{HashMap, HashSet};

use super::context::Lowering;
use super::input::{fail, shown};
use super::{Lowered, Note, WeightSource};
use crate::error::{Error, Result};
use crate::network::Input;
use crate::sources::onnx::graph::Order;
use crate::sources::onnx::info::{Dimension, dimensions, tensor_type};
use crate::sources::onnx::inputs::{Inputs, LONGEST};
use crate::sources::onnx::operator::{Call, Live, Value};
use crate::sources::onnx::proto::tensor_proto::DataType;
use crate::sources::onnx::proto::{NodeProto, TensorProto, ValueInfoProto};
use crate::sources::onnx::read::Model;
use crate::sources::onnx::tensor::{Kind, Tensor};

/// Number of tokens where neither the file nor the user has one.
const DEFAULT_LENGTH: usize = 128;

/// Operators that hand ids on as they are.
const HANDED_ON: &[&str] = &[
    "Cast",
    "CastLike",
    "Flatten",
    "Identity",
    "Reshape",
    "Squeeze",
    "Unsqueeze",
];

/// What an input beside the ids is filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fill {
    /// Every token is seen.
    Ones,
    /// Every token is of the first type.
    Zeros,
    /// 0, 1, 2, …
    Count,
}

impl Fill {
    /// By the input's name, as exporters name it.
    fn of(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let has = |word: &str| name.contains(word);
        if has("mask") {
            Some(Self::Ones)
        } else if has("token_type") || has("segment") {
            Some(Self::Zeros)
        } else if has("position") {
            Some(Self::Count)
        } else {
            None
        }
    }
}

/// The graph's inputs as token ids and what goes with them.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    ids: &'a ValueInfoProto,
    beside: Vec<(&'a ValueInfoProto, Fill)>,
    length: usize,
    /// Whether the file leaves the length open.
    open: bool,
    table: Tensor<'a>,
    lookups: HashSet<&'a str>,
}

impl<'a> Tokens<'a> {
    /// The inputs that the outputs depend on, where token ids are among them.
    ///
    /// # Errors
    /// [`Error::Model`] for two inputs of ids, other inputs beside them, past keys
    /// and values, shapes that are not `[batch, length]`, a length that does not
    /// fit, and ids that are looked up in no table or in several.
    pub(super) fn of(model: &'a Model, order: &Order<'a>, given: &Inputs) -> Result<Option<Self>> {
        let used: Vec<&ValueInfoProto> = model
            .inputs()
            .filter(|i| order.uses.contains_key(i.name.as_str()))
            .collect();
        let is_ids = |i: &&ValueInfoProto| {
            let rank = dimensions(i).map(|d| d.len());
            is_whole(i) && rank == Some(2) && Fill::of(&i.name).is_none() && !is_past(i)
        };
        let ids: Vec<&ValueInfoProto> = used.iter().copied().filter(is_ids).collect();
        let Some(&first) = ids.first() else {
            return Ok(None);
        };
        let names = |inputs: &[&ValueInfoProto]| {
            let names: Vec<&str> = inputs.iter().map(|i| i.name.as_str()).collect();
            names.join(", ")
        };
        let past: Vec<_> = used.iter().copied().filter(|i| is_past(i)).collect();
        if !past.is_empty() {
            return Err(fail(
                "file",
                format!("takes the keys and values of past tokens: {}", names(&past)),
                "export the network without its cache: config.use_cache = False, or the task without -with-past",
            ));
        }
        if ids.len() > 1 {
            return Err(fail(
                "file",
                format!("takes several inputs of token ids: {}", names(&ids)),
                "give a network of one sequence: export encoder or decoder alone, or the other input as a constant",
            ));
        }
        let mut beside = Vec::new();
        for &input in used.iter().filter(|i| i.name != first.name) {
            let Some(fill) = Fill::of(&input.name) else {
                return Err(fail(
                    "file",
                    format!(
                        "takes token ids ({}) and {} together",
                        first.name, input.name
                    ),
                    "give a network that takes token ids or an image alone; export it with the other input as a constant",
                ));
            };
            sequence(input)?;
            beside.push((input, fill));
        }
        let own = sequence(first)?;
        let length = length(first, own, given.length)?;
        let (table, lookups) = lookups(model, order, first)?;
        Ok(Some(Self {
            ids: first,
            beside,
            length,
            open: own.is_none(),
            table,
            lookups,
        }))
    }

    /// The length, where another one could be asked for.
    pub(super) fn open(&self) -> Option<usize> {
        self.open.then_some(self.length)
    }

    /// What the network takes.
    fn input(&self) -> Input {
        Input::Words {
            length: self.length,
            vocabulary: self.table.shape[0],
            features: self.table.shape[1],
        }
    }

    /// Gives the graph's inputs their values.
    fn bind(self, cx: &mut Lowering<'a>) -> Result<()> {
        let shape = || vec![1, self.length];
        cx.constants.budget.take(self.length)?;
        // A word from the middle: special ones stand at an end of the vocabulary.
        let middle = (self.table.shape[0] / 2) as i64;
        let ids = Tensor::int(shape(), vec![middle; self.length]);
        cx.values.insert(&self.ids.name, Value::Const(ids));
        for (input, fill) in &self.beside {
            cx.constants.budget.take(self.length)?;
            let numbers: Vec<i64> = match fill {
                Fill::Ones => vec![1; self.length],
                Fill::Zeros => vec![0; self.length],
                Fill::Count => (0..self.length as i64).collect(),
            };
            let tensor = match kind(input) {
                Some(DataType::Bool) => Tensor::bool(shape(), numbers),
                Some(DataType::Int32 | DataType::Int64) => Tensor::int(shape(), numbers),
                #[allow(clippy::cast_precision_loss, reason = "lengths are small")]
                _ => Tensor::float(shape(), numbers.iter().map(|&n| n as f32).collect()),
            };
            cx.values.insert(&input.name, Value::Const(tensor));
        }
        if let Some([Dimension::Fixed(batch @ 2..), _]) = dimensions(self.ids).as_deref() {
            cx.note(
                "batch",
                format!("the file wants a batch of {batch}: 1 is taken"),
            );
        }
        cx.table(&self.table)?;
        cx.lookups = self.lookups;
        Ok(())
    }
}

impl<'a> Lowering<'a> {
    /// The network's input, where a node looks the token ids up.
    pub(super) fn word_vectors(&mut self, call: &Call<'a>) -> Result<Option<Live>> {
        let output = call.node.output.first().map(String::as_str);
        if !output.is_some_and(|output| self.lookups.contains(output)) {
            return Ok(None);
        }
        let input = self.builder.input();
        let features = self.own(input).last().copied().unwrap_or(1);
        let shape = [call.value(1)?.shape(), &[features]].concat();
        self.settle(&call.name, input, shape).map(Some)
    }
}

impl Model {
    /// Builds the network of token ids.
    pub(super) fn lower_tokens<'a>(
        &'a self,
        inputs: &Inputs,
        order: Order<'a>,
        tokens: Tokens<'a>,
    ) -> Result<Lowered> {
        let nodes = order.nodes.clone();
        let mut lowering = Lowering::new(self, inputs.weights, order, tokens.input())?;
        tokens.bind(&mut lowering)?;
        lowering.run(&nodes)
    }

    /// What becomes of a length that the file leaves open, where the network can be
    /// built for a smaller one: it has positions for so many tokens and no more.
    /// The most that fit, where nobody asked for a length.
    ///
    /// # Errors
    /// Names that length where another was asked for; the error as it was where no
    /// length fits.
    pub(super) fn fitted(
        &self,
        inputs: &Inputs,
        outputs: Option<&str>,
        length: usize,
        error: Error,
    ) -> Result<Lowered> {
        let of = |length: usize, weights: WeightSource| -> Result<Option<Lowered>> {
            let shorter = Inputs {
                length: Some(length),
                weights,
                ..*inputs
            };
            let order = Order::of(self, outputs)?;
            let tokens = Tokens::of(self, &order, &shorter)?;
            let tokens = tokens.map(|tokens| self.lower_tokens(&shorter, order, tokens));
            tokens.transpose()
        };
        let fits = |length: usize| of(length, WeightSource::Seed).is_ok();
        if length == 1 || !fits(1) {
            return Err(error);
        }
        let (mut most, mut beyond) = (1, length);
        while beyond - most > 1 {
            let middle = most.midpoint(beyond);
            match fits(middle) {
                true => most = middle,
                false => beyond = middle,
            }
        }
        if inputs.length.is_none()
            && let Some(mut lowered) = of(most, inputs.weights)?
        {
            let message = format!(
                "{most} tokens are taken, since the network takes no more; where it takes more, {length} are"
            );
            let code = "length";
            lowered.notes.push(Note { code, message });
            return Ok(lowered);
        }
        Err(fail(
            "option length",
            format!("the network takes up to {most} tokens, not {length}: {error}"),
            &format!("set a length of at most {most} (--set length={most})"),
        ))
    }
}

fn kind(input: &ValueInfoProto) -> Option<DataType> {
    DataType::try_from(tensor_type(input)?.elem_type).ok()
}

fn is_whole(input: &ValueInfoProto) -> bool {
    matches!(kind(input), Some(DataType::Int32 | DataType::Int64))
}

/// Whether an input is what a decoder kept of earlier tokens.
fn is_past(input: &ValueInfoProto) -> bool {
    let name = input.name.to_ascii_lowercase();
    ["past", "cache", "key_value"]
        .iter()
        .any(|word| name.contains(word))
}

/// The length that a sequence has in the file; none where it is open.
fn sequence(input: &ValueInfoProto) -> Result<Option<usize>> {
    let shape = dimensions(input).unwrap_or_default();
    match shape.as_slice() {
        [_, Dimension::Fixed(n)] if *n > 0 => Ok(usize::try_from(*n).ok()),
        [_, _] => Ok(None),
        _ => Err(fail(
            &format!("input {}", input.name),
            format!("has the shape {}, not [batch, length]", shown(&shape)),
            "export the network with one number a token: the ids, and a mask of two axes",
        )),
    }
}

/// The number of tokens, from what the file has and what is asked for.
fn length(ids: &ValueInfoProto, own: Option<usize>, given: Option<usize>) -> Result<usize> {
    let place = format!("input {}", ids.name);
    let length = match (own, given) {
        (Some(own), Some(given)) if own != given => {
            return Err(fail(
                &place,
                format!("takes {own} tokens, not {given}"),
                "leave the length out, or export the network with a dynamic length: dynamic_axes={'input_ids': {0: 'batch', 1: 'length'}}",
            ));
        }
        (own, given) => own.or(given).unwrap_or(DEFAULT_LENGTH),
    };
    if length > LONGEST {
        return Err(fail(
            &place,
            format!("takes {length} tokens, more than {LONGEST}"),
            "export the network for a shorter sequence",
        ));
    }
    Ok(length)
}

/// The table that the ids are looked up in, and the results of the nodes that do.
fn lookups<'a>(
    model: &'a Model,
    order: &Order<'a>,
    ids: &'a ValueInfoProto,
) -> Result<(Tensor<'a>, HashSet<&'a str>)> {
    let mut views: HashSet<&str> = HashSet::from([ids.name.as_str()]);
    let mut aliases: HashMap<&str, &'a TensorProto> = HashMap::new();
    let mut found: Option<&'a TensorProto> = None;
    let mut lookups = HashSet::new();
    let place = format!("input {}", ids.name);
    for &index in &order.nodes {
        let node: &'a NodeProto = &model.graph.node[index];
        let (Some(first), Some(result)) = (node.input.first(), node.output.first()) else {
            continue;
        };
        let operator = node.op_type.as_str();
        let tensor = order.origins.tensor(first);
        let tensor = tensor.or_else(|| aliases.get(first.as_str()).copied());
        if HANDED_ON.contains(&operator) && views.contains(first.as_str()) {
            views.insert(result);
        }
        if let (Some(tensor), "Identity" | "Cast" | "CastLike") = (tensor, operator) {
            aliases.insert(result, tensor);
        }
        let by_ids = node
            .input
            .get(1)
            .is_some_and(|i| views.contains(i.as_str()));
        if operator != "Gather" || !by_ids {
            continue;
        }
        let rows = node.attribute.iter().all(|a| a.name != "axis" || a.i == 0);
        let Some(tensor) = tensor.filter(|t| rows && t.dims.len() == 2) else {
            return Err(fail(
                &place,
                format!(
                    "is looked up by {} in what is no table [vocabulary, features] of the file",
                    node.name
                ),
                "export the network with its embedding as a weight",
            ));
        };
        if found.is_some_and(|other| other.name != tensor.name) {
            return Err(fail(
                &place,
                "is looked up in several tables: there is no one space of word vectors".to_owned(),
                "give a network with one embedding of its tokens",
            ));
        }
        found = Some(tensor);
        lookups.insert(result.as_str());
    }
    let Some(table) = found else {
        return Err(fail(
            &place,
            format!(
                "takes numbers of the type {}, which are looked up in no table of word vectors",
                kind(ids).map_or("unknown", |k| k.as_str_name())
            ),
            "give a network whose first layer is an embedding (torch.nn.Embedding), or one that takes an image",
        ));
    };
    let table = Tensor::from_proto(table)?;
    if table.kind != Kind::Float || table.shape.contains(&0) {
        return Err(fail(
            &place,
            format!(
                "is looked up in a table of the shape {:?} that is empty or not of floats",
                table.shape
            ),
            "export the network in float32",
        ));
    }
    Ok((table, lookups))
}
