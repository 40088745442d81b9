//! One node: which function computes it, with which weights.

use burn::tensor::Tensor;

use super::data::Along;
use super::device::Device;
use super::jet::{self, Jets, Layout};
use super::monitor::Steps;
use super::ops;
use crate::error::{Error, Result};
use crate::network::{Arrange, Dense, Family, Merge, Pointwise, Softmax, Source};
use crate::network::{Network, NodeId};
use crate::start::Weights;

/// Multiply-accumulates of a portion: a third of a second in a browser.
const PORTION: u64 = 1 << 32;

/// What computing a node needs besides its operands.
pub(super) struct Applied<'a> {
    pub(super) network: &'a Network,
    pub(super) weights: &'a Weights,
    pub(super) device: &'a Device,
    pub(super) layout: Layout,
    pub(super) id: NodeId,
    /// Whether its value can depend on the input.
    pub(super) live: bool,
    /// What the curves' parameter moves.
    pub(super) along: Along,
}

impl Applied<'_> {
    /// The node's value. The images and curves themselves are not computed.
    ///
    /// # Errors
    /// [`Error::Shape`] when an operand is missing, [`Error::Weights`] when a
    /// weight is missing or has another shape.
    pub(super) fn value(&self, operands: Vec<Jets>) -> Result<Jets> {
        let node = self.network.node(self.id);
        let shapes = self.network.input_shapes(self.id);
        let axes = shapes.first().copied().unwrap_or_default();
        let missing = || Error::Shape {
            node: node.name.clone(),
            message: "has no operand".to_owned(),
            cure: "connect its inputs".to_owned(),
        };
        let one = |operands: Vec<Jets>| operands.into_iter().next().ok_or_else(missing);
        match node.op.family() {
            Family::Source(Source::Image) => Err(missing()),
            Family::Source(Source::Learned(_)) => {
                Ok(Jets::constant(self.weight("weight")?, self.layout))
            }
            Family::Source(Source::Fixed(_, values)) => Ok(Jets::constant(
                self.fixed(values.iter().map(|&x| f64::from(x))),
                self.layout,
            )),
            Family::Conv(_) | Family::Dense(Dense::Learned(..)) => {
                self.linear(self.swept(one(operands)?), self.optional("bias")?)
            }
            Family::Dense(Dense::Fixed(axis, _, matrix)) => ops::dense(
                &one(operands)?,
                axes,
                axis,
                self.fixed(matrix.iter().copied()),
                None,
            ),
            Family::Norm(norm) => {
                let affine = [self.optional("weight")?, self.optional("bias")?];
                ops::normalise(one(operands)?, axes, &norm, affine, self.live)
            }
            Family::Pool(pool) => ops::pool(one(operands)?, axes, &pool),
            Family::Pointwise(Pointwise::Curved(function)) => ops::curved(one(operands)?, function),
            Family::Pointwise(Pointwise::PRelu { .. }) => {
                Ok(ops::prelu(&one(operands)?, self.weight("weight")?))
            }
            Family::Pointwise(Pointwise::Scale(factor)) => Ok(ops::scale(&one(operands)?, factor)),
            Family::Pointwise(Pointwise::Shift(number)) => Ok(ops::shift(&one(operands)?, number)),
            Family::Merge(Merge::Sum) => ops::sum(operands).ok_or_else(missing),
            Family::Merge(Merge::Concat(axis)) => {
                ops::concat(operands, &shapes, axis).ok_or_else(missing)
            }
            Family::Merge(Merge::Product) => ops::multiply(operands).ok_or_else(missing),
            Family::Merge(Merge::Smallest) => ops::extreme(operands, false).ok_or_else(missing),
            Family::Merge(Merge::Largest) => ops::extreme(operands, true).ok_or_else(missing),
            Family::Product(_) => {
                let [x, y] = <[Jets; 2]>::try_from(operands).map_err(|_| missing())?;
                Ok(ops::matmul(&x, shapes[0], &y, shapes[1]))
            }
            Family::Reduce(reduce) => Ok(ops::reduce(&one(operands)?, axes, reduce)),
            Family::Softmax(Softmax { log }) => Ok(ops::softmax(&one(operands)?, axes, log)),
            Family::Arrange(Arrange::Identity | Arrange::Reshape(_)) => one(operands),
            Family::Arrange(Arrange::Zero) => Ok(ops::zero(&one(operands)?)),
            Family::Arrange(Arrange::Expand(to)) => Ok(ops::expand(&one(operands)?, axes, to)),
            Family::Arrange(Arrange::Permute(order)) => {
                Ok(ops::permute(&one(operands)?, axes, order))
            }
            Family::Arrange(Arrange::Slice(axis, range)) => {
                Ok(ops::slice(&one(operands)?, axes, axis, range))
            }
            Family::Arrange(Arrange::Gather(axis, indices)) => {
                ops::gather(&one(operands)?, axes, axis, indices)
            }
            Family::Arrange(Arrange::Pad([before, after], value)) => {
                Ok(ops::pad(one(operands)?, axes, before, after, value))
            }
        }
    }

    /// How many rows are computed at once, so that whoever waits hears of it
    /// within a layer: not all of them in the long linear layers on the CPU.
    fn rows_at_once(&self) -> usize {
        let rows = self.layout.rows().max(1);
        let node = self.network.node(self.id);
        let linear = matches!(
            node.op.family(),
            Family::Conv(_) | Family::Dense(Dense::Learned(..))
        );
        if !linear || !self.layout.host {
            return rows;
        }
        let inputs = self.network.input_shapes(self.id);
        let macs = node.op.cost(&inputs, &node.shape).macs;
        usize::try_from(PORTION / macs.max(1)).map_or(rows, |few| few.clamp(1, rows))
    }

    /// In how many portions of rows the value is computed.
    pub(super) fn portions(&self) -> usize {
        self.layout.rows().div_ceil(self.rows_at_once()).max(1)
    }

    /// The value of a linear layer, a portion of the rows at a time, with a step
    /// before each.
    ///
    /// # Errors
    /// Those of [`Applied::value`], and whatever the steps return.
    pub(super) async fn in_portions(
        &self,
        operands: Vec<Jets>,
        steps: &mut Steps<'_>,
    ) -> Result<Jets> {
        let Some(x) = operands.into_iter().next() else {
            return self.value(Vec::new());
        };
        let x = self.swept(x);
        let rows = self.layout.rows();
        let mut parts = Vec::with_capacity(self.portions());
        let each = self.rows_at_once();
        for start in (0..rows).step_by(each) {
            steps.next().await?;
            let part = x.rows_as_images(start..rows.min(start + each));
            parts.push(self.linear(part, None)?.data);
        }
        let y = x.with(Tensor::cat(parts, 0));
        let node = self.network.node(self.id);
        let elements = match node.op.family() {
            Family::Conv(conv) => node.len() / conv.out,
            _ => 1,
        };
        ops::with_bias(y, self.optional("bias")?, elements)
    }

    /// A layer with a learned matrix.
    fn linear(&self, x: Jets, bias: Option<Tensor<1>>) -> Result<Jets> {
        let shapes = self.network.input_shapes(self.id);
        let axes = shapes.first().copied().unwrap_or_default();
        let weight = self.weight("weight")?;
        match self.network.node(self.id).op.family() {
            Family::Conv(conv) => ops::conv(x, axes, &conv, weight, bias),
            _ => ops::dense(&x, axes, axes.len() - 1, weight, bias),
        }
    }

    /// With weights that move as (1 + θ)·w, a layer's derivatives are those of
    /// its products of weight and operand: W·(y′ + y) and W·(y″ + 2y′).
    fn swept(&self, x: Jets) -> Jets {
        if self.along == Along::Input {
            return x;
        }
        x.joined(jet::values(&x.data, x.layout), |_| {
            let parts = jet::parts(&x.data, x.layout);
            [parts.d.clone() + parts.v, parts.a + parts.d * 2.0]
        })
    }

    /// A parameter's numbers, in their order.
    pub(super) fn weight(&self, suffix: &str) -> Result<Tensor<1>> {
        let name = || self.network.node(self.id).tensor(suffix);
        self.optional(suffix)?.ok_or_else(|| Error::Weights {
            tensor: name(),
            message: "is no parameter of this operation".to_owned(),
            cure: "report this network: its operation lacks a fact".to_owned(),
        })
    }

    /// The same where the operation has the parameter.
    pub(super) fn optional(&self, suffix: &str) -> Result<Option<Tensor<1>>> {
        let node = self.network.node(self.id);
        let parameters = node.op.parameters(&self.network.input_shapes(self.id));
        let Some(parameter) = parameters.into_iter().find(|p| p.suffix == suffix) else {
            return Ok(None);
        };
        let name = node.tensor(suffix);
        let array = self.weights.get(&name)?;
        let size = |shape: &[usize]| shape.iter().product::<usize>();
        if size(&array.shape) != size(&parameter.shape) {
            return Err(Error::Weights {
                tensor: name,
                message: format!(
                    "has the shape {:?}, the network needs {:?}",
                    array.shape, parameter.shape
                ),
                cure: "draw or load the weights for this network".to_owned(),
            });
        }
        Ok(Some(self.device.array(array, [size(&parameter.shape)])))
    }

    /// Numbers that are part of the graph.
    pub(super) fn fixed(&self, numbers: impl Iterator<Item = f64>) -> Tensor<1> {
        let numbers: Vec<f64> = numbers.collect();
        let count = numbers.len();
        self.device.tensor(numbers, [count])
    }
}
