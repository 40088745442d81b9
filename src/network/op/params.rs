//! Parameters and MACs.

use super::Op;

/// What a parameter is to its operation; how it starts follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The weight of a convolution.
    Kernel {
        /// Numbers that are added up for one of the output (PyTorch's fan-in).
        fan_in: usize,
    },
    /// The bias of a convolution.
    KernelBias {
        /// That of its weight.
        fan_in: usize,
    },
    /// The weight of a dense layer.
    Dense {
        /// Input features.
        fan_in: usize,
    },
    /// The bias of a dense layer.
    DenseBias {
        /// That of its weight.
        fan_in: usize,
    },
    /// What a norm multiplies by.
    Scale,
    /// What a norm adds.
    Shift,
    /// An activation's slope.
    Slope,
    /// A learned constant: tokens, positions.
    Table,
}

impl Role {
    /// Whether it is the weight of a convolution or a dense layer.
    pub fn is_weight(self) -> bool {
        matches!(self, Self::Kernel { .. } | Self::Dense { .. })
    }
}

/// A parameter of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// `weight` or `bias`; the tensor's name is `<node>.<suffix>`.
    pub suffix: &'static str,
    /// Its shape, in PyTorch's order.
    pub shape: Vec<usize>,
    /// What it is to the operation.
    pub role: Role,
}

impl Parameter {
    fn weight(shape: Vec<usize>, role: Role) -> Self {
        Self {
            suffix: "weight",
            shape,
            role,
        }
    }

    fn bias(shape: Vec<usize>, role: Role) -> Self {
        Self {
            suffix: "bias",
            shape,
            role,
        }
    }
}

impl Op {
    /// The parameters, given the shapes of the inputs, which must fit.
    pub fn parameters(&self, inputs: &[&[usize]]) -> Vec<Parameter> {
        let first = inputs.first().copied().unwrap_or_default();
        let layer = |weight: Vec<usize>, fan_in: usize, out: usize, bias: bool| {
            let mut all = vec![Parameter::weight(weight, Role::Kernel { fan_in })];
            if bias {
                all.push(Parameter::bias(vec![out], Role::KernelBias { fan_in }));
            }
            all
        };
        let norm = |shape: &[usize]| {
            vec![
                Parameter::weight(shape.to_vec(), Role::Scale),
                Parameter::bias(shape.to_vec(), Role::Shift),
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
                let fan_in = first[first.len() - 1];
                let mut all = vec![Parameter::weight(
                    vec![*out, fan_in],
                    Role::Dense { fan_in },
                )];
                if *bias {
                    all.push(Parameter::bias(vec![*out], Role::DenseBias { fan_in }));
                }
                all
            }
            Self::BatchNorm { affine: true, .. } | Self::GroupNorm { affine: true, .. } => {
                norm(&first[..1])
            }
            Self::LayerNorm {
                affine: true, axes, ..
            } => norm(last(*axes)),
            Self::RmsNorm {
                affine: true, axes, ..
            } => vec![Parameter::weight(last(*axes).to_vec(), Role::Scale)],
            Self::PRelu { shared } => {
                let slopes = if *shared { 1 } else { first[0] };
                vec![Parameter::weight(vec![slopes], Role::Slope)]
            }
            Self::Constant(shape) => {
                vec![Parameter::weight(shape.clone(), Role::Table)]
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
