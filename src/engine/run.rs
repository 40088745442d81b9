//! Walks the graph: one pass, observed maps handed on as they are produced,
//! memory freed as soon as nothing needs it.

use std::collections::BTreeMap;

use burn::tensor::{Tensor, TensorData};
use web_time::Instant;

use super::device::{Device, Kind};
use super::jet::{Jets, Layout};
use super::monitor::{Monitor, Silent};
use super::ops::{self, Normalised, Window};
use crate::error::{Error, Result};
use crate::network::{Activation, Array, Builder, Network, NodeId, Op, Weights};
use crate::svd;

/// A curve c(θ) = u cos θ + w sin θ in input space.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// u, of the input's shape.
    pub u: Array,
    /// w, of the input's shape.
    pub w: Array,
}

/// What goes into the network in one pass.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The image, `[C, H, W]`.
    pub image: Option<Array>,
    /// The curves.
    pub curves: Vec<Curve>,
}

/// The largest and the smallest singular value of an observed map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MapRange {
    /// σ_min, of min(C, HW) values.
    pub min: f64,
    /// σ_max.
    pub max: f64,
}

/// The outputs along one curve at θ = 0, concatenated in graph order.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputJet {
    /// y.
    pub y: Vec<f64>,
    /// y′.
    pub dy: Vec<f64>,
    /// y″.
    pub ddy: Vec<f64>,
}

/// Seconds by kind of work. On a GPU the work is queued: only the sum, and
/// what the host does, mean something there.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Phases {
    /// Convolutions, dense layers and matrix products.
    pub convolution: f64,
    /// Norms, activations, pools, sums.
    pub pointwise: f64,
    /// Singular values.
    pub singular_values: f64,
    /// Everything else: weights, uploads, read-backs.
    pub rest: f64,
}

impl std::ops::AddAssign for Phases {
    fn add_assign(&mut self, other: Self) {
        self.convolution += other.convolution;
        self.pointwise += other.pointwise;
        self.singular_values += other.singular_values;
        self.rest += other.rest;
    }
}

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
    /// [`Error::TooLarge`] before anything is computed; [`Error::Weights`] and
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
        let layout = Layout { images: usize::from(inputs.image.is_some()), curves: inputs.curves.len() };
        check_memory(network, layout, device)?;
        let mut walk = Walk {
            network,
            weights,
            device,
            layout,
            values: vec![None; network.nodes().len()],
            uses: uses(network),
            live: network.live(),
            maps: Maps::new(observed, device),
            phases: Phases::default(),
        };
        let total = network.nodes().len();
        for id in 0..total {
            monitor.step(id, total).await?;
            walk.compute(id, inputs).await?;
        }
        walk.finish().await
    }
}

struct Walk<'a> {
    network: &'a Network,
    weights: &'a Weights,
    device: &'a Device,
    layout: Layout,
    values: Vec<Option<Jets>>,
    uses: Vec<usize>,
    live: Vec<bool>,
    maps: Maps,
    phases: Phases,
}

