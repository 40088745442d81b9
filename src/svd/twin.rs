//! The kernels' algorithm on the CPU, in single precision, for the tests: the
//! same steps in the same order, each sum split over as many invocations.

use super::kernel::{CHUNK, COSINE, NOISE, NOTHING};
use super::plan::{Matrix, Plan};

/// What the kernels find for one matrix.
#[derive(Debug, Clone, Copy)]
pub(super) struct Twin {
    pub(super) min: f64,
    pub(super) max: f64,
    /// Sweeps that rotated something; as many as the plan's: it did not end.
    pub(super) sweeps: usize,
}

/// σ_min and σ_max of a row-major map of finite numbers.
pub(super) fn extremes(rows: usize, columns: usize, map: &[f32]) -> Twin {
    let plan = Plan::new(&[(rows, columns)]);
    let matrix = plan.matrices[0];
    let mut work = pack(rows, columns, map);
    let (norm, scale) = scaled(&mut work);
    let mut factor = reflect(&mut work, &matrix, NOTHING * norm);
    let n = matrix.columns;
    let noise = NOISE * norm / (n as f32).sqrt();
    let mut sweeps = 0;
    while sweeps < plan.sweeps && sweep(&mut factor, &matrix, noise) {
        sweeps += 1;
    }
    let lengths = factor.chunks_exact(n).map(|c| dot(c, c, 16).sqrt());
    let (min, max) = lengths.fold((f32::MAX, 0.0f32), |(l, h), x| (l.min(x), h.max(x)));
    Twin {
        min: f64::from(min) * scale,
        max: f64::from(max) * scale,
        sweeps,
    }
}

fn pack(rows: usize, columns: usize, map: &[f32]) -> Vec<f32> {
    if rows <= columns {
        return map.to_vec();
    }
    let element = |e| map[(e % rows) * columns + e / rows];
    (0..rows * columns).map(element).collect()
}

/// Scales in place; the Frobenius norm, and the factor that undoes the scale.
fn scaled(work: &mut [f32]) -> (f32, f64) {
    let largest = work.iter().fold(0, |m, x| x.abs().to_bits().max(m));
    let exponent = (largest >> 23).min(253);
    if exponent == 0 {
        work.fill(0.0);
    }
    let factor = f32::from_bits((254 - exponent) << 23);
    work.iter_mut().for_each(|x| *x *= factor);
    let norm = dot(work, work, 256).sqrt();
    (norm, libm::exp2(f64::from(exponent) - 127.0))
}

/// Householder's QR, the longest column first; returns Rᵀ.
fn reflect(work: &mut [f32], m: &Matrix, nothing: f32) -> Vec<f32> {
    let (length, columns, lanes) = (m.length, m.columns, m.reduction_lanes());
    let mut factor = vec![0.0; columns * columns];
    let whole = work.chunks_exact(length);
    let mut squares: Vec<f32> = whole.map(|c| dot_in_runs(c, c, 0, lanes)).collect();
    for k in 0..columns {
        let pivot = longest(&squares, k);
        (k..length).for_each(|i| work.swap(k * length + i, pivot * length + i));
        (0..k).for_each(|i| factor.swap(i * columns + k, i * columns + pivot));
        squares.swap(k, pivot);
        let (before, after) = work.split_at_mut((k + 1) * length);
        let v = &before[k * length..];
        let norm = squares[k].sqrt();
        let norm = if norm <= nothing { 0.0 } else { norm };
        let head = v[k];
        let diagonal = if head > 0.0 { -norm } else { norm };
        let kept = head - diagonal;
        let beta = if norm > 0.0 {
            1.0 / (norm * (norm + head.abs()))
        } else {
            0.0
        };
        factor[k * columns + k] = diagonal;
        for (j, a) in (k + 1..).zip(after.chunks_exact_mut(length)) {
            let mut sums = runs(v, a, k + 1, lanes);
            sums[0] += kept * a[k];
            let weight = beta * add(&sums);
            (k + 1..length).for_each(|i| a[i] -= weight * v[i]);
            factor[k * columns + j] = a[k] - weight * kept;
            squares[j] = dot_in_runs(a, a, k + 1, lanes);
        }
    }
    factor
}

/// Where the largest number from `k` on is, as 256 invocations find it.
fn longest(numbers: &[f32], k: usize) -> usize {
    let order = (0..256).flat_map(|unit| (k + unit..numbers.len()).step_by(256));
    order.fold(
        k,
        |best, j| {
            if numbers[j] > numbers[best] { j } else { best }
        },
    )
}

