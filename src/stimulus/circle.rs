//! The curves: circles in input space, in planes drawn from a seed.

#![allow(
    clippy::cast_possible_truncation,
    reason = "counts are far below the types' ranges, and f32 is the passes' precision"
)]

use std::sync::LazyLock;

use crate::array::Array;
use crate::engine::Curve;
use crate::memo::{Bytes, Memo};
use crate::random::Stream;

/// Curve number `index` of a seed: ρ·(u cos θ + w sin θ) with u, w orthonormal
/// in the space of `[C, H, W]` images, or of `[T, D]` word vectors. Returned are
/// ρu and ρw.
///
/// With `radius` none, ρ = √(n/2) for n numbers: each of unit variance.
pub fn circle(shape: &[usize], seed: u64, index: usize, radius: Option<f64>) -> Curve {
    static DRAWN: LazyLock<Memo<Source, Curve>> = LazyLock::new(|| Memo::new(8 << 20));
    let n: usize = shape.iter().product();
    let radius = radius.unwrap_or(libm::sqrt(n as f64 / 2.0));
    let source = (shape.to_vec(), seed, index, radius.to_bits());
    Curve::clone(&DRAWN.get(source, || draw(shape, seed, index, radius)))
}

/// What a curve depends on: shape, seed, index, and the radius' bits.
type Source = (Vec<usize>, u64, usize, u64);

impl Bytes for Curve {
    fn bytes(&self) -> u64 {
        self.u.bytes() + self.w.bytes()
    }
}

fn draw(shape: &[usize], seed: u64, index: usize, radius: f64) -> Curve {
    let n: usize = shape.iter().product();
    let mut stream = Stream::new(seed, &format!("curve {index} of {shape:?}"));
    let (mut u, mut w) = (stream.normals(n), stream.normals(n));
    let dot = |p: &[f64], q: &[f64]| p.iter().zip(q).map(|(x, y)| x * y).sum::<f64>();
    // Twice is enough for orthogonality to rounding (Kahan).
    for _ in 0..2 {
        let length = libm::sqrt(dot(&u, &u));
        u.iter_mut().for_each(|x| *x /= length);
        let along = dot(&u, &w);
        w.iter_mut().zip(&u).for_each(|(x, y)| *x -= along * y);
        let length = libm::sqrt(dot(&w, &w));
        w.iter_mut().for_each(|x| *x /= length);
    }
    let array = |v: Vec<f64>| {
        Array::f32(
            shape.to_vec(),
            v.into_iter().map(|x| (x * radius) as f32).collect(),
        )
    };
    Curve {
        u: array(u),
        w: array(w),
    }
}

/// How many curves where none are asked for: 4 up to 64 pixels (or tokens of 64
/// numbers), 1 above.
#[must_use]
pub fn default_curves(shape: &[usize]) -> usize {
    if shape.iter().rev().take(2).all(|&side| side <= 64) {
        4
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases_are_orthogonal_with_unit_variance() {
        let curve = circle(&[3, 8, 8], 5, 1, None);
        let (u, w) = (curve.u.to_f64(), curve.w.to_f64());
        let dot = |p: &[f64], q: &[f64]| p.iter().zip(q).map(|(x, y)| x * y).sum::<f64>();
        assert!((dot(&u, &u) - 96.0).abs() < 1e-4);
        assert!((dot(&w, &w) - 96.0).abs() < 1e-4);
        assert!(dot(&u, &w).abs() < 1e-4);
    }

    #[test]
    fn each_seed_index_and_size_has_its_own() {
        let first = |seed, index, side| circle(&[3, side, side], seed, index, None).u.to_f64()[0];
        let all = [first(0, 0, 8), first(1, 0, 8), first(0, 1, 8)];
        assert!(all[0] != all[1] && all[0] != all[2] && all[1] != all[2]);
        assert_eq!(first(0, 0, 8), first(0, 0, 8));
    }

    #[test]
    fn large_images_get_one_curve() {
        assert_eq!(default_curves(&[3, 64, 64]), 4);
        assert_eq!(default_curves(&[3, 65, 64]), 1);
        assert_eq!(default_curves(&[64, 32]), 4);
        assert_eq!(default_curves(&[128, 32]), 1);
    }
}
