//! What a device is: WebGPU or the CPU, and why.

#![allow(
    clippy::cast_possible_truncation,
    reason = "counts are far below the types' ranges, and f32 is the passes' precision"
)]

use std::str::FromStr;
use std::sync::Arc;

use burn::tensor::{DType, Device as BurnDevice, Tensor, TensorData};

use super::uploads::Uploads;
use crate::array::{Array, Values};
use crate::error::{Error, Result};

/// The devices' names as a user gives them.
pub const DEVICES: [&str; 3] = ["auto", "webgpu", "cpu"];

/// What a user asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// WebGPU where there is a real GPU, else the CPU.
    Auto,
    /// WebGPU or an error; a software adapter is accepted.
    WebGpu,
    /// The CPU.
    Cpu,
}

impl Choice {
    /// The choice's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => DEVICES[0],
            Self::WebGpu => DEVICES[1],
            Self::Cpu => DEVICES[2],
        }
    }
}

impl FromStr for Choice {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        [Self::Auto, Self::WebGpu, Self::Cpu]
            .into_iter()
            .find(|c| c.name() == name)
            .ok_or_else(|| Error::unknown("device", name, &DEVICES))
    }
}

/// The kind of device really used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A GPU through WebGPU.
    WebGpu,
    /// The CPU.
    Cpu,
}

impl Kind {
    /// `webgpu` or `cpu`, as in the column `device`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WebGpu => "webgpu",
            Self::Cpu => "cpu",
        }
    }
}

/// Why the CPU is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The user asked for it.
    Asked,
    /// The browser has no WebGPU.
    NoWebGpu,
    /// The page is not in a secure context, where browsers hide WebGPU.
    InsecureContext,
    /// There is no GPU adapter, or only a software one.
    NoAdapter,
    /// The GPU computed a known result wrongly.
    FailedProof,
    /// The adapter says nothing about itself and is slower than the CPU.
    SlowAdapter,
}

impl Reason {
    /// The reason as a stable word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::NoWebGpu => "no-webgpu",
            Self::InsecureContext => "insecure-context",
            Self::NoAdapter => "no-adapter",
            Self::FailedProof => "failed-proof",
            Self::SlowAdapter => "slow-adapter",
        }
    }
}

/// The arithmetic of the forward pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// Single precision: every device, every score.
    Single,
    /// Double precision: the CPU alone, to prove the mathematics.
    Double,
}

/// An opened device.
#[derive(Debug, Clone)]
pub struct Device {
    burn: BurnDevice,
    kind: Kind,
    name: String,
    reason: Option<Reason>,
    /// What was tried before, in words.
    message: Option<String>,
    precision: Precision,
    /// Bytes of the largest buffer that a kernel may read.
    largest_buffer: u64,
    uploads: Uploads,
}

impl Device {
    /// The CPU, in single precision.
    #[must_use]
    pub fn cpu(reason: Reason) -> Self {
        Self {
            burn: BurnDevice::flex(),
            kind: Kind::Cpu,
            name: "CPU".to_owned(),
            reason: Some(reason),
            message: None,
            precision: Precision::Single,
            largest_buffer: u64::MAX,
            uploads: Uploads::default(),
        }
    }

    /// The CPU, which was not the first choice: what was tried before, in words.
    pub(super) fn cpu_after(reason: Reason, message: String) -> Self {
        Self {
            message: Some(message),
            ..Self::cpu(reason)
        }
    }

    /// A GPU that was opened. `largest_buffer` is in bytes.
    pub(super) fn gpu(burn: BurnDevice, name: String, largest_buffer: u64) -> Self {
        Self {
            burn,
            kind: Kind::WebGpu,
            name,
            reason: None,
            message: None,
            precision: Precision::Single,
            largest_buffer,
            uploads: Uploads::default(),
        }
    }

    /// The CPU, in double precision.
    #[must_use]
    pub fn cpu_double() -> Self {
        Self {
            precision: Precision::Double,
            ..Self::cpu(Reason::Asked)
        }
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its name, as the driver gives it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Why the CPU is used, when it is.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        self.reason
    }

    /// What was tried before, in words.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// The arithmetic of the forward pass.
    #[must_use]
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Bytes of one number.
    pub(super) fn width(&self) -> u64 {
        match self.precision {
            Precision::Single => 4,
            Precision::Double => 8,
        }
    }

    /// Bytes that one forward pass may use.
    pub(super) fn memory_limit(&self) -> u64 {
        // wasm32 has 4 GiB of addresses, of which the page and the allocator
        // need their part.
        if cfg!(target_arch = "wasm32") {
            2 << 30
        } else {
            8 << 30
        }
    }

    /// Uploads host numbers.
    pub(super) fn tensor<const D: usize>(&self, values: Vec<f64>, shape: [usize; D]) -> Tensor<D> {
        let data = match self.precision {
            Precision::Double => TensorData::new(values, shape.to_vec()),
            Precision::Single => {
                let single: Vec<f32> = values.into_iter().map(|x| x as f32).collect();
                TensorData::new(single, shape.to_vec())
            }
        };
        Tensor::from_data(data, (&self.burn, self.dtype()))
    }

    /// A weight on the device, under another shape of as many elements.
    pub(super) fn array<const D: usize>(&self, array: &Arc<Array>, shape: [usize; D]) -> Tensor<D> {
        self.uploads
            .get(array, || self.upload(array))
            .reshape(shape)
    }

    fn upload(&self, array: &Array) -> Tensor<1> {
        match (&array.values, self.precision) {
            (Values::F32(v), Precision::Single) => {
                let data = TensorData::new(v.clone(), [v.len()]);
                Tensor::from_data(data, (&self.burn, DType::F32))
            }
            _ => {
                let values = array.to_f64();
                let n = values.len();
                self.tensor(values, [n])
            }
        }
    }

    /// Bytes of the largest buffer that one value may fill.
    pub(super) fn largest_buffer(&self) -> u64 {
        self.largest_buffer
    }

    /// The device as Burn knows it.
    pub(crate) fn burn(&self) -> &BurnDevice {
        &self.burn
    }

    fn dtype(&self) -> DType {
        match self.precision {
            Precision::Single => DType::F32,
            Precision::Double => DType::F64,
        }
    }
}
