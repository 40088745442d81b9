//! Search: what to try next, by asking and telling.
//!
//! A [`Search`] is plain seeded data. It is asked for candidates and told their
//! rows; it knows no device, no thread and no page. What it asks for depends on
//! its [`Plan`] and on what it was told *in the order of asking*, never on what
//! came back first: a result that comes early is held until its turn. So the
//! same plan is the same search on any number of workers, with or without a
//! pause.
//!
//! ```text
//! limits, aim ←─ plan (of a wish) ←─ ground ←─ random, evolution, local, cascade, projection, optiproxy ←─ asking ←─ told
//!                                                                           best, state ←─┘
//! ```

mod aim;
mod asking;
mod best;
mod candidate;
mod cascade;
mod decisions;
mod evolution;
mod ground;
mod kind;
mod limits;
mod local;
mod moves;
mod optiproxy;
mod paper;
mod phase;
mod plan;
mod projection;
mod random;
mod seen;
mod state;
mod strategy;
mod told;
mod wish;

pub use aim::Aim;
pub use asking::Search;
pub use best::{Entry, Size};
pub use candidate::{Candidate, Progress};
pub use cascade::Stage;
pub use limits::{Limits, Range, count};
pub use optiproxy::Preset;
pub use paper::{PAPERS, Paper};
pub use phase::Phase;
pub use plan::{Measure, Plan};
pub use projection::Decision;
pub use strategy::{STRATEGIES, Strategy};
pub use told::Told;
pub use wish::{Count, Wish};

#[cfg(test)]
mod tests;
