//! Which maps are observed, and how often each counts.
//!
//! A policy is a property of the graph alone, so that a network scores the
//! same however it was written down.

use super::graph::{Network, NodeId};
use super::op::Op;
use crate::error::{Error, Result};

/// Which maps enter Σ σ_min/σ_max.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Policy {
    /// The output of every activation, and every live operand of every merge
    /// with at least two live operands. Sums inside an attention are not
    /// merges: their operands are weights and mixtures, not features.
    Flow,
    /// Every convolution, dense layer, normalisation, activation, pool,
    /// identity and zero once.
    Layers,
    /// Every module of the original network, containers and root included.
    Modules,
}

/// The policies' names, in the order of their documentation.
pub const POLICIES: [&str; 3] = ["flow", "layers", "modules"];

impl Policy {
    /// The policy's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Flow => POLICIES[0],
            Self::Layers => POLICIES[1],
            Self::Modules => POLICIES[2],
        }
    }
}

impl std::str::FromStr for Policy {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        [Self::Flow, Self::Layers, Self::Modules]
            .into_iter()
            .find(|p| p.name() == name)
            .ok_or_else(|| Error::unknown("policy", name, &POLICIES))
    }
}

/// One observed map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The node whose value it is.
    pub node: NodeId,
    /// The name it is shown under: the node's, or a container's.
    pub name: String,
    /// The kind of node or container.
    pub kind: &'static str,
    /// Whether it can depend on the input. A map that cannot counts 0 under
    /// `flow`: it is a constant, which an exporter would have folded away.
    pub live: bool,
}

impl Network {
    /// The observed maps in execution order. A map appears as often as it
    /// counts; a skip that feeds two merges is two operands. Maps with a
    /// single column (a global pool, the logits) and single tokens have no
    /// conditioning and are left out unless `vectors`.
    #[must_use]
    pub fn observed(&self, policy: Policy, vectors: bool) -> Vec<Observed> {
        let mut maps = match policy {
            Policy::Flow => self.observed_flow(),
            Policy::Layers | Policy::Modules => self.observed_modules(policy == Policy::Modules),
        };
        maps.retain(|m| vectors || is_matrix(&self.node(m.node).shape));
        maps
    }

    /// Whether an output is a feature map: more than one number a channel or
    /// token. Its size grows with the image's, that of a vector does not.
    #[must_use]
    pub fn output_is_map(&self) -> bool {
        let mut outputs = self.outputs().iter();
        outputs.any(|&id| is_matrix(&self.node(id).shape))
    }

    fn observed_flow(&self) -> Vec<Observed> {
        let live = self.live();
        let products = self.products(&live);
        let mut maps = Vec::new();
        for (id, node) in self.nodes().iter().enumerate() {
            if node.op.is_activation() {
                maps.push(self.observe(id, live[id]));
            }
            if node.op.is_merge() && !node.inputs.iter().any(|&i| products[i]) {
                let operands: Vec<NodeId> =
                    node.inputs.iter().copied().filter(|&i| live[i]).collect();
                if operands.len() >= 2 {
                    maps.extend(operands.into_iter().map(|i| self.observe_operand(i)));
                }
            }
        }
        // Stable: an activation that is also an operand keeps that order.
        maps.sort_by_key(|m| m.node);
        maps
    }

    /// For each node, whether its value is a matrix product of two live values
    /// with no layer or merge after it: an attention's logits, weights or
    /// mixture.
    ///
    /// Relative positions add to logits and to mixtures. Counted, the logits of
    /// an AutoFormer outweigh all its other maps (ratios of 0.9 against 0.01),
    /// and its S says little more than its depth.
    pub(super) fn products(&self, live: &[bool]) -> Vec<bool> {
        let mut products = Vec::with_capacity(live.len());
        for node in self.nodes() {
            products.push(match &node.op {
                Op::MatMul => node.inputs.iter().all(|&i| live[i]),
                Op::Identity => node.inputs.iter().any(|&i| products[i]),
                op if op.is_layer() || op.is_merge() => false,
                _ => node.inputs.iter().any(|&i| products[i]),
            });
        }
        products
    }

    fn observed_modules(&self, containers: bool) -> Vec<Observed> {
        let live = self.live();
        let mut maps = Vec::new();
        for (id, node) in self.nodes().iter().enumerate() {
            if node.op.is_layer() {
                maps.push(self.observe(id, live[id]));
            }
            if containers {
                maps.extend(node.containers.iter().map(|c| Observed {
                    name: c.name.clone(),
                    kind: c.kind,
                    ..self.observe(id, live[id])
                }));
            }
        }
        maps
    }

    fn observe(&self, node: NodeId, live: bool) -> Observed {
        Observed {
            node,
            name: self.node(node).name.clone(),
            kind: self.node(node).op.kind(),
            live,
        }
    }

    /// A merge's operand, shown as the branch it ends, not as its last layer.
    fn observe_operand(&self, node: NodeId) -> Observed {
        let map = self.observe(node, true);
        let branch = self
            .node(node)
            .containers
            .iter()
            .rev()
            .find(|c| matches!(c.kind, "op" | "seq"));
        match branch {
            Some(c) => Observed {
                name: c.name.clone(),
                kind: c.kind,
                ..map
            },
            None => map,
        }
    }
}

/// Whether a map has more than one column, and tokens more than one row: a
/// vector has one singular value, and no conditioning.
fn is_matrix(shape: &[usize]) -> bool {
    let one_token = shape.len() == 2 && shape[0] == 1;
    shape.len() > 1 && !one_token && shape[1..].iter().product::<usize>() > 1
}
