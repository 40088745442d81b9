//! Parameters with PyTorch's initial values, and MACs.

use super::Op;

/// How a parameter starts (PyTorch's defaults).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Init {
    /// Uniform in ±1/√fan_in.
    FanIn(usize),
    /// The same value everywhere.
    Value(f32),
    /// Normal with this deviation, cut off at ±2.
    Normal(f64),
}

/// A parameter of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// `weight` or `bias`; the tensor's name is `<node>.<suffix>`.
    pub suffix: &'static str,
    /// Its shape, in PyTorch's order.
    pub shape: Vec<usize>,
    /// Its initial values.
    pub init: Init,
}

impl Parameter {
    fn weight(shape: Vec<usize>, init: Init) -> Self {
        Self {
            suffix: "weight",
            shape,
            init,
        }
    }

    fn bias(shape: Vec<usize>, init: Init) -> Self {
        Self {
            suffix: "bias",
            shape,
            init,
        }
    }
}

impl Op {
    /// The parameters, given the shapes of the inputs, which must fit.
    pub fn parameters(&self, inputs: &[&[usize]]) -> Vec<Parameter> {
        let first = inputs.first().copied().unwrap_or_default();
        let layer = |weight: Vec<usize>, fan_in: usize, out: usize, bias: bool| {
            let mut all = vec![Parameter::weight(weight, Init::FanIn(fan_in))];
            if bias {
                all.push(Parameter::bias(vec![out], Init::FanIn(fan_in)));
            }
            all
        };
        let norm = |shape: &[usize]| {
            vec![
                Parameter::weight(shape.to_vec(), Init::Value(1.0)),
                Parameter::bias(shape.to_vec(), Init::Value(0.0)),
            ]
        };
        let last = |axes: usize| &first[first.len().saturating_sub(axes)..];
        match self {
            &Self::Conv2d {
                out,
                kernel: [h, w],
                groups,
                bias,
                ..
            } => {
                let depth = first[0] / groups;
                layer(vec![out, depth, h, w], volume([depth, h, w]), out, bias)
            }
            &Self::ConvTranspose2d {
                out,
                kernel: [h, w],
                groups,
                bias,
                ..
            } => {
                // PyTorch takes the second axis for the fan-in here too.
                let depth = out / groups;
                layer(
                    vec![first[0], depth, h, w],
                    volume([depth, h, w]),
                    out,
                    bias,
                )
            }
            Self::Dense { out, bias } => {
                let width = first[first.len() - 1];
                layer(vec![*out, width], width, *out, *bias)
            }
            Self::BatchNorm { affine: true, .. } | Self::GroupNorm { affine: true, .. } => {
                norm(&first[..1])
            }
            Self::LayerNorm {
                affine: true, axes, ..
            } => norm(last(*axes)),
            Self::RmsNorm {
                affine: true, axes, ..
            } => vec![Parameter::weight(last(*axes).to_vec(), Init::Value(1.0))],
            Self::PRelu { shared } => {
                let slopes = if *shared { 1 } else { first[0] };
                vec![Parameter::weight(vec![slopes], Init::Value(0.25))]
            }
            Self::Constant(shape) => {
                vec![Parameter::weight(shape.clone(), Init::Normal(0.02))]
            }
            _ => Vec::new(),
        }
    }

    /// Multiply–accumulates for one sample: convolutions, dense layers and
    /// matrix products; nothing else.
    pub fn macs(&self, inputs: &[&[usize]], output: &[usize]) -> u64 {
        let size = |shape: &[usize]| shape.iter().map(|&d| d as u64).product::<u64>();
        match self {
            Self::Conv2d { kernel, groups, .. } => {
                size(output) * (inputs[0][0] / groups) as u64 * size(kernel)
            }
            Self::ConvTranspose2d {
                out,
                kernel,
                groups,
                ..
            } => size(inputs[0]) * (out / groups) as u64 * size(kernel),
            Self::Dense { .. } | Self::MatMul => {
                size(output) * inputs[0].last().copied().unwrap_or(1) as u64
            }
            _ => 0,
        }
    }
}

/// Whether it fits is checked with the shape; until then it must not overflow.
fn volume(sides: [usize; 3]) -> usize {
    sides.into_iter().fold(1, usize::saturating_mul)
}
