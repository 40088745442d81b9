//! Takes the graph backwards: gradients of losses, and of one node by another.
//!
//! The forward pass keeps the operands that an adjoint asks for, and no others.
//! Each sweep then goes from its beginning down to where it ends, only along
//! nodes whose value moves with what the gradient is wanted by.
//!
//! Burn's own automatic differentiation was considered. It wraps a backend's
//! tensors and records their operations, but what computes most of our time is
//! not one of these: loops in place on host memory (norms, activations, pools)
//! and library calls behind backend extensions of our own (convolutions, matrix
//! products). All of them would need an adjoint registered anyway, and the
//! generic one would be linked beside.

use std::collections::BTreeMap;

use burn::tensor::Tensor;
use web_time::Instant;

use super::adjoint::needs_operands;
use super::device::{Device, Kind};
use super::jet::Jets;
use super::monitor::Monitor;
use super::observe::{Found, Loss, Watch, WeightGradient, signs, start, transfer};
use super::ops;
use super::read::host;
use super::walk::{Run, Walk};
use crate::error::{Error, Result};
use crate::network::{Network, NodeId, Op, Phase};

/// The sweeps that the watches want, each once.
pub(super) struct Sweeps {
    sweeps: Vec<Sweep>,
    /// The watch and the number of its sweep.
    watches: Vec<(usize, usize, Watch)>,
    kept: Vec<NodeId>,
}

/// From where a gradient is taken back, and by what it is wanted.
struct Sweep {
    from: From,
    /// Whether it is wanted by weights.
    weights: bool,
    /// The node by which it is wanted.
    to: Option<NodeId>,
}

#[derive(PartialEq)]
enum From {
    Loss(Loss),
    /// Signs at a node.
    Signs(NodeId, u32),
}

/// What a sweep found.
struct Swept {
    /// By tensor.
    weights: BTreeMap<String, Tensor<1>>,
    /// At the node by which it is wanted; none where that does not lead here.
    at: Option<Jets>,
    /// The signs where it began.
    signs: Option<Jets>,
}

impl Sweeps {
    /// # Errors
    /// [`Error::Usage`] where gradients are watched on a GPU, or beside curves.
    pub(super) fn new(watches: &[Watch], run: Run<'_>, device: &Device) -> Result<Self> {
        let mut all = Self {
            sweeps: Vec::new(),
            watches: Vec::new(),
            kept: Vec::new(),
        };
        if !watches.iter().any(Watch::goes_back) {
            return Ok(all);
        }
        if device.kind() != Kind::Cpu || !run.inputs.curves.is_empty() {
            return Err(Error::Usage {
                message: "gradients are taken on the CPU, of images alone".to_owned(),
                cure: "use the CPU (device cpu), and another pass for the curves".to_owned(),
            });
        }
        let originals = run.network.originals();
        for (i, watch) in watches.iter().enumerate() {
            let (from, weights, to) = match watch {
                Watch::WeightGradients(loss) => (From::Loss(loss.clone()), true, None),
                Watch::InputGradients(loss) => (From::Loss(loss.clone()), false, Some(0)),
                Watch::Transfer { from, to, salt } => {
                    let (from, to) = (originals[*from], originals[*to]);
                    (From::Signs(from, *salt), false, Some(to))
                }
                Watch::Range(_)
                | Watch::Correlation { .. }
                | Watch::Signs(_)
                | Watch::Variance(_)
                | Watch::Entropy(_)
                | Watch::Values
                | Watch::Jets { .. } => continue,
            };
            // One sweep goes by weights and by the input.
            let is_loss = matches!(from, From::Loss(_));
            let same = all.sweeps.iter().position(|s| is_loss && s.from == from);
            let number = same.unwrap_or(all.sweeps.len());
            match all.sweeps.get_mut(number) {
                Some(sweep) => {
                    sweep.weights |= weights;
                    sweep.to = sweep.to.or(to);
                }
                None => all.sweeps.push(Sweep { from, weights, to }),
            }
            all.watches.push((i, number, watch.clone()));
        }
        let kept = all
            .sweeps
            .iter()
            .flat_map(|s| s.kept(run.network, &originals));
        let outputs = run.network.outputs().iter().map(|&o| originals[o]);
        let loss = all.sweeps.iter().any(|s| matches!(s.from, From::Loss(_)));
        all.kept = kept.chain(outputs.filter(|_| loss)).collect();
        all.kept.sort_unstable();
        all.kept.dedup();
        Ok(all)
    }

    /// The values that must stay.
    pub(super) fn kept(&self) -> &[NodeId] {
        &self.kept
    }

