//! The kernels' algorithm on the CPU, in single precision, for the tests: the
//! same steps in the same order, each sum split over as many invocations.

use super::kernel::{CHUNK, COSINE, NOISE};
use super::plan::{Matrix, Plan, SWEEPS};

/// What the kernels find for one matrix.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) min: f64,
    pub(super) max: f64,
    /// Sweeps that rotated something; [`SWEEPS`]: not converged.
    pub(super) sweeps: usize,
}

/// σ_min and σ_max of a row-major map of finite numbers.
pub(super) fn extremes(rows: usize, columns: usize, map: &[f32]) -> Found {
    let matrix = Plan::new(&[(rows, columns)]).matrices[0];
    let mut work = pack(rows, columns, map);
    let (norm, scale) = scaled(&mut work);
    let mut factor = reflect(&mut work, &matrix);
    let noise = NOISE * norm * norm;
    let mut sweeps = 0;
    while sweeps < SWEEPS && sweep(&mut factor, &matrix, noise) {
        sweeps += 1;
    }
    let n = matrix.columns;
    let lengths = factor
        .chunks_exact(n)
        .map(|c| add(&parts(c, c, 0, 16), 16).sqrt());
    let (min, max) = lengths.fold((f32::MAX, 0.0f32), |(l, h), x| (l.min(x), h.max(x)));
    Found {
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
    let norm = work.iter().map(|x| x * x).sum::<f32>().sqrt();
    (norm, libm::exp2(f64::from(exponent) - 127.0))
}

/// Householder's QR; returns Rᵀ.
fn reflect(work: &mut [f32], m: &Matrix) -> Vec<f32> {
    let (length, columns, lanes) = (m.length, m.columns, m.reduction_lanes());
    let mut factor = vec![0.0; columns * columns];
    for k in 0..columns {
        let (before, after) = work.split_at_mut((k + 1) * length);
        let v = &before[k * length..];
        let norm = add(&parts(v, v, k, 256), 256).sqrt();
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
            let mut sums = parts(v, a, k + 1, lanes);
            sums[0] += kept * a[k];
            let weight = beta * add(&sums, lanes);
            (k + 1..length).for_each(|i| a[i] -= weight * v[i]);
            factor[k * columns + j] = a[k] - weight * kept;
        }
    }
    factor
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
    let dot = |x, y| add(&parts(x, y, 0, lanes), lanes);
    let (xx, yy, xy) = (dot(x, x), dot(y, y), dot(x, y));
    let lengths = xx.sqrt() * yy.sqrt();
    let turn = xy.abs() > COSINE * lengths && lengths > noise;
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

/// Σ x_i y_i for i ≥ `from`, each `lanes`-th number by one invocation, in runs
/// of [`CHUNK`] terms.
fn parts(x: &[f32], y: &[f32], from: usize, lanes: usize) -> Vec<f32> {
    let one = |lane: usize| {
        let (mut total, mut part, mut terms) = (0.0f32, 0.0f32, 0);
        for i in (from + lane..x.len()).step_by(lanes) {
            part += x[i] * y[i];
            terms += 1;
            if terms == CHUNK {
                total += part;
                (part, terms) = (0.0, 0);
            }
        }
        total + part
    };
    (0..lanes).map(one).collect()
}

/// What the invocations found, added up as they do it.
fn add(parts: &[f32], lanes: usize) -> f32 {
    if lanes <= 64 {
        return parts.iter().sum();
    }
    parts.chunks(16).map(|c| c.iter().sum::<f32>()).sum()
}
