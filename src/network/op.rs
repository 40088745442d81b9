//! What each operation is: its shape rule, its parameters and its MACs.
//!
//! Shapes are those of one sample, without the batch: `[C, H, W]` for a map,
//! `[T, D]` for tokens, `[F]` for a vector.

/// A pointwise non-linear function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// max(x, 0), derivative 0 at 0.
    Relu,
    /// x·Φ(x) with the error function, not the tanh approximation.
    Gelu,
}

/// One operation of a network.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// The image, `[C, H, W]`.
    Input,
    /// A learned constant (class token, position embedding) of this shape.
    Constant(Vec<usize>),
    /// 2-D convolution on `[C, H, W]`, square kernel, dilation 1, one group.
    Conv2d {
        /// Output channels.
        out: usize,
        /// Side of the kernel.
        kernel: usize,
        /// Stride in both directions.
        stride: usize,
        /// Zero padding on all four sides.
        padding: usize,
        /// Whether a bias is added.
        bias: bool,
    },
    /// Dense layer on the last axis.
    Dense {
        /// Output features.
        out: usize,
        /// Whether a bias is added.
        bias: bool,
    },
    /// Batch norm in train mode over `[C, H, W]`: the statistics of one sample.
    BatchNorm {
        /// Added to the variance.
        eps: f64,
        /// Whether scale and shift are learned.
        affine: bool,
    },
    /// Layer norm over the last axis.
    LayerNorm {
        /// Added to the variance.
        eps: f64,
        /// Whether scale and shift are learned.
        affine: bool,
    },
    /// A pointwise non-linear function.
    Activate(Activation),
    /// Average pool on `[C, H, W]`; the padding is left out of the count.
    AvgPool {
        /// Side of the window.
        kernel: usize,
        /// Stride in both directions.
        stride: usize,
        /// Padding on all four sides.
        padding: usize,
    },
    /// Max pool on `[C, H, W]`.
    MaxPool {
        /// Side of the window.
        kernel: usize,
        /// Stride in both directions.
        stride: usize,
        /// Padding on all four sides.
        padding: usize,
    },
    /// Mean over H and W: `[C, H, W]` → `[C, 1, 1]`.
    GlobalAvgPool,
    /// Mean over the first axis: `[T, D]` → `[D]`.
    MeanFirst,
    /// Passes its input on; a map of its own where policies count it.
    Identity,
    /// The `none` operation: zeros of the input's shape.
    Zero,
    /// Sum of all inputs, of one shape.
    Sum,
    /// Concatenation along the first axis.
    Concat,
    /// Batched matrix product of two inputs, `[.., N, K] × [.., K, M]`.
    MatMul,
    /// Multiplication by a fixed number.
    Scale(f64),
    /// Softmax over the last axis.
    Softmax,
    /// The same elements in another shape.
    Reshape(Vec<usize>),
    /// Axes in another order.
    Permute(Vec<usize>),
    /// Rows `start..end` of the first axis.
    Slice {
        /// First row.
        start: usize,
        /// One past the last row.
        end: usize,
    },
}

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
    fn new(suffix: &'static str, shape: Vec<usize>, init: Init) -> Self {
        Self {
            suffix,
            shape,
            init,
        }
    }
}

