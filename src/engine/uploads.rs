//! Weights that are on the device already.
//!
//! Drawn weights are shared between the networks of a list (see
//! [`Weights`](crate::network::Weights)), so that most are uploaded once.

use std::sync::{Arc, Weak};

use burn::tensor::Tensor;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::array::Array;
use crate::memo::Bytes;

/// Bytes that a device keeps.
const LIMIT: u64 = 16 << 20;

/// Tensors by the host array they were made from.
#[derive(Clone)]
pub(super) struct Uploads {
    tensors: Arc<Cache<usize, Upload, ByBytes>>,
}

#[derive(Clone)]
struct Upload {
    /// While it lives, no other array can come to lie at this address.
    _source: Weak<Array>,
    tensor: Tensor<1>,
    bytes: u64,
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<usize, Upload> for ByBytes {
    fn weight(&self, _: &usize, upload: &Upload) -> u64 {
        upload.bytes
    }
}

impl Default for Uploads {
    fn default() -> Self {
        Self {
            tensors: Arc::new(Cache::with_weighter(256, LIMIT, ByBytes)),
        }
    }
}

impl std::fmt::Debug for Uploads {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Uploads({} bytes)", self.tensors.weight())
    }
}

impl Uploads {
    /// The tensor of an array, made if it is not on the device.
    pub(super) fn get(&self, array: &Arc<Array>, upload: impl FnOnce() -> Tensor<1>) -> Tensor<1> {
        let address = Arc::as_ptr(array).addr();
        if let Some(found) = self.tensors.get(&address) {
            return found.tensor;
        }
        let tensor = upload();
        let bytes = array.bytes();
        if bytes <= LIMIT / 4 {
            let upload = Upload {
                _source: Arc::downgrade(array),
                tensor: tensor.clone(),
                bytes,
            };
            self.tensors.insert(address, upload);
        }
        tensor
    }
}
