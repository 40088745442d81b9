//! Search spaces: text → [`Network`](crate::network::Network). One benchmark a
//! file.
//!
//! A [`Space`] parses an architecture's text, prints its canonical form, and
//! builds the exact network under named options.

mod autoformer;
mod blocks;
mod choice;
mod darts;
mod edges;
mod flexibert;
mod literal;
mod nasbench101;
mod nasbench201;
mod nats_size;
mod pit;
mod reading;
mod scan;
mod space;
mod supernet;
mod transformer;
mod transnasbench101;

pub use choice::Choice;
pub use edges::EDGES;
pub use nasbench201::{Cell, Operation};
pub use reading::{Meaning, Parsed};
pub use space::Space;
pub use supernet::{Layout, Place, Set, Supernet};

use crate::error::{Error, Result};

/// All spaces, in the order of their documentation.
#[must_use]
pub fn all() -> &'static [&'static dyn Space] {
    &[
        &nasbench101::NasBench101,
        &nasbench201::NasBench201,
        &nats_size::NatsSize,
        &darts::Darts,
        &transnasbench101::TransNasBench101,
        &autoformer::TINY,
        &autoformer::SMALL,
        &autoformer::BASE,
        &pit::Pit,
        &flexibert::FlexiBert,
    ]
}

/// A space by name.
///
/// # Errors
/// [`Error::UnknownName`] with the names that exist.
pub fn by_name(name: &str) -> Result<&'static dyn Space> {
    let known: Vec<&str> = all().iter().map(|s| s.name()).collect();
    let found = all().iter().copied().find(|s| s.name() == name);
    found.ok_or_else(|| Error::unknown("space", name, &known))
}
