//! A network → numbers on a device, in one forward pass.
//!
//! [`device`] chooses where, [`jet`] is the batch that carries the image and
//! the curves with their derivatives, [`ops`] has one function an operation,
//! and [`run`] walks the graph. No automatic differentiation anywhere.

mod device;
pub(crate) mod jet;
mod monitor;
pub(crate) mod ops;
mod run;

pub use device::{Choice, DEVICES, Device, Kind, Precision, Reason};
pub use monitor::{Monitor, Silent, Step};
pub use run::{Curve, Inputs, MapRange, OutputJet, Pass, Phases};
