//! σ_min and σ_max of observed maps.
//!
//! Only their ratio matters, to 1e-6 absolute. A Gram matrix in single
//! precision would lose everything below about 3e-4.

mod host;

pub(crate) use host::extremes;