    /// The last node that must be computed.
    pub(super) fn last(&self) -> Option<NodeId> {
        let from = self.sweeps.iter().filter_map(|sweep| match sweep.from {
            From::Signs(node, _) => Some(node),
            From::Loss(_) => None,
        });
        from.chain(self.kept.last().copied()).max()
    }

    /// How many steps all sweeps are.
    pub(super) fn steps(&self) -> usize {
        self.sweeps.len() * self.last().map_or(0, |last| last + 1)
    }

    /// Runs them after the forward pass, whose steps were `done`: what each watch
    /// of gradients found, with its place.
    ///
    /// # Errors
    /// Those of the losses and adjoints, and whatever `monitor` returns.
    pub(super) async fn run(
        &self,
        walk: &mut Walk<'_>,
        monitor: &dyn Monitor,
        done: usize,
    ) -> Result<Vec<(usize, Found)>> {
        let mut found = Vec::with_capacity(self.watches.len());
        let each = self.last().map_or(0, |last| last + 1);
        for (number, sweep) in self.sweeps.iter().enumerate() {
            let steps = (done + number * each, done + self.steps());
            let swept = sweep.run(walk, monitor, steps).await?;
            for (place, _, watch) in self.watches.iter().filter(|w| w.1 == number) {
                found.push((*place, swept.found(watch, walk)?));
            }
        }
        Ok(found)
    }
}

impl Sweep {
    /// For each node whether its value moves with what the gradient is wanted by.
    fn moving(&self, network: &Network, originals: &[NodeId]) -> Vec<bool> {
        let mut moving = Vec::with_capacity(originals.len());
        for (id, node) in network.nodes().iter().enumerate() {
            let operand = node.inputs.iter().any(|&i| moving[originals[i]]);
            let still = node.op == Op::Zero;
            let own = self.to == Some(id) || self.weights && weighs(network, id);
            moving.push(!still && (own || operand));
        }
        moving
    }

    /// The operands that the adjoints ask for.
    fn kept(&self, network: &Network, originals: &[NodeId]) -> Vec<NodeId> {
        let moving = self.moving(network, originals);
        let mut kept = Vec::new();
        for (id, node) in network.nodes().iter().enumerate() {
            let weighs = self.weights && weighs(network, id);
            let back = node.inputs.iter().any(|&i| moving[originals[i]]);
            let asked = weighs || back && needs_operands(&node.op);
            if asked && originals[id] == id {
                kept.extend(node.inputs.iter().map(|&i| originals[i]));
            }
        }
        kept
    }

    async fn run(
        &self,
        walk: &mut Walk<'_>,
        monitor: &dyn Monitor,
        (done, steps): (usize, usize),
    ) -> Result<Swept> {
        let network = walk.run.network;
        let moving = self.moving(network, &walk.originals);
        let mut swept = Swept {
            weights: BTreeMap::new(),
            at: None,
            signs: None,
        };
        let mut gradients = match &self.from {
            From::Loss(loss) => of_outputs(walk, loss)?,
            From::Signs(node, salt) => {
                let count = walk.layout.images * network.node(*node).len();
                let signs = Jets::from_rows(signs(count, *salt), walk.layout, walk.device);
                swept.signs = Some(signs.clone());
                BTreeMap::from([(*node, signs)])
            }
        };
        let end = if self.weights {
            0
        } else {
            self.to.unwrap_or(0)
        };
        let first = gradients.keys().max().copied().unwrap_or(0);
        for id in (end..=first).rev() {
            monitor.step(done + first - id, steps).await?;
            let Some(gradient) = gradients.remove(&id) else {
                continue;
            };
            if self.to == Some(id) {
                swept.at = Some(gradient);
                continue;
            }
            let begin = Instant::now();
            if self.weights && weighs(network, id) {
                let found = walk.weight_gradient(id, &gradient)?;
                let tensor = network.node(id).tensor("weight");
                let sum = match swept.weights.remove(&tensor) {
                    Some(other) => other + found,
                    None => found,
                };
                swept.weights.insert(tensor, sum);
            }
            for (operand, gradient) in walk.operand_gradients(id, gradient, &moving)? {
                let sum = match gradients.remove(&operand) {
                    Some(other) => other.with(other.data.clone() + gradient.data),
                    None => gradient,
                };
                gradients.insert(operand, sum);
            }
            let seconds = begin.elapsed().as_secs_f64();
            match network.node(id).op.phase() {
                Phase::Convolution => walk.phases.convolution += seconds,
                Phase::Pointwise => walk.phases.pointwise += seconds,
                Phase::Rest => walk.phases.rest += seconds,
            }
        }
        Ok(swept)
    }
}

