//! Walks the graph: one pass, equal values computed once, observed maps handed
//! on as they are produced, memory freed as soon as nothing needs it.

use std::collections::BTreeMap;

use burn::tensor::Tensor;
use web_time::Instant;

use super::apply::Applied;
use super::data::{Inputs, OutputJet, Phases, host, input_rows, output_jets};
use super::device::{Device, Kind};
use super::jet::{Jets, Layout, Statistics};
use super::maps::{MapRange, Maps};
use super::memory::{check_memory, check_sums, uses};
use super::monitor::Monitor;
use super::ops;
use crate::error::{Error, Result};
use crate::network::{Array, Network, NodeId, Op, Phase, Weights};

/// What one pass found.
#[derive(Debug, Clone)]
pub struct Pass {
    /// Ranges of the observed nodes' maps.
    pub ranges: BTreeMap<NodeId, MapRange>,
    /// The outputs' jets, one a curve.
    pub jets: Vec<OutputJet>,
    /// Where the time went.
    pub phases: Phases,
}

impl Pass {
    /// Runs a network once over the image and all curves.
    ///
    /// `observed` are the nodes whose maps (of the image) are decomposed.
    ///
    /// # Errors
    /// [`Error::TooLarge`], or a device's `too-large`, before anything is computed; [`Error::Weights`] and
    /// [`Error::Shape`] when weights or inputs do not fit the network;
    /// whatever `monitor` returns.
    pub async fn run(
        network: &Network,
        weights: &Weights,
        inputs: &Inputs,
        observed: &[NodeId],
        device: &Device,
        monitor: &dyn Monitor,
    ) -> Result<Self> {
        let mut walk = Walk::new(network, weights, inputs, observed, device)?;
        let total = network.nodes().len();
        for id in 0..total {
            monitor.step(id, total).await?;
            walk.compute(id, inputs).await?;
        }
        walk.finish().await
    }

    /// The map of one node for an image, row-major: the network is run up to
    /// that node, which must be one of its own.
    ///
    /// # Errors
    /// Those of [`Pass::run`].
    pub async fn map(
        network: &Network,
        weights: &Weights,
        image: &Array,
        node: NodeId,
        device: &Device,
        monitor: &dyn Monitor,
    ) -> Result<Vec<f64>> {
        let inputs = Inputs {
            image: Some(image.clone()),
            ..Inputs::default()
        };
        let mut walk = Walk::new(network, weights, &inputs, &[], device)?;
        let original = walk.originals[node];
        // Its value is an operand once more.
        walk.uses[original] += 1;
        for id in 0..=original {
            monitor.step(id, original + 1).await?;
            walk.compute(id, &inputs).await?;
        }
        host(walk.operand(node)?.image_row().into_data_async().await)
    }
}

/// Numbers that a pass reads back from a GPU where it can: 64 KiB.
const READ_BACK: usize = 1 << 14;

struct Walk<'a> {
    network: &'a Network,
    weights: &'a Weights,
    device: &'a Device,
    layout: Layout,
    /// For each node the one that is computed for it.
    originals: Vec<NodeId>,
    /// Whether outputs are read number by number.
    whole: bool,
    values: Vec<Option<Jets>>,
    uses: Vec<usize>,
    live: Vec<bool>,
    observed: &'a [NodeId],
    maps: Maps,
    phases: Phases,
}

impl<'a> Walk<'a> {
    /// # Errors
    /// [`Error::TooLarge`], or a device's `too-large`.
    fn new(
        network: &'a Network,
        weights: &'a Weights,
        inputs: &Inputs,
        observed: &'a [NodeId],
        device: &'a Device,
    ) -> Result<Self> {
        let layout = Layout {
            images: usize::from(inputs.image.is_some()),
            curves: inputs.curves.len(),
            host: device.kind() == Kind::Cpu,
            statistics: Statistics::Row,
        };
        let originals = network.originals();
        check_memory(network, &originals, layout, device)?;
        check_sums(network, device)?;
        let decomposed = observed.iter().map(|&id| originals[id]).collect();
        Ok(Self {
            network,
            weights,
            device,
            layout,
            values: vec![None; network.nodes().len()],
            uses: uses(network, &originals),
            whole: inputs.whole,
            originals,
            live: network.live(),
            observed,
            maps: Maps::new(decomposed, network, device)?,
            phases: Phases::default(),
        })
    }

