//! Convolutions, matrices, norms and pools.

use super::Value;
use crate::network::op::{Conv, Norm, Over, Pool, Takes};

/// Strides, padding and dilation of one axis: the place of tap `k` of window `i`.
fn tap(conv: &Conv, side: usize, i: usize, k: usize) -> Option<usize> {
    let window = conv.window;
    (i * window.stride[side] + k * window.dilation[side]).checked_sub(window.before(side))
}

pub(super) fn conv(
    x: &Value<'_>,
    conv: &Conv,
    weight: &[f64],
    bias: Option<&[f64]>,
    shape: &[usize],
) -> Vec<f64> {
    let (&[channels, height, width], &[out, rows, columns]) = (x.shape, shape) else {
        return Vec::new();
    };
    let [kernel_h, kernel_w] = conv.window.kernel;
    let (from, to) = (channels / conv.groups, out / conv.groups);
    let mut y = vec![0.0; out * rows * columns];
    // A transposed convolution moves the kernel over its output.
    let transposed = conv.transposed.is_some();
    let ([steps_h, steps_w], [size_h, size_w]) = match transposed {
        false => ([rows, columns], [height, width]),
        true => ([height, width], [rows, columns]),
    };
    for o in 0..out {
        for c in 0..from {
            let source = o / to * from + c;
            let start = match transposed {
                false => o * from + c,
                true => source * to + o % to,
            };
            for kh in 0..kernel_h {
                for kw in 0..kernel_w {
                    let w = weight[(start * kernel_h + kh) * kernel_w + kw];
                    for i in 0..steps_h {
                        let Some(at_h) = tap(conv, 0, i, kh).filter(|&p| p < size_h) else {
                            continue;
                        };
                        for j in 0..steps_w {
                            let Some(at_w) = tap(conv, 1, j, kw).filter(|&p| p < size_w) else {
                                continue;
                            };
                            let ((xi, xj), (yi, yj)) = match transposed {
                                false => ((at_h, at_w), (i, j)),
                                true => ((i, j), (at_h, at_w)),
                            };
                            y[(o * rows + yi) * columns + yj] +=
                                w * x.numbers[(source * height + xi) * width + xj];
                        }
                    }
                }
            }
        }
        if let Some(bias) = bias {
            let map = &mut y[o * rows * columns..(o + 1) * rows * columns];
            map.iter_mut().for_each(|y| *y += bias[o]);
        }
    }
    y
}

/// A matrix `[out, in]` along an axis.
pub(super) fn along(x: &Value<'_>, axis: usize, out: usize, matrix: &[f64]) -> Vec<f64> {
    let n = x.shape[axis];
    let inner: usize = x.shape[axis + 1..].iter().product();
    let outer: usize = x.shape[..axis].iter().product();
    let mut y = vec![0.0; outer * out * inner];
    for block in 0..outer {
        for o in 0..out {
            let row = &mut y[(block * out + o) * inner..][..inner];
            for i in 0..n {
                let w = matrix[o * n + i];
                let source = &x.numbers[(block * n + i) * inner..][..inner];
                row.iter_mut().zip(source).for_each(|(y, x)| *y += w * x);
            }
        }
    }
    y
}

/// `[.., N, K] × [.., K, M]`.
pub(super) fn product(a: &Value<'_>, b: &Value<'_>) -> Vec<f64> {
    let rank = a.shape.len();
    let (n, k, m) = (a.shape[rank - 2], a.shape[rank - 1], b.shape[rank - 1]);
    let batch: usize = a.shape[..rank - 2].iter().product();
    let mut y = vec![0.0; batch * n * m];
    for (row, y) in y.chunks_exact_mut(m).enumerate() {
        let right = &b.numbers[row / n * k * m..][..k * m];
        for (i, line) in right.chunks_exact(m).enumerate() {
            let factor = a.numbers[row * k + i];
            y.iter_mut().zip(line).for_each(|(y, b)| *y += factor * b);
        }
    }
    y
}

/// What is normalised together lies together.
pub(super) fn normalise(x: &Value<'_>, norm: &Norm, affine: &[Option<Vec<f64>>; 2]) -> Vec<f64> {
    let count = norm.elements(x.shape);
    let centred = !matches!(norm.over, Over::LastSquares(_));
    let channel: usize = x.shape[1..].iter().product();
    let place = |i: usize| match norm.over {
        Over::Channel | Over::Groups(_) => i / channel,
        Over::Last(_) | Over::LastSquares(_) => i % count,
    };
    let mut y = x.numbers.to_vec();
    for part in y.chunks_exact_mut(count) {
        let n = count as f64;
        if centred {
            let mean = part.iter().sum::<f64>() / n;
            part.iter_mut().for_each(|v| *v -= mean);
        }
        let square = part.iter().map(|v| v * v).sum::<f64>() / n;
        let root = (square + norm.eps).sqrt();
        part.iter_mut().for_each(|v| *v /= root);
    }
    let [scale, shift] = affine;
    for (i, v) in y.iter_mut().enumerate() {
        let place = place(i);
        *v *= scale.as_ref().map_or(1.0, |s| s[place]);
        *v += shift.as_ref().map_or(0.0, |s| s[place]);
    }
    y
}

pub(super) fn pool(x: &Value<'_>, pool: &Pool, shape: &[usize]) -> Vec<f64> {
    let (&[_, height, width], &[channels, rows, columns]) = (x.shape, shape) else {
        return Vec::new();
    };
    let mut y = Vec::with_capacity(channels * rows * columns);
    let mean = matches!(pool.takes, Takes::Mean { .. });
    let spans = match mean {
        true => [pool.spans(0, height), pool.spans(1, width)],
        false => Default::default(),
    };
    for map in x.numbers.chunks_exact(height * width) {
        for i in 0..rows {
            for j in 0..columns {
                if mean {
                    let ((down, h), (across, w)) = (spans[0][i].clone(), spans[1][j].clone());
                    let lines = down.map(|a| map[a * width..][across.clone()].iter().sum::<f64>());
                    y.push(lines.sum::<f64>() / (h * w) as f64);
                    continue;
                }
                let window = pool.window;
                let mut largest = f64::NEG_INFINITY;
                for a in window.taps(0, i, height) {
                    for b in window.taps(1, j, width) {
                        largest = largest.max(map[a * width + b]);
                    }
                }
                y.push(largest);
            }
        }
    }
    y
}
