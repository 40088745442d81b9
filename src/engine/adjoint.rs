//! One node backwards: which function gives the gradients by its operands, and
//! by its weight.

use burn::tensor::Tensor;

use super::apply::Applied;
use super::jet::Jets;
use super::ops::adjoint;
use crate::error::{Error, Result};
use crate::network::{Arrange, Dense, Family, Merge, Op, Pointwise, Reduce, Reduction, Softmax};
use crate::network::{Source, Takes};

/// Whether an operation's adjoint asks for the values of its operands: where it
/// is linear it does not.
pub(super) fn needs_operands(op: &Op) -> bool {
    match op.family() {
        Family::Source(_) | Family::Conv(_) | Family::Dense(_) | Family::Arrange(_) => false,
        Family::Norm(_) | Family::Product(_) | Family::Softmax(_) => true,
        Family::Pool(pool) => match pool.takes {
            Takes::Mean { .. } => false,
            Takes::Largest => true,
        },
        Family::Pointwise(pointwise) => match pointwise {
            Pointwise::Curved(_) | Pointwise::PRelu { .. } => true,
            Pointwise::Scale(_) | Pointwise::Shift(_) => false,
        },
        Family::Merge(merge) => match merge {
            Merge::Sum | Merge::Concat(_) => false,
            Merge::Product | Merge::Smallest | Merge::Largest => true,
        },
        Family::Reduce(reduce) => match reduce {
            Reduce::Pixels | Reduce::Tokens => false,
            Reduce::Axes { kind, .. } => match kind {
                Reduction::Mean | Reduction::Sum => false,
                Reduction::Max | Reduction::Min | Reduction::L2 => true,
            },
        },
    }
}

impl Applied<'_> {
    /// The gradients by all operands, from that by the node's value. An operand
    /// that [`needs_operands`] does not ask for may be absent.
    ///
    /// # Errors
    /// [`Error::Shape`] when an operand is missing, [`Error::Weights`] when a
    /// weight is missing or has another shape.
    pub(super) fn adjoint(&self, operands: &[Option<&Jets>], gradient: Jets) -> Result<Vec<Jets>> {
        let shapes = self.network.input_shapes(self.id);
        let axes = shapes.first().copied().unwrap_or_default();
        let out = self.network.node(self.id).shape.as_slice();
        let all = || operands.iter().copied().collect::<Option<Vec<&Jets>>>();
        let all = || all().ok_or_else(|| self.missing());
        let first = || operands.first().copied().flatten();
        let first = || first().ok_or_else(|| self.missing());
        let one = match self.network.node(self.id).op.family() {
            Family::Source(Source::Image | Source::Learned(_) | Source::Fixed(..)) => {
                return Ok(Vec::new());
            }
            Family::Conv(conv) => adjoint::conv(&gradient, axes, &conv, self.weight("weight")?)?,
            Family::Dense(Dense::Learned(..)) => {
                adjoint::dense(&gradient, axes, axes.len() - 1, self.weight("weight")?)?
            }
            Family::Dense(Dense::Fixed(axis, _, matrix)) => {
                adjoint::dense(&gradient, axes, axis, self.fixed(matrix.iter().copied()))?
            }
            Family::Norm(norm) => {
                let scale = self.optional("weight")?;
                adjoint::normalise(first()?, &gradient, axes, &norm, scale, self.live)?
            }
            Family::Pool(pool) => {
                adjoint::pool(operands.first().copied().flatten(), &gradient, axes, &pool)?
            }
            Family::Pointwise(Pointwise::Curved(function)) => {
                adjoint::curved(first()?, &gradient, function)?
            }
            Family::Pointwise(Pointwise::PRelu { .. }) => {
                adjoint::prelu(first()?, &gradient, self.weight("weight")?)
            }
            Family::Pointwise(Pointwise::Scale(factor)) => {
                gradient.with(gradient.data.clone().mul_scalar(factor))
            }
            Family::Pointwise(Pointwise::Shift(_)) => gradient,
            Family::Merge(Merge::Sum) => return Ok(vec![gradient; operands.len()]),
            Family::Merge(Merge::Concat(axis)) => {
                return Ok(adjoint::concat(&gradient, out, &shapes, axis));
            }
            Family::Merge(Merge::Product) => return Ok(adjoint::multiply(&all()?, &gradient)),
            Family::Merge(Merge::Smallest) => {
                return Ok(adjoint::extreme(&all()?, &gradient, false));
            }
            Family::Merge(Merge::Largest) => return Ok(adjoint::extreme(&all()?, &gradient, true)),
            Family::Product(_) => {
                let [x, y] = <[&Jets; 2]>::try_from(all()?).map_err(|_| self.missing())?;
                return Ok(adjoint::matmul(
                    [x, y],
                    [shapes[0], shapes[1]],
                    &gradient,
                    out,
                ));
            }
            Family::Reduce(reduce) => {
                let value = operands.first().copied().flatten();
                adjoint::reduce(value, &gradient, axes, reduce).ok_or_else(|| self.missing())?
            }
            Family::Softmax(Softmax { log }) => adjoint::softmax(first()?, &gradient, axes, log),
            Family::Arrange(Arrange::Identity | Arrange::Reshape(_)) => gradient,
            Family::Arrange(Arrange::Zero) => gradient.with(gradient.data.zeros_like()),
            Family::Arrange(Arrange::Expand(to)) => adjoint::expand(&gradient, axes, to),
            Family::Arrange(Arrange::Permute(order)) => adjoint::permute(&gradient, axes, order),
            Family::Arrange(Arrange::Slice(axis, [start, end, step])) => {
                let taken: Vec<usize> = (start..end).step_by(step).collect();
                adjoint::gather(&gradient, axes, axis, &taken)?
            }
            Family::Arrange(Arrange::Gather(axis, indices)) => {
                adjoint::gather(&gradient, axes, axis, indices)?
            }
            Family::Arrange(Arrange::Pad([before, _], _)) => {
                adjoint::pad(&gradient, axes, out, before)
            }
        };
        Ok(vec![one])
    }

    /// The gradient by the weight of a convolution or dense layer, in the weight's
    /// order.
    ///
    /// # Errors
    /// [`Error::Shape`] for another operation, or without its operand.
    pub(super) fn weight_gradient(
        &self,
        operand: Option<&Jets>,
        gradient: &Jets,
    ) -> Result<Tensor<1>> {
        let shapes = self.network.input_shapes(self.id);
        let axes = shapes.first().copied().unwrap_or_default();
        let x = operand.ok_or_else(|| self.missing())?;
        match self.network.node(self.id).op.family() {
            Family::Conv(conv) => adjoint::conv_weight(x, gradient, axes, &conv),
            Family::Dense(Dense::Learned(out, _)) => {
                let features = axes.last().copied().unwrap_or(1);
                Ok(adjoint::dense_weight(x, gradient, features, out))
            }
            Family::Dense(Dense::Fixed(..))
            | Family::Source(_)
            | Family::Norm(_)
            | Family::Pool(_)
            | Family::Pointwise(_)
            | Family::Merge(_)
            | Family::Product(_)
            | Family::Reduce(_)
            | Family::Softmax(_)
            | Family::Arrange(_) => Err(self.missing()),
        }
    }

    fn missing(&self) -> Error {
        let node = self.network.node(self.id);
        Error::Shape {
            node: node.name.clone(),
            message: format!("lacks an operand for the gradient of {}", node.op.kind()),
            cure: "connect its inputs".to_owned(),
        }
    }
}
