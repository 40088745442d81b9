//! The smallest and the largest eigenvalue of a symmetric matrix: reflections
//! make it tridiagonal, where Sturm's count says how many eigenvalues lie below
//! a number; both ends are then searched for together.

use crate::wide::{Loop, multiply_add, widest};

/// Numbers that are tried at once for each end, so that divisions do not wait
/// for one another.
const TRIED: usize = 4;
/// Partial sums, for the same reason.
const LANES: usize = 8;

/// The smallest and the largest eigenvalue of a symmetric matrix, which is given
/// up; each wrong by a small multiple of the side times the rounding of the
/// largest. (0, 0) of none; what is not finite makes both no numbers.
///
/// # Panics
/// Where the matrix is not square.
#[must_use]
pub fn ends(side: usize, matrix: &mut [f64]) -> (f64, f64) {
    assert_eq!(side * side, matrix.len(), "a square matrix");
    if side == 0 {
        return (0.0, 0.0);
    }
    if matrix.iter().any(|x| !x.is_finite()) {
        return (f64::NAN, f64::NAN);
    }
    widest(Ends { side, matrix })
}

struct Ends<'a> {
    side: usize,
    matrix: &'a mut [f64],
}

impl Loop for Ends<'_> {
    type Made = (f64, f64);

    #[inline(always)]
    fn run<const FUSED: bool, const VECTOR: usize>(self) -> (f64, f64) {
        let (diagonal, beside) = tridiagonal::<FUSED>(self.side, self.matrix);
        search(&diagonal, &beside)
    }
}

/// The diagonal, and the squares of the numbers beside it, with one 0 before. Only
/// what is on and below the matrix's own diagonal is read: a reflection takes the
/// last row of what is left to the number before its end.
#[inline(always)]
fn tridiagonal<const FUSED: bool>(n: usize, a: &mut [f64]) -> (Vec<f64>, Vec<f64>) {
    let mut squares = vec![0.0; n];
    let (mut v, mut w) = (vec![0.0; n], vec![0.0; n]);
    for k in (1..n).rev() {
        let (v, w) = (&mut v[..k], &mut w[..k]);
        v.copy_from_slice(&a[k * n..k * n + k]);
        let last = v[k - 1];
        if v[..k - 1].iter().all(|&x| x == 0.0) {
            squares[k] = last * last;
            continue;
        }
        let square = dot::<FUSED>(v, v);
        squares[k] = square;
        // The reflection of v on the last axis, away from it.
        v[k - 1] += square.sqrt().copysign(last);
        let scale = 2.0 / dot::<FUSED>(v, v);
        w.fill(0.0);
        let rows = a.chunks_exact(n).take(k).enumerate();
        for (i, row) in rows {
            let sum = both::<FUSED>(&row[..i], &v[..i], v[i], &mut w[..i]);
            w[i] += multiply_add::<FUSED>(row[i], v[i], sum);
        }
        w.iter_mut().for_each(|w| *w *= scale);
        let half = 0.5 * scale * dot::<FUSED>(w, v);
        for (w, &v) in w.iter_mut().zip(v.iter()) {
            *w -= half * v;
        }
        for (i, row) in a.chunks_exact_mut(n).take(k).enumerate() {
            let (vi, wi) = (v[i], w[i]);
            let pairs = v.iter().zip(w.iter());
            for (x, (&v, &w)) in row[..=i].iter_mut().zip(pairs) {
                *x = multiply_add::<FUSED>(-vi, w, multiply_add::<FUSED>(-wi, v, *x));
            }
        }
    }
    ((0..n).map(|i| a[i * n + i]).collect(), squares)
}

