//! The numbers of the file's constants.

use std::sync::Arc;

use crate::error::Result;
use crate::sources::onnx::external::External;
use crate::sources::onnx::tensor::{Budget, Data, Tensor, elements};

/// Reads constants, wherever the file has them, within a budget.
pub(in crate::sources::onnx) struct Constants<'a> {
    /// The data files beside the model.
    pub(in crate::sources::onnx) external: &'a External,
    /// What may still be computed and read.
    pub(in crate::sources::onnx) budget: Budget,
}

impl<'a> Constants<'a> {
    /// A constant's floats.
    pub(in crate::sources::onnx) fn floats(&self, tensor: &Tensor<'a>) -> Result<Arc<[f32]>> {
        tensor.floats(&self.budget, self.external)
    }

    /// A constant's whole numbers.
    pub(in crate::sources::onnx) fn ints(&self, tensor: &Tensor<'a>) -> Result<Arc<[i64]>> {
        tensor.ints(&self.budget, self.external)
    }

    /// A constant's single number.
    pub(in crate::sources::onnx) fn scalar(&self, tensor: &Tensor<'a>) -> Option<f64> {
        if elements(&tensor.shape) != Some(1) {
            return None;
        }
        match &tensor.data {
            Data::Int(v) => v.first().map(|&v| v as f64),
            _ => {
                let values = self.floats(tensor).ok()?;
                values.first().map(|&v| f64::from(v))
            }
        }
    }
}
