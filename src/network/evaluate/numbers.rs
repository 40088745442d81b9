//! What treats numbers one by one, or joins them.

use super::Value;
use crate::network::Reduction;
use crate::network::op::{Merge, Reduce};

pub(super) fn each(x: &Value<'_>, f: impl Fn(f64) -> f64) -> Vec<f64> {
    x.numbers.iter().map(|&v| f(v)).collect()
}

/// A slope for each of the runs that the value falls into.
pub(super) fn prelu(x: &Value<'_>, slopes: &[f64]) -> Vec<f64> {
    let run = (x.numbers.len() / slopes.len().max(1)).max(1);
    let sloped = |(i, &v): (usize, &f64)| if v > 0.0 { v } else { v * slopes[i / run] };
    x.numbers.iter().enumerate().map(sloped).collect()
}

pub(super) fn merge(operands: &[Value<'_>], how: Merge) -> Vec<f64> {
    let join: fn(f64, f64) -> f64 = match how {
        Merge::Concat(axis) => return concat(operands, axis),
        Merge::Sum => |a, b| a + b,
        Merge::Product => |a, b| a * b,
        Merge::Smallest => f64::min,
        Merge::Largest => f64::max,
    };
    let Some((first, others)) = operands.split_first() else {
        return Vec::new();
    };
    let mut y = first.numbers.to_vec();
    for x in others {
        let pairs = y.iter_mut().zip(x.numbers.iter());
        pairs.for_each(|(y, &x)| *y = join(*y, x));
    }
    y
}

fn concat(operands: &[Value<'_>], axis: usize) -> Vec<f64> {
    let outer: usize = operands
        .first()
        .map_or(0, |x| x.shape[..axis].iter().product());
    let mut y = Vec::new();
    for block in 0..outer {
        for x in operands {
            let width = x.numbers.len() / outer;
            y.extend_from_slice(&x.numbers[block * width..][..width]);
        }
    }
    y
}

pub(super) fn reduce(x: &Value<'_>, reduce: Reduce<'_>) -> Vec<f64> {
    let (kind, axes): (_, &[usize]) = match reduce {
        Reduce::Pixels => (Reduction::Mean, &[1, 2]),
        Reduce::Tokens => (Reduction::Mean, &[0]),
        Reduce::Axes { kind, axes, .. } => (kind, axes),
    };
    // The step of each axis in the result: none along those that are joined.
    let (mut steps, mut kept) = (vec![0; x.shape.len()], 1);
    for axis in (0..x.shape.len()).rev() {
        if !axes.contains(&axis) {
            steps[axis] = kept;
            kept *= x.shape[axis];
        }
    }
    let (start, join): (f64, fn(f64, f64) -> f64) = match kind {
        Reduction::Mean | Reduction::Sum => (0.0, |a, v| a + v),
        Reduction::L2 => (0.0, |a, v| a + v * v),
        Reduction::Max => (f64::NEG_INFINITY, f64::max),
        Reduction::Min => (f64::INFINITY, f64::min),
    };
    let mut y = vec![start; kept];
    for (i, &v) in x.numbers.iter().enumerate() {
        let mut rest = i;
        let mut place = 0;
        for (step, n) in steps.iter().zip(x.shape).rev() {
            place += rest % n * step;
            rest /= n;
        }
        y[place] = join(y[place], v);
    }
    let joined = x.numbers.len() as f64 / kept as f64;
    match kind {
        Reduction::Mean => y.iter_mut().for_each(|v| *v /= joined),
        Reduction::L2 => y.iter_mut().for_each(|v| *v = v.sqrt()),
        Reduction::Sum | Reduction::Max | Reduction::Min => {}
    }
    y
}

/// Over the last axis.
pub(super) fn softmax(x: &Value<'_>, log: bool) -> Vec<f64> {
    let mut y = x.numbers.to_vec();
    for row in y.chunks_exact_mut(x.shape.last().copied().unwrap_or(1)) {
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        row.iter_mut().for_each(|v| *v -= largest);
        let sum: f64 = row.iter().map(|&v| libm::exp(v)).sum();
        for v in row {
            *v = match log {
                true => *v - libm::log(sum),
                false => libm::exp(*v) / sum,
            };
        }
    }
    y
}
