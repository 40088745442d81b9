//! The innermost loops: convolutions, Gram matrices and the ends of their
//! spectra, products of small matrices, rows of numbers, signs, what is drawn.
//!
//! They are a crate of their own because a profile has one optimisation level a
//! crate: the WebAssembly of everything else is compiled to be small, and loops
//! that are neither unrolled nor vectorised take several times as long. For the
//! same reason no function here is generic in its interface, which would compile
//! it where it is used.
//!
//! Nearly everything is written as loops over arrays of a fixed length, which
//! compilers turn into whatever vectors the target has. Natively on x86-64 each is
//! there for every machine, for those with AVX2 and fused multiply-add, and for
//! those with AVX-512, chosen at run time (`wide`). Instructions are named where a
//! compiler leaves a tile's sums in memory: in convolutions for AVX-512 and
//! WebAssembly, and in Gram matrices.

mod agreement;
mod convolution;
mod draw;
mod ends;
mod gram;
mod number;
mod product;
mod wide;

pub use agreement::{agreements, patterns, sign_words};
pub use convolution::Convolution;
pub use draw::{normal, uniform};
pub use ends::ends;
pub use gram::{gram_f32, gram_f64};
pub use number::{Number, Spans};
pub use product::Factor;
