//! A network → numbers on a device, in one forward pass.
//!
//! [`device`] chooses where, [`jet`] is the batch that carries the image and
//! the curves with their derivatives, [`ops`] has one function an operation,
//! and [`run`] walks the graph. No automatic differentiation anywhere.

mod apply;
mod data;
mod device;
pub(crate) mod jet;
mod memory;
mod monitor;
pub(crate) mod observe;
mod open;
pub(crate) mod ops;
mod pace;
pub(crate) mod read;
mod run;
mod uploads;

pub use data::{Along, Curve, Inputs, Phases};
pub use device::{Choice, DEVICES, Device, Kind, Precision, Reason};
pub use jet::Statistics;
pub use monitor::{Monitor, Silent, Step};
pub use observe::{Found, MapRange, Motion, OutputJet, Signs, Watch, bend};
#[cfg(test)]
pub(crate) use open::webgpu;
pub use run::{Pass, Run};