impl Walk<'_> {
    fn weight_gradient(&self, id: NodeId, gradient: &Jets) -> Result<Tensor<1>> {
        let first = self.run.network.node(id).inputs.first();
        let operand = first.and_then(|&i| self.values[self.originals[i]].as_ref());
        self.applied(id).weight_gradient(operand, gradient)
    }

    /// The gradients by those operands that move, under their originals.
    fn operand_gradients(
        &self,
        id: NodeId,
        gradient: Jets,
        moving: &[bool],
    ) -> Result<Vec<(NodeId, Jets)>> {
        let inputs = self.run.network.node(id).inputs.iter();
        let operands: Vec<NodeId> = inputs.map(|&i| self.originals[i]).collect();
        if !operands.iter().any(|&o| moving[o]) {
            return Ok(Vec::new());
        }
        let values: Vec<Option<&Jets>> =
            operands.iter().map(|&o| self.values[o].as_ref()).collect();
        let found = self.applied(id).adjoint(&values, gradient)?;
        let found = operands.into_iter().zip(found);
        Ok(found.filter(|(operand, _)| moving[*operand]).collect())
    }
}

impl Swept {
    fn found(&self, watch: &Watch, walk: &Walk<'_>) -> Result<Found> {
        let network = walk.run.network;
        let zeros = |id: NodeId| {
            let count = walk.layout.images * network.node(id).len();
            Jets::from_rows(vec![0.0; count], walk.layout, walk.device)
        };
        match watch {
            Watch::WeightGradients(_) => {
                let all = network.named_parameters();
                let weights = all.filter(|(_, parameter)| parameter.role.is_weight());
                let gradients = weights.map(|(tensor, parameter)| {
                    let gradient = match self.weights.get(&tensor) {
                        Some(found) => host(found.clone().try_into_data())?,
                        None => vec![0.0; parameter.shape.iter().product()],
                    };
                    let weight = walk.run.weights.get(&tensor)?.clone();
                    Ok(WeightGradient {
                        tensor,
                        weight,
                        gradient,
                    })
                });
                let gradients: Result<Vec<_>> = gradients.collect();
                Ok(Found::WeightGradients(gradients?.into()))
            }
            Watch::Transfer { from, to, .. } => {
                let (from, to) = (walk.originals[*from], walk.originals[*to]);
                let signs = self.signs.clone().unwrap_or_else(|| zeros(from));
                let at = self.at.clone().unwrap_or_else(|| zeros(to));
                let (later, earlier) = (network.node(from), network.node(to));
                Ok(Found::Transfer(transfer(&signs, later, &at, earlier)?))
            }
            _ => {
                let at = self.at.clone().unwrap_or_else(|| zeros(0));
                let numbers = host(at.data.try_into_data())?;
                let rows = numbers.chunks_exact(network.node(0).len().max(1));
                Ok(Found::InputGradients(rows.map(<[f64]>::to_vec).collect()))
            }
        }
    }
}

/// Whether a node has a convolution's or dense layer's weight.
fn weighs(network: &Network, id: NodeId) -> bool {
    let mut parameters = network.parameters(id).into_iter();
    parameters.any(|p| p.suffix == "weight" && p.role.is_weight())
}

/// The values that a gradient by all weights asks for.
pub(super) fn kept_for_weights(network: &Network, originals: &[NodeId]) -> Vec<NodeId> {
    let sweep = Sweep {
        from: From::Loss(Loss::Sum),
        weights: true,
        to: Some(0),
    };
    let mut kept = sweep.kept(network, originals);
    kept.sort_unstable();
    kept.dedup();
    kept
}

/// The loss's gradient by each output.
fn of_outputs(walk: &Walk<'_>, loss: &Loss) -> Result<BTreeMap<NodeId, Jets>> {
    let network = walk.run.network;
    let ids: Vec<NodeId> = network
        .outputs()
        .iter()
        .map(|&o| walk.originals[o])
        .collect();
    let values: Option<Vec<Jets>> = ids.iter().map(|&id| walk.values[id].clone()).collect();
    let Some(outputs) = values.and_then(ops::flat) else {
        return Ok(BTreeMap::new());
    };
    let numbers = host(outputs.data.try_into_data())?;
    let gradient = start(loss, walk.layout.images, &numbers)?;
    let all = Jets::from_rows(gradient, walk.layout, walk.device);
    let [_, count] = all.data.dims();
    let mut gradients: BTreeMap<NodeId, Jets> = BTreeMap::new();
    let mut begin = 0;
    for id in ids {
        let end = begin + network.node(id).len();
        let own = ops::slice(&all, &[count], 0, [begin, end, 1]);
        begin = end;
        let sum = match gradients.remove(&id) {
            Some(other) => other.with(other.data.clone() + own.data),
            None => own,
        };
        gradients.insert(id, sum);
    }
    Ok(gradients)
}
