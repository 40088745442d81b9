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

    /// Standard normal, by Box and Muller with `libm`'s functions.
    pub(crate) fn normal(&mut self) -> f64 {
        if let Some(z) = self.spare.take() {
            return z;
        }
        // 1 − u is in (0, 1]: its logarithm is finite.
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform()));
        let angle = std::f64::consts::TAU * self.uniform();
        self.spare = Some(radius * libm::sin(angle));
        radius * libm::cos(angle)
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
