//! 1/f noise, the default image.

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

/// One field. The inverse transform is the plain sum, one axis after the
/// other: `rustfft` picks another order of additions on each machine, and the
/// image must have the same bits everywhere.
fn pink_field(h: usize, w: usize, stream: &mut Stream) -> Vec<f64> {
    let mut re = vec![0.0; h * w];
    let mut im = vec![0.0; h * w];
    for y in 0..h {
        for x in 0..w {
            let (fy, fx) = (frequency(y, h), frequency(x, w));
            let f = libm::sqrt(fy * fy + fx * fx);
            let weight = if f == 0.0 { 1.0 } else { 1.0 / f };
            re[y * w + x] = stream.normal() * weight;
            im[y * w + x] = stream.normal() * weight;
        }
    }
    for y in 0..h {
        transform(&mut re, &mut im, y * w, 1, w);
    }
    for x in 0..w {
        transform(&mut re, &mut im, x, w, h);
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

/// Unnormalised inverse Fourier transform of `n` numbers `stride` apart.
fn transform(re: &mut [f64], im: &mut [f64], start: usize, stride: usize, n: usize) {
    let wave: Vec<(f64, f64)> = (0..n)
        .map(|k| std::f64::consts::TAU * k as f64 / n as f64)
        .map(|angle| (libm::cos(angle), libm::sin(angle)))
        .collect();
    let line: Vec<(f64, f64)> = (0..n)
        .map(|i| (re[start + i * stride], im[start + i * stride]))
        .collect();
    for t in 0..n {
        let (mut a, mut b) = (0.0, 0.0);
        for (k, &(x, y)) in line.iter().enumerate() {
            let (c, s) = wave[k * t % n];
            a += x * c - y * s;
            b += x * s + y * c;
        }
        re[start + t * stride] = a;
        im[start + t * stride] = b;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transform_is_the_inverse_fourier_sum() {
        // A single wave of frequency 1 of 4, and a constant.
        let (mut re, mut im) = (vec![1.0, 2.0, 0.0, 0.0], vec![0.0; 4]);
        transform(&mut re, &mut im, 0, 1, 4);
        for (t, (a, b)) in re.iter().zip(&im).enumerate() {
            let angle = std::f64::consts::FRAC_PI_2 * t as f64;
            assert!((a - (1.0 + 2.0 * angle.cos())).abs() < 1e-14);
            assert!((b - 2.0 * angle.sin()).abs() < 1e-14);
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