impl Walk<'_> {
    async fn compute(&mut self, id: NodeId, inputs: &Inputs) -> Result<()> {
        let start = Instant::now();
        let node = self.network.node(id);
        let value = match node.op {
            Op::Input => input_rows(node.shape.as_slice(), inputs, self.layout, self.device)?,
            _ => self.apply(id)?,
        };
        let seconds = start.elapsed().as_secs_f64();
        match node.op {
            Op::Conv2d { .. } | Op::Dense { .. } | Op::MatMul => self.phases.convolution += seconds,
            Op::Input | Op::Constant(_) => self.phases.rest += seconds,
            _ => self.phases.pointwise += seconds,
        }
        let start = Instant::now();
        if self.layout.images == 1 {
            self.maps.take(id, &node.name, &node.shape, &value).await?;
        }
        self.phases.singular_values += start.elapsed().as_secs_f64();
        if self.uses[id] > 0 {
            self.values[id] = Some(value);
        }
        Ok(())
    }

    /// An operand, given up at its last use.
    fn operand(&mut self, id: NodeId) -> Result<Jets> {
        self.uses[id] -= 1;
        let value = if self.uses[id] == 0 { self.values[id].take() } else { self.values[id].clone() };
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
        let shapes = self.network.input_shapes(id);
        let no_operand = || Error::Shape {
            node: node.name.clone(),
            message: "has no operand".to_owned(),
            cure: "connect its inputs".to_owned(),
        };
        match &node.op {
            Op::Sum => return ops::sum(operands).ok_or_else(no_operand),
            Op::Concat => return ops::concat(operands).ok_or_else(no_operand),
            Op::Constant(_) => {
                let values = self.weights.get(&format!("{}.weight", node.name))?;
                return Ok(Jets::constant(self.device.array(values, [node.len()]), self.layout));
            }
            _ => {}
        }
        let x = operands.first().ok_or_else(no_operand)?;
        let axes = shapes[0];
        Ok(match &node.op {
            Op::Conv2d { out, kernel, stride, padding, bias } => {
                let weight = self.weight(id, "weight", [*out, axes[0], *kernel, *kernel])?;
                let bias = if *bias { Some(self.weight(id, "bias", [*out])?) } else { None };
                ops::conv2d(x, axes, weight, bias, *stride, *padding)
            }
            Op::Dense { out, bias } => {
                let weight = self.weight(id, "weight", [*out, axes[axes.len() - 1]])?;
                let bias = if *bias { Some(self.weight(id, "bias", [*out])?) } else { None };
                ops::dense(x, axes, weight, bias)
            }
            Op::BatchNorm { eps, affine } => {
                let (groups, elements) = (axes[0], axes[1..].iter().product());
                let affine = self.affine(id, *affine, [1, groups, 1])?;
                ops::normalise(x, Normalised { groups, elements, eps: *eps, affine, dead: !self.live[id] })
            }
            Op::LayerNorm { eps, affine } => {
                let elements = axes[axes.len() - 1];
                let groups = axes[..axes.len() - 1].iter().product();
                let affine = self.affine(id, *affine, [1, 1, elements])?;
                ops::normalise(x, Normalised { groups, elements, eps: *eps, affine, dead: !self.live[id] })
            }
            Op::Activate(function) => ops::activate(x, *function),
            &Op::AvgPool { kernel, stride, padding } => ops::avg_pool(x, axes, Window { kernel, stride, padding }),
            &Op::MaxPool { kernel, stride, padding } => ops::max_pool(x, axes, Window { kernel, stride, padding }),
            Op::GlobalAvgPool => ops::global_avg_pool(x, axes),
            Op::MeanFirst => ops::mean_first(x, axes),
            Op::Identity | Op::Reshape(_) => x.clone(),
            Op::Zero => ops::zero(x),
            Op::MatMul => ops::matmul(x, axes, &operands[1], shapes[1]),
            Op::Scale(factor) => ops::scale(x, *factor),
            Op::Softmax => ops::softmax(x, axes),
            Op::Permute(order) => ops::permute(x, axes, order),
            Op::Slice { start, end } => ops::slice(x, axes, *start, *end),
            Op::Input | Op::Constant(_) | Op::Sum | Op::Concat => return Err(no_operand()),
        })
    }

    fn weight<const D: usize>(&self, id: NodeId, suffix: &str, shape: [usize; D]) -> Result<Tensor<D>> {
        let name = format!("{}.{suffix}", self.network.node(id).name);
        let array = self.weights.get(&name)?;
        if array.shape.iter().product::<usize>() != shape.iter().product::<usize>() {
            return Err(Error::Weights {
                tensor: name,
                message: format!("has the shape {:?}, the network needs {shape:?}", array.shape),
                cure: "draw or load the weights for this network".to_owned(),
            });
        }
        Ok(self.device.array(array, shape))
    }

    fn affine(&self, id: NodeId, affine: bool, shape: [usize; 3]) -> Result<Option<(Tensor<3>, Tensor<3>)>> {
        if !affine {
            return Ok(None);
        }
        Ok(Some((self.weight(id, "weight", shape)?, self.weight(id, "bias", shape)?)))
    }

    async fn finish(mut self) -> Result<Pass> {
        let start = Instant::now();
        let mut outputs = Vec::new();
        for &id in self.network.outputs() {
            outputs.push(self.operand(id)?);
        }
        let mut jets = Vec::new();
        if self.layout.curves > 0 {
            if let Some(all) = ops::concat(outputs) {
                jets = output_jets(&host(all.data.into_data_async().await)?, self.layout);
            }
        }
        self.phases.rest += start.elapsed().as_secs_f64();
        let start = Instant::now();
        let ranges = self.maps.finish(self.network).await?;
        self.phases.singular_values += start.elapsed().as_secs_f64();
        Ok(Pass { ranges, jets, phases: self.phases })
    }
}

