//! Numbers on the host, with a shape.

use safetensors::{Dtype, SafeTensors};

use crate::error::{Error, Result};
use crate::memo::Bytes;

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
    #[must_use]
    pub fn f32(shape: Vec<usize>, values: Vec<f32>) -> Self {
        debug_assert_eq!(shape.iter().product::<usize>(), values.len());
        Self {
            shape,
            values: Values::F32(values),
        }
    }

    /// The numbers in double precision.
    #[must_use]
    pub fn to_f64(&self) -> Vec<f64> {
        match &self.values {
            Values::F32(v) => v.iter().map(|&x| f64::from(x)).collect(),
            Values::F64(v) => v.clone(),
        }
    }

    /// Whether all numbers are finite.
    #[must_use]
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
