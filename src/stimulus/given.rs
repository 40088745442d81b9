//! What a person gives in the place of noise.

use super::ids::Ids;
use super::picture::Picture;
use crate::architecture::Normalisation;
use crate::array::Array;
use crate::error::{Error, Result};
use crate::network::Input;

/// What a person gives in the place of noise.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// A picture, for networks of images.
    Picture(Picture),
    /// Token ids, for networks of words.
    Ids(Ids),
}

impl Given {
    /// As in the column `image`: the kind and a fingerprint.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Picture(picture) => format!("picture:{}", picture.fingerprint()),
            Self::Ids(ids) => format!("ids:{}", ids.fingerprint()),
        }
    }

    /// As a network takes it; pictures are normalised.
    ///
    /// # Errors
    /// [`Error::Image`] when the network takes something else.
    pub fn to_input(&self, input: &Input, how: Normalisation) -> Result<Array> {
        match (self, input) {
            (Self::Picture(_), Input::Words { .. }) => Err(Error::Image {
                message: "a picture is given, and the network takes token ids".to_owned(),
                cure: "leave the picture out: token ids are drawn, or give your own".to_owned(),
            }),
            (Self::Picture(picture), _) => picture.to_input(&input.shape(), how),
            (Self::Ids(ids), _) => ids.to_input(input),
        }
    }
}