impl Op {
    /// The word used for this operation in evidence and messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Constant(_) => "constant",
            Self::Conv2d { .. } => "conv",
            Self::Dense { .. } => "fc",
            Self::BatchNorm { .. } => "bn",
            Self::LayerNorm { .. } => "ln",
            Self::Activate(Activation::Relu) => "relu",
            Self::Activate(Activation::Gelu) => "gelu",
            Self::AvgPool { .. } | Self::MaxPool { .. } => "pool",
            Self::GlobalAvgPool => "gap",
            Self::MeanFirst => "mean",
            Self::Identity => "skip",
            Self::Zero => "zero",
            Self::Sum => "sum",
            Self::Concat => "concat",
            Self::MatMul => "matmul",
            Self::Scale(_) => "scale",
            Self::Softmax => "softmax",
            Self::Reshape(_) => "reshape",
            Self::Permute(_) => "permute",
            Self::Slice { .. } => "slice",
        }
    }

    /// Whether this is a layer under the policy `layers`: a convolution, dense
    /// layer, normalisation, activation, pool, identity or zero.
    pub fn is_layer(&self) -> bool {
        matches!(
            self,
            Self::Conv2d { .. }
                | Self::Dense { .. }
                | Self::BatchNorm { .. }
                | Self::LayerNorm { .. }
                | Self::Activate(_)
                | Self::AvgPool { .. }
                | Self::MaxPool { .. }
                | Self::GlobalAvgPool
                | Self::Identity
                | Self::Zero
        )
    }

    /// Whether several inputs meet here (a sum or a concatenation).
    pub fn is_merge(&self) -> bool {
        matches!(self, Self::Sum | Self::Concat)
    }

    /// The parameters, given the shapes of the inputs.
    pub fn parameters(&self, inputs: &[&[usize]]) -> Vec<Parameter> {
        let first = inputs.first().copied().unwrap_or_default();
        let with_bias = |weight: Vec<usize>, fan_in: usize, out: usize, bias: bool| {
            let mut all = vec![Parameter::new("weight", weight, Init::FanIn(fan_in))];
            if bias {
                all.push(Parameter::new("bias", vec![out], Init::FanIn(fan_in)));
            }
            all
        };
        let norm = |width: usize| {
            vec![
                Parameter::new("weight", vec![width], Init::Value(1.0)),
                Parameter::new("bias", vec![width], Init::Value(0.0)),
            ]
        };
        match self {
            Self::Conv2d {
                out, kernel, bias, ..
            } => {
                let fan_in = first[0] * kernel * kernel;
                with_bias(vec![*out, first[0], *kernel, *kernel], fan_in, *out, *bias)
            }
            Self::Dense { out, bias } => {
                let width = first[first.len() - 1];
                with_bias(vec![*out, width], width, *out, *bias)
            }
            Self::BatchNorm { affine: true, .. } => norm(first[0]),
            Self::LayerNorm { affine: true, .. } => norm(first[first.len() - 1]),
            Self::Constant(shape) => {
                vec![Parameter::new("weight", shape.clone(), Init::Normal(0.02))]
            }
            _ => Vec::new(),
        }
    }

    /// Multiply–accumulates for one sample: convolutions, dense layers and
    /// matrix products; nothing else.
    pub fn macs(&self, inputs: &[&[usize]], output: &[usize]) -> u64 {
        let size = |shape: &[usize]| shape.iter().map(|&d| d as u64).product::<u64>();
        match self {
            Self::Conv2d { kernel, .. } => size(output) * (inputs[0][0] * kernel * kernel) as u64,
            Self::Dense { .. } | Self::MatMul => {
                size(output) * inputs[0].last().copied().unwrap_or(1) as u64
            }
            _ => 0,
        }
    }

    /// The output's shape, or what does not fit and what to do about it.
    pub fn output_shape(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, (String, String)> {
        let wrong = |message: String, cure: &str| Err((message, cure.to_owned()));
        let arity = match self {
            Self::Input | Self::Constant(_) => 0..=0,
            Self::MatMul => 2..=2,
            Self::Sum | Self::Concat => 1..=usize::MAX,
            _ => 1..=1,
        };
        if !arity.contains(&inputs.len()) {
            return wrong(
                format!("{} inputs do not fit {}", inputs.len(), self.kind()),
                "connect the inputs that the operation takes",
            );
        }
        let first = inputs.first().copied().unwrap_or_default();
        let map = |shape: &[usize]| -> Result<[usize; 3], (String, String)> {
            shape.try_into().map_err(|_| {
                (
                    format!("{} needs [C, H, W], not {shape:?}", self.kind()),
                    "reshape the input to channels, height, width".to_owned(),
                )
            })
        };
        match self {
            Self::Input => wrong("the input takes its shape from the builder".to_owned(), ""),
            Self::Constant(shape) => Ok(shape.clone()),
            Self::Conv2d {
                out,
                kernel,
                stride,
                padding,
                ..
            } => {
                let [_, h, w] = map(first)?;
                let side = |n| window(n, *kernel, *stride, *padding);
                match (side(h), side(w)) {
                    (Some(h), Some(w)) if *out > 0 => Ok(vec![*out, h, w]),
                    _ => wrong(
                        format!("a {kernel}×{kernel} kernel does not fit a {h}×{w} map"),
                        "give a larger input size",
                    ),
                }
            }
            Self::AvgPool {
                kernel,
                stride,
                padding,
            }
            | Self::MaxPool {
                kernel,
                stride,
                padding,
            } => {
                let [c, h, w] = map(first)?;
                let side = |n| window(n, *kernel, *stride, *padding);
                match (side(h), side(w)) {
                    (Some(h), Some(w)) => Ok(vec![c, h, w]),
                    _ => wrong(
                        format!("a {kernel}×{kernel} window does not fit a {h}×{w} map"),
                        "give a larger input size",
                    ),
                }
            }
            Self::BatchNorm { .. } => {
                let [_, h, w] = map(first)?;
                if h * w < 2 {
                    return wrong(
                        "batch norm needs more than one value per channel in train mode".to_owned(),
                        "give a larger input size",
                    );
                }
                Ok(first.to_vec())
            }
            Self::GlobalAvgPool => map(first).map(|[c, ..]| vec![c, 1, 1]),
            Self::Dense { out, .. } => match first.split_last() {
                Some((_, rest)) => Ok([rest, &[*out]].concat()),
                None => wrong(
                    "a dense layer needs at least one axis".to_owned(),
                    "reshape the input",
                ),
            },
            Self::LayerNorm { .. } | Self::Softmax if first.is_empty() => wrong(
                format!("{} needs at least one axis", self.kind()),
                "reshape the input",
            ),
            Self::MeanFirst if first.len() < 2 => wrong(
                format!("a mean over tokens needs [T, D], not {first:?}"),
                "reshape the input",
            ),
            Self::MeanFirst => Ok(first[1..].to_vec()),
            Self::Sum if inputs.iter().any(|s| *s != first) => wrong(
                format!("a sum of unequal shapes {inputs:?}"),
                "give all operands one shape",
            ),
            Self::Concat => {
                let fits = |s: &&[usize]| s.len() == first.len() && s.get(1..) == first.get(1..);
                if first.is_empty() || !inputs.iter().all(fits) {
                    return wrong(
                        format!("shapes {inputs:?} cannot be joined along the first axis"),
                        "give all operands one shape but for the first axis",
                    );
                }
                Ok([&[inputs.iter().map(|s| s[0]).sum()], &first[1..]].concat())
            }
            Self::MatMul => {
                let (a, b) = (inputs[0], inputs[1]);
                let n = a.len();
                if n < 2 || b.len() != n || a[..n - 2] != b[..n - 2] || a[n - 1] != b[n - 2] {
                    return wrong(
                        format!("shapes {a:?} and {b:?} cannot be multiplied"),
                        "the last axis of the first must equal the one before last of the second",
                    );
                }
                Ok([&a[..n - 1], &[b[n - 1]]].concat())
            }
            Self::Reshape(to) => {
                if to.iter().product::<usize>() != first.iter().product::<usize>() {
                    return wrong(
                        format!("{first:?} cannot become {to:?}"),
                        "keep the number of elements",
                    );
                }
                Ok(to.clone())
            }
            Self::Permute(axes) => {
                let mut sorted = axes.clone();
                sorted.sort_unstable();
                if sorted != (0..first.len()).collect::<Vec<_>>() {
                    return wrong(
                        format!("axes {axes:?} are no permutation of {first:?}"),
                        "name each axis once",
                    );
                }
                Ok(axes.iter().map(|&a| first[a]).collect())
            }
            Self::Slice { start, end } => {
                if first.is_empty() || start >= end || *end > first[0] {
                    return wrong(
                        format!("rows {start}..{end} are not in {first:?}"),
                        "give a range inside the first axis",
                    );
                }
                Ok([&[end - start], &first[1..]].concat())
            }
            _ => Ok(first.to_vec()),
        }
    }
}

