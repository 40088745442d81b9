//! Signs as bits, and how many of them agree.

use crate::wide::{Loop, widest};

/// The signs of a row, sixty-four to a word: set where a number is above 0. Bits
/// beyond its end are not set.
#[must_use]
pub fn sign_words(row: &[f32]) -> Vec<u64> {
    widest(Words(row))
}

struct Words<'a>(&'a [f32]);

impl Loop for Words<'_> {
    type Made = Vec<u64>;

    #[inline(always)]
    fn run<const FUSED: bool, const VECTOR: usize>(self) -> Vec<u64> {
        // Bytes of eight first: a form that vectorises.
        let byte = |bits: &[f32]| {
            let bits = bits.iter().enumerate();
            bits.fold(0u8, |byte, (i, &x)| byte | (u8::from(x > 0.0) << i))
        };
        let word = |block: &[f32]| {
            let bytes = block.chunks(8).enumerate();
            bytes.fold(0u64, |word, (i, bits)| {
                word | (u64::from(byte(bits)) << (8 * i))
            })
        };
        self.0.chunks(64).map(word).collect()
    }
}

/// Adds, for each pair of images, on how many of `neurons` neurons they have the
/// same sign, to `counts`, row by row and on both sides of the diagonal. `words`
/// are those of each image, one image after the other.
pub fn agreements(words: &[u64], neurons: usize, counts: &mut [u64]) {
    widest(Agreements {
        words,
        neurons,
        counts,
    });
}

struct Agreements<'a> {
    words: &'a [u64],
    neurons: usize,
    counts: &'a mut [u64],
}

impl Loop for Agreements<'_> {
    type Made = ();

    #[inline(always)]
    fn run<const FUSED: bool, const VECTOR: usize>(self) {
        let images = self.counts.len().isqrt();
        let length = self.words.len() / images.max(1);
        let row = |i: usize| &self.words[i * length..(i + 1) * length];
        for i in 0..images {
            for j in 0..=i {
                let pairs = row(i).iter().zip(row(j));
                let differ: u32 = pairs.map(|(a, b)| (a ^ b).count_ones()).sum();
                let agree = self.neurons as u64 - u64::from(differ);
                self.counts[i * images + j] += agree;
                if i != j {
                    self.counts[j * images + i] += agree;
                }
            }
        }
    }
}

/// The pattern of each neuron, a bit an image, from what [`sign_words`] makes of
/// the images, one after the other; at most sixty-four.
#[must_use]
pub fn patterns(words: &[u64], images: usize, neurons: usize) -> Vec<u64> {
    let length = words.len() / images.max(1);
    let mut patterns = Vec::with_capacity(length * 64);
    for block in 0..length {
        let mut square = [0; 64];
        let column = words[block..].iter().step_by(length);
        square
            .iter_mut()
            .zip(column)
            .for_each(|(to, word)| *to = *word);
        turn(&mut square);
        patterns.extend(square);
    }
    patterns.truncate(neurons);
    patterns
}

/// Turns a square of bits around its diagonal, by halves of halves.
fn turn(square: &mut [u64; 64]) {
    let (mut half, mut mask) = (32, u64::from(u32::MAX));
    while half > 0 {
        for i in (0..64).filter(|i| i & half == 0) {
            let swapped = (square[i] >> half ^ square[i + half]) & mask;
            square[i] ^= swapped << half;
            square[i + half] ^= swapped;
        }
        half /= 2;
        mask ^= mask << half;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_every_length_and_what_agrees() {
        for neurons in [1, 63, 64, 65, 200] {
            let number = |image: usize, i: usize| match (image * 31 + i * 17) % 7 {
                0 => 0.0,
                1 => f32::NAN,
                n => n as f32 - 4.0,
            };
            let rows: Vec<Vec<f32>> = (0..3)
                .map(|image| (0..neurons).map(|i| number(image, i)).collect())
                .collect();
            let words: Vec<u64> = rows.iter().flat_map(|row| sign_words(row)).collect();
            let mut counts = vec![10; 9];
            agreements(&words, neurons, &mut counts);
            for (place, count) in counts.iter().enumerate() {
                let pairs = rows[place / 3].iter().zip(&rows[place % 3]);
                let right = pairs.filter(|(a, b)| (**a > 0.0) == (**b > 0.0)).count();
                assert_eq!(*count, 10 + right as u64, "{neurons} neurons, pair {place}");
            }
            let found = patterns(&words, 3, neurons);
            let bit = |i: usize, image: usize| u64::from(rows[image][i] > 0.0) << image;
            let right = |i| bit(i, 0) | bit(i, 1) | bit(i, 2);
            assert_eq!(found, (0..neurons).map(right).collect::<Vec<_>>());
        }
    }
}
