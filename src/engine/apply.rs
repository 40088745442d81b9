//! One node: which function computes it, with which weights.

use burn::tensor::Tensor;

use super::data::Along;
use super::device::Device;
use super::jet::{self, Jets, Layout};
use super::ops::{self, Moves, Normalised, Window};
use crate::error::{Error, Result};
use crate::network::{Network, NodeId, Op};
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
    /// The node's value.
    ///
    /// # Errors
    /// [`Error::Shape`] when an operand is missing, [`Error::Weights`] when a
    /// weight is missing or has another shape.
    pub(super) fn value(&self, operands: Vec<Jets>) -> Result<Jets> {
        let node = self.network.node(self.id);
        let shapes = self.network.input_shapes(self.id);
        let missing = || self.no_operand();
        match &node.op {
            Op::Sum => ops::sum(operands).ok_or_else(missing),
            Op::Concat { axis } => ops::concat(operands, &shapes, *axis).ok_or_else(missing),
            Op::Multiply => ops::multiply(operands).ok_or_else(missing),
            Op::Minimum => ops::extreme(operands, false).ok_or_else(missing),
            Op::Maximum => ops::extreme(operands, true).ok_or_else(missing),
            Op::MatMul => {
                let [x, y] = <[Jets; 2]>::try_from(operands).map_err(|_| missing())?;
                Ok(ops::matmul(&x, shapes[0], &y, shapes[1]))
            }
            Op::Constant(_) => {
                let values = self.weight("weight", [node.len()])?;
                Ok(Jets::constant(values, self.layout))
            }
            Op::Fixed { values, .. } => {
                let values = self.fixed(values, [node.len()]);
                Ok(Jets::constant(values, self.layout))
            }
            _ => {
                let x = operands.into_iter().next().ok_or_else(missing)?;
                self.layer(x, shapes[0])
            }
        }
    }

    /// Operations with weights, and pools.
    fn layer(&self, x: Jets, axes: &[usize]) -> Result<Jets> {
        let x = self.swept(x);
        match self.network.node(self.id).op {
            Op::Conv2d {
                out,
                kernel: [kh, kw],
                stride,
                padding,
                dilation,
                groups,
                bias,
            } => {
                let weight = self.weight("weight", [out, axes[0] / groups, kh, kw])?;
                let bias = self.bias(bias, out)?;
                let how = Moves {
                    stride,
                    padding,
                    dilation,
                    groups,
                };
                ops::conv2d(x, axes, weight, bias, how)
            }
            Op::ConvTranspose2d {
                out,
                kernel: [kh, kw],
                stride,
                padding,
                output_padding,
                dilation,
                groups,
                bias,
            } => {
                let weight = self.weight("weight", [axes[0], out / groups, kh, kw])?;
                let bias = self.bias(bias, out)?;
                let how = Moves {
                    stride,
                    padding,
                    dilation,
                    groups,
                };
                ops::conv_transpose2d(&x, axes, weight, bias, output_padding, how)
            }
            Op::Dense { out, bias } => {
                let weight = self.weight("weight", [out, axes[axes.len() - 1]])?;
                let bias = self.bias(bias, out)?;
                ops::dense(&x, axes, weight, bias)
            }
            Op::PRelu { shared } => {
                let slopes = if shared { 1 } else { axes[0] };
                Ok(ops::prelu(&x, self.weight("weight", [slopes])?))
            }
            Op::AvgPool {
                kernel,
                stride,
                padding,
                count_padding,
                ceil,
            } => {
                let window = Window::average(kernel, stride, padding, count_padding, ceil);
                ops::avg_pool(x, axes, window)
            }
            Op::MaxPool {
                kernel,
                stride,
                padding,
                dilation,
                ceil,
            } => {
                let window = Window::maximum(kernel, stride, padding, dilation, ceil);
                ops::max_pool(x, axes, window)
            }
            Op::LinearAlong {
                axis,
                out,
                ref matrix,
            } => {
                let matrix = self.fixed(matrix, [out, axes[axis]]);
                Ok(ops::linear_along(&x, axes, axis, matrix))
            }
            Op::BatchNorm { .. }
            | Op::GroupNorm { .. }
            | Op::LayerNorm { .. }
            | Op::RmsNorm { .. } => self.norm(x, axes),
            _ => self.plain(x, axes),
        }
    }

    /// With weights that move as (1 + θ)·w, a layer's derivatives are those of
    /// its products of weight and operand: W·(y′ + y) and W·(y″ + 2y′).
    fn swept(&self, x: Jets) -> Jets {
        let mut parameters = self.network.parameters(self.id).into_iter();
        if self.along == Along::Input || !parameters.any(|p| p.role.is_weight()) {
            return x;
        }
        let parts = jet::parts(&x.data, x.layout);
        let values = jet::values(&x.data, x.layout);
        let d = parts.d.clone() + parts.v;
        let a = parts.a + parts.d * 2.0;
        x.with(jet::join(values, d, a))
    }

    /// Norms: one core, told what to go over.
    fn norm(&self, x: Jets, axes: &[usize]) -> Result<Jets> {
        let size = |axes: &[usize]| axes.iter().product::<usize>();
        let spatial = size(axes.get(1..).unwrap_or_default());
        let last = |n: usize| size(&axes[axes.len() - n..]);
        let (elements, eps, affine, run, numbers, centred) = match self.network.node(self.id).op {
            Op::BatchNorm { eps, affine } => (spatial, eps, affine, spatial, axes[0], true),
            Op::GroupNorm {
                groups,
                eps,
                affine,
            } => {
                let elements = axes[0] / groups * spatial;
                (elements, eps, affine, spatial, axes[0], true)
            }
            Op::LayerNorm { eps, affine, axes } => (last(axes), eps, affine, 1, last(axes), true),
            Op::RmsNorm { eps, affine, axes } => (last(axes), eps, affine, 1, last(axes), false),
            _ => return Err(self.no_operand()),
        };
        let affine = match affine {
            false => None,
            true => {
                let scale = self.weight("weight", [numbers])?;
                let shift = match centred {
                    true => self.weight("bias", [numbers])?,
                    false => scale.zeros_like(),
                };
                Some((scale, shift))
            }
        };
        let how = Normalised {
            groups: size(axes) / elements,
            elements,
            eps,
            affine,
            affine_run: run,
            dead: !self.live,
            centred,
        };
        ops::normalise(x, how)
    }

    /// Operations without weights.
    fn plain(&self, x: Jets, axes: &[usize]) -> Result<Jets> {
        Ok(match &self.network.node(self.id).op {
            Op::Activate(function) => ops::activate(x, *function)?,
            Op::Map(function) => ops::map(x, *function)?,
            Op::GlobalAvgPool => ops::global_avg_pool(&x, axes),
            Op::MeanFirst => ops::mean_first(&x, axes),
            Op::Reduce {
                kind, axes: along, ..
            } => ops::reduce(&x, axes, along, *kind),
            Op::Reshape(_) => x,
            Op::Zero => ops::zero(&x),
            Op::Scale(factor) => ops::scale(&x, *factor),
            Op::Shift(number) => ops::shift(&x, *number),
            Op::Softmax => ops::softmax(&x, axes),
            Op::LogSoftmax => ops::log_softmax(&x, axes),
            Op::Expand(to) => ops::expand(&x, axes, to),
            Op::Permute(order) => ops::permute(&x, axes, order),
            &Op::Slice {
                axis,
                start,
                end,
                step,
            } => ops::slice(&x, axes, axis, [start, end, step]),
            Op::Gather { axis, indices } => ops::gather(&x, axes, *axis, indices),
            Op::Pad {
                before,
                after,
                value,
            } => ops::pad(x, axes, before, after, *value),
            _ => return Err(self.no_operand()),
        })
    }

    fn no_operand(&self) -> Error {
        Error::Shape {
            node: self.network.node(self.id).name.clone(),
            message: "has no operand".to_owned(),
            cure: "connect its inputs".to_owned(),
        }
    }

    fn weight<const D: usize>(&self, suffix: &str, shape: [usize; D]) -> Result<Tensor<D>> {
        let name = format!("{}.{suffix}", self.network.node(self.id).name);
        let array = self.weights.get(&name)?;
        if array.shape.iter().product::<usize>() != shape.iter().product::<usize>() {
            return Err(Error::Weights {
                tensor: name,
                message: format!(
                    "has the shape {:?}, the network needs {shape:?}",
                    array.shape
                ),
                cure: "draw or load the weights for this network".to_owned(),
            });
        }
        Ok(self.device.array(array, shape))
    }

    fn bias(&self, has: bool, out: usize) -> Result<Option<Tensor<1>>> {
        if !has {
            return Ok(None);
        }
        self.weight("bias", [out]).map(Some)
    }

    /// Numbers that are part of the graph.
    fn fixed<const D: usize>(&self, numbers: &[f32], shape: [usize; D]) -> Tensor<D> {
        let numbers = numbers.iter().map(|&x| f64::from(x)).collect();
        self.device.tensor(numbers, shape)
    }
}
