//! Weights: drawn from a seed, or read from a safetensors file.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use safetensors::{Dtype, SafeTensors};

use super::graph::Network;
use super::op::{Init, Parameter};
use crate::error::{Error, Result};
use crate::memo::{Bytes, Memo};
use crate::random::Stream;

/// The numbers of an array.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Single precision.
    F32(Vec<f32>),
    /// Double precision (reference values).
    F64(Vec<f64>),
}

/// A host array in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its numbers, as many as the shape says.
    pub values: Values,
}

impl Array {
    /// An array of single-precision numbers.
    pub fn f32(shape: Vec<usize>, values: Vec<f32>) -> Self {
        debug_assert_eq!(shape.iter().product::<usize>(), values.len());
        Self {
            shape,
            values: Values::F32(values),
        }
    }

    /// The numbers in double precision.
    pub fn to_f64(&self) -> Vec<f64> {
        match &self.values {
            Values::F32(v) => v.iter().map(|&x| f64::from(x)).collect(),
            Values::F64(v) => v.clone(),
        }
    }

    /// Whether all numbers are finite.
    pub fn is_finite(&self) -> bool {
        match &self.values {
            Values::F32(v) => v.iter().all(|x| x.is_finite()),
            Values::F64(v) => v.iter().all(|x| x.is_finite()),
        }
    }

    /// Reads one tensor of a safetensors file (F32 or F64).
    ///
    /// # Errors
    /// [`Error::Weights`] when it is missing or of another type.
    pub fn from_safetensors(file: &SafeTensors<'_>, name: &str) -> Result<Self> {
        let fail = |message: String, cure: &str| Error::Weights {
            tensor: name.to_owned(),
            message,
            cure: cure.to_owned(),
        };
        let view = file.tensor(name).map_err(|_| {
            fail(
                "is not in the file".to_owned(),
                "save all weights under the names that `dextr inspect` lists",
            )
        })?;
        let values = match view.dtype() {
            Dtype::F32 => Values::F32(
                view.data()
                    .chunks_exact(4)
                    .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
                    .collect(),
            ),
            Dtype::F64 => Values::F64(
                view.data()
                    .chunks_exact(8)
                    .map(|b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]))
                    .collect(),
            ),
            other => {
                return Err(fail(
                    format!("has the type {other:?}"),
                    "save it as F32 or F64",
                ));
            }
        };
        Ok(Self {
            shape: view.shape().to_vec(),
            values,
        })
    }
}

impl Bytes for Array {
    fn bytes(&self) -> u64 {
        match &self.values {
            Values::F32(v) => size_of_val(v.as_slice()) as u64,
            Values::F64(v) => size_of_val(v.as_slice()) as u64,
        }
    }
}

/// All weights of a network by name (`stem.conv.weight`).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Weights {
    arrays: BTreeMap<String, Arc<Array>>,
}

impl Weights {
    /// PyTorch's default initial values from a seed. Each tensor has a stream
    /// of its own, named after it. What the network was [given](Network::given)
    /// is taken as it is.
    pub fn seeded(network: &Network, seed: u64) -> Self {
        let mut arrays = BTreeMap::new();
        for (name, parameter) in named_parameters(network) {
            let array = initial(network, &parameter, seed, &name);
            arrays.insert(name, array);
        }
        Self { arrays }
    }

    /// One tensor as [`Weights::seeded`] would draw it, without the others.
    ///
    /// # Errors
    /// [`Error::Weights`] when the network has no such tensor.
    pub fn seeded_tensor(network: &Network, seed: u64, tensor: &str) -> Result<Array> {
        let found = named_parameters(network)
            .into_iter()
            .find(|(name, _)| name == tensor);
        let (name, parameter) = found.ok_or_else(|| Error::Weights {
            tensor: tensor.to_owned(),
            message: "is not a weight of this network".to_owned(),
            cure: "take a layer that `dextr inspect` lists, and .weight or .bias".to_owned(),
        })?;
        Ok(Array::clone(&initial(network, &parameter, seed, &name)))
    }

