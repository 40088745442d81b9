//! 1/f noise, the default image.

#![allow(
    clippy::cast_possible_truncation,
    reason = "counts are far below the types' ranges, and f32 is the passes' precision"
)]

use std::sync::LazyLock;

use crate::array::Array;
use crate::memo::Memo;
use crate::random::Stream;

/// 1/f noise of shape `[C, H, W]`, the default image. It ranks architectures
/// as well as a photograph does, where white noise does not.
///
/// Each field is a random spectrum divided by |frequency| (the constant left
/// alone), with zero mean and unit variance; a channel is 0.95 of a shared
/// field and 0.31 of its own.
pub fn pink_noise(shape: &[usize], seed: u64) -> Array {
    static DRAWN: LazyLock<Memo<(Vec<usize>, u64), Array>> = LazyLock::new(|| Memo::new(8 << 20));
    let drawn = DRAWN.get((shape.to_vec(), seed), || draw(shape, seed));
    Array::clone(&drawn)
}

fn draw(shape: &[usize], seed: u64) -> Array {
    let (channels, h, w) = (shape[0], shape[1], shape[2]);
    let mut stream = Stream::new(seed, &format!("pink noise {shape:?}"));
    let shared = pink_field(h, w, &mut stream);
    let mut values = Vec::with_capacity(channels * h * w);
    for _ in 0..channels {
        let own = pink_field(h, w, &mut stream);
        values.extend(
            shared
                .iter()
                .zip(&own)
                .map(|(s, o)| (0.95 * s + 0.31 * o) as f32),
        );
    }
    Array::f32(shape.to_vec(), values)
}

/// One field: the inverse transform of a random spectrum.
fn pink_field(h: usize, w: usize, stream: &mut Stream) -> Vec<f64> {
    let mut re = vec![0.0; h * w];
    let mut im = vec![0.0; h * w];
    for y in 0..h {
        let drawn = stream.normals(2 * w);
        for x in 0..w {
            let (fy, fx) = (frequency(y, h), frequency(x, w));
            let f = libm::sqrt(fy * fy + fx * fx);
            let weight = if f == 0.0 { 1.0 } else { 1.0 / f };
            re[y * w + x] = drawn[2 * x] * weight;
            im[y * w + x] = drawn[2 * x + 1] * weight;
        }
    }
    let (rows, columns) = (Transform::new(w), Transform::new(h));
    for y in 0..h {
        rows.along(&mut re, &mut im, y * w, 1);
    }
    for x in 0..w {
        columns.along(&mut re, &mut im, x, w);
    }
    let n = (h * w) as f64;
    let mean = re.iter().sum::<f64>() / n;
    let variance = re.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
    // A 1×1 field has no variance; it is zero then.
    let scale = if variance > 0.0 {
        1.0 / libm::sqrt(variance)
    } else {
        0.0
    };
    re.iter().map(|v| (v - mean) * scale).collect()
}

/// Cycles per pixel, −½ … ½.
fn frequency(index: usize, n: usize) -> f64 {
    let signed = if 2 * index < n {
        index as f64
    } else {
        index as f64 - n as f64
    };
    signed / n as f64
}

/// Lines up to this length are the plain sum, with the bits that images of these
/// sizes have always had.
const PLAIN: usize = 64;

/// Unnormalised inverse Fourier transforms of one length.
///
/// The image must have the same bits everywhere. `rustfft` was considered: its
/// twiddle factors are the platform's sines and cosines, whose last bit differs
/// between machines. So lengths are split by their prime factors here (Cooley
/// and Tukey), which costs n·Σp in place of n².
struct Transform {
    /// The powers of the first root of unity, by `libm`.
    roots: Vec<(f64, f64)>,
    /// Prime factors whose product is the length; the length itself where the
    /// plain sum is taken.
    factors: Vec<usize>,
}

