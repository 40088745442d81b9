//! Dextr scores neural architectures before training.
//!
//! The rooms, and which may use which, are in `src/ARCHITECTURE.md`:
//!
//! * [`sources`] read an architecture: search spaces a text, ONNX a file.
//! * [`architecture`]: a [`network::Network`], how its weights [`start`], and
//!   what it came from.
//! * [`stimulus`]: images and curves, from seeds.
//! * [`engine`]: one forward pass of images and of curves with their two
//!   derivatives, on a GPU through WebGPU or on the CPU, and what it watches.
//! * [`proxy`]: the Dextr score and others: what each needs, and its verdict.
//! * [`search`]: what to try next, by asking and telling.
//! * [`stats`]: rank correlations with confidence intervals.
//!
//! ```
//! use dextr::architecture::Options;
//! use dextr::sources::spaces;
//! use dextr::{engine, proxy};
//!
//! # fn main() -> dextr::Result<()> {
//! let mut options = Options::new();
//! options.set("stem_width", "4").set("cells", "1").set("size", "8");
//! let space = spaces::by_name("nasbench201")?;
//! let arch = space.build("|nor_conv_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|", &options)?;
//! let device = engine::Device::cpu(engine::Reason::Asked);
//! let settings = proxy::Settings::default();
//! let run = proxy::score(&arch, &settings, &device, &engine::Silent);
//! let score = pollster::block_on(run)?;
//! assert_eq!(score.status, proxy::Status::Ok);
//! assert!(score.score > Some(0.0));
//! # Ok(())
//! # }
//! ```

#![cfg_attr(
    test,
    allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")
)]

pub mod architecture;
pub mod array;
pub mod engine;
mod error;
mod gpu;
mod memo;
pub mod network;
pub mod proxy;
mod random;
pub mod run;
pub mod search;
pub mod sources;
mod spelling;
pub mod start;
pub mod stats;
pub mod stimulus;
mod svd;
#[cfg(target_arch = "wasm32")]
#[allow(
    unreachable_pub,
    clippy::needless_pass_by_value,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "wasm-bindgen exports what it finds and hands values over; numbers are checked as they come in"
)]
mod web;

pub use error::{Error, Result};