/// Output side of a sliding window, or none when it does not fit once.
fn window(size: usize, kernel: usize, stride: usize, padding: usize) -> Option<usize> {
    if kernel == 0 || stride == 0 {
        return None;
    }
    (size + 2 * padding)
        .checked_sub(kernel)
        .map(|room| room / stride + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape_rules() {
        let conv = |kernel, stride, padding| Op::Conv2d {
            out: 8,
            kernel,
            stride,
            padding,
            bias: true,
        };
        type Case = (Op, Vec<&'static [usize]>, Option<Vec<usize>>);
        let cases: Vec<Case> = vec![
            (conv(3, 1, 1), vec![&[3, 32, 32]], Some(vec![8, 32, 32])),
            (conv(3, 2, 1), vec![&[3, 5, 4]], Some(vec![8, 3, 2])),
            (conv(5, 1, 0), vec![&[3, 4, 4]], None),
            (conv(3, 1, 1), vec![&[3, 32]], None),
            (
                Op::MaxPool {
                    kernel: 3,
                    stride: 2,
                    padding: 1,
                },
                vec![&[2, 7, 7]],
                Some(vec![2, 4, 4]),
            ),
            (
                Op::AvgPool {
                    kernel: 2,
                    stride: 2,
                    padding: 0,
                },
                vec![&[2, 7, 7]],
                Some(vec![2, 3, 3]),
            ),
            (
                Op::BatchNorm {
                    eps: 1e-5,
                    affine: true,
                },
                vec![&[4, 1, 1]],
                None,
            ),
            (
                Op::Dense {
                    out: 10,
                    bias: true,
                },
                vec![&[5, 64]],
                Some(vec![5, 10]),
            ),
            (Op::Sum, vec![&[2, 2], &[2, 3]], None),
            (Op::Concat, vec![&[2, 3], &[4, 3]], Some(vec![6, 3])),
            (
                Op::MatMul,
                vec![&[2, 5, 3], &[2, 3, 7]],
                Some(vec![2, 5, 7]),
            ),
            (Op::MatMul, vec![&[2, 5, 3], &[2, 4, 7]], None),
            (Op::Reshape(vec![6]), vec![&[2, 3]], Some(vec![6])),
            (Op::Reshape(vec![7]), vec![&[2, 3]], None),
            (Op::Permute(vec![1, 0]), vec![&[2, 3]], Some(vec![3, 2])),
            (Op::Permute(vec![1, 1]), vec![&[2, 3]], None),
            (
                Op::Slice { start: 1, end: 3 },
                vec![&[4, 2]],
                Some(vec![2, 2]),
            ),
            (Op::Slice { start: 3, end: 5 }, vec![&[4, 2]], None),
            (Op::GlobalAvgPool, vec![&[4, 3, 2]], Some(vec![4, 1, 1])),
            (Op::MeanFirst, vec![&[4, 3]], Some(vec![3])),
            (Op::Identity, vec![&[1], &[1]], None),
        ];
        for (op, inputs, expected) in cases {
            assert_eq!(
                op.output_shape(&inputs).ok(),
                expected,
                "{op:?} on {inputs:?}"
            );
        }
    }
}
