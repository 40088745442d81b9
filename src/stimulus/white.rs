//! White noise, and images of ones.

#![allow(
    clippy::cast_possible_truncation,
    reason = "counts are far below the types' ranges, and f32 is the passes' precision"
)]

use std::sync::LazyLock;

use crate::array::{Array, Values};
use crate::memo::Memo;
use crate::random::Stream;

/// What an image depends on: shape, seed, number.
type Source = (Vec<usize>, u64, usize);

/// Images of standard normal numbers, `count` of them, from a seed.
#[must_use]
pub fn white_noise(shape: &[usize], seed: u64, count: usize) -> Vec<Array> {
    static DRAWN: LazyLock<Memo<Source, Array>> = LazyLock::new(|| Memo::new(16 << 20));
    let image = |index| {
        let drawn = DRAWN.get((shape.to_vec(), seed, index), || {
            let mut stream = Stream::new(seed, &format!("white noise {index} of {shape:?}"));
            let n = shape.iter().product();
            let values = stream.normals(n).into_iter().map(|x| x as f32).collect();
            Array::f32(shape.to_vec(), values)
        });
        Array::clone(&drawn)
    };
    (0..count).map(image).collect()
}

/// Each image with a part of another added, `x + step·e`, in double precision:
/// how a step is rounded would show in what it moves.
#[must_use]
pub fn perturbed(images: &[Array], by: &[Array], step: f64) -> Vec<Array> {
    let pairs = images.iter().zip(by);
    let sums = pairs.map(|(x, e)| {
        let sums = x.to_f64().into_iter().zip(e.to_f64());
        Array {
            shape: x.shape.clone(),
            values: Values::F64(sums.map(|(x, e)| x + step * e).collect()),
        }
    });
    sums.collect()
}

/// An image whose numbers are all the same.
#[must_use]
pub fn constant(shape: &[usize], value: f32) -> Array {
    Array::f32(shape.to_vec(), vec![value; shape.iter().product()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_image_has_its_own_numbers_of_unit_variance() {
        let images = white_noise(&[3, 32, 32], 7, 2);
        let all = images[0].to_f64();
        let variance = all.iter().map(|x| x * x).sum::<f64>() / all.len() as f64;
        assert!((variance - 1.0).abs() < 0.1, "{variance}");
        assert_ne!(images[0], images[1]);
        assert_eq!(images, white_noise(&[3, 32, 32], 7, 2));
        let moved = perturbed(&images, &images, 0.5);
        assert!((moved[0].to_f64()[3] - 1.5 * all[3]).abs() < 1e-6);
    }
}
