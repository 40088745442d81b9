//! From what was built to the network: nodes that nothing needs go, chains of
//! additions become one sum, names become unique.
//!
//! An exporter writes a sum of many operands as `Add(Add(a, b), c)`. Under the
//! policy `flow` the operands of a sum are observed, so the chain must be one
//! sum again: an `Add` that is the *first* operand of another, is used nowhere
//! else, and adds at least two values that depend on the image, or one and
//! nothing (a `none` edge), is joined with it. One that is a later operand is a value in its own right (a skip from a
//! node that is itself a sum, such as `(a + b) + (c + d)`), and stays. This is
//! the order in which Python's `sum` and a loop of `x = x + y` write it, and
//! under it every NAS-Bench-201 cell has the maps that its cell string has: an
//! operand that is a skip from an earlier sum is never both first and used
//! once, because a second live operand comes from the same cell input.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::context::Lowering;
use super::held::Held;
use super::{Lowered, Note};
use crate::array::Array;
use crate::error::{Error, Result};
use crate::network::{Builder, Network, NodeId, Op, Tie};
use crate::sources::onnx::operator::{Call, Value};
use crate::sources::onnx::proto::NodeProto;
use crate::start::Start;

/// In a network of at least this many convolutions, all with a bias, and no
/// normalisation, it was folded into them as a rule.
const DEEP: usize = 2;

impl<'a> Lowering<'a> {
    pub(super) fn note(&mut self, code: &'static str, message: String) {
        self.notes.push(Note { code, message });
    }

    /// Ends the lowering.
    pub(super) fn finish(mut self) -> Result<Lowered> {
        let outputs = self.outputs()?;
        let Self {
            builder,
            mut given,
            mut held,
            biases,
            words,
            mut notes,
            shapes,
            ..
        } = {
            self.describe();
            self
        };
        let drafted = builder.finish(&outputs);
        let (network, given) = rebuild(&drafted, &mut given, &mut held, &biases, words)?;
        notes.extend(folded(&network));
        Ok(Lowered {
            start: Start::default().with_given(&network, given)?,
            network,
            notes,
            shapes,
        })
    }

    fn outputs(&mut self) -> Result<Vec<NodeId>> {
        let blank: &'static NodeProto = blank();
        let mut outputs = Vec::new();
        for output in self.outputs.clone() {
            let value = self.values.get(output).cloned();
            let node = match value {
                Some(Value::Live(live)) => live.node,
                Some(Value::Const(tensor)) => {
                    let call = Call {
                        node: blank,
                        name: output.to_owned(),
                        inputs: Vec::new(),
                        opset: self.model.opset,
                    };
                    self.constant(&call, &tensor)?.node
                }
                Some(Value::Random(_)) => {
                    let call = Call {
                        node: blank,
                        name: output.to_owned(),
                        inputs: Vec::new(),
                        opset: self.model.opset,
                    };
                    return Err(call.random());
                }
                None => {
                    return Err(Error::Model {
                        code: "unsupported-operator",
                        place: format!("output {output}"),
                        message: "is a second result of its node that is not computed".to_owned(),
                        cure: "export the network without that output".to_owned(),
                    });
                }
            };
            outputs.push(node);
        }
        Ok(outputs)
    }

    fn describe(&mut self) {
        let shared = self.shared.len();
        if shared > 0 {
            self.note(
                "shared-weights",
                format!("{shared} of the weights are used by several layers: they are drawn once and counted once"),
            );
        }
        if self.drawn > 0 {
            let drawn = self.drawn;
            self.note(
                "random-masks",
                format!("{drawn} nodes draw numbers at random, as networks do in training (stochastic depth, dropout): their means stand in their stead, so that a mask over its survival rate is the identity"),
            );
        }
        if self.vectors > 0 {
            let vectors = self.vectors;
            self.note(
                "vector-norms",
                format!("{vectors} batch norms have one vector of the image (behind a global pool), which has no statistics: their running ones scale it, which begin with mean 0 and variance 1"),
            );
        }
        if self.kept > 0 {
            let kept = self.kept;
            self.note(
                "kept-constants",
                format!("{kept} learned constants (such as layer scales) keep the file's numbers: how they start is not known"),
            );
        }
    }
}

