//! What has no operand: the image, and constants.

use super::facts::{About, Class, Cost, Facts, Fit, Parameter, Phase, Role, about, elements, must};

/// A value that is not computed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Source<'a> {
    /// The image.
    Image,
    /// A learned constant of this shape.
    Learned(&'a [usize]),
    /// Numbers that are part of the graph: shape, values.
    Fixed(&'a [usize], &'a [f32]),
}

impl Facts for Source<'_> {
    fn about(&self) -> About {
        let kind = match self {
            Self::Image => "input",
            Self::Learned(_) => "constant",
            Self::Fixed(..) => "fixed",
        };
        about(kind, Class::Other, Phase::Rest, 0..=0)
    }

    fn shape(&self, _: &[&[usize]]) -> Fit<Vec<usize>> {
        match *self {
            Self::Image => Err((
                "the input takes its shape from the builder".to_owned(),
                String::new(),
            )),
            Self::Learned(shape) => Ok(shape.to_vec()),
            Self::Fixed(shape, values) => {
                let full = elements(shape) == Some(values.len());
                let cure = "give as many numbers as the shape has places";
                must(full, cure, || {
                    format!("{} numbers do not fill {shape:?}", values.len())
                })?;
                Ok(shape.to_vec())
            }
        }
    }

    fn parameters(&self, _: &[usize]) -> Vec<Parameter> {
        match *self {
            Self::Learned(shape) => vec![Parameter::new("weight", shape, Role::Table)],
            Self::Image | Self::Fixed(..) => Vec::new(),
        }
    }

    fn cost(&self, _: &[&[usize]], _: &[usize]) -> Cost {
        Cost::FREE
    }
}
