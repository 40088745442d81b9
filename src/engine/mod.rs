//! A network → numbers on a device, in one forward pass.
//!
//! [`device`] chooses where, [`jet`] is the batch that carries the image and
//! the curves with their derivatives, [`ops`] has one function an operation,
//! and [`walk`] goes through the graph. Where gradients are watched, [`reverse`]
//! goes back through it, with one [`adjoint`] an operation. No automatic
//! differentiation anywhere.

mod adjoint;
mod apply;
mod data;
mod device;
mod fitting;
pub(crate) mod jet;
mod memory;
mod monitor;
pub(crate) mod observe;
mod open;
pub(crate) mod ops;
mod pace;
pub(crate) mod read;
mod reverse;
mod run;
mod sweep;
mod uploads;
mod walk;
mod words;

pub use data::{Along, Curve, Inputs, Phases};
pub use device::{Choice, DEVICES, Device, Kind, Precision, Reason};
pub use fitting::most_images;
pub use jet::Statistics;
pub use monitor::{Monitor, Silent, Step};
pub use observe::{
    Agreement, Found, Loss, MapRange, Motion, OutputJet, Transfer, Watch, WeightGradient, bend,
};
#[cfg(test)]
pub(crate) use open::webgpu;
pub use run::{Pass, Running};
pub use walk::Run;
