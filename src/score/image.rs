//! The input image: pink noise by default, or a picture.

use std::sync::LazyLock;

use image::{RgbaImage, imageops};

use crate::error::{Error, Result};
use crate::memo::Memo;
use crate::network::Array;
use crate::random::{Stream, fnv1a};
use crate::spaces::Normalisation;

/// Sides above this are refused: nobody means to score from such a picture.
const LARGEST_SIDE: u32 = 32_768;

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

/// A decoded picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    pixels: RgbaImage,
}

impl Picture {
    /// A picture from its pixels, four bytes each (red, green, blue, alpha).
    ///
    /// # Errors
    /// [`Error::Image`] when the bytes are not `4 × width × height`, or a side
    /// is 0 or absurdly large.
    pub fn from_rgba(width: u32, height: u32, rgba: Vec<u8>) -> Result<Self> {
        let sane = (1..=LARGEST_SIDE).contains(&width) && (1..=LARGEST_SIDE).contains(&height);
        let pixels = if sane {
            RgbaImage::from_raw(width, height, rgba)
        } else {
            None
        };
        pixels
            .map(|pixels| Self { pixels })
            .ok_or_else(|| Error::Image {
                message: format!("the bytes do not make a picture of {width}×{height} pixels"),
                cure: "give four bytes a pixel, and sides of 1 to 32768".to_owned(),
            })
    }

    /// Decodes a PNG or JPEG file.
    ///
    /// # Errors
    /// [`Error::Image`] when the bytes are neither.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let refused = |e: image::ImageError| Error::Image {
            message: format!("cannot be decoded ({e})"),
            cure: "give a PNG or JPEG file of at most 32768 pixels a side".to_owned(),
        };
        let file = std::io::Cursor::new(bytes);
        let mut reader = image::ImageReader::new(file)
            .with_guessed_format()
            .map_err(|e| refused(e.into()))?;
        // A few bytes can ask for gigabytes of pixels.
        let mut limits = image::Limits::default();
        limits.max_image_width = Some(LARGEST_SIDE);
        limits.max_image_height = Some(LARGEST_SIDE);
        reader.limits(limits);
        let decoded = reader.decode().map_err(refused)?;
        Ok(Self {
            pixels: decoded.to_rgba8(),
        })
    }

    /// Eight hexadecimal digits that tell pictures apart: the 32-bit FNV-1a
    /// hash of the size and the pixels.
    pub fn fingerprint(&self) -> String {
        let (width, height) = self.pixels.dimensions();
        let size = [width.to_le_bytes(), height.to_le_bytes()].concat();
        let hash = fnv1a(size.iter().chain(self.pixels.as_raw()).copied());
        format!("{:08x}", hash as u32)
    }

    /// The picture as an input: centre-cropped to the input's proportions,
    /// resized, and normalised. Transparency is ignored.
    ///
    /// # Errors
    /// [`Error::Image`] when the network does not take three channels.
    pub fn to_input(&self, shape: &[usize], how: Normalisation) -> Result<Array> {
        let &[3, h, w] = shape else {
            return Err(Error::Image {
                message: format!("a picture has three channels, the network takes {shape:?}"),
                cure: "leave the image out: pink noise has any number of channels".to_owned(),
            });
        };
        let (h32, w32) = (h as u32, w as u32);
        let (width, height) = self.pixels.dimensions();
        // The largest window of the input's proportions.
        let (crop_w, crop_h) = if u64::from(width) * h as u64 > u64::from(height) * w as u64 {
            (
                (u64::from(height) * w as u64 / h as u64).max(1) as u32,
                height,
            )
        } else {
            (
                width,
                (u64::from(width) * h as u64 / w as u64).max(1) as u32,
            )
        };
        let (left, top) = ((width - crop_w) / 2, (height - crop_h) / 2);
        let crop = imageops::crop_imm(&self.pixels, left, top, crop_w, crop_h).to_image();
        let small = imageops::resize(&crop, w32, h32, imageops::FilterType::Triangle);
        let mut values = Vec::with_capacity(3 * h * w);
        for channel in 0..3 {
            let (mean, deviation) = (how.mean[channel], how.deviation[channel]);
            values.extend(
                small
                    .pixels()
                    .map(|p| (f32::from(p.0[channel]) / 255.0 - mean) / deviation),
            );
        }
        Ok(Array::f32(shape.to_vec(), values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Normalisation = Normalisation {
        mean: [0.0; 3],
        deviation: [1.0; 3],
    };

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

    #[test]
    fn pictures_are_cropped_resized_and_normalised() {
        // Left half black, right half white, twice as wide as high.
        let mut rgba = Vec::new();
        for _ in 0..4 {
            for x in 0..8 {
                rgba.extend([if x < 4 { 0 } else { 255 }; 3]);
                rgba.push(255);
            }
        }
        let picture = Picture::from_rgba(8, 4, rgba).unwrap();
        let input = picture.to_input(&[3, 4, 4], PLAIN).unwrap().to_f64();
        // The crop keeps columns 2…5.
        assert_eq!(&input[..4], &[0.0, 0.0, 1.0, 1.0]);
        let half = Normalisation {
            mean: [0.5; 3],
            deviation: [0.5; 3],
        };
        let input = picture.to_input(&[3, 4, 4], half).unwrap().to_f64();
        assert_eq!(&input[..4], &[-1.0, -1.0, 1.0, 1.0]);
        assert!(picture.to_input(&[1, 4, 4], PLAIN).is_err());
    }

    #[test]
    fn broken_pictures_are_refused() {
        assert!(Picture::from_rgba(2, 2, vec![0; 15]).is_err());
        assert!(Picture::from_rgba(0, 2, vec![]).is_err());
        assert!(Picture::decode(b"not a picture").is_err());
    }
}
