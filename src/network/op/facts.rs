//! What has to be said of every operation: [`Facts`], which every family
//! gives for its operations, and the words to say it in.

use std::ops::RangeInclusive;

/// Elements of the largest tensor: places in it are 32-bit numbers on a GPU.
const LARGEST: usize = (1 << 31) - 1;

/// Axes of the largest shape.
const AXES: usize = 6;

/// What does not fit, and what to do about it.
type Misfit = (String, String);
pub(super) type Fit<T> = Result<T, Misfit>;

/// Refuses what does not fit, with a cure and a sentence that says why.
pub(super) fn must(fits: bool, cure: &str, why: impl FnOnce() -> String) -> Fit<()> {
    if fits {
        return Ok(());
    }
    Err((why(), cure.to_owned()))
}

/// What a family says of each of its operations. Nothing has a default: a new
/// operation does not compile until all of it is given.
///
/// Shapes are those of one sample, without the batch. But for [`Facts::shape`],
/// operands are as many as [`About::operands`] says, and fit.
pub(super) trait Facts {
    /// What it is, whatever its operands.
    fn about(&self) -> About;
    /// The output's shape, of as many operands as it takes.
    fn shape(&self, inputs: &[&[usize]]) -> Fit<Vec<usize>>;
    /// The parameters, given the first operand's shape (empty without one).
    fn parameters(&self, first: &[usize]) -> Vec<Parameter>;
    /// What computing it takes, for one sample.
    fn cost(&self, inputs: &[&[usize]], output: &[usize]) -> Cost;
}

/// What an operation is, whatever its operands.
pub(super) struct About {
    /// The word used for it in evidence and messages.
    pub(super) kind: &'static str,
    pub(super) class: Class,
    pub(super) phase: Phase,
    /// How many operands it takes.
    pub(super) operands: RangeInclusive<usize>,
}

pub(super) fn about(
    kind: &'static str,
    class: Class,
    phase: Phase,
    operands: RangeInclusive<usize>,
) -> About {
    About {
        kind,
        class,
        phase,
        operands,
    }
}

/// How the policies count an operation's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// A layer: a convolution, dense layer, normalisation, pool, identity or
    /// zero.
    Layer,
    /// A non-linear function between layers; a layer too.
    Activation,
    /// Several inputs meet here (a sum or a concatenation).
    Merge,
    /// Part of something else.
    Other,
}

/// The part of a pass's time that an operation counts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Convolutions, dense layers and matrix products.
    Convolution,
    /// What treats every number, channel or place alike.
    Pointwise,
    /// Uploads.
    Rest,
}

/// What computing an operation takes, for one sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Multiply–accumulates: of convolutions, dense layers and matrix products.
    pub(crate) macs: u64,
    /// Products that are added up for one number of a linear operation's output.
    pub(crate) summed: usize,
    /// How often the largest operand may lie in memory besides itself: padded,
    /// with its channels last, its axes in another order, or multiplied out.
    pub(crate) copies: u64,
}

impl Cost {
    /// No product, and nothing but operands and output in memory.
    pub(super) const FREE: Self = Self {
        macs: 0,
        summed: 0,
        copies: 0,
    };

    /// No product.
    pub(super) fn copies(copies: u64) -> Self {
        Self {
            copies,
            ..Self::FREE
        }
    }
}

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
    #[must_use]
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
    pub(super) fn new(suffix: &'static str, shape: &[usize], role: Role) -> Self {
        let shape = shape.to_vec();
        Self {
            suffix,
            shape,
            role,
        }
    }
}

/// Number of elements, or none when it cannot be counted.
pub(super) fn elements(shape: &[usize]) -> Option<usize> {
    shape
        .iter()
        .try_fold(1usize, |n, &side| n.checked_mul(side))
}

/// Number of elements of a shape that fits.
pub(super) fn size(shape: &[usize]) -> u64 {
    shape.iter().map(|&d| d as u64).product()
}

/// The sides of a map.
pub(super) fn map(kind: &str, shape: &[usize]) -> Fit<[usize; 3]> {
    let cure = "reshape the input to channels, height, width";
    must(shape.len() == 3, cure, || {
        format!("{kind} needs [C, H, W], not {shape:?}")
    })?;
    Ok([shape[0], shape[1], shape[2]])
}

/// Refuses a single number.
pub(super) fn an_axis(kind: &str, shape: &[usize]) -> Fit<()> {
    must(!shape.is_empty(), "reshape the input", || {
        format!("{kind} needs at least one axis")
    })
}

/// An axis's length.
pub(super) fn along(shape: &[usize], axis: usize) -> Fit<usize> {
    let cure = "count axes from 0, without the batch";
    must(axis < shape.len(), cure, || {
        format!("{shape:?} has no axis {axis}")
    })?;
    Ok(shape[axis])
}

/// The shape with another length along an axis, which it has.
pub(super) fn with_side(shape: &[usize], axis: usize, n: usize) -> Vec<usize> {
    let mut shape = shape.to_vec();
    shape[axis] = n;
    shape
}

/// The output's shape: none of the tensors, the parameters included, may be
/// empty or too large to count.
pub(super) fn output_shape(facts: &dyn Facts, inputs: &[&[usize]]) -> Fit<Vec<usize>> {
    let About { kind, operands, .. } = facts.about();
    let cure = "connect the inputs that the operation takes";
    must(operands.contains(&inputs.len()), cure, || {
        format!("{} inputs do not fit {kind}", inputs.len())
    })?;
    let shape = facts.shape(inputs)?;
    must(shape.len() <= AXES, "reshape it to fewer axes", || {
        format!("{shape:?} has more than {AXES} axes")
    })?;
    let fits = |shape: &[usize]| elements(shape).is_some_and(|n| n > 0 && n <= LARGEST);
    let cure = "check the sizes, or give a smaller input";
    must(fits(&shape), cure, || {
        format!("{shape:?} is empty or has more than {LARGEST} elements")
    })?;
    for p in facts.parameters(inputs.first().copied().unwrap_or_default()) {
        must(fits(&p.shape), "check the widths", || {
            let (suffix, shape) = (p.suffix, &p.shape);
            format!("its {suffix} {shape:?} is empty or has more than {LARGEST} elements")
        })?;
    }
    Ok(shape)
}
