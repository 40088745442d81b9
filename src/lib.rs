//! Dextr scores neural architectures before training.
//!
//! The map of the house; arrows go one way:
//!
//! ```text
//! spaces, onnx ─→ network ─→ engine ─→ score ─→ web, the command line
//!                              │
//!                             svd
//! ```
//!
//! * [`spaces`]: an architecture's text → a [`network::Network`].
//! * [`onnx`]: a model file's bytes → a network.
//! * [`network`]: a network as plain data, its weights, its observed maps.
//! * [`engine`]: one forward pass of the image and of curves with their two
//!   derivatives, on a GPU through WebGPU or on the CPU.
//! * [`score`]: the Dextr score and its evidence.
//! * [`stats`]: rank correlations with confidence intervals.
//!
//! ```
//! use dextr::{engine, score, spaces};
//!
//! # fn main() -> dextr::Result<()> {
//! let mut options = spaces::Options::new();
//! options.set("stem_width", "4").set("cells", "1").set("size", "8");
//! let space = spaces::by_name("nasbench201")?;
//! let arch = space.build("|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|", &options)?;
//! let device = engine::Device::cpu(engine::Reason::Asked);
//! let settings = score::Settings::default();
//! let run = score::score(&arch, &settings, &device, &engine::Silent);
//! let score = pollster::block_on(run)?;
//! assert_eq!(score.status, score::Status::Ok);
//! assert!(score.score > Some(0.0));
//! # Ok(())
//! # }
//! ```

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")
)]

pub mod engine;
mod error;
mod gpu;
mod memo;
pub mod network;
pub mod onnx;
mod random;
pub mod score;
pub mod spaces;
pub mod stats;
mod svd;
#[cfg(target_arch = "wasm32")]
#[allow(unreachable_pub, reason = "wasm-bindgen exports what it finds")]
mod web;

pub use error::{Error, Result};
