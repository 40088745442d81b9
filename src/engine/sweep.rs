//! One way back through the graph: from a loss or from signs at a node, to
//! weights or to an earlier node.

use std::collections::BTreeMap;

use burn::tensor::Tensor;
use web_time::Instant;

use super::adjoint::needs_operands;
use super::jet::Jets;
use super::monitor::Monitor;
use super::observe::{Found, Loss, Watch, WeightGradient, signs, start, transfer};
use super::ops;
use super::read::host;
use super::walk::Walk;
use crate::error::Result;
use crate::network::{Network, NodeId, Op, Phase};

/// From where a gradient is taken back, and by what it is wanted.
pub(super) struct Sweep {
    pub(super) from: From,
    /// Whether it is wanted by weights.
    pub(super) weights: bool,
    /// The node by which it is wanted.
    pub(super) to: Option<NodeId>,
}

#[derive(PartialEq)]
pub(super) enum From {
    Loss(Loss),
    /// Signs at a node.
    Signs(NodeId, u32),
}

/// What a sweep found.
pub(super) struct Swept {
    /// By tensor.
    weights: BTreeMap<String, Tensor<1>>,
    /// At the node by which it is wanted; none where that does not lead here.
    at: Option<Jets>,
    /// The signs where it began.
    signs: Option<Jets>,
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
    pub(super) fn kept(&self, network: &Network, originals: &[NodeId]) -> Vec<NodeId> {
        let moving = self.moving(network, originals);
        let mut leads = vec![false; moving.len()];
        match self.from {
            From::Loss(_) => network
                .outputs()
                .iter()
                .for_each(|&o| leads[originals[o]] = true),
            From::Signs(node, _) => leads[node] = true,
        }
        let mut kept = Vec::new();
        for (id, node) in network.nodes().iter().enumerate().rev() {
            if !leads[id] || originals[id] != id {
                continue;
            }
            node.inputs.iter().for_each(|&i| leads[originals[i]] = true);
            let weighs = self.weights && weighs(network, id);
            let back = node.inputs.iter().any(|&i| moving[originals[i]]);
            if weighs || back && needs_operands(&node.op) {
                kept.extend(node.inputs.iter().map(|&i| originals[i]));
            }
        }
        kept
    }

    pub(super) async fn run(
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
    /// What a watch of this sweep found.
    pub(super) fn found(&self, watch: &Watch, walk: &Walk<'_>) -> Result<Found> {
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
