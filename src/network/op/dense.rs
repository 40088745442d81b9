//! Matrices along an axis: dense layers, and fixed matrices.

use super::facts::{About, Class, Cost, Facts, Fit, Parameter, Phase, Role, about};
use super::facts::{along, an_axis, must, size, with_side};

/// A matrix along an axis.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Dense<'a> {
    /// A learned one along the last axis: output features, and whether a bias
    /// is added.
    Learned(usize, bool),
    /// A fixed one: axis, length in the output, and `[out, in]`, row-major.
    Fixed(usize, usize, &'a [f64]),
}

impl Facts for Dense<'_> {
    fn about(&self) -> About {
        let (kind, class) = match self {
            Self::Learned(..) => ("fc", Class::Layer),
            Self::Fixed(..) => ("linear", Class::Other),
        };
        about(kind, class, Phase::Convolution, 1..=1)
    }

    fn shape(&self, inputs: &[&[usize]]) -> Fit<Vec<usize>> {
        let first = inputs[0];
        match *self {
            Self::Learned(out, _) => {
                an_axis(self.about().kind, first)?;
                Ok(with_side(first, first.len() - 1, out))
            }
            Self::Fixed(axis, out, matrix) => {
                let n = along(first, axis)?;
                let fits = out.checked_mul(n) == Some(matrix.len());
                must(fits, "give a row for each place of the output", || {
                    format!("{} numbers are no {out}×{n} matrix", matrix.len())
                })?;
                Ok(with_side(first, axis, out))
            }
        }
    }

    fn parameters(&self, first: &[usize]) -> Vec<Parameter> {
        match *self {
            Self::Learned(out, bias) => {
                let fan_in = first[first.len() - 1];
                let mut all = vec![Parameter::new(
                    "weight",
                    &[out, fan_in],
                    Role::Dense { fan_in },
                )];
                if bias {
                    all.push(Parameter::new("bias", &[out], Role::DenseBias { fan_in }));
                }
                all
            }
            Self::Fixed(..) => Vec::new(),
        }
    }

    fn cost(&self, inputs: &[&[usize]], output: &[usize]) -> Cost {
        match *self {
            Self::Learned(..) => {
                let summed = inputs[0].last().copied().unwrap_or(1);
                Cost {
                    macs: size(output) * summed as u64,
                    summed,
                    copies: 0,
                }
            }
            Self::Fixed(axis, ..) => Cost {
                macs: 0,
                summed: inputs[0][axis],
                copies: 1,
            },
        }
    }
}
