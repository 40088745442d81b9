//! Normalisations: of each channel, of groups of channels, over the last axes.

use super::facts::{About, Class, Cost, Facts, Fit, Parameter, Phase, Role, about, an_axis, must};

/// A normalisation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Norm {
    /// What is normalised together.
    pub(crate) over: Over,
    /// Added to the variance.
    pub(crate) eps: f64,
    /// Whether scale and shift (RMS norm: a scale) are learned.
    pub(crate) affine: bool,
}

/// What a normalisation takes its statistics over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// Each channel, the first axis (batch norm).
    Channel,
    /// This many groups of neighbouring channels.
    Groups(usize),
    /// This many last axes (layer norm).
    Last(usize),
    /// The same without taking off the mean (RMS norm).
    LastSquares(usize),
}

impl Norm {
    /// Elements that are normalised together.
    pub(crate) fn elements(&self, shape: &[usize]) -> usize {
        let product = |axes: &[usize]| axes.iter().product::<usize>();
        match self.over {
            Over::Channel => product(&shape[1..]),
            Over::Groups(groups) => product(shape) / groups,
            Over::Last(axes) | Over::LastSquares(axes) => product(&shape[shape.len() - axes..]),
        }
    }
}

impl Facts for Norm {
    fn about(&self) -> About {
        let kind = match self.over {
            Over::Channel => "bn",
            Over::Groups(_) => "gn",
            Over::Last(_) => "ln",
            Over::LastSquares(_) => "rms",
        };
        about(kind, Class::Layer, Phase::Pointwise, 1..=1)
    }

    fn shape(&self, inputs: &[&[usize]]) -> Fit<Vec<usize>> {
        let (first, kind) = (inputs[0], self.about().kind);
        let (name, cut) = match self.over {
            Over::Channel => ("batch norm", 1),
            Over::Groups(groups) => ("group norm", groups),
            Over::Last(axes) | Over::LastSquares(axes) => {
                let cure = "give a number of axes from 1 to those of the input";
                must(axes != 0 && axes <= first.len(), cure, || {
                    format!("{kind} over {axes} axes does not fit {first:?}")
                })?;
                return Ok(first.to_vec());
            }
        };
        an_axis(kind, first)?;
        let cure = "give a number of groups that divides the channels";
        must(first[0].is_multiple_of(cut), cure, || {
            format!("{} channels cannot be split into {cut} groups", first[0])
        })?;
        must(
            self.elements(first) >= 2,
            "give a larger input size",
            || format!("{name} needs more than one value per channel in train mode"),
        )?;
        Ok(first.to_vec())
    }

    fn parameters(&self, first: &[usize]) -> Vec<Parameter> {
        let (shape, centred) = match self.over {
            Over::Channel | Over::Groups(_) => (&first[..1], true),
            Over::Last(axes) => (&first[first.len().saturating_sub(axes)..], true),
            Over::LastSquares(axes) => (&first[first.len().saturating_sub(axes)..], false),
        };
        let scale = Parameter::new("weight", shape, Role::Scale);
        let shift = Parameter::new("bias", shape, Role::Shift);
        match (self.affine, centred) {
            (false, _) => Vec::new(),
            (true, true) => vec![scale, shift],
            (true, false) => vec![scale],
        }
    }

    fn cost(&self, _: &[&[usize]], _: &[usize]) -> Cost {
        Cost::FREE
    }
}
