//! Numbers back from a device.

use burn::tensor::TensorData;

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

/// A tensor that cannot be read: as a rule, its device is gone.
pub(super) fn unreadable(why: impl std::fmt::Display) -> Error {
    Error::Device {
        code: "device-lost",
        message: format!("a result could not be read: {why}"),
        cure: "try again; if it happens again, use the CPU (device cpu)".to_owned(),
    }
}
