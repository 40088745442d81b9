//! Which family an operation belongs to, and what that says of it.

use super::Op;
use super::arrange::Arrange;
use super::conv::Conv;
use super::dense::Dense;
use super::facts::{Class, Cost, Facts, Parameter, Phase, output_shape};
use super::merge::Merge;
use super::norm::{Norm, Over};
use super::pointwise::{Curved, Pointwise};
use super::pool::{Pool, Takes};
use super::product::Product;
use super::reduce::Reduce;
use super::softmax::Softmax;
use super::source::Source;
use super::window::Window;

/// An operation as its family sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Family<'a> {
    Source(Source<'a>),
    Conv(Conv),
    Dense(Dense<'a>),
    Norm(Norm),
    Pool(Pool),
    Pointwise(Pointwise),
    Merge(Merge),
    Product(Product),
    Reduce(Reduce<'a>),
    Softmax(Softmax),
    Arrange(Arrange<'a>),
}

impl Family<'_> {
    fn facts(&self) -> &dyn Facts {
        match self {
            Self::Source(facts) => facts,
            Self::Conv(facts) => facts,
            Self::Dense(facts) => facts,
            Self::Norm(facts) => facts,
            Self::Pool(facts) => facts,
            Self::Pointwise(facts) => facts,
            Self::Merge(facts) => facts,
            Self::Product(facts) => facts,
            Self::Reduce(facts) => facts,
            Self::Softmax(facts) => facts,
            Self::Arrange(facts) => facts,
        }
    }
}

impl Op {
    /// The operation as its family sees it.
    #[rustfmt::skip] // A table: a line or two an operation.
    pub(crate) fn family(&self) -> Family<'_> {
        match *self {
            Self::Input => Family::Source(Source::Image),
            Self::Constant(ref shape) => Family::Source(Source::Learned(shape)),
            Self::Fixed { ref shape, ref values } => Family::Source(Source::Fixed(shape, values)),
            Self::Conv2d { out, kernel, stride, padding, dilation, groups, bias } =>
                Family::Conv(Conv { out, window: Window { kernel, stride, padding, dilation }, groups, bias, transposed: None }),
            Self::ConvTranspose2d { out, kernel, stride, padding, output_padding, dilation, groups, bias } =>
                Family::Conv(Conv { out, window: Window { kernel, stride, padding, dilation }, groups, bias, transposed: Some(output_padding) }),
            Self::Dense { out, bias } => Family::Dense(Dense::Learned(out, bias)),
            Self::LinearAlong { axis, out, ref matrix } => Family::Dense(Dense::Fixed(axis, out, matrix)),
            Self::BatchNorm { eps, affine } => Family::Norm(Norm { over: Over::Channel, eps, affine }),
            Self::GroupNorm { groups, eps, affine } => Family::Norm(Norm { over: Over::Groups(groups), eps, affine }),
            Self::LayerNorm { eps, affine, axes } => Family::Norm(Norm { over: Over::Last(axes), eps, affine }),
            Self::RmsNorm { eps, affine, axes } => Family::Norm(Norm { over: Over::LastSquares(axes), eps, affine }),
            Self::AvgPool { kernel, stride, padding, count_padding, ceil } =>
                Family::Pool(Pool { window: Window { kernel, stride, padding, dilation: [1; 2] }, ceil, takes: Takes::Mean { count_padding } }),
            Self::MaxPool { kernel, stride, padding, dilation, ceil } =>
                Family::Pool(Pool { window: Window { kernel, stride, padding, dilation }, ceil, takes: Takes::Largest }),
            Self::Activate(function) => Family::Pointwise(Pointwise::Curved(Curved::Activation(function))),
            Self::Map(function) => Family::Pointwise(Pointwise::Curved(Curved::Function(function))),
            Self::PRelu { shared } => Family::Pointwise(Pointwise::PRelu { shared }),
            Self::Scale(factor) => Family::Pointwise(Pointwise::Scale(factor)),
            Self::Shift(number) => Family::Pointwise(Pointwise::Shift(number)),
            Self::Sum => Family::Merge(Merge::Sum),
            Self::Concat { axis } => Family::Merge(Merge::Concat(axis)),
            Self::Multiply => Family::Merge(Merge::Product),
            Self::Minimum => Family::Merge(Merge::Smallest),
            Self::Maximum => Family::Merge(Merge::Largest),
            Self::MatMul => Family::Product(Product),
            Self::GlobalAvgPool => Family::Reduce(Reduce::Pixels),
            Self::MeanFirst => Family::Reduce(Reduce::Tokens),
            Self::Reduce { kind, ref axes, keep } => Family::Reduce(Reduce::Axes { kind, axes, keep }),
            Self::Softmax => Family::Softmax(Softmax { log: false }),
            Self::LogSoftmax => Family::Softmax(Softmax { log: true }),
            Self::Identity => Family::Arrange(Arrange::Identity),
            Self::Zero => Family::Arrange(Arrange::Zero),
            Self::Expand(ref to) => Family::Arrange(Arrange::Expand(to)),
            Self::Reshape(ref to) => Family::Arrange(Arrange::Reshape(to)),
            Self::Permute(ref axes) => Family::Arrange(Arrange::Permute(axes)),
            Self::Slice { axis, start, end, step } => Family::Arrange(Arrange::Slice(axis, [start, end, step])),
            Self::Gather { axis, ref indices } => Family::Arrange(Arrange::Gather(axis, indices)),
            Self::Pad { ref before, ref after, value } => Family::Arrange(Arrange::Pad([before, after], value)),
        }
    }

    /// The word used for this operation in evidence and messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.family().facts().about().kind
    }

    /// Whether this is a layer under the policy `layers`: a convolution, dense
    /// layer, normalisation, activation, pool, identity or zero.
    #[must_use]
    pub fn is_layer(&self) -> bool {
        let class = self.family().facts().about().class;
        matches!(class, Class::Layer | Class::Activation)
    }

    /// Whether the policy `flow` observes the output: a non-linear function
    /// between layers.
    #[must_use]
    pub fn is_activation(&self) -> bool {
        self.family().facts().about().class == Class::Activation
    }

    /// Whether this is a normalisation.
    #[must_use]
    pub fn is_norm(&self) -> bool {
        matches!(self.family(), Family::Norm(_))
    }

    /// Whether several inputs meet here (a sum or a concatenation).
    #[must_use]
    pub fn is_merge(&self) -> bool {
        self.family().facts().about().class == Class::Merge
    }

    /// The output's shape, or what does not fit and what to do about it.
    ///
    /// # Errors
    /// A sentence that says what does not fit, and a cure.
    pub fn output_shape(&self, inputs: &[&[usize]]) -> Result<Vec<usize>, (String, String)> {
        output_shape(self.family().facts(), inputs)
    }

    /// The parameters, given the shapes of the inputs, which must fit.
    #[must_use]
    pub fn parameters(&self, inputs: &[&[usize]]) -> Vec<Parameter> {
        let first = inputs.first().copied().unwrap_or_default();
        self.family().facts().parameters(first)
    }

    /// Multiply–accumulates for one sample: convolutions, dense layers and
    /// matrix products; nothing else.
    #[must_use]
    pub fn macs(&self, inputs: &[&[usize]], output: &[usize]) -> u64 {
        self.cost(inputs, output).macs
    }

    /// What computing it takes, for one sample.
    pub(crate) fn cost(&self, inputs: &[&[usize]], output: &[usize]) -> Cost {
        self.family().facts().cost(inputs, output)
    }

    /// The part of a pass's time that it counts to.
    pub(crate) fn phase(&self) -> Phase {
        self.family().facts().about().phase
    }
}
