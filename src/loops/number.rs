//! Loops over rows of numbers in either precision: sums, means, masks.
//!
//! Nothing here adds a product in one step, so that the results are the same on
//! every machine.

use std::ops::Range;

use num_traits::Float;

use crate::product::{Factor, product};
use crate::wide::wide;

/// Partial sums, so that additions do not wait for one another: their order is
/// the same on every machine.
const LANES: usize = 16;

/// The places that each window of a mean covers along a side, and by how many it
/// divides along it.
pub type Spans<'a> = &'a [(Range<usize>, usize)];

/// A number in a network, and what is done with whole rows of it.
pub trait Number: Float {
    /// Σ x.
    fn sum(x: &[Self]) -> Self;
    /// Σ x·y.
    fn dot(x: &[Self], y: &[Self]) -> Self;
    /// x − by.
    fn lower(x: &mut [Self], by: Self);
    /// x·by + shift.
    fn scale(x: &mut [Self], by: Self, shift: Self);
    /// (c r), (c r)′ = c′ r + c r′ and (c r)″ = c″ r + 2 c′ r′ + c r″, from c with
    /// two derivatives and r with its own.
    fn times(c: [&mut [Self]; 3], r: [Self; 3]);
    /// Of blocks of n entries of so many numbers (`[n, inner]`) the entries in the
    /// order of `indices`, each below n.
    fn picked(x: &[Self], block: [usize; 2], indices: &[usize]) -> Vec<Self>;
    /// x where it is above 0, else 0; what is not finite stays so.
    fn rectify(x: &mut [Self]);
    /// The same with two derivatives, which are masked as the value is.
    fn rectify_jet(x: [&mut [Self]; 3]);
    /// Adds a·b to `sum`, row by row; `sides` are the rows of a, the side that is
    /// summed over, and the columns of b.
    ///
    /// # Panics
    /// Where the lengths are not those of the sides.
    fn product(sides: [usize; 3], a: Factor<'_, Self>, b: Factor<'_, Self>, sum: &mut [Self]);
    /// Means over windows of planes of `sides`, which lie one after the other; the
    /// windows are `kernel` wide inside, and `stride` apart.
    fn means(
        planes: &[Self],
        sides: [usize; 2],
        spans: [Spans<'_>; 2],
        kernel: usize,
        stride: usize,
    ) -> Vec<Self>;
}

macro_rules! number {
    ($T:ty) => {
        impl Number for $T {
            wide!(fn sum(x: &[$T]) -> $T = sum);
            wide!(fn dot(x: &[$T], y: &[$T]) -> $T = dot);
            wide!(fn lower(x: &mut [$T], by: $T) -> () = lower);
            wide!(fn scale(x: &mut [$T], by: $T, shift: $T) -> () = scale);
            wide!(fn times(c: [&mut [$T]; 3], r: [$T; 3]) -> () = times);
            wide!(fn picked(x: &[$T], block: [usize; 2], indices: &[usize]) -> Vec<$T> = picked);
            wide!(fn rectify(x: &mut [$T]) -> () = rectify);
            wide!(fn rectify_jet(x: [&mut [$T]; 3]) -> () = rectify_jet);
            wide!(fn product(sides: [usize; 3], a: Factor<'_, $T>, b: Factor<'_, $T>, sum: &mut [$T]) -> () = product);
            wide!(fn means(planes: &[$T], sides: [usize; 2], spans: [Spans<'_>; 2], kernel: usize, stride: usize) -> Vec<$T> = means);
        }
    };
}
number!(f32);
number!(f64);

#[inline(always)]
fn sum<T: Float>(x: &[T]) -> T {
    let mut lanes = [T::zero(); LANES];
    let (chunks, rest) = x.as_chunks::<LANES>();
    for chunk in chunks {
        for l in 0..LANES {
            lanes[l] = lanes[l] + chunk[l];
        }
    }
    let rest = rest.iter().fold(T::zero(), |sum, &x| sum + x);
    lanes.iter().fold(rest, |sum, &lane| sum + lane)
}

#[inline(always)]
fn dot<T: Float>(x: &[T], y: &[T]) -> T {
    let mut lanes = [T::zero(); LANES];
    let ((xs, x_rest), (ys, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    let rest = x_rest.iter().zip(y_rest);
    let rest = rest.fold(T::zero(), |sum, (&x, &y)| sum + x * y);
    for (x, y) in xs.iter().zip(ys) {
        for l in 0..LANES {
            lanes[l] = lanes[l] + x[l] * y[l];
        }
    }
    lanes.iter().fold(rest, |sum, &lane| sum + lane)
}

#[inline(always)]
fn lower<T: Float>(x: &mut [T], by: T) {
    x.iter_mut().for_each(|x| *x = *x - by);
}

#[inline(always)]
fn scale<T: Float>(x: &mut [T], scale: T, shift: T) {
    x.iter_mut().for_each(|x| *x = *x * scale + shift);
}

#[inline(always)]
fn add<T: Float>(x: &mut [T], y: &[T]) {
    x.iter_mut().zip(y).for_each(|(x, &y)| *x = *x + y);
}

#[inline(always)]
fn times<T: Float>([v, d, a]: [&mut [T]; 3], [r, r1, r2]: [T; 3]) {
    let two = T::one() + T::one();
    for ((v, d), a) in v.iter_mut().zip(d).zip(a) {
        *a = *a * r + two * *d * r1 + *v * r2;
        *d = *d * r + *v * r1;
        *v = *v * r;
    }
}

#[inline(always)]
fn picked<T: Float>(x: &[T], [n, inner]: [usize; 2], indices: &[usize]) -> Vec<T> {
    let blocks = x.len() / (n * inner).max(1);
    let mut picked = Vec::with_capacity(blocks * indices.len() * inner);
    for block in x.chunks_exact((n * inner).max(1)) {
        if inner == 1 {
            picked.extend(indices.iter().map(|&i| block[i]));
        } else {
            for &i in indices {
                picked.extend_from_slice(&block[i * inner..(i + 1) * inner]);
            }
        }
    }
    picked
}

/// Multiplied, not chosen: what is not finite must stay so.
#[inline(always)]
fn mask<T: Float>(x: T) -> T {
    if x > T::zero() { T::one() } else { T::zero() }
}

#[inline(always)]
fn rectify<T: Float>(x: &mut [T]) {
    x.iter_mut().for_each(|x| *x = *x * mask(*x));
}

#[inline(always)]
fn rectify_jet<T: Float>([v, d, a]: [&mut [T]; 3]) {
    for ((v, d), a) in v.iter_mut().zip(d).zip(a) {
        let mask = mask(*v);
        *v = *v * mask;
        *d = *d * mask;
        *a = *a * mask;
    }
}

#[inline(always)]
fn means<T: Float>(
    planes: &[T],
    [h, w]: [usize; 2],
    [rows, columns]: [Spans<'_>; 2],
    kernel: usize,
    stride: usize,
) -> Vec<T> {
    let number = |n: usize| T::from(n).unwrap_or_else(T::nan);
    let (tall, wide) = (rows.len(), columns.len());
    let mut means = vec![T::zero(); planes.len() / (h * w) * tall * wide];
    let mut sums = vec![T::zero(); w];
    // The windows that lie inside are next to one another.
    let whole = |(span, _): &(Range<usize>, usize)| span.len() == kernel;
    let first = columns.iter().position(whole).unwrap_or(wide);
    let inside = columns[first..].iter().take_while(|c| whole(c)).count();
    let start = columns.get(first).map_or(0, |(span, _)| span.start);
    let planes = planes.chunks_exact(h * w);
    for (plane, means) in planes.zip(means.chunks_exact_mut((tall * wide).max(1))) {
        for (out, (span, height)) in means.chunks_exact_mut(wide).zip(rows) {
            let lines = &plane[span.start * w..span.end * w];
            sum_lines(&mut sums, lines);
            for i in (0..first).chain(first + inside..wide) {
                let (span, width) = &columns[i];
                let window = sums[span.clone()].iter();
                let sum = window.fold(T::zero(), |sum, &x| sum + x);
                out[i] = sum / number(height * width);
            }
            let out = &mut out[first..first + inside];
            let count = number(height * kernel);
            let shifted = |by: usize| sums[start + by..].iter().step_by(stride);
            if (kernel, stride) == (3, 1) && inside > 0 {
                let three = sums[start..].iter().zip(&sums[start + 1..]);
                let three = three.zip(&sums[start + 2..]);
                for (o, ((&x, &y), &z)) in out.iter_mut().zip(three) {
                    *o = (x + y + z) / count;
                }
                continue;
            }
            for offset in 0..kernel.min(w - start.min(w)) {
                out.iter_mut()
                    .zip(shifted(offset))
                    .for_each(|(o, &x)| *o = *o + x);
            }
            out.iter_mut().for_each(|x| *x = *x / count);
        }
    }
    means
}

/// The sums of lines that lie one after the other, number by number.
#[inline(always)]
fn sum_lines<T: Float>(sums: &mut [T], lines: &[T]) {
    let w = sums.len();
    let (first, others) = lines.split_at(w);
    if others.len() == 2 * w {
        let (second, third) = others.split_at(w);
        let three = first.iter().zip(second).zip(third);
        for (sum, ((&x, &y), &z)) in sums.iter_mut().zip(three) {
            *sum = x + y + z;
        }
        return;
    }
    sums.copy_from_slice(first);
    others.chunks_exact(w).for_each(|line| add(sums, line));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_picked_from_every_block() {
        let x: Vec<f64> = (0..24).map(f64::from).collect();
        assert_eq!(
            f64::picked(&x[..6], [3, 1], &[2, 0, 0]),
            [2.0, 0.0, 0.0, 5.0, 3.0, 3.0]
        );
        assert_eq!(f64::picked(&x[..8], [2, 2], &[1]), [2.0, 3.0, 6.0, 7.0]);
        assert!(f64::picked(&x, [3, 2], &[]).is_empty());
        assert!(f32::picked(&[], [3, 0], &[1]).is_empty());
    }

    #[test]
    fn rows_of_every_length_in_both_precisions() {
        for n in [1usize, 15, 16, 17, 100] {
            let x: Vec<f32> = (0..n).map(|i| (i % 7) as f32 - 3.0).collect();
            let double: Vec<f64> = x.iter().map(|&x| x.into()).collect();
            let (sum, squares) = (x.iter().sum::<f32>(), x.iter().map(|x| x * x).sum::<f32>());
            assert_eq!((f32::sum(&x), f32::dot(&x, &x)), (sum, squares));
            assert_eq!(
                (f64::sum(&double), f64::dot(&double, &double)),
                (sum.into(), squares.into())
            );
            let mut y = x.clone();
            f32::scale(&mut y, 2.0, 1.0);
            f32::lower(&mut y, 1.0);
            add(&mut y, &x);
            assert!(y.iter().zip(&x).all(|(y, x)| *y == 3.0 * x));
            let mut jet = [x.clone(), x.clone(), x.clone()];
            f32::times(jet.each_mut().map(Vec::as_mut_slice), [1.0, 2.0, 3.0]);
            assert!(
                jet.iter()
                    .zip([1.0, 3.0, 8.0])
                    .all(|(y, by)| y.iter().zip(&x).all(|(y, x)| *y == by * x))
            );
            f32::rectify_jet(jet.each_mut().map(Vec::as_mut_slice));
            assert!(jet[2].iter().zip(&x).all(|(y, x)| *y == 8.0 * x.max(0.0)));
            f32::rectify(&mut y);
            assert!(y.iter().zip(&x).all(|(y, x)| *y == 3.0 * x.max(0.0)));
        }
        let mut spoilt = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
        f32::rectify(&mut spoilt);
        assert!(spoilt[0].is_nan() && spoilt[1] == f32::INFINITY && spoilt[2].is_nan());
    }
}