/// One sweep; whether it rotated something.
fn sweep(factor: &mut [f32], m: &Matrix, noise: f32) -> bool {
    let (block, blocks) = (m.block(), m.blocks());
    let mut turned = false;
    let mut pair = |p: usize, q: usize| {
        if p < m.columns && q < m.columns {
            turned |= rotate(factor, m, p, q, noise);
        }
    };
    let even = block.next_multiple_of(2);
    for i in 0..blocks {
        for round in 0..even - 1 {
            for k in 0..even / 2 {
                let (p, q) = seats(even, round, k);
                if p < block && q < block {
                    pair(i * block + p, i * block + q);
                }
            }
        }
    }
    let even = blocks.next_multiple_of(2);
    for step in 0..even - 1 {
        for slot in 0..even / 2 {
            let (i, j) = seats(even, step, slot);
            if i >= blocks || j >= blocks {
                continue;
            }
            for round in 0..block {
                (0..block).for_each(|p| pair(i * block + p, j * block + (p + round) % block));
            }
        }
    }
    turned
}

fn seats(players: usize, round: usize, pair: usize) -> (usize, usize) {
    let circle = players - 1;
    let other = if pair == 0 {
        circle
    } else {
        (round + circle - pair) % circle
    };
    ((round + pair) % circle, other)
}

fn rotate(factor: &mut [f32], m: &Matrix, p: usize, q: usize, noise: f32) -> bool {
    let (n, lanes) = (m.columns, m.rotation_lanes());
    let x = &factor[p * n..(p + 1) * n];
    let y = &factor[q * n..(q + 1) * n];
    let (xx, yy, xy) = (dot(x, x, lanes), dot(y, y, lanes), dot(x, y, lanes));
    let lengths = xx.sqrt() * yy.sqrt();
    let turn = xy.abs() > (COSINE * lengths).max(noise * xx.max(yy).sqrt());
    if !turn {
        return false;
    }
    let zeta = (yy - xx) / (2.0 * xy);
    let size = zeta.abs();
    let t = if size < 1_048_576.0 {
        1.0 / (size + (1.0 + size * size).sqrt())
    } else {
        0.5 / size
    };
    let t = if zeta < 0.0 { -t } else { t };
    let c = 1.0 / (1.0 + t * t).sqrt();
    let s = c * t;
    let tau = s / (1.0 + c);
    for i in 0..n {
        let (a, b) = (factor[p * n + i], factor[q * n + i]);
        factor[p * n + i] = a - s * (b + tau * a);
        factor[q * n + i] = b + s * (a - tau * b);
    }
    true
}

/// Σ x_i y_i.
fn dot(x: &[f32], y: &[f32], lanes: usize) -> f32 {
    add(&run(x, y, lanes))
}

/// Σ x_i y_i for i ≥ `from`, in runs.
fn dot_in_runs(x: &[f32], y: &[f32], from: usize, lanes: usize) -> f32 {
    add(&runs(x, y, from, lanes))
}

/// The sums of each invocation for i ≥ `from`, in runs of [`CHUNK`] terms.
fn runs(x: &[f32], y: &[f32], from: usize, lanes: usize) -> Vec<f32> {
    let size = CHUNK * lanes;
    let mut totals = vec![0.0; lanes];
    for (x, y) in x[from..].chunks(size).zip(y[from..].chunks(size)) {
        let parts = run(x, y, lanes);
        totals.iter_mut().zip(parts).for_each(|(t, p)| *t += p);
    }
    totals
}

/// The sums of each invocation, which takes every `lanes`-th product.
fn run(x: &[f32], y: &[f32], lanes: usize) -> Vec<f32> {
    let mut sums = vec![0.0; lanes];
    for (x, y) in x.chunks(lanes).zip(y.chunks(lanes)) {
        let products = x.iter().zip(y).map(|(x, y)| x * y);
        sums.iter_mut().zip(products).for_each(|(s, p)| *s += p);
    }
    sums
}

/// What the invocations found, added up as they do it.
fn add(sums: &[f32]) -> f32 {
    if sums.len() <= 64 {
        return sums.iter().sum();
    }
    sums.chunks(16).map(|c| c.iter().sum::<f32>()).sum()
}