/// A node for messages about outputs.
fn blank() -> &'static NodeProto {
    static BLANK: std::sync::OnceLock<NodeProto> = std::sync::OnceLock::new();
    BLANK.get_or_init(NodeProto::default)
}

fn rebuild(
    drafted: &Network,
    given: &mut HashMap<NodeId, Vec<(&'static str, Array)>>,
    held: &mut HashMap<NodeId, Held>,
    biases: &HashMap<NodeId, &str>,
    words: Vec<String>,
) -> Result<(Network, BTreeMap<String, Array>)> {
    let nodes = drafted.nodes();
    let needed = needed(drafted);
    let joined = joined_sums(drafted, &needed);
    let mut builder = Builder::new(drafted.input().clone())?;
    let mut named = BTreeMap::new();
    let mut places: Vec<NodeId> = vec![0; nodes.len()];
    let mut names = Names::default();
    // The first node of each weight, by its name and its bias.
    let mut owners: HashMap<String, (String, Option<&str>)> = HashMap::new();
    let mut counted = HashSet::new();
    let input = names.take(&nodes[0].name);
    let table = given.remove(&0).unwrap_or_default().into_iter();
    named.extend(table.map(|(suffix, array)| (format!("{input}.{suffix}"), array)));
    owners.extend(words.into_iter().map(|key| (key, (input.clone(), None))));
    for (id, node) in nodes.iter().enumerate().skip(1) {
        if !needed[id] || joined.gone[id] {
            continue;
        }
        let inputs = joined.operands.get(&id).unwrap_or(&node.inputs);
        let inputs: Vec<NodeId> = inputs.iter().map(|&i| places[i]).collect();
        let name = names.take(&node.name);
        places[id] = builder.add(&name, node.op.clone(), &inputs)?;
        let mut own = given.remove(&id).unwrap_or_default();
        if let Some(held) = held.remove(&id) {
            let bias = biases.get(&id).copied();
            let first = owners.get(held.key());
            let tie = match first {
                Some((first, its_bias)) => {
                    let mut shared = vec!["weight"];
                    // A layer that is used twice has its bias twice, too.
                    if bias.is_some() && bias == *its_bias {
                        shared.push("bias");
                        builder.tie(places[id], "bias", Tie::Shared(format!("{first}.bias")));
                    }
                    own.retain(|(suffix, _)| !shared.contains(suffix));
                    Some(Tie::Shared(format!("{first}.weight")))
                }
                None => {
                    owners.insert(held.key().to_owned(), (name.clone(), bias));
                    held.tie(&mut counted)
                }
            };
            if let Some(tie) = tie {
                builder.tie(places[id], "weight", tie);
            }
        }
        let own = own.into_iter();
        named.extend(own.map(|(suffix, array)| (format!("{name}.{suffix}"), array)));
    }
    let outputs: Vec<NodeId> = drafted.outputs().iter().map(|&o| places[o]).collect();
    Ok((builder.finish(&outputs), named))
}

/// What the note of [`folded`] is called.
const FOLDED: &str = "folded-batch-norm";

impl Lowered {
    /// Puts a batch norm behind every convolution that has a bias.
    ///
    /// # Errors
    /// [`Error::Model`] where the network has norms, or no such convolution.
    pub(in crate::sources) fn renormalise(&mut self) -> Result<()> {
        let count = |is: fn(&Op) -> bool| self.network.nodes().iter().filter(|n| is(&n.op)).count();
        let folded = count(|op| matches!(op, Op::Conv2d { bias: true, .. }));
        if count(Op::is_norm) > 0 || folded == 0 {
            return Err(Error::Model {
                code: "bad-model",
                place: "option renormalise".to_owned(),
                message: "the network has its normalisation, or no convolution with a bias: there is nothing to put back".to_owned(),
                cure: "leave renormalise at no".to_owned(),
            });
        }
        self.network = self.network.with_norms()?;
        self.notes.retain(|note| note.code != FOLDED);
        self.notes.push(Note {
            code: "renormalised",
            message: format!("a batch norm was put behind each of {folded} convolutions, in place of its bias (renormalise)"),
        });
        Ok(())
    }
}

/// What to say of a network whose norms are gone.
fn folded(network: &Network) -> Option<Note> {
    let count = |is: fn(&Op) -> bool| network.nodes().iter().filter(|n| is(&n.op)).count();
    let plain = count(|op| matches!(op, Op::Conv2d { bias: true, .. }));
    let bare = count(|op| matches!(op, Op::Conv2d { bias: false, .. }));
    if plain < DEEP || bare > 0 || count(Op::is_norm) > 0 {
        return None;
    }
    Some(Note {
        code: FOLDED,
        message: format!(
            "there are {plain} convolutions and no normalisation: unless the network never had one, batch norm was folded into them, and the score is that of a network without it. \
             The option renormalise=yes puts a batch norm behind each of them. To keep it in the file: torch.onnx.export(model, image, 'model.onnx', training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False, dynamo=False), after model.eval()"
        ),
    })
}

/// Which nodes the outputs depend on; the image always.
fn needed(network: &Network) -> Vec<bool> {
    let mut needed = vec![false; network.nodes().len()];
    needed[0] = true;
    for &output in network.outputs() {
        needed[output] = true;
    }
    for id in (0..needed.len()).rev().filter(|&id| id > 0) {
        if needed[id] {
            network
                .node(id)
                .inputs
                .iter()
                .for_each(|&i| needed[i] = true);
        }
    }
    needed
}

/// Sums that became part of others.
struct Joined {
    gone: Vec<bool>,
    /// The operands of the sums that took others in.
    operands: HashMap<NodeId, Vec<NodeId>>,
}

fn joined_sums(network: &Network, needed: &[bool]) -> Joined {
    let nodes = network.nodes();
    let live = network.live();
    let mut uses = vec![0usize; nodes.len()];
    let ids = (0..nodes.len()).filter(|&id| needed[id]);
    ids.flat_map(|id| &nodes[id].inputs)
        .for_each(|&i| uses[i] += 1);
    network.outputs().iter().for_each(|&o| uses[o] += 1);
    let merges = |id: NodeId| {
        let several = || nodes[id].inputs.iter().filter(|&&i| live[i]).count() >= 2;
        // A `none` edge adds nothing, but what it leads from is there.
        let nothing = || {
            let mut inputs = nodes[id].inputs.iter();
            inputs.any(|&i| matches!(nodes[i].op, Op::Zero))
        };
        needed[id] && matches!(nodes[id].op, Op::Sum) && (several() || nothing())
    };
    let mut joined = Joined {
        gone: vec![false; nodes.len()],
        operands: HashMap::new(),
    };
    for id in (0..nodes.len()).rev() {
        if joined.gone[id] || !merges(id) {
            continue;
        }
        let mut last = id;
        let mut behind: Vec<&[NodeId]> = Vec::new();
        while let Some(&first) = nodes[last].inputs.first()
            && uses[first] == 1
            && merges(first)
        {
            behind.push(&nodes[last].inputs[1..]);
            joined.gone[first] = true;
            last = first;
        }
        if last != id {
            let mut operands = nodes[last].inputs.clone();
            operands.extend(behind.iter().rev().flat_map(|b| b.iter().copied()));
            joined.operands.insert(id, operands);
        }
    }
    joined
}

/// Names that were taken.
#[derive(Default)]
struct Names(HashMap<String, usize>);

impl Names {
    /// The name, or the name with the next free number.
    fn take(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        while self.0.contains_key(&name) {
            let count = self.0.entry(wanted.to_owned()).or_default();
            *count += 1;
            name = format!("{wanted}_{}", *count + 1);
        }
        self.0.insert(name.clone(), 0);
        name
    }
}
