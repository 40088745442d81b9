//! How a network's weights begin: a scheme, what was given, a seed.
//!
//! Each tensor has a random stream of its own, named after it, so that two
//! cells that differ in one edge share the weights of all the others.

mod draw;
mod weights;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use weights::Weights;

use crate::array::{Array, Values};
use crate::error::{Error, Result};
use crate::network::Network;

/// The law that weights are drawn from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scheme {
    /// PyTorch's defaults: convolutions and dense layers uniform in ±1/√fan_in,
    /// weights and biases; norms 1 and 0.
    PyTorch,
    /// Dense layers normal with this deviation (cut off at ±2) and bias 0, as
    /// those of transformers; all else as [`Scheme::PyTorch`].
    Transformer {
        /// Standard deviation, as a rule 0.02.
        deviation: f64,
    },
    /// Convolutions and dense layers normal with this deviation and bias 0; all
    /// else as [`Scheme::PyTorch`].
    Gaussian {
        /// Standard deviation.
        deviation: f64,
    },
    /// Convolutions and dense layers normal with variance 2/fan_in (He et al.)
    /// and bias 0; all else as [`Scheme::PyTorch`].
    Kaiming,
}

impl Scheme {
    /// Convolutions and dense layers standard normal.
    pub const STANDARD_NORMAL: Self = Self::Gaussian { deviation: 1.0 };
}

/// How a network's weights begin.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    scheme: Scheme,
    given: Arc<BTreeMap<String, Arc<Array>>>,
    absolute: bool,
}

impl Default for Start {
    /// PyTorch's defaults.
    fn default() -> Self {
        Self::new(Scheme::PyTorch)
    }
}

impl Start {
    /// Weights drawn by a scheme.
    #[must_use]
    pub fn new(scheme: Scheme) -> Self {
        Self {
            scheme,
            given: Arc::default(),
            absolute: false,
        }
    }

    /// The same, but for parameters (`<node>.weight`) that begin with given
    /// numbers whatever the seed.
    ///
    /// # Errors
    /// [`Error::Weights`] when the network has no such parameter, or one of
    /// another shape.
    pub fn with_given(mut self, network: &Network, given: BTreeMap<String, Array>) -> Result<Self> {
        let shapes: BTreeMap<String, Vec<usize>> = network
            .named_parameters()
            .map(|(name, parameter)| (name, parameter.shape))
            .collect();
        for (tensor, array) in &given {
            let shape = shapes.get(tensor).cloned().unwrap_or_default();
            if shape != array.shape {
                return Err(Error::Weights {
                    tensor: tensor.clone(),
                    message: format!(
                        "has the shape {:?}, the network needs {shape:?}",
                        array.shape
                    ),
                    cure: "give each parameter as many numbers as it has".to_owned(),
                });
            }
        }
        let given = given
            .into_iter()
            .map(|(name, array)| (name, Arc::new(array)));
        self.given = Arc::new(given.collect());
        Ok(self)
    }

    /// The same with other laws for what is drawn.
    #[must_use]
    pub fn by(&self, scheme: Scheme) -> Self {
        Self {
            scheme,
            ..self.clone()
        }
    }

    /// The absolute values of all these weights.
    #[must_use]
    pub fn absolute(&self) -> Self {
        Self {
            absolute: true,
            ..self.clone()
        }
    }

    /// Whether the network has parameters, and none of them depends on the seed.
    #[must_use]
    pub fn is_given(&self, network: &Network) -> bool {
        let mut all = network.named_parameters();
        !self.given.is_empty() && all.all(|(name, _)| self.given.contains_key(&name))
    }

    /// The weights of a seed.
    #[must_use]
    pub fn weights(&self, network: &Network, seed: u64) -> Weights {
        let all = network.drawn_parameters();
        let drawn = all.map(|(name, parameter, made)| {
            let array = match (self.given.get(&name), made) {
                (Some(given), _) => Arc::clone(given),
                (None, None) => draw::drawn(self.scheme, &parameter, seed, &name),
                (None, Some(made)) => {
                    let drawn = draw::drawn(self.scheme, &made.parameter, seed, &name);
                    Arc::new(Array::f32(parameter.shape, single(&made.of(&drawn))))
                }
            };
            let array = if self.absolute {
                Arc::new(magnitudes(&array))
            } else {
                array
            };
            (name, array)
        });
        Weights::new(drawn.collect())
    }
}

fn magnitudes(array: &Array) -> Array {
    let values = match &array.values {
        Values::F32(v) => Values::F32(v.iter().map(|x| x.abs()).collect()),
        Values::F64(v) => Values::F64(v.iter().map(|x| x.abs()).collect()),
    };
    Array {
        shape: array.shape.clone(),
        values,
    }
}

/// In the passes' precision.
#[allow(
    clippy::cast_possible_truncation,
    reason = "f32 is what weights are kept in"
)]
fn single(numbers: &[f64]) -> Vec<f32> {
    numbers.iter().map(|&x| x as f32).collect()
}
