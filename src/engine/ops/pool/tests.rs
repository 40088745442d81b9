//! Pools of known numbers, and the two forms against each other.

use super::{cpu, gpu, pool};
use crate::engine::Device;
use crate::engine::jet::Jets;
use crate::engine::ops::tests::cases::{Push, one};
use crate::engine::ops::tests::{Failures, LAYOUTS, layout, numbers, random};
use crate::network::{Op, Pool, Takes, Window};
use crate::random::Stream;

pub(in crate::engine::ops) fn cases(shape: [usize; 3], push: Push<'_>) {
    for (padding, count_padding, ceil) in [
        ([1; 4], false, false),
        ([1; 4], true, false),
        ([0, 1, 1, 0], true, true),
        ([0, 1, 1, 0], false, true),
    ] {
        let op = Op::AvgPool {
            kernel: [3, 2],
            stride: [2, 2],
            padding,
            count_padding,
            ceil,
        };
        push("average pool", one(shape, op));
        let op = Op::MaxPool {
            kernel: [3, 2],
            stride: [2, 1],
            padding,
            dilation: [1, if ceil { 2 } else { 1 }],
            ceil,
        };
        push("max pool", one(shape, op));
    }
}

fn means(
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [usize; 4],
    count_padding: bool,
    ceil: bool,
) -> Pool {
    let dilation = [1; 2];
    Pool {
        window: Window {
            kernel,
            stride,
            padding,
            dilation,
        },
        ceil,
        takes: Takes::Mean { count_padding },
    }
}

/// torch.nn.AvgPool2d and MaxPool2d of 0, 1, …, 24 on 5×5.
#[test]
fn pools_of_counted_numbers() {
    let x: Vec<f64> = (0..25).map(f64::from).collect();
    let device = Device::cpu_double();
    let jets = || Jets::from_rows(x.clone(), layout(1, 0, &device), &device);
    let mean = |count_padding, ceil| {
        let op = means([2; 2], [2; 2], [1; 4], count_padding, ceil);
        numbers(pool(jets(), &[1, 5, 5], &op).unwrap())
    };
    assert_eq!(
        mean(false, false),
        [0.0, 1.5, 3.5, 7.5, 9.0, 11.0, 17.5, 19.0, 21.0]
    );
    assert_eq!(
        mean(true, false),
        [0.0, 0.75, 1.75, 3.75, 9.0, 11.0, 8.75, 19.0, 21.0]
    );
    let op = means([2; 2], [2; 2], [0; 4], true, true);
    assert_eq!(
        numbers(pool(jets(), &[1, 5, 5], &op).unwrap()),
        [3.0, 5.0, 6.5, 13.0, 15.0, 16.5, 20.5, 22.5, 24.0]
    );
    let op = Pool {
        window: Window {
            dilation: [2; 2],
            ..op.window
        },
        takes: Takes::Largest,
        ..op
    };
    assert_eq!(
        numbers(pool(jets(), &[1, 5, 5], &op).unwrap()),
        [12.0, 14.0, 22.0, 24.0]
    );
}

const WINDOWS: [[usize; 3]; 8] = [
    [3, 1, 1],
    [2, 2, 0],
    [3, 2, 1],
    [5, 1, 2],
    [1, 1, 0],
    [6, 1, 0],
    [6, 3, 3],
    [4, 3, 2],
];

/// Both kinds on all windows.
fn pools() -> impl Iterator<Item = Pool> {
    WINDOWS.iter().flat_map(|&[kernel, stride, padding]| {
        let mean = means([kernel; 2], [stride; 2], [padding; 4], stride == 2, false);
        let takes = Takes::Largest;
        [mean, Pool { takes, ..mean }]
    })
}

const AXES: [usize; 3] = [2, 7, 6];

/// The GPU's form is tensor operations, which the CPU has in double precision.
#[test]
fn pools_of_any_window_agree_with_tensor_operations() {
    let device = Device::cpu_double();
    let mut stream = Stream::new(19, "pool");
    for rows in LAYOUTS {
        for op in pools() {
            let x = random(rows, 2 * 7 * 6, &mut stream);
            let x = Jets::from_rows(x, layout(rows[0], rows[1], &device), &device);
            let [found, right] =
                [gpu::pool, cpu::pool].map(|form| numbers(form(x.clone(), &AXES, &op).unwrap()));
            assert_eq!(found.len(), right.len(), "{op:?}");
            let mut pairs = found.iter().zip(&right);
            assert!(pairs.all(|(x, y)| (x - y).abs() < 1e-13), "{op:?}");
        }
    }
}

#[test]
fn pools_agree_with_the_cpu() {
    let mut stream = Stream::new(20, "pool");
    let mut failures = Failures::default();
    for rows in LAYOUTS {
        for op in pools() {
            let x = random(rows, 2 * 7 * 6, &mut stream);
            let run = |x, _: &Device| pool(x, &AXES, &op).unwrap();
            failures.compare(&format!("{op:?}"), &x, rows, 1e-6, run);
        }
    }
    failures.none();
}
