//! The operations. Each belongs to a family, and a family's file says all that
//! there is to say of its operations: geometry, shape rule, parameters, what
//! they cost, their words, and which policies count them.
//!
//! Shapes are those of one sample, without the batch: `[C, H, W]` for a map,
//! `[T, D]` for tokens, `[F]` for a vector.

mod arrange;
mod conv;
mod dense;
mod facts;
mod family;
mod make;
mod merge;
mod norm;
mod pointwise;
mod pool;
mod product;
mod reduce;
mod softmax;
mod source;
#[cfg(test)]
mod tests;
mod window;

use std::sync::Arc;

pub(crate) use arrange::Arrange;
pub(crate) use conv::Conv;
pub(crate) use dense::Dense;
pub(crate) use facts::Phase;
pub use facts::{Parameter, Role};
pub(crate) use family::Family;
pub(crate) use merge::Merge;
pub(crate) use norm::{Norm, Over};
pub use pointwise::{Activation, Function};
pub(crate) use pointwise::{Curved, GELU_CUBE, Pointwise, SELU_ALPHA, SELU_SCALE};
pub(crate) use pool::{Pool, Takes};
pub(crate) use reduce::Reduce;
pub(crate) use softmax::Softmax;
pub(crate) use source::Source;
pub(crate) use window::Window;

/// How a [`Op::Reduce`] joins the numbers along its axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reduction {
    /// Their mean.
    Mean,
    /// Their sum.
    Sum,
    /// The largest; the first of several equal ones.
    Max,
    /// The smallest; the first of several equal ones.
    Min,
    /// √(Σ x²); derivatives 0 where all are 0.
    L2,
}

