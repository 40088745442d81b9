//! Many architectures: what a row of results is, and in which order a list is
//! worked through.
//!
//! ```text
//! cell ←─ row ←─ score        runner ←─ threads
//! ```

mod cell;
pub mod list;
mod row;
mod runner;
mod score;
#[cfg(not(target_arch = "wasm32"))]
mod shard;
#[cfg(not(target_arch = "wasm32"))]
mod threads;

pub use cell::{Kind, number};
pub use row::{
    COLUMNS, Column, EVIDENCE, Empty, FAILED, PROXY, Role, Row, all_columns, of_role, proxy_columns,
};
pub use runner::{Job, Runner, Told};
pub use score::{Scored, score};
#[cfg(not(target_arch = "wasm32"))]
pub use shard::Shard;
#[cfg(not(target_arch = "wasm32"))]
pub use threads::{More, News, Threads, Waker};
