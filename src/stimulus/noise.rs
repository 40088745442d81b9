//! Noise for whatever a network takes: images, word vectors, or token ids.

use super::pink::pink_noise;
use super::white::white_noise;
use crate::array::{Array, Values};
use crate::network::Input;
use crate::random::Stream;

/// The one image where none is given: pink noise; ids of a network of words;
/// white noise where neighbours mean nothing.
#[must_use]
pub fn noise(input: &Input, seed: u64) -> Array {
    match *input {
        Input::Image(shape) => pink_noise(&shape, seed),
        Input::Words {
            length, vocabulary, ..
        } => token_ids(length, vocabulary, seed, 0),
        Input::Tokens(_) | Input::Features(_) => {
            let mut white = white_noise(&input.shape(), seed, 1);
            white.swap_remove(0)
        }
    }
}

/// A batch of `count` independent samples: white noise, or ids.
#[must_use]
pub fn noise_batch(input: &Input, seed: u64, count: usize) -> Vec<Array> {
    match *input {
        Input::Words {
            length, vocabulary, ..
        } => (0..count)
            .map(|index| token_ids(length, vocabulary, seed, index))
            .collect(),
        _ => white_noise(&input.shape(), seed, count),
    }
}

/// Sequence number `index` of a seed: `length` ids, uniform over a vocabulary
/// (of at least one word), `[length]`. In double precision, where every id is
/// itself.
#[must_use]
pub fn token_ids(length: usize, vocabulary: usize, seed: u64, index: usize) -> Array {
    let purpose = format!("token ids {index} of {length} among {vocabulary}");
    let mut stream = Stream::new(seed, &purpose);
    let ids = (0..length).map(|_| stream.below(vocabulary.max(1)) as f64);
    Array {
        shape: vec![length],
        values: Values::F64(ids.collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: Input = Input::Words {
        length: 400,
        vocabulary: 5,
        features: 8,
    };

    #[test]
    fn ids_are_uniform_over_the_vocabulary_and_the_seed_s() {
        let ids = noise(&WORDS, 3);
        assert_eq!(ids.shape, [400]);
        for id in 0..5 {
            let count = ids.to_f64().iter().filter(|&&x| x == f64::from(id)).count();
            assert!((50..=110).contains(&count), "{id}: {count}");
        }
        assert_eq!(ids, noise(&WORDS, 3));
        assert_ne!(ids, noise(&WORDS, 4));
        let batch = noise_batch(&WORDS, 3, 2);
        assert_eq!(batch[0], ids);
        assert_ne!(batch[1], ids);
    }

    #[test]
    fn vectors_and_features_are_white() {
        for input in [Input::Tokens([6, 4]), Input::Features(9)] {
            assert_eq!(noise(&input, 1), white_noise(&input.shape(), 1, 1)[0]);
        }
    }
}