/// One operation of a network. Pairs are (height, width), padding is
/// (top, left, bottom, right), as in ONNX.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// The image, `[C, H, W]`.
    Input,
    /// A learned constant (class token, position embedding) of this shape.
    Constant(Vec<usize>),
    /// Numbers that are part of the graph: neither learned nor parameters.
    Fixed {
        /// Their shape.
        shape: Vec<usize>,
        /// The numbers in row-major order, as many as the shape says.
        values: Arc<[f32]>,
    },
    /// 2-D convolution on `[C, H, W]`; weight `[out, C/groups, kh, kw]`.
    Conv2d {
        /// Output channels, a multiple of `groups`.
        out: usize,
        /// Sides of the kernel.
        kernel: [usize; 2],
        /// Strides.
        stride: [usize; 2],
        /// Zero padding: top, left, bottom, right.
        padding: [usize; 4],
        /// Distance of the kernel's taps.
        dilation: [usize; 2],
        /// Groups of channels with kernels of their own; divides C.
        groups: usize,
        /// Whether a bias is added.
        bias: bool,
    },
    /// Transposed 2-D convolution on `[C, H, W]`; weight `[C, out/groups, kh, kw]`.
    ConvTranspose2d {
        /// Output channels, a multiple of `groups`.
        out: usize,
        /// Sides of the kernel.
        kernel: [usize; 2],
        /// Strides.
        stride: [usize; 2],
        /// Rows and columns cut off: top, left, bottom, right.
        padding: [usize; 4],
        /// Rows and columns added at the bottom and right.
        output_padding: [usize; 2],
        /// Distance of the kernel's taps.
        dilation: [usize; 2],
        /// Groups of channels with kernels of their own; divides C.
        groups: usize,
        /// Whether a bias is added.
        bias: bool,
    },
    /// Dense layer on the last axis; weight `[out, in]`.
    Dense {
        /// Output features.
        out: usize,
        /// Whether a bias is added.
        bias: bool,
    },
    /// Batch norm in train mode over `[C, …]`: the statistics of one sample.
    BatchNorm {
        /// Added to the variance.
        eps: f64,
        /// Whether scale and shift are learned.
        affine: bool,
    },
    /// Group norm over `[C, …]`; with as many groups as channels, instance norm.
    GroupNorm {
        /// Groups of neighbouring channels; divides C.
        groups: usize,
        /// Added to the variance.
        eps: f64,
        /// Whether scale and shift are learned, one of each a channel.
        affine: bool,
    },
    /// Layer norm over the last axes.
    LayerNorm {
        /// Added to the variance.
        eps: f64,
        /// Whether scale and shift are learned.
        affine: bool,
        /// How many axes it goes over, from the last.
        axes: usize,
    },
    /// Division by the root of the mean square over the last axes.
    RmsNorm {
        /// Added to the mean square.
        eps: f64,
        /// Whether a scale is learned.
        affine: bool,
        /// How many axes it goes over, from the last.
        axes: usize,
    },
    /// A pointwise non-linear function, counted as an activation.
    Activate(Activation),
    /// x where positive, else a learned slope times x; derivative 1 or slope,
    /// the slope at 0. An activation.
    PRelu {
        /// One slope for all, not one for each channel (the first axis).
        shared: bool,
    },
    /// A pointwise function that is no activation.
    Map(Function),
    /// Average pool on `[C, H, W]`.
    AvgPool {
        /// Sides of the window.
        kernel: [usize; 2],
        /// Strides.
        stride: [usize; 2],
        /// Zero padding: top, left, bottom, right.
        padding: [usize; 4],
        /// Whether the padding counts in the mean.
        count_padding: bool,
        /// Whether a last window may reach over the edge (PyTorch's rule: it
        /// must begin inside the map or the padding before it).
        ceil: bool,
    },
    /// Max pool on `[C, H, W]`; derivatives are those of the first largest
    /// value. Padding never wins.
    MaxPool {
        /// Sides of the window.
        kernel: [usize; 2],
        /// Strides.
        stride: [usize; 2],
        /// Padding: top, left, bottom, right.
        padding: [usize; 4],
        /// Distance of the window's taps.
        dilation: [usize; 2],
        /// Whether a last window may reach over the edge, as above.
        ceil: bool,
    },
    /// Mean over H and W: `[C, H, W]` → `[C, 1, 1]`.
    GlobalAvgPool,
    /// Mean over the first axis: `[T, D]` → `[D]`.
    MeanFirst,
    /// Joins the numbers along axes.
    Reduce {
        /// How.
        kind: Reduction,
        /// The axes, each once, in any order.
        axes: Vec<usize>,
        /// Whether they stay, with length 1.
        keep: bool,
    },
    /// Passes its input on; a map of its own where policies count it.
    Identity,
    /// The `none` operation: zeros of the input's shape.
    Zero,
    /// Sum of all inputs, of one shape. A merge.
    Sum,
    /// Concatenation along an axis. A merge.
    Concat {
        /// The axis.
        axis: usize,
    },
    /// Product of two or more inputs of one shape.
    Multiply,
    /// The smallest of two or more inputs of one shape; the first of equal ones.
    Minimum,
    /// The largest of two or more inputs of one shape; the first of equal ones.
    Maximum,
    /// Repeated to this shape by numpy's broadcasting.
    Expand(Vec<usize>),
    /// Batched matrix product of two inputs, `[.., N, K] × [.., K, M]`.
    MatMul,
    /// Multiplication by a fixed number.
    Scale(f64),
    /// Addition of a fixed number.
    Shift(f64),
    /// Softmax over the last axis.
    Softmax,
    /// The logarithm of softmax over the last axis.
    LogSoftmax,
    /// The same elements in another shape.
    Reshape(Vec<usize>),
    /// Axes in another order: axis i of the output is axis `axes[i]` of the input.
    Permute(Vec<usize>),
    /// Every `step`-th of `start..end` along an axis.
    Slice {
        /// The axis.
        axis: usize,
        /// The first.
        start: usize,
        /// One past the last.
        end: usize,
        /// The distance, at least 1.
        step: usize,
    },
    /// Entries along an axis in the order of constant indices, with repetitions.
    Gather {
        /// The axis.
        axis: usize,
        /// Which entry each place of the output takes.
        indices: Arc<[usize]>,
    },
    /// Constant padding of each axis.
    Pad {
        /// Entries before, one number an axis.
        before: Vec<usize>,
        /// Entries after, one number an axis.
        after: Vec<usize>,
        /// What they hold.
        value: f64,
    },
    /// A fixed matrix along an axis: resizing, window sums, Fourier's transform.
    LinearAlong {
        /// The axis.
        axis: usize,
        /// Its length in the output.
        out: usize,
        /// `[out, in]`, row-major; not learned.
        matrix: Arc<[f64]>,
    },
}