/// The observed maps on their way to the singular values.
struct Maps {
    wanted: Vec<NodeId>,
    ranges: BTreeMap<NodeId, MapRange>,
    /// On a GPU the maps wait on the device and come back in one read.
    waiting: Option<Vec<(NodeId, Tensor<1>)>>,
}

impl Maps {
    fn new(observed: &[NodeId], device: &Device) -> Self {
        let mut wanted = observed.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        let waiting = (device.kind() == Kind::WebGpu).then(Vec::new);
        Self { wanted, ranges: BTreeMap::new(), waiting }
    }

    async fn take(&mut self, id: NodeId, name: &str, shape: &[usize], value: &Jets) -> Result<()> {
        if self.wanted.binary_search(&id).is_err() {
            return Ok(());
        }
        let row = value.image_row();
        match &mut self.waiting {
            Some(waiting) => waiting.push((id, row)),
            None => {
                let map = host(row.into_data_async().await)?;
                self.ranges.insert(id, range(name, shape, &map)?);
            }
        }
        Ok(())
    }

    async fn finish(mut self, network: &Network) -> Result<BTreeMap<NodeId, MapRange>> {
        let (ids, rows): (Vec<NodeId>, Vec<Tensor<1>>) = self.waiting.take().unwrap_or_default().into_iter().unzip();
        if !rows.is_empty() {
            let all = host(Tensor::cat(rows, 0).into_data_async().await)?;
            let mut rest = all.as_slice();
            for id in ids {
                let node = network.node(id);
                let (map, after) = rest.split_at(node.len());
                self.ranges.insert(id, range(&node.name, &node.shape, map)?);
                rest = after;
            }
        }
        Ok(self.ranges)
    }
}

/// σ_min and σ_max of a map as a matrix of its first axis by all others.
fn range(name: &str, shape: &[usize], map: &[f64]) -> Result<MapRange> {
    let rows = shape.first().copied().unwrap_or(1);
    let (min, max) = svd::extremes(rows, map).map_err(|message| Error::SingularValues {
        map: name.to_owned(),
        message,
    })?;
    Ok(MapRange { min, max })
}

/// Numbers of a read-back, in double precision.
fn host<E: std::fmt::Display>(data: std::result::Result<TensorData, E>) -> Result<Vec<f64>> {
    let failed = |message: String| Error::Device {
        code: "device-lost",
        message,
        cure: "try again; if it happens again, use the CPU (device cpu)".to_owned(),
    };
    let data = data.map_err(|e| failed(format!("the result could not be read: {e}")))?;
    if let Ok(single) = data.as_slice::<f32>() {
        return Ok(single.iter().map(|&x| f64::from(x)).collect());
    }
    let double = data.as_slice::<f64>();
    Ok(double.map_err(|e| failed(format!("the result has another type: {e:?}")))?.to_vec())
}

fn output_jets(rows: &[f64], layout: Layout) -> Vec<OutputJet> {
    let n = rows.len() / layout.rows();
    let row = |i: usize| rows[i * n..(i + 1) * n].to_vec();
    let (first, m) = (layout.images, layout.curves);
    (0..m)
        .map(|j| OutputJet { y: row(first + j), dy: row(first + m + j), ddy: row(first + 2 * m + j) })
        .collect()
}

/// The image and, for each curve at θ = 0, its value u, first derivative w and
/// second derivative −u.
fn input_rows(shape: &[usize], inputs: &Inputs, layout: Layout, device: &Device) -> Result<Jets> {
    let n: usize = shape.iter().product();
    let mut rows = Vec::with_capacity(layout.rows() * n);
    let mut push = |array: &Array, sign: f64| -> Result<()> {
        if array.shape.iter().product::<usize>() != n {
            return Err(Error::Image {
                message: format!("has the shape {:?}, the network takes {shape:?}", array.shape),
                cure: "give an input of the network's size".to_owned(),
            });
        }
        rows.extend(array.to_f64().into_iter().map(|x| sign * x));
        Ok(())
    };
    if let Some(image) = &inputs.image {
        push(image, 1.0)?;
    }
    inputs.curves.iter().try_for_each(|c| push(&c.u, 1.0))?;
    inputs.curves.iter().try_for_each(|c| push(&c.w, 1.0))?;
    inputs.curves.iter().try_for_each(|c| push(&c.u, -1.0))?;
    Ok(Jets::from_rows(rows, layout, device))
}

