//! All weights of a network, by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use safetensors::SafeTensors;

use crate::array::Array;
use crate::error::{Error, Result};
use crate::network::Network;

/// All weights of a network by name (`stem.conv.weight`).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Weights {
    arrays: BTreeMap<String, Arc<Array>>,
}

impl Weights {
    pub(super) fn new(arrays: BTreeMap<String, Arc<Array>>) -> Self {
        Self { arrays }
    }

    /// Weights that `find` gives by name, held against the network.
    ///
    /// # Errors
    /// Those of `find`; [`Error::Weights`] when a tensor has another shape or
    /// holds a number that is not finite.
    pub fn from_fn(network: &Network, mut find: impl FnMut(&str) -> Result<Array>) -> Result<Self> {
        let mut arrays = BTreeMap::new();
        for (name, parameter) in network.named_parameters() {
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
