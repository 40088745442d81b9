//! σ_min and σ_max of observed maps.
//!
//! Only their ratio matters, to 1e-6 absolute. A Gram matrix in single
//! precision would lose everything below about 3e-4.
//!
//! The CPU decomposes a map at a time in double precision: one that was computed
//! in single precision for its ends alone ([`extremes_of_single`]), else for all
//! its singular values ([`extremes`]). A GPU decomposes all maps of a network
//! together in single precision ([`Batch`]). A map for which that does not end is
//! left to the CPU ([`Found::Unfinished`]).

mod batch;
mod host;
mod kernel;
mod plan;
mod single;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod twin;

pub(crate) use batch::{Batch, Found};
pub(crate) use host::{extremes, values};
pub(crate) use single::{FLOOR, extremes_from_single, extremes_of_single};