    /// Weights that `find` gives by name, held against the network.
    ///
    /// # Errors
    /// Those of `find`; [`Error::Weights`] when a tensor has another shape or
    /// holds a number that is not finite.
    pub fn from_fn(network: &Network, mut find: impl FnMut(&str) -> Result<Array>) -> Result<Self> {
        let mut arrays = BTreeMap::new();
        for (name, parameter) in named_parameters(network) {
            let array = find(&name)?;
            if array.shape != parameter.shape {
                return Err(Error::Weights {
                    message: format!(
                        "has the shape {:?}, the network needs {:?}",
                        array.shape, parameter.shape
                    ),
                    cure: "check the width, the number of cells and the input size".to_owned(),
                    tensor: name,
                });
            }
            if !array.is_finite() {
                return Err(Error::Weights {
                    tensor: name,
                    message: "holds a number that is not finite".to_owned(),
                    cure: "save the weights before training diverged, or draw them by seed"
                        .to_owned(),
                });
            }
            arrays.insert(name, Arc::new(array));
        }
        Ok(Self { arrays })
    }

    /// Weights from a safetensors file; a tensor is called `<prefix><node>.weight`.
    ///
    /// # Errors
    /// [`Error::Weights`] when the file is broken or lacks a tensor, and those
    /// of [`Weights::from_fn`].
    pub fn from_safetensors(network: &Network, bytes: &[u8], prefix: &str) -> Result<Self> {
        let file = SafeTensors::deserialize(bytes).map_err(|e| Error::Weights {
            tensor: "file".to_owned(),
            message: format!("is not a safetensors file ({e})"),
            cure: "save the weights with the safetensors library".to_owned(),
        })?;
        Self::from_fn(network, |name| {
            Array::from_safetensors(&file, &format!("{prefix}{name}"))
        })
    }

    /// A tensor by name.
    ///
    /// # Errors
    /// [`Error::Weights`] when there is none.
    pub fn get(&self, name: &str) -> Result<&Arc<Array>> {
        self.arrays.get(name).ok_or_else(|| Error::Weights {
            tensor: name.to_owned(),
            message: "is missing".to_owned(),
            cure: "draw the weights for this network".to_owned(),
        })
    }
}

fn named_parameters(network: &Network) -> Vec<(String, Parameter)> {
    let mut all = Vec::new();
    for (id, node) in network.nodes().iter().enumerate() {
        let parameters = network.parameters(id).into_iter();
        all.extend(parameters.map(|p| (format!("{}.{}", node.name, p.suffix), p)));
    }
    all
}

/// What a parameter starts with: what the network was given, or a draw.
fn initial(network: &Network, parameter: &Parameter, seed: u64, name: &str) -> Arc<Array> {
    match network.given(name) {
        Some(given) => Arc::clone(given),
        None => drawn(parameter, seed, name),
    }
}

/// What a drawn tensor depends on: seed, name, and the parameter's shape and
/// initial values.
type Source = (u64, String, String);

/// A tensor drawn from a seed. Drawn tensors are remembered: the cells of a
/// search space share most of theirs.
fn drawn(parameter: &Parameter, seed: u64, name: &str) -> Arc<Array> {
    static DRAWN: LazyLock<Memo<Source, Array>> = LazyLock::new(|| Memo::new(16 << 20));
    let how = format!("{:?} {:?}", parameter.shape, parameter.init);
    DRAWN.get((seed, name.to_owned(), how), || {
        Array::f32(parameter.shape.clone(), draw(parameter, seed, name))
    })
}

fn draw(parameter: &Parameter, seed: u64, name: &str) -> Vec<f32> {
    let n = parameter.shape.iter().product();
    let mut stream = Stream::new(seed, name);
    match parameter.init {
        Init::Value(value) => vec![value; n],
        Init::FanIn(fan_in) => {
            // √ and / are exactly rounded, so the bound has the same bits everywhere.
            let bound = 1.0 / (fan_in.max(1) as f32).sqrt();
            (0..n)
                .map(|_| (2.0 * stream.uniform_f32() - 1.0) * bound)
                .collect()
        }
        Init::Normal(deviation) => (0..n)
            .map(|_| {
                loop {
                    let value = stream.normal() * deviation;
                    if value.abs() <= 2.0 {
                        return value as f32;
                    }
                }
            })
            .collect(),
    }
}
