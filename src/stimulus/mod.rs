//! What goes into a network: images and curves, drawn from seeds or decoded.

mod circle;
mod picture;
mod pink;
mod white;

pub use circle::{circle, default_curves};
pub use picture::Picture;
pub use pink::pink_noise;
pub use white::{constant, perturbed, white_noise};
