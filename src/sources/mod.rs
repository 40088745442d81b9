//! What reads architectures: search spaces read texts, ONNX reads files.

pub mod onnx;
mod source;
pub mod spaces;

pub use source::Source;
