//! What changes every number by itself.

mod function;
mod table;

use super::facts::{About, Class, Cost, Facts, Fit, Parameter, Phase, Role, about, an_axis, must};
pub use function::{Activation, Function};
pub(crate) use table::{GELU_CUBE, SELU_ALPHA, SELU_SCALE};

/// What becomes of every number.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pointwise {
    /// A function of it.
    Curved(Curved),
    /// It where positive, else a learned slope times it.
    PRelu {
        /// One slope for all, not one for each channel (the first axis).
        shared: bool,
    },
    /// A fixed multiple of it.
    Scale(f64),
    /// It and a fixed number.
    Shift(f64),
}

/// A function of one number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Curved {
    /// An activation.
    Activation(Activation),
    /// Another.
    Function(Function),
}

impl Curved {
    /// f(x), f′(x), f″(x).
    pub(crate) fn at(self, x: f64) -> [f64; 3] {
        match self {
            Self::Activation(function) => table::activation(function, x),
            Self::Function(function) => table::plain(function, x),
        }
    }

    /// Refuses numbers that make no function.
    fn check(self) -> Fit<()> {
        match self {
            Self::Activation(Activation::Clip { min, max }) => {
                let cure = "give a smallest value that is not above the largest";
                must(min <= max, cure, || {
                    format!("clip from {min} to {max} leaves nothing")
                })
            }
            Self::Activation(Activation::Celu { alpha }) => {
                let fits = alpha != 0.0 && alpha.is_finite();
                must(fits, "give an alpha that is not 0", || {
                    format!("celu divides by its alpha, {alpha}")
                })
            }
            Self::Activation(_) | Self::Function(_) => Ok(()),
        }
    }
}

impl Facts for Pointwise {
    fn about(&self) -> About {
        let (kind, class) = match self {
            Self::Curved(Curved::Activation(function)) => (function.name(), Class::Activation),
            Self::Curved(Curved::Function(function)) => (function.name(), Class::Other),
            Self::PRelu { .. } => ("prelu", Class::Activation),
            Self::Scale(_) => ("scale", Class::Other),
            Self::Shift(_) => ("shift", Class::Other),
        };
        about(kind, class, Phase::Pointwise, 1..=1)
    }

    fn shape(&self, inputs: &[&[usize]]) -> Fit<Vec<usize>> {
        match self {
            Self::Curved(function) => function.check()?,
            Self::PRelu { shared: false } => an_axis(self.about().kind, inputs[0])?,
            Self::PRelu { shared: true } | Self::Scale(_) | Self::Shift(_) => {}
        }
        Ok(inputs[0].to_vec())
    }

    fn parameters(&self, first: &[usize]) -> Vec<Parameter> {
        match *self {
            Self::PRelu { shared } => {
                let slopes = if shared { 1 } else { first[0] };
                vec![Parameter::new("weight", &[slopes], Role::Slope)]
            }
            Self::Curved(_) | Self::Scale(_) | Self::Shift(_) => Vec::new(),
        }
    }

    fn cost(&self, _: &[&[usize]], _: &[usize]) -> Cost {
        Cost::FREE
    }
}
