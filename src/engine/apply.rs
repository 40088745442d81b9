//! One node: which function computes it, with which weights.

use burn::tensor::Tensor;

use super::data::Along;
use super::device::Device;
use super::jet::{self, Jets, Layout};
use super::ops;
use crate::error::{Error, Result};
use crate::network::{Arrange, Dense, Family, Merge, Pointwise, Softmax, Source};
use crate::network::{Network, NodeId};
use crate::start::Weights;

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
            Family::Source(Source::Fixed(_, values)) => {
                Ok(Jets::constant(self.fixed(values), self.layout))
            }
            Family::Conv(conv) => {
                let (weight, bias) = (self.weight("weight")?, self.optional("bias")?);
                let x = self.swept(one(operands)?);
                ops::conv(x, axes, &conv, weight, bias)
            }
            Family::Dense(Dense::Learned(..)) => {
                let (weight, bias) = (self.weight("weight")?, self.optional("bias")?);
                let x = self.swept(one(operands)?);
                ops::dense(&x, axes, axes.len() - 1, weight, bias)
            }
            Family::Dense(Dense::Fixed(axis, _, matrix)) => {
                ops::dense(&one(operands)?, axes, axis, self.fixed(matrix), None)
            }
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
                Ok(ops::gather(&one(operands)?, axes, axis, indices))
            }
            Family::Arrange(Arrange::Pad([before, after], value)) => {
                Ok(ops::pad(one(operands)?, axes, before, after, value))
            }
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
    pub(super) fn fixed(&self, numbers: &[f32]) -> Tensor<1> {
        let count = numbers.len();
        let numbers = numbers.iter().map(|&x| f64::from(x)).collect();
        self.device.tensor(numbers, [count])
    }
}
