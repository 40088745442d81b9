//! A network → numbers on a device, in one forward pass.
//!
//! [`device`] chooses where, [`jet`] is the batch that carries the image and
//! the curves with their derivatives, [`ops`] has one function an operation,
//! and [`run`] walks the graph. No automatic differentiation anywhere.

mod apply;
mod data;
mod device;
pub(crate) mod jet;
mod maps;
mod memory;
mod monitor;
pub(crate) mod ops;
mod proof;
mod run;

pub use data::{Curve, Inputs, OutputJet, Phases};
#[cfg(test)]
pub(crate) use device::webgpu;
pub use device::{Choice, DEVICES, Device, Kind, Precision, Reason};
pub use maps::MapRange;
pub use monitor::{Monitor, Silent, Step};
pub use run::Pass;