/// Σ row·v; and the row times `factor` is added to `w`.
#[inline(always)]
fn both<const FUSED: bool>(row: &[f64], v: &[f64], factor: f64, w: &mut [f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (rows, row_rest) = row.as_chunks::<LANES>();
    let (vs, v_rest) = v.as_chunks::<LANES>();
    let (ws, w_rest) = w.as_chunks_mut::<LANES>();
    for ((row, v), w) in rows.iter().zip(vs).zip(ws) {
        for l in 0..LANES {
            sums[l] = multiply_add::<FUSED>(row[l], v[l], sums[l]);
            w[l] = multiply_add::<FUSED>(row[l], factor, w[l]);
        }
    }
    let mut sum = 0.0;
    for ((&row, &v), w) in row_rest.iter().zip(v_rest).zip(w_rest) {
        sum = multiply_add::<FUSED>(row, v, sum);
        *w = multiply_add::<FUSED>(row, factor, *w);
    }
    sums.iter().fold(sum, |sum, x| sum + x)
}

#[inline(always)]
fn dot<const FUSED: bool>(x: &[f64], y: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (xs, ys) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
    let rest = xs.remainder().iter().zip(ys.remainder());
    let rest: f64 = rest.map(|(x, y)| x * y).sum();
    for (x, y) in xs.zip(ys) {
        for ((sum, &x), &y) in sums.iter_mut().zip(x).zip(y) {
            *sum = multiply_add::<FUSED>(x, y, *sum);
        }
    }
    sums.iter().fold(rest, |sum, x| sum + x)
}

/// Both ends of a tridiagonal matrix's spectrum.
#[inline(always)]
fn search(diagonal: &[f64], squares: &[f64]) -> (f64, f64) {
    let beside = |i: usize| squares.get(i).copied().unwrap_or(0.0).sqrt();
    let reach = |i: usize| beside(i) + beside(i + 1);
    let discs = || diagonal.iter().enumerate();
    let low = discs()
        .map(|(i, d)| d - reach(i))
        .fold(f64::INFINITY, f64::min);
    let high = discs()
        .map(|(i, d)| d + reach(i))
        .fold(f64::NEG_INFINITY, f64::max);
    let size = low.abs().max(high.abs());
    if size == 0.0 {
        return (0.0, 0.0);
    }
    // A pivot of 0 would be divided by; its neighbour decides as well.
    let least = size * f64::EPSILON * f64::EPSILON;
    // What rounding makes of the discs is in them too.
    let all = [low - size * f64::EPSILON, high + size * f64::EPSILON];
    let (mut smallest, mut largest) = (all, all);
    let done = |[a, b]: [f64; 2]| b - a <= size * f64::EPSILON;
    // Each round leaves a fifth: 5²⁶ is more than rounding needs.
    for _ in 0..26 {
        if done(smallest) && done(largest) {
            break;
        }
        let mut tried = [0.0; 2 * TRIED];
        for (i, tried) in tried.iter_mut().enumerate() {
            let [a, b] = if i < TRIED { smallest } else { largest };
            *tried = a + (b - a) * (i % TRIED + 1) as f64 / (TRIED + 1) as f64;
        }
        let below = counts(diagonal, squares, &tried, least);
        for (i, &x) in tried[..TRIED].iter().enumerate() {
            if below[i] == 0.0 {
                smallest[0] = x;
            } else {
                smallest[1] = smallest[1].min(x);
            }
        }
        for (i, &x) in tried[TRIED..].iter().enumerate() {
            if below[TRIED + i] < diagonal.len() as f64 {
                largest[0] = x;
            } else {
                largest[1] = largest[1].min(x);
            }
        }
    }
    let middle = |[a, b]: [f64; 2]| 0.5 * (a + b);
    (middle(smallest), middle(largest))
}

/// How many eigenvalues are below each number (Sturm): the negative pivots.
#[inline(always)]
fn counts<const N: usize>(
    diagonal: &[f64],
    squares: &[f64],
    tried: &[f64; N],
    least: f64,
) -> [f64; N] {
    let (mut pivots, mut below) = ([1.0f64; N], [0.0; N]);
    for (&d, &square) in diagonal.iter().zip(squares) {
        for ((pivot, below), &x) in pivots.iter_mut().zip(&mut below).zip(tried) {
            let next = d - x - square / *pivot;
            *pivot = if next.abs() < least { -least } else { next };
            *below += if *pivot < 0.0 { 1.0 } else { 0.0 };
        }
    }
    below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_ends() {
        assert_eq!(ends(0, &mut []), (0.0, 0.0));
        assert_eq!(ends(3, &mut [0.0; 9]), (0.0, 0.0));
        assert!(ends(1, &mut [f64::NAN]).0.is_nan());
        let close = |found: (f64, f64), low: f64, high: f64| {
            let wrong = (found.0 - low).abs().max((found.1 - high).abs());
            assert!(
                wrong <= 1e-14 * low.abs().max(high.abs()),
                "{found:?}, not {low} and {high}"
            );
        };
        close(ends(1, &mut [-3.0]), -3.0, -3.0);
        close(ends(2, &mut [2.0, 1.0, 1.0, 2.0]), 1.0, 3.0);
        close(ends(3, &mut [1.0; 9]), 0.0, 3.0);
        close(
            ends(3, &mut [5.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 2.0]),
            -1.0,
            5.0,
        );
        // The chain of n springs: 2 − 2 cos(kπ/(n + 1)), under a reflection.
        for n in [2, 5, 16, 33, 64, 100] {
            let mut a = vec![0.0; n * n];
            for i in 0..n {
                a[i * n + i] = 2.0;
                if i > 0 {
                    a[i * n + i - 1] = -1.0;
                    a[(i - 1) * n + i] = -1.0;
                }
            }
            let u: Vec<f64> = (0..n).map(|i| ((i * i * 7 % 23) as f64) - 11.3).collect();
            let scale = 2.0 / u.iter().map(|x| x * x).sum::<f64>();
            for left in [true, false] {
                for j in 0..n {
                    let at = |i: usize| if left { i * n + j } else { j * n + i };
                    let dot: f64 = (0..n).map(|i| u[i] * a[at(i)]).sum();
                    (0..n).for_each(|i| a[at(i)] -= scale * dot * u[i]);
                }
            }
            let angle = std::f64::consts::PI / (n + 1) as f64;
            let (low, high) = (
                2.0 - 2.0 * angle.cos(),
                2.0 - 2.0 * (n as f64 * angle).cos(),
            );
            let found = ends(n, &mut a);
            assert!(
                (found.0 - low).abs() < 4e-14 && (found.1 - high).abs() < 4e-14,
                "{n}: {found:?}"
            );
        }
    }
}
