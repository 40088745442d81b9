//! ONNX files: bytes → [`Network`](crate::network::Network).
//!
//! ```text
//! bytes ─→ read (proto) ─→ Model ─→ lower ─→ Network, notes ─→ Architecture
//!                                     └─ fold: arithmetic on constants
//! ```
//!
//! * [`Model::read`] takes a file's bytes, names what is no ONNX, and checks
//!   nothing that a look at the whole graph is needed for.
//! * [`Model::info`] says what the file says of itself.
//! * [`Model::lower`] gives the dynamic dimensions a value, computes what is
//!   constant, recognises layers that were written out in parts, and builds the
//!   network. Nothing is skipped in silence: an operator that is not known is
//!   an error with its name.
//! * [`Model::architecture`] is what `score` takes.
//! * [`export`] goes the other way: an architecture → the bytes of a file.
//!
//! A value of the graph keeps its ONNX shape beside the node that computes it;
//! the node's own shape has the same elements in the same order, without the
//! batch. So a reshape costs nothing, and a dense layer on `[1, H, W, C]` is one
//! on `[HW, C]`, whose map has tokens as rows.

mod architecture;
mod external;
mod fold;
mod graph;
mod info;
mod inline;
mod inputs;
mod lower;
mod name;
mod operator;
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    reason = "generated"
)]
#[rustfmt::skip]
mod proto;
mod read;
mod tensor;
mod write;

pub use architecture::{ABOUT, is_model_path};
pub use info::{Dimension, Info, Port, Used};
pub use inputs::{Inputs, WeightSource};
#[doc(hidden)]
pub use lower::Flat;
pub use lower::{Lowered, Note, OPERATORS};
pub use read::{Model, check_format, is_model_head, looks_like_onnx};
pub use write::export;
