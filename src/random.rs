//! Seeded random streams with the same bits on every machine.
//!
//! A stream is ChaCha8 keyed by a seed and by a name, so that what is drawn
//! for one purpose (a weight tensor, a curve) never depends on what else is
//! drawn. Weights are named by their tensor: two cells that differ in one edge
//! share the weights of all the others, which removes noise from comparisons.
//!
//! `rand_distr` was considered for the normal distribution; its ziggurat calls
//! the platform's `exp` and `ln`, whose last bit differs between machines.

#![allow(
    clippy::cast_possible_truncation,
    reason = "counts are far below the types' ranges"
)]

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// Words that are drawn at once: an even number, which stays in the first cache.
const BUFFER: usize = 512;

/// A stream of random numbers for one seed and one purpose.
pub(crate) struct Stream {
    rng: ChaCha8Rng,
    spare: Option<f64>,
}

impl Stream {
    /// The stream of `seed` for the purpose `name`.
    pub(crate) fn new(seed: u64, name: &str) -> Self {
        let mut key = [0u8; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..16].copy_from_slice(&fnv1a(name.bytes()).to_le_bytes());
        Self {
            rng: ChaCha8Rng::from_seed(key),
            spare: None,
        }
    }

    /// Uniform in [0, 1), a multiple of 2⁻²⁴.
    pub(crate) fn uniform_f32(&mut self) -> f32 {
        (self.rng.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// Uniform in [0, 1), a multiple of 2⁻⁵³.
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.rng.next_u64() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// The next of [`Stream::normals`], by their definition: Box and Muller with
    /// `libm`'s functions.
    #[cfg(test)]
    pub(crate) fn normal(&mut self) -> f64 {
        if let Some(z) = self.spare.take() {
            return z;
        }
        // 1 − u is in (0, 1]: its logarithm is finite.
        let radius = (-2.0 * libm::log(1.0 - self.uniform())).sqrt();
        let angle = std::f64::consts::TAU * self.uniform();
        self.spare = Some(radius * libm::sin(angle));
        radius * libm::cos(angle)
    }

    /// Standard normal, by Box and Muller: with the bits of `libm`'s functions, in a
    /// quarter of the time.
    pub(crate) fn normals(&mut self, n: usize) -> Vec<f64> {
        let mut drawn = Vec::with_capacity(n + 1);
        drawn.extend(self.spare.take_if(|_| n > 0));
        let first = drawn.len();
        let odd = (n - first) % 2;
        drawn.resize(n + odd, 0.0);
        let mut bytes = [0; 8 * BUFFER];
        for numbers in drawn[first..].chunks_mut(BUFFER) {
            let bytes = &mut bytes[..8 * numbers.len()];
            self.rng.fill_bytes(bytes);
            dextr_loops::normal(bytes, numbers);
        }
        if odd == 1 {
            self.spare = drawn.pop();
        }
        drawn
    }

    /// Uniform in ±`bound`, `n` numbers of single precision.
    pub(crate) fn within(&mut self, bound: f32, n: usize) -> Vec<f32> {
        let mut drawn = vec![0.0; n];
        let mut bytes = [0; 4 * BUFFER];
        for numbers in drawn.chunks_mut(BUFFER) {
            let bytes = &mut bytes[..4 * numbers.len()];
            self.rng.fill_bytes(bytes);
            dextr_loops::uniform(bytes, bound, numbers);
        }
        drawn
    }

    /// A seed for a stream of its own.
    pub(crate) fn seed(&mut self) -> u64 {
        self.rng.next_u64()
    }

    /// Uniform in `0..n` (n > 0), without bias.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        let n = n as u64;
        let zone = u64::MAX - u64::MAX % n;
        loop {
            let x = self.rng.next_u64();
            if x < zone {
                return (x % n) as usize;
            }
        }
    }

    /// Puts things into an order of which all are equally likely.
    pub(crate) fn shuffle<T>(&mut self, things: &mut [T]) {
        for i in (1..things.len()).rev() {
            things.swap(i, self.below(i + 1));
        }
    }
}

/// FNV-1a, 64 bits: a hash that is the same everywhere and in every version.
pub(crate) fn fnv1a(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_by_seed_and_by_name_and_repeat() {
        let draw = |seed, name: &str| Stream::new(seed, name).uniform_f32();
        assert_eq!(draw(0, "a"), draw(0, "a"));
        assert_ne!(draw(0, "a"), draw(1, "a"));
        assert_ne!(draw(0, "a"), draw(0, "b"));
    }

    #[test]
    fn many_at_once_are_those_drawn_one_by_one() {
        for n in [0, 1, 2, 7, 511, 512, 1025, 3000] {
            let (mut many, mut single) = (Stream::new(3, "x"), Stream::new(3, "x"));
            let mut one_by_one = |n| (0..n).map(|_| single.normal()).collect::<Vec<_>>();
            // Each goes on where the last one ended, also within a pair.
            assert_eq!(many.normals(n), one_by_one(n));
            assert_eq!(many.normals(5), one_by_one(5));
            assert_eq!(many.normal(), one_by_one(1)[0]);
            assert_eq!(many.seed(), single.seed());
            let (mut many, mut single) = (Stream::new(4, "x"), Stream::new(4, "x"));
            let one_by_one = (0..n).map(|_| (2.0 * single.uniform_f32() - 1.0) * 0.3);
            assert_eq!(many.within(0.3, n), one_by_one.collect::<Vec<_>>());
            assert_eq!(many.seed(), single.seed());
        }
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut stream = Stream::new(7, "moments");
        let n = 20_000;
        let uniform: f64 = (0..n).map(|_| stream.uniform()).sum::<f64>() / n as f64;
        assert!((uniform - 0.5).abs() < 0.01, "{uniform}");
        let z: Vec<f64> = (0..n).map(|_| stream.normal()).collect();
        let mean = z.iter().sum::<f64>() / n as f64;
        let variance = z.iter().map(|v| v * v).sum::<f64>() / n as f64;
        assert!(
            mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04,
            "{mean} {variance}"
        );
        let mut seen = [0usize; 10];
        (0..n).for_each(|_| seen[stream.below(10)] += 1);
        assert!(seen.iter().all(|&c| (1800..2200).contains(&c)), "{seen:?}");
    }
}