impl Transform {
    fn new(n: usize) -> Self {
        let angles = (0..n).map(|k| std::f64::consts::TAU * k as f64 / n as f64);
        let mut factors = Vec::new();
        let (mut rest, mut prime) = (n, 2);
        while n > PLAIN && rest > 1 {
            while rest % prime == 0 {
                factors.push(prime);
                rest /= prime;
            }
            prime += 1;
        }
        if factors.is_empty() {
            factors.push(n);
        }
        Self {
            roots: angles.map(|a| (libm::cos(a), libm::sin(a))).collect(),
            factors,
        }
    }

    /// Transforms the numbers that begin at `start` and are `stride` apart.
    fn along(&self, re: &mut [f64], im: &mut [f64], start: usize, stride: usize) {
        let place = |i: usize| start + i * stride;
        let line: Vec<(f64, f64)> = (0..self.roots.len())
            .map(|i| (re[place(i)], im[place(i)]))
            .collect();
        for (i, (a, b)) in self
            .split(&line, 0, 1, &self.factors)
            .into_iter()
            .enumerate()
        {
            re[place(i)] = a;
            im[place(i)] = b;
        }
    }

    /// The transform of every `step`-th number of the line from `first` on.
    fn split(
        &self,
        line: &[(f64, f64)],
        first: usize,
        step: usize,
        factors: &[usize],
    ) -> Vec<(f64, f64)> {
        let Some((&p, rest)) = factors.split_first() else {
            return vec![line[first]];
        };
        let parts: Vec<Vec<(f64, f64)>> = (0..p)
            .map(|k| self.split(line, first + k * step, step * p, rest))
            .collect();
        let n = self.roots.len();
        let m = n / step / p;
        let sum = |t: usize| {
            let (mut a, mut b) = (0.0, 0.0);
            for (k, part) in parts.iter().enumerate() {
                let (x, y) = part[t % m];
                let (c, s) = self.roots[k * t * step % n];
                a += x * c - y * s;
                b += x * s + y * c;
            }
            (a, b)
        };
        (0..m * p).map(sum).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transform_is_the_inverse_fourier_sum() {
        // A single wave of frequency 1, and a constant; 97 is prime.
        for n in [4, 6, 63, 66, 97, 224, 384] {
            let (mut re, mut im) = (vec![0.0; 2 * n], vec![0.0; 2 * n]);
            (re[1], re[3]) = (1.0, 2.0);
            Transform::new(n).along(&mut re, &mut im, 1, 2);
            for t in 0..n {
                let angle = std::f64::consts::TAU * t as f64 / n as f64;
                let (a, b) = (re[1 + 2 * t], im[1 + 2 * t]);
                assert!((a - (1.0 + 2.0 * angle.cos())).abs() < 1e-13, "{n}");
                assert!((b - 2.0 * angle.sin()).abs() < 1e-13, "{n}");
            }
        }
    }

    #[test]
    fn split_lengths_are_the_plain_sum_but_for_rounding() {
        let mut stream = Stream::new(1, "transform");
        for n in [66, 120, 97 * 2, 224] {
            let line: Vec<(f64, f64)> =
                (0..n).map(|_| (stream.normal(), stream.normal())).collect();
            let fast = Transform::new(n);
            let plain = fast.split(&line, 0, 1, &[n]);
            let split = fast.split(&line, 0, 1, &fast.factors);
            for (p, q) in plain.iter().zip(&split) {
                assert!(
                    (p.0 - q.0).abs() < 1e-11 && (p.1 - q.1).abs() < 1e-11,
                    "{n}"
                );
            }
        }
    }

    #[test]
    fn pink_noise_falls_with_frequency_and_shares_its_channels() {
        let (h, w) = (32, 32);
        let image = pink_noise(&[3, h, w], 0).to_f64();
        let (first, second) = (&image[..h * w], &image[h * w..2 * h * w]);
        let mean = first.iter().sum::<f64>() / (h * w) as f64;
        assert!(mean.abs() < 1e-6, "{mean}");
        // Neighbours are alike, and so are channels: white noise has neither.
        let correlation = |p: &[f64], q: &[f64]| {
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
            dot(p, q) / (dot(p, p) * dot(q, q)).sqrt()
        };
        assert!(correlation(&first[1..], &first[..h * w - 1]) > 0.5);
        assert!(correlation(first, second) > 0.7);
    }
}
