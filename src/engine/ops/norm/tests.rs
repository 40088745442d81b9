//! Norms on a GPU against the CPU's loops in double precision, and these
//! against plain ones.

use super::normalise;
use crate::engine::jet::{Jets, Layout, Statistics};
use crate::engine::ops::tests::cases::{Push, one};
use crate::engine::ops::tests::{Failures, LAYOUTS, cpu, layout, numbers, random, some, value};
use crate::engine::{Device, webgpu};
use crate::network::{Norm, Op, Over};
use crate::random::Stream;

pub(in crate::engine::ops) fn cases(shape: [usize; 3], push: Push<'_>) {
    for affine in [false, true] {
        let eps = 0.1;
        push("batch norm", one(shape, Op::BatchNorm { eps, affine }));
        for groups in [1, 2, shape[0]] {
            let op = Op::GroupNorm {
                groups,
                eps,
                affine,
            };
            push("group norm", one(shape, op));
        }
        for axes in 1..=3 {
            push(
                "layer norm",
                one(shape, Op::LayerNorm { eps, affine, axes }),
            );
            push("rms norm", one(shape, Op::RmsNorm { eps, affine, axes }));
        }
    }
}

#[test]
fn norms_have_mean_zero_and_variance_one() {
    let shape = [4, 5, 3];
    let eps = 0.0;
    let affine = false;
    for (op, elements, centred) in [
        (Op::BatchNorm { eps, affine }, 15, true),
        (
            Op::GroupNorm {
                groups: 2,
                eps,
                affine,
            },
            30,
            true,
        ),
        (
            Op::LayerNorm {
                eps,
                affine,
                axes: 2,
            },
            15,
            true,
        ),
        (
            Op::RmsNorm {
                eps,
                affine,
                axes: 1,
            },
            3,
            false,
        ),
    ] {
        let (_, y, _) = value(shape, op);
        for group in y.chunks(elements) {
            let n = elements as f64;
            let mean = group.iter().sum::<f64>() / n;
            let square = group.iter().map(|x| x * x).sum::<f64>() / n;
            assert!(!centred || mean.abs() < 1e-12, "{mean}");
            assert!((square - 1.0).abs() < 1e-12, "{square}");
        }
    }
}

/// Largest error, of the largest number in the part.
const TOLERANCE: f64 = 1e-5;

fn norm(over: Over, eps: f64) -> Norm {
    let affine = false;
    Norm { over, eps, affine }
}

#[test]
fn norms_agree_with_the_cpu() {
    let mut stream = Stream::new(5, "norm");
    let mut failures = Failures::default();
    for elements in [2, 7, 64, 1024, 4096, 50_176] {
        for groups in [1, 3, 64] {
            for (k, rows) in LAYOUTS.into_iter().enumerate() {
                // The largest are 230 MB: once is enough.
                if elements * groups > 1 << 17 && k != 5 {
                    continue;
                }
                let x = random(rows, groups * elements, &mut stream);
                // Two numbers are always ±1 when normalised: without a large ε
                // their derivatives are a difference of nearly equal terms.
                let eps = if elements == 2 { 0.3 } else { 1e-5 };
                let live = (elements + groups) % 2 != 0;
                for (over, numbers) in [
                    (Over::Channel, None),
                    (Over::Channel, Some(groups)),
                    (Over::Last(1), Some(elements)),
                    (Over::LastSquares(1), Some(elements)),
                ] {
                    let affine = numbers.map(|n| [some(n, &mut stream), some(n, &mut stream)]);
                    let name = format!("{over:?} {groups}×{elements} affine {numbers:?}");
                    failures.compare(&name, &x, rows, TOLERANCE, |x, device| {
                        let upload = |i: usize| {
                            let affine = affine.as_ref()?;
                            Some(device.tensor(affine[i].clone(), [affine[i].len()]))
                        };
                        let affine = [upload(0), upload(1)];
                        let norm = norm(over, eps);
                        normalise(x, &[groups, elements], &norm, affine, live).unwrap()
                    });
                }
            }
        }
    }
    failures.none();
}

/// A group's channels have scales and shifts of their own.
#[test]
fn group_norms_agree_with_the_cpu() {
    let mut stream = Stream::new(16, "norm");
    let mut failures = Failures::default();
    for rows in LAYOUTS {
        for (groups, channels, pixels) in [(2, 6, 35), (3, 3, 40), (1, 64, 9)] {
            let x = random(rows, channels * pixels, &mut stream);
            let affine = [some(channels, &mut stream), some(channels, &mut stream)];
            let name = format!("group norm {groups} of {channels}×{pixels}");
            failures.compare(&name, &x, rows, TOLERANCE, |x, device| {
                let upload = |i: usize| Some(device.tensor(affine[i].clone(), [channels]));
                let affine = [upload(0), upload(1)];
                let norm = norm(Over::Groups(groups), 1e-5);
                normalise(x, &[channels, pixels], &norm, affine, true).unwrap()
            });
        }
    }
    failures.none();
}