    async fn compute(&mut self, id: NodeId, inputs: &Inputs) -> Result<()> {
        if self.originals[id] != id {
            return Ok(());
        }
        let start = Instant::now();
        let node = self.network.node(id);
        let value = match node.op {
            Op::Input => input_rows(node.shape.as_slice(), inputs, self.layout, self.device)?,
            _ => self.apply(id)?,
        };
        let seconds = start.elapsed().as_secs_f64();
        match node.op.phase() {
            Phase::Convolution => self.phases.convolution += seconds,
            Phase::Pointwise => self.phases.pointwise += seconds,
            Phase::Rest => self.phases.rest += seconds,
        }
        let start = Instant::now();
        if self.layout.images == 1 {
            self.maps.take(id, node, &value).await?;
        }
        self.phases.singular_values += start.elapsed().as_secs_f64();
        if self.uses[id] > 0 {
            self.values[id] = Some(value);
        }
        Ok(())
    }

    /// An operand, given up at its last use.
    fn operand(&mut self, id: NodeId) -> Result<Jets> {
        let original = self.originals[id];
        self.uses[original] -= 1;
        let value = if self.uses[original] == 0 {
            self.values[original].take()
        } else {
            self.values[original].clone()
        };
        value.ok_or_else(|| Error::Shape {
            node: self.network.node(id).name.clone(),
            message: "is used before it is computed".to_owned(),
            cure: "list the nodes in execution order".to_owned(),
        })
    }

    fn apply(&mut self, id: NodeId) -> Result<Jets> {
        let node = self.network.node(id);
        let mut operands = Vec::with_capacity(node.inputs.len());
        for &input in &node.inputs {
            operands.push(self.operand(input)?);
        }
        let applied = Applied {
            network: self.network,
            weights: self.weights,
            device: self.device,
            layout: self.layout,
            id,
            live: self.live[id],
        };
        applied.value(operands)
    }

    /// Reads back what is left on the device: one read, jets first.
    async fn finish(mut self) -> Result<Pass> {
        let start = Instant::now();
        let mut outputs = Vec::new();
        for &id in self.network.outputs() {
            outputs.push(self.operand(id)?);
        }
        let (maps, results) = self.maps.decompose();
        let jets = ops::flat(outputs).filter(|_| self.layout.curves > 0);
        let jets = jets.map(|all| {
            let numbers = all.data.shape().num_elements();
            let numbers = numbers + results.as_ref().map_or(0, |r| r.dims()[0]);
            let framed = !self.whole && !self.layout.host && numbers > READ_BACK;
            let jets = framed.then(|| ops::framed(&all)).flatten().unwrap_or(all);
            jets.data.flatten::<1>(0, 1)
        });
        let split = jets.as_ref().map_or(0, |j| j.dims()[0]);
        let parts: Vec<Tensor<1>> = jets.into_iter().chain(results).collect();
        let read = match parts.len() {
            0 => Vec::new(),
            _ => host(Tensor::cat(parts, 0).into_data_async().await)?,
        };
        let (jets, results) = read.split_at(split);
        let jets = match self.layout.curves {
            0 => Vec::new(),
            _ => output_jets(jets, self.layout),
        };
        let found = maps.ranges(results, self.network)?;
        let originals = self.observed.iter().map(|&id| (id, self.originals[id]));
        let ranges = originals.filter_map(|(id, original)| Some((id, *found.get(&original)?)));
        let ranges = ranges.collect();
        self.phases.rest += start.elapsed().as_secs_f64();
        Ok(Pass {
            ranges,
            jets,
            phases: self.phases,
        })
    }
}
