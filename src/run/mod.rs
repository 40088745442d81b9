//! Many architectures: what a row of results is, and in which order a list is
//! worked through.
//!
//! ```text
//! row ←─ score        runner ←─ threads
//! ```

mod row;
mod runner;
mod score;
#[cfg(not(target_arch = "wasm32"))]
mod threads;

pub use row::{
    COLUMNS, Column, EVIDENCE, Empty, FAILED, Kind, PROXY, Role, Row, all_columns, number, of_role,
};
pub use runner::{Job, Runner, Told};
pub use score::{Scored, score};
#[cfg(not(target_arch = "wasm32"))]
pub use threads::{News, Threads};
