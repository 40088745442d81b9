//! Short forms of the operations for the square, symmetric case.

use super::{Activation, Op};

impl Op {
    /// A convolution with a square kernel and the same padding on all sides.
    #[must_use]
    pub fn conv(out: usize, kernel: usize, stride: usize, padding: usize, bias: bool) -> Self {
        Self::Conv2d {
            out,
            kernel: [kernel; 2],
            stride: [stride; 2],
            padding: [padding; 4],
            dilation: [1; 2],
            groups: 1,
            bias,
        }
    }

    /// The same with a kernel for each of `channels` channels, which stay as many.
    #[must_use]
    pub fn depthwise(
        channels: usize,
        kernel: usize,
        stride: usize,
        padding: usize,
        bias: bool,
    ) -> Self {
        Self::Conv2d {
            out: channels,
            kernel: [kernel; 2],
            stride: [stride; 2],
            padding: [padding; 4],
            dilation: [1; 2],
            groups: channels,
            bias,
        }
    }

    /// A square average pool that leaves the padding out of the count.
    #[must_use]
    pub fn avg_pool(kernel: usize, stride: usize, padding: usize) -> Self {
        Self::AvgPool {
            kernel: [kernel; 2],
            stride: [stride; 2],
            padding: [padding; 4],
            count_padding: false,
            ceil: false,
        }
    }

    /// A square max pool.
    #[must_use]
    pub fn max_pool(kernel: usize, stride: usize, padding: usize) -> Self {
        Self::MaxPool {
            kernel: [kernel; 2],
            stride: [stride; 2],
            padding: [padding; 4],
            dilation: [1; 2],
            ceil: false,
        }
    }

    /// ReLU.
    #[must_use]
    pub fn relu() -> Self {
        Self::Activate(Activation::Relu)
    }

    /// Layer norm over the last axis.
    #[must_use]
    pub fn layer_norm(eps: f64, affine: bool) -> Self {
        Self::LayerNorm {
            eps,
            affine,
            axes: 1,
        }
    }

    /// `start..end` along an axis.
    #[must_use]
    pub fn slice(axis: usize, start: usize, end: usize) -> Self {
        Self::Slice {
            axis,
            start,
            end,
            step: 1,
        }
    }
}