#[test]
fn more_groups_than_a_dispatch_has_workgroups() {
    let (groups, rows) = (70_000, [1, 1]);
    let x = random(rows, groups * 3, &mut Stream::new(6, "norm"));
    let mut failures = Failures::default();
    failures.compare("70,000 groups", &x, rows, TOLERANCE, |x, _| {
        normalise(
            x,
            &[groups, 3],
            &norm(Over::Channel, 0.3),
            [None, None],
            true,
        )
        .unwrap()
    });
    failures.none();
}

/// A batch's images with one mean and one biased variance a channel.
#[test]
fn statistics_of_a_batch_are_over_all_images() {
    let (images, channels, pixels, eps) = (4, 5, 33, 1e-3);
    let mut stream = Stream::new(17, "norm");
    let x = random([images, 0], channels * pixels, &mut stream);
    let (scale, shift) = (some(channels, &mut stream), some(channels, &mut stream));
    let at = |image: usize, channel: usize| (image * channels + channel) * pixels;
    let mut right = x.clone();
    for c in 0..channels {
        let all = || (0..images).flat_map(|i| &x[at(i, c)..at(i, c) + pixels]);
        let count = (images * pixels) as f64;
        let mean = all().sum::<f64>() / count;
        let variance = all().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
        for i in 0..images {
            for x in &mut right[at(i, c)..at(i, c) + pixels] {
                *x = (*x - mean) / (variance + eps).sqrt() * scale[c] + shift[c];
            }
        }
    }
    let run = |device: &Device, affine: bool, statistics: Statistics| {
        let layout = Layout {
            statistics,
            ..layout(images, 0, device)
        };
        let upload = |numbers: &[f64]| affine.then(|| device.tensor(numbers.to_vec(), [channels]));
        let affine = [upload(&scale), upload(&shift)];
        let x = Jets::from_rows(x.clone(), layout, device);
        let norm = norm(Over::Channel, eps);
        numbers(normalise(x, &[channels, pixels], &norm, affine, true).unwrap())
    };
    for (device, tolerance) in [
        (&Device::cpu_double(), 1e-12),
        (&cpu(), 1e-5),
        (webgpu(), 1e-5),
    ] {
        let found = run(device, true, Statistics::Batch);
        let mut pairs = found.iter().zip(&right);
        assert!(pairs.all(|(x, y)| (x - y).abs() < tolerance));
        let of_rows = run(device, false, Statistics::Row);
        let mean = |x: &[f64]| x.iter().sum::<f64>() / pixels as f64;
        assert!(of_rows.chunks(pixels).all(|run| mean(run).abs() < 1e-5));
        let of_batch = run(device, false, Statistics::Batch);
        assert!(of_batch.chunks(pixels).any(|run| mean(run).abs() > 1e-2));
    }
}

#[test]
fn statistics_of_a_batch_refuse_curves() {
    let device = Device::cpu_double();
    let layout = Layout {
        statistics: Statistics::Batch,
        ..layout(2, 1, &device)
    };
    let run = |over: Over| {
        let x = Jets::from_rows(vec![0.5; 5 * 8], layout, &device);
        normalise(x, &[2, 4], &norm(over, 1e-5), [None, None], true)
    };
    assert_eq!(run(Over::Channel).err().unwrap().code(), "usage");
    // What has statistics of its own in each row goes on.
    assert!(run(Over::Last(1)).is_ok());
}

#[test]
fn a_dead_map_normalises_to_exactly_zero() {
    for device in [&cpu(), webgpu()] {
        let rows = [vec![0.1; 200], vec![0.0; 200]].concat();
        let x = Jets::from_rows(rows, layout(1, 1, device), device);
        let norm = norm(Over::Channel, 1e-5);
        let y = numbers(normalise(x, &[2, 50], &norm, [None, None], false).unwrap());
        assert!(y.iter().all(|&v| v == 0.0));
    }
}

#[test]
fn what_is_not_finite_stays_so() {
    for device in [&cpu(), webgpu()] {
        let nan = f64::NAN;
        let rows = vec![nan, 1.0, -1.0, 1.0, 2.0, nan, 4.0, 5.0, f64::INFINITY];
        let x = Jets::from_rows(rows, layout(0, 1, device), device);
        let norm = norm(Over::Channel, 1e-5);
        let y = numbers(normalise(x, &[1, 3], &norm, [None, None], true).unwrap());
        assert!(y.iter().all(|y| !y.is_finite()), "{y:?}");
    }
}
