//! Several operands, number by number or one after the other.

use super::facts::{About, Class, Cost, Facts, Fit, Parameter, Phase, about};
use super::facts::{along, must, with_side};

/// What becomes of several operands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Merge {
    /// Their sum.
    Sum,
    /// All of them along an axis.
    Concat(usize),
    /// Their product.
    Product,
    /// The smallest; the first of equal ones.
    Smallest,
    /// The largest; the first of equal ones.
    Largest,
}

impl Facts for Merge {
    fn about(&self) -> About {
        let (kind, class, least) = match self {
            Self::Sum => ("sum", Class::Merge, 1),
            Self::Concat(_) => ("concat", Class::Merge, 1),
            Self::Product => ("multiply", Class::Other, 2),
            Self::Smallest => ("minimum", Class::Other, 2),
            Self::Largest => ("maximum", Class::Other, 2),
        };
        about(kind, class, Phase::Pointwise, least..=usize::MAX)
    }

    fn shape(&self, inputs: &[&[usize]]) -> Fit<Vec<usize>> {
        let first = inputs[0];
        match *self {
            Self::Sum | Self::Product | Self::Smallest | Self::Largest => {
                let one = inputs.iter().all(|s| *s == first);
                must(one, "give all operands one shape", || {
                    format!("a {} of unequal shapes {inputs:?}", self.about().kind)
                })?;
                Ok(first.to_vec())
            }
            Self::Concat(axis) => {
                along(first, axis)?;
                let fits = |s: &&[usize]| {
                    s.len() == first.len() && (0..s.len()).all(|i| i == axis || s[i] == first[i])
                };
                let cure = "give all operands one shape but for that axis";
                must(inputs.iter().all(fits), cure, || {
                    format!("shapes {inputs:?} cannot be joined along axis {axis}")
                })?;
                let sides = inputs.iter().map(|s| s[axis]);
                Ok(with_side(first, axis, sides.fold(0, usize::saturating_add)))
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
