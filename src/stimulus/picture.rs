//! A picture as the input.

#![allow(
    clippy::cast_possible_truncation,
    reason = "counts are far below the types' ranges, and f32 is the passes' precision"
)]

use image::{RgbaImage, imageops};

use crate::architecture::Normalisation;
use crate::array::Array;
use crate::error::{Error, Result};
use crate::random::fnv1a;

/// Sides above this are refused: nobody means to score from such a picture.
const LARGEST_SIDE: u32 = 32_768;

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
    #[must_use]
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
