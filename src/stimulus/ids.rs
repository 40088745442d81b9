//! Token ids that a person gives, as a tokenizer writes them.

use std::str::FromStr;

use crate::array::{Array, Values};
use crate::error::{Error, Result};
use crate::network::Input;
use crate::random::fnv1a;

/// A sequence of token ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ids(Vec<u32>);

impl Ids {
    /// The longest sequence that is read: no network here takes as many.
    const MOST: usize = 1 << 20;

    /// A sequence of at least one id.
    ///
    /// # Errors
    /// [`Error::Image`] for none, and for more than a million.
    pub fn new(ids: Vec<u32>) -> Result<Self> {
        match ids.len() {
            1..=Self::MOST => Ok(Self(ids)),
            n => Err(refused(format!("{n} token ids are no sequence"))),
        }
    }

    /// How many there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there is always one")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Eight hexadecimal digits that tell sequences apart: the lower half of their
    /// 64-bit FNV-1a hash.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let hash = fnv1a(self.0.iter().flat_map(|id| id.to_le_bytes()));
        format!("{:08x}", hash & 0xffff_ffff)
    }

    /// The sequence as an input, `[T]`.
    ///
    /// # Errors
    /// [`Error::Image`] when the network takes no token ids, another number of
    /// them, or has no word for one.
    pub fn to_input(&self, input: &Input) -> Result<Array> {
        let &Input::Words {
            length, vocabulary, ..
        } = input
        else {
            return Err(Error::Image {
                message: "token ids are given, and the network takes none".to_owned(),
                cure: "leave the ids out, or score a network of tokens".to_owned(),
            });
        };
        let count = self.0.len();
        if count != length {
            return Err(Error::Image {
                message: format!("{count} token ids are given, and the network takes {length}"),
                cure: format!("set the option length to {count}, or give {length} ids"),
            });
        }
        let beyond = |(_, id): &(usize, &u32)| usize::try_from(**id).is_ok_and(|i| i >= vocabulary);
        if let Some((place, id)) = self.0.iter().enumerate().find(beyond) {
            return Err(Error::Image {
                message: format!(
                    "the id {id} of token {place} is none of the vocabulary's {vocabulary}"
                ),
                cure: format!(
                    "give whole numbers from 0 to {}",
                    vocabulary.saturating_sub(1)
                ),
            });
        }
        Ok(Array {
            shape: vec![count],
            values: Values::F64(self.0.iter().map(|&id| f64::from(id)).collect()),
        })
    }
}

fn refused(message: String) -> Error {
    Error::Image {
        message,
        cure: "give whole numbers, separated by blanks or commas, as a tokenizer prints them"
            .to_owned(),
    }
}

impl FromStr for Ids {
    type Err = Error;

    /// Whole numbers separated by blanks, commas or line ends, in brackets or not.
    fn from_str(text: &str) -> Result<Self> {
        let is_between = |c: char| c.is_whitespace() || ",;[]()".contains(c);
        let words = text.split(is_between).filter(|word| !word.is_empty());
        let id = |(place, word): (usize, &str)| {
            let shown: String = word.chars().take(24).collect();
            let read = word.parse::<u32>();
            read.map_err(|_| refused(format!("'{shown}' is no token id (place {place})")))
        };
        let ids = words.take(Self::MOST + 1).enumerate().map(id);
        Self::new(ids.collect::<Result<_>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: Input = Input::Words {
        length: 3,
        vocabulary: 10,
        features: 2,
    };

    #[test]
    fn what_a_tokenizer_prints_is_read() {
        for text in ["1 2 9", "[1, 2, 9]", " 1,\n2;9\t", "tensor([1, 2, 9])"] {
            let ids = text.parse::<Ids>();
            if text.starts_with('t') {
                let error = ids.unwrap_err();
                assert!(error.to_string().contains("'tensor'"), "{error}");
                continue;
            }
            let input = ids.unwrap().to_input(&WORDS).unwrap();
            assert_eq!(input.to_f64(), [1.0, 2.0, 9.0], "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for (text, said) in [
            ("", "0 token ids"),
            ("1 -2 3", "'-2' is no token id (place 1)"),
            ("1 2.5 3", "'2.5'"),
            ("1 2", "2 token ids are given, and the network takes 3"),
            ("1 10 3", "the id 10 of token 1"),
        ] {
            let input = text.parse::<Ids>().and_then(|ids| ids.to_input(&WORDS));
            let error = input.unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
        let ids: Ids = "1 2 3".parse().unwrap();
        assert!(ids.to_input(&Input::Image([3, 4, 4])).is_err());
    }

    #[test]
    fn sequences_are_told_apart() {
        let of = |text: &str| text.parse::<Ids>().unwrap().fingerprint();
        assert_eq!(of("1 2 3"), of("[1,2,3]"));
        assert_ne!(of("1 2 3"), of("1 3 2"));
        assert_eq!(of("1 2 3").len(), 8);
    }
}
