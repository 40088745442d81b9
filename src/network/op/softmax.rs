//! Softmax over the last axis, and its logarithm.

use super::facts::{About, Class, Cost, Facts, Fit, Parameter, Phase, about, an_axis};

/// Softmax.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Softmax {
    /// Whether its logarithm is meant.
    pub(crate) log: bool,
}

impl Facts for Softmax {
    fn about(&self) -> About {
        let kind = if self.log { "log-softmax" } else { "softmax" };
        about(kind, Class::Other, Phase::Pointwise, 1..=1)
    }

    fn shape(&self, inputs: &[&[usize]]) -> Fit<Vec<usize>> {
        an_axis(self.about().kind, inputs[0])?;
        Ok(inputs[0].to_vec())
    }

    fn parameters(&self, _: &[usize]) -> Vec<Parameter> {
        Vec::new()
    }

    fn cost(&self, _: &[&[usize]], _: &[usize]) -> Cost {
        Cost::FREE
    }
}