/// How often each node's value is asked for.
fn uses(network: &Network) -> Vec<usize> {
    let mut uses = vec![0; network.nodes().len()];
    let operands = network.nodes().iter().flat_map(|n| &n.inputs);
    operands.chain(network.outputs()).for_each(|&i| uses[i] += 1);
    uses
}

/// Refuses a network whose values would not fit, before anything is allocated.
fn check_memory(network: &Network, layout: Layout, device: &Device) -> Result<()> {
    // A norm holds its input, its output and some four products at once.
    const AT_WORK: u64 = 6;
    let limit = device.memory_limit();
    let bytes = |id: NodeId| {
        let elements = network.node(id).shape.iter().map(|&d| d as u64);
        elements.fold(layout.rows() as u64 * device.width(), u64::saturating_mul)
    };
    let mut uses = uses(network);
    let mut held = 0u64;
    for (id, node) in network.nodes().iter().enumerate() {
        let needed = held.saturating_add(bytes(id).saturating_mul(AT_WORK));
        if needed > limit {
            return Err(Error::TooLarge {
                node: node.name.clone(),
                needed_mib: needed >> 20,
                limit_mib: limit >> 20,
            });
        }
        for &i in &node.inputs {
            uses[i] -= 1;
            if uses[i] == 0 {
                held -= bytes(i);
            }
        }
        if uses[id] > 0 {
            held += bytes(id);
        }
    }
    Ok(())
}

/// Runs a small network on the device and on the CPU and compares: a driver
/// that computes nonsense without an error must not be believed.
pub(super) async fn prove(device: &Device) -> std::result::Result<(), String> {
    let network = proof_network().map_err(|e| e.to_string())?;
    let weights = Weights::seeded(&network, 1);
    let wave = |phase: f64| {
        let values = (0..128).map(|i| libm::sin(0.37 * f64::from(i) + phase) as f32).collect();
        Array::f32(vec![2, 8, 8], values)
    };
    let inputs = Inputs { image: Some(wave(0.3)), curves: vec![Curve { u: wave(1.1), w: wave(2.9) }] };
    let observed: Vec<NodeId> = (0..network.nodes().len()).filter(|&i| network.node(i).op.is_layer()).collect();
    let run = async |device: &Device| Pass::run(&network, &weights, &inputs, &observed, device, &Silent).await;
    let (found, right) = match (run(device).await, run(&Device::cpu(super::Reason::Asked)).await) {
        (Ok(found), Ok(right)) => (found, right),
        (Err(e), _) | (_, Err(e)) => return Err(format!("the self-check failed: {e}")),
    };
    let numbers = |pass: &Pass| -> Vec<f64> {
        let ranges = pass.ranges.values().flat_map(|r| [r.min, r.max]);
        let jets = pass.jets.iter().flat_map(|j| j.y.iter().chain(&j.dy).chain(&j.ddy).copied());
        ranges.chain(jets).collect()
    };
    let (found, right) = (numbers(&found), numbers(&right));
    let scale = right.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    let wrong = found.iter().zip(&right).find(|(x, y)| {
        let close = (*x - *y).abs() <= 1e-3 * scale;
        // Also where the difference is not a number.
        !close
    });
    match wrong {
        None if found.len() == right.len() => Ok(()),
        _ => Err(format!("{} computed a known result wrongly ({wrong:?})", device.name())),
    }
}

fn proof_network() -> Result<Network> {
    let mut b = Builder::new([2, 8, 8])?;
    let x = b.input();
    let conv = |out, stride| Op::Conv2d { out, kernel: 3, stride, padding: 1, bias: true };
    let x = b.add("a", conv(5, 1), &[x])?;
    let x = b.add("b", Op::BatchNorm { eps: 1e-5, affine: true }, &[x])?;
    let skip = b.add("c", Op::Activate(Activation::Relu), &[x])?;
    let x = b.add("d", conv(5, 1), &[skip])?;
    let x = b.add("e", Op::BatchNorm { eps: 1e-5, affine: false }, &[x])?;
    let x = b.add("f", Op::Sum, &[x, skip])?;
    let x = b.add("g", Op::AvgPool { kernel: 3, stride: 1, padding: 1 }, &[x])?;
    let x = b.add("h", conv(4, 2), &[x])?;
    let x = b.add("i", Op::GlobalAvgPool, &[x])?;
    let x = b.add("j", Op::Reshape(vec![4]), &[x])?;
    let x = b.add("k", Op::Dense { out: 3, bias: true }, &[x])?;
    Ok(b.finish(&[x]))
}
