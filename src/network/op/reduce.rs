//! Numbers along axes joined into one.

use super::Reduction;
use super::facts::{About, Class, Cost, Facts, Fit, Parameter, Phase, about, along, map, must};

/// What is joined.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reduce<'a> {
    /// The mean over a map's pixels; height and width stay, with length 1.
    Pixels,
    /// The mean over the first axis.
    Tokens,
    /// Whatever along these axes.
    Axes {
        /// How.
        kind: Reduction,
        /// The axes, each once, in any order.
        axes: &'a [usize],
        /// Whether they stay, with length 1.
        keep: bool,
    },
}

impl Facts for Reduce<'_> {
    fn about(&self) -> About {
        let (kind, class) = match self {
            Self::Pixels => ("gap", Class::Layer),
            Self::Tokens => ("mean", Class::Other),
            Self::Axes { .. } => ("reduce", Class::Other),
        };
        about(kind, class, Phase::Pointwise, 1..=1)
    }

    fn shape(&self, inputs: &[&[usize]]) -> Fit<Vec<usize>> {
        let first = inputs[0];
        match *self {
            Self::Pixels => Ok(vec![map(self.about().kind, first)?[0], 1, 1]),
            Self::Tokens => {
                must(first.len() >= 2, "reshape the input", || {
                    format!("a mean over tokens needs [T, D], not {first:?}")
                })?;
                Ok(first[1..].to_vec())
            }
            Self::Axes { axes, keep, .. } => {
                let mut out = first.iter().map(|&n| Some(n)).collect::<Vec<_>>();
                for &axis in axes {
                    along(first, axis)?;
                    must(out[axis].take().is_some(), "name each axis once", || {
                        format!("axis {axis} is named twice")
                    })?;
                }
                let left = |n: Option<usize>| n.or(keep.then_some(1));
                Ok(out.into_iter().filter_map(left).collect())
            }
        }
    }

    fn parameters(&self, _: &[usize]) -> Vec<Parameter> {
        Vec::new()
    }

    fn cost(&self, _: &[&[usize]], _: &[usize]) -> Cost {
        Cost::copies(match self {
            Self::Pixels | Self::Tokens => 0,
            Self::Axes { kind, .. } => match kind {
                Reduction::Mean | Reduction::Sum => 1,
                Reduction::Max | Reduction::Min | Reduction::L2 => 3,
            },
        })
    }
}
