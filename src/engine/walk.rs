//! Goes through the graph once, forwards: equal values computed once, each
//! shown to what watches it, memory freed as soon as nothing needs it.

use web_time::Instant;

use super::apply::Applied;
use super::data::{Inputs, Phases, input_rows};
use super::device::{Device, Kind};
use super::jet::{Jets, Layout};
use super::memory::{check_memory, check_sums, uses};
use super::observe::Observers;
use crate::error::{Error, Result};
use crate::network::{Network, NodeId, Op, Phase};
use crate::start::Weights;

/// What goes through a network, and with which weights.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The network.
    pub network: &'a Network,
    /// Its weights.
    pub weights: &'a Weights,
    /// What goes in.
    pub inputs: &'a Inputs,
}

pub(super) struct Walk<'a> {
    pub(super) run: Run<'a>,
    pub(super) device: &'a Device,
    pub(super) layout: Layout,
    /// For each node the one that is computed for it.
    pub(super) originals: Vec<NodeId>,
    pub(super) values: Vec<Option<Jets>>,
    /// How often each value will still be asked for.
    pub(super) uses: Vec<usize>,
    live: Vec<bool>,
    pub(super) phases: Phases,
}

impl<'a> Walk<'a> {
    /// `kept` are originals whose values stay to the end.
    ///
    /// # Errors
    /// [`Error::TooLarge`], or a device's `too-large`.
    pub(super) fn new(run: Run<'a>, device: &'a Device, kept: &[NodeId]) -> Result<Self> {
        let layout = Layout {
            images: run.inputs.images.len(),
            curves: run.inputs.curves.len(),
            host: device.kind() == Kind::Cpu,
            statistics: run.inputs.statistics,
        };
        let originals = run.network.originals();
        let mut uses = uses(run.network, &originals);
        kept.iter().for_each(|&id| uses[id] += 1);
        check_memory(run.network, &originals, uses.clone(), layout, device)?;
        check_sums(run.network, device)?;
        Ok(Self {
            run,
            device,
            layout,
            values: vec![None; run.network.nodes().len()],
            uses,
            originals,
            live: run.network.live(),
            phases: Phases::default(),
        })
    }

    pub(super) fn compute(&mut self, id: NodeId, observers: &mut Observers) -> Result<()> {
        if self.originals[id] != id {
            return Ok(());
        }
        let start = Instant::now();
        let node = self.run.network.node(id);
        let value = match node.op {
            Op::Input => input_rows(&node.shape, self.run.inputs, self.layout, self.device)?,
            _ => self.apply(id)?,
        };
        let seconds = start.elapsed().as_secs_f64();
        match node.op.phase() {
            Phase::Convolution => self.phases.convolution += seconds,
            Phase::Pointwise => self.phases.pointwise += seconds,
            Phase::Rest => self.phases.rest += seconds,
        }
        let start = Instant::now();
        observers.take(id, node, &value)?;
        self.phases.singular_values += start.elapsed().as_secs_f64();
        if self.uses[id] > 0 {
            self.values[id] = Some(value);
        }
        Ok(())
    }

    /// An operand, given up at its last use.
    pub(super) fn operand(&mut self, id: NodeId) -> Result<Jets> {
        let original = self.originals[id];
        self.uses[original] -= 1;
        let value = if self.uses[original] == 0 {
            self.values[original].take()
        } else {
            self.values[original].clone()
        };
        value.ok_or_else(|| Error::Shape {
            node: self.run.network.node(id).name.clone(),
            message: "is used before it is computed".to_owned(),
            cure: "list the nodes in execution order".to_owned(),
        })
    }

    fn apply(&mut self, id: NodeId) -> Result<Jets> {
        let node = self.run.network.node(id);
        let mut operands = Vec::with_capacity(node.inputs.len());
        for &input in &node.inputs {
            operands.push(self.operand(input)?);
        }
        self.applied(id).value(operands)
    }

    /// A node with what computing it needs besides its operands.
    pub(super) fn applied(&self, id: NodeId) -> Applied<'a> {
        Applied {
            network: self.run.network,
            weights: self.run.weights,
            device: self.device,
            layout: self.layout,
            id,
            live: self.live[id],
            along: self.run.inputs.along,
        }
    }
}
