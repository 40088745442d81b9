//! Convolutions against their definition.

use super::*;
use crate::wide::Machine;

/// By the definition, in double precision.
fn plain(c: &Convolution, x: &[f32], weights: &[f32]) -> Vec<f64> {
    let [channels, h, w] = c.map;
    let mut y = Vec::new();
    for x in x.chunks_exact(channels * h * w) {
        for weights in weights.chunks_exact(channels * c.kernel[0] * c.kernel[1]) {
            for i in 0..c.counts[0] * c.counts[1] {
                let mut sum = 0.0;
                for (k, &weight) in weights.iter().enumerate() {
                    let (column, rest) = (k % c.kernel[1], k / c.kernel[1]);
                    let (row, channel) = (rest % c.kernel[0], rest / c.kernel[0]);
                    let place = |i: usize, k: usize, side: usize| {
                        (i * c.stride[side] + k * c.dilation[side]).wrapping_sub(c.before[side])
                    };
                    let (row, column) = (
                        place(i / c.counts[1], row, 0),
                        place(i % c.counts[1], column, 1),
                    );
                    if row < h && column < w {
                        let x = x[(channel * h + row) * w + column];
                        sum += f64::from(x) * f64::from(weight);
                    }
                }
                y.push(sum);
            }
        }
    }
    y
}

fn numbers(count: usize) -> Vec<f32> {
    (0..count as u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 8) as f32 / 1e7 - 0.8)
        .collect()
}

/// Every shape of window on every shape of map, with `out` channels each.
fn shapes(out: impl Fn(usize) -> usize) -> Vec<Convolution> {
    let mut shapes = Vec::new();
    for map in [[1, 1, 1], [3, 5, 9], [5, 8, 8], [2, 70, 300]] {
        for (kernel, stride, dilation) in [
            (1, 1, 1),
            (1, 2, 1),
            (3, 1, 1),
            (3, 2, 1),
            (3, 1, 2),
            (2, 3, 2),
            (5, 4, 1),
        ] {
            for before in [0, 1, 3] {
                let count = |size: usize| {
                    let reach = (kernel - 1) * dilation + 1;
                    (size + 2 * before)
                        .checked_sub(reach)
                        .map_or(0, |free| free / stride + 1)
                };
                shapes.push(Convolution {
                    map,
                    out: out(map[0]),
                    counts: [count(map[1]), count(map[2])],
                    kernel: [kernel; 2],
                    stride: [stride; 2],
                    dilation: [dilation; 2],
                    before: [before; 2],
                });
            }
        }
    }
    shapes
}

fn compare(machine: Machine, c: &Convolution, y: &[f32], right: &[f64]) {
    assert_eq!(y.len(), right.len());
    for (y, right) in y.iter().zip(right) {
        let worst = (f64::from(*y) - right).abs();
        assert!(worst < 1e-4, "{machine:?}, {c:?}: {y}, not {right}");
    }
}

#[test]
fn every_shape_of_window_on_every_shape_of_map() {
    let mut tried = 0;
    // Whole tiles of channels, and what is left of them: more than half, and less.
    for c in shapes(|_| 11).into_iter().chain(shapes(|_| 20)) {
        let x = numbers(2 * c.map.iter().product::<usize>());
        let weights = numbers(c.out * c.map[0] * c.kernel[0] * c.kernel[1]);
        let right = plain(&c, &x, &weights);
        for machine in Machine::all() {
            let mut y = vec![f32::NAN; right.len()];
            let images = Images {
                convolution: c.flat(),
                x: &x,
                weights: &weights,
                y: &mut y,
            };
            machine.run(images);
            compare(machine, &c, &y, &right);
            tried += y.len();
        }
    }
    assert!(tried > 100_000, "{tried}");
}

#[test]
fn every_channel_by_itself() {
    let mut tried = 0;
    for c in shapes(|channels| 2 * channels) {
        let ([channels, h, w], taps) = (c.map, c.kernel[0] * c.kernel[1]);
        let x = numbers(2 * channels * h * w);
        let weights = numbers(c.out * taps);
        let plane = Convolution {
            map: [1, h, w],
            ..c
        };
        // Two channels of the result see the same one of the map.
        let planes = x.chunks_exact(h * w).enumerate().flat_map(|(i, x)| {
            let first = 2 * (i % channels) * taps;
            plain(&plane, x, &weights[first..first + 2 * taps])
        });
        let right: Vec<f64> = planes.collect();
        for machine in Machine::all() {
            let mut y = vec![f32::NAN; right.len()];
            let planes = alone::Planes {
                convolution: c,
                x: &x,
                weights: &weights,
                y: &mut y,
            };
            machine.run(planes);
            compare(machine, &c, &y, &right);
            tried += y.len();
        }
    }
    assert!(tried > 100_000, "{tried}");
}

/// Bands, tiles and blocks of channels all over at once, read where the map lies.
#[test]
fn many_channels_by_single_taps() {
    let c = Convolution {
        map: [128, 32, 32],
        out: 32,
        counts: [32; 2],
        kernel: [1; 2],
        stride: [1; 2],
        dilation: [1; 2],
        before: [0; 2],
    };
    let (x, weights) = (numbers(2 * 128 * 1024), numbers(32 * 128));
    let right = plain(&c, &x, &weights);
    for machine in Machine::all() {
        let mut y = vec![f32::NAN; right.len()];
        let convolution = c.flat();
        let (x, weights, y) = (&x[..], &weights[..], &mut y[..]);
        let images = Images {
            convolution,
            x,
            weights,
            y: &mut *y,
        };
        machine.run(images);
        let worst = y
            .iter()
            .zip(&right)
            .map(|(y, right)| (f64::from(*y) - right).abs());
        let worst = worst.fold(0.0, f64::max);
        assert!(worst < 1e-3, "{worst}");
    }
}
