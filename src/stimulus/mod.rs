//! What goes into a network: images, token ids and curves, drawn from seeds or
//! decoded.

mod circle;
mod given;
mod ids;
mod noise;
mod picture;
mod pink;
mod white;

pub use circle::{circle, default_curves};
pub use given::Given;
pub use ids::Ids;
pub use noise::{noise, noise_batch, token_ids};
pub use picture::Picture;
pub use pink::pink_noise;
pub use white::{constant, perturbed, white_noise};
