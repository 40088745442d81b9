//! Numbers back from a device.

use burn::backend::tensor::FloatTensor;
use burn::backend::{BackendTensor, DispatchTensorKind, Flex};
use burn::tensor::{Tensor, TensorData};

use crate::error::{Error, Result};

/// Numbers of a read-back, in double precision.
pub(super) fn host<E: std::fmt::Display>(
    data: std::result::Result<TensorData, E>,
) -> Result<Vec<f64>> {
    let data = data.map_err(unreadable)?;
    if let Ok(single) = data.as_slice::<f32>() {
        return Ok(single.iter().map(|&x| f64::from(x)).collect());
    }
    let double = data.as_slice::<f64>();
    Ok(double.map_err(|e| unreadable(format!("{e:?}")))?.to_vec())
}

/// Numbers of a tensor on the CPU, lent: nothing is copied where they lie next to
/// one another.
pub(super) struct Lent(FloatTensor<Flex>);

impl Lent {
    pub(super) fn of<const D: usize>(x: &Tensor<D>) -> Result<Self> {
        match x.clone().into_dispatch().kind {
            DispatchTensorKind::Flex(BackendTensor::Float(x)) => Ok(Self(x.to_contiguous())),
            _ => Err(unreadable("it is not the CPU's")),
        }
    }

    /// The numbers, in single precision; none where they are not.
    pub(super) fn single(&self) -> Option<&[f32]> {
        self.0.as_slice()
    }

    /// The numbers, in double precision.
    ///
    /// # Errors
    /// Where they are not.
    pub(super) fn double(&self) -> Result<&[f64]> {
        let double = self.0.as_slice();
        double.ok_or_else(|| unreadable("its numbers have another type"))
    }
}

/// A tensor that cannot be read: as a rule, its device is gone.
pub(super) fn unreadable(why: impl std::fmt::Display) -> Error {
    Error::Device {
        code: "device-lost",
        message: format!("a result could not be read: {why}"),
        cure: "try again; if it happens again, use the CPU (device cpu)".to_owned(),
    }
}
