//! What moves, repeats or drops entries, and leaves them as they are.

use super::facts::{About, Class, Cost, Facts, Fit, Parameter, Phase, about};
use super::facts::{along, elements, must, with_side};

/// Another arrangement of the entries.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Arrange<'a> {
    /// As they are.
    Identity,
    /// Zeros in their place.
    Zero,
    /// Repeated to this shape by numpy's broadcasting.
    Expand(&'a [usize]),
    /// In another shape.
    Reshape(&'a [usize]),
    /// Axes in another order.
    Permute(&'a [usize]),
    /// Along an axis, from the first to before the end in steps.
    Slice(usize, [usize; 3]),
    /// Those of these indices along an axis.
    Gather(usize, &'a [usize]),
    /// Padded with a number: entries before and after each axis.
    Pad([&'a [usize]; 2], f64),
}

impl Facts for Arrange<'_> {
    fn about(&self) -> About {
        let (kind, class) = match self {
            Self::Identity => ("skip", Class::Layer),
            Self::Zero => ("zero", Class::Layer),
            Self::Expand(_) => ("expand", Class::Other),
            Self::Reshape(_) => ("reshape", Class::Other),
            Self::Permute(_) => ("permute", Class::Other),
            Self::Slice(..) => ("slice", Class::Other),
            Self::Gather(..) => ("gather", Class::Other),
            Self::Pad(..) => ("pad", Class::Other),
        };
        about(kind, class, Phase::Pointwise, 1..=1)
    }

    fn shape(&self, inputs: &[&[usize]]) -> Fit<Vec<usize>> {
        let first = inputs[0];
        match *self {
            Self::Identity | Self::Zero => Ok(first.to_vec()),
            Self::Expand(to) => {
                let mut pairs = first.iter().rev().zip(to.iter().rev());
                let fits =
                    first.len() <= to.len() && pairs.all(|(from, to)| from == to || *from == 1);
                let cure = "axes are matched from the last; each must be equal or 1";
                must(fits, cure, || {
                    format!("{first:?} cannot be broadcast to {to:?}")
                })?;
                Ok(to.to_vec())
            }
            Self::Reshape(to) => {
                let fits = elements(to) == elements(first);
                must(fits, "keep the number of elements", || {
                    format!("{first:?} cannot become {to:?}")
                })?;
                Ok(to.to_vec())
            }
            Self::Permute(axes) => {
                let mut sorted = axes.to_vec();
                sorted.sort_unstable();
                let fits = sorted.into_iter().eq(0..first.len());
                must(fits, "name each axis once", || {
                    format!("axes {axes:?} are no permutation of {first:?}")
                })?;
                Ok(axes.iter().map(|&a| first[a]).collect())
            }
            Self::Slice(axis, [start, end, step]) => {
                let fits = start < end && end <= along(first, axis)? && step > 0;
                let cure = "give a range inside the axis and a step of at least 1";
                must(fits, cure, || {
                    format!("{start}..{end} in steps of {step} is not in axis {axis} of {first:?}")
                })?;
                Ok(with_side(first, axis, (end - start).div_ceil(step)))
            }
            Self::Gather(axis, indices) => {
                let n = along(first, axis)?;
                let bad = indices.iter().find(|&&i| i >= n);
                must(
                    bad.is_none(),
                    "give indices below the axis's length",
                    || {
                        let bad = bad.copied().unwrap_or_default();
                        format!("index {bad} is not in axis {axis} of {first:?}")
                    },
                )?;
                Ok(with_side(first, axis, indices.len()))
            }
            Self::Pad([before, after], _) => {
                let fits = before.len() == first.len() && after.len() == first.len();
                must(fits, "give two numbers for each axis", || {
                    format!("padding {before:?}, {after:?} does not fit {first:?}")
                })?;
                let sides = first.iter().zip(before.iter().zip(after));
                Ok(sides
                    .map(|(&n, (&b, &a))| n.saturating_add(b).saturating_add(a))
                    .collect())
            }
        }
    }

    fn parameters(&self, _: &[usize]) -> Vec<Parameter> {
        Vec::new()
    }

    fn cost(&self, _: &[&[usize]], _: &[usize]) -> Cost {
        Cost::FREE
    }
}
