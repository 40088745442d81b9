//! What reads architectures: search spaces read texts, ONNX reads files.

pub mod onnx;
pub mod spaces;
