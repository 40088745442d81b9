//! Matrices along an axis on a GPU against the library's on the CPU.

use std::sync::Arc;

use super::dense;
use crate::engine::memory::check_sums;
use crate::engine::ops::LONGEST;
use crate::engine::ops::tests::cases::{Push, one};
use crate::engine::ops::tests::{Failures, on_both, random, some};
use crate::engine::{Device, Reason, webgpu};
use crate::network::{Builder, Op};
use crate::random::Stream;

pub(in crate::engine::ops) fn cases(shape: [usize; 3], push: Push<'_>) {
    push("dense", one(shape, Op::Dense { out: 5, bias: true }));
    for axis in 0..3 {
        let n = shape[axis];
        let matrix: Arc<[f64]> = (0..5 * n).map(|i| (i as f64 * 0.7).sin()).collect();
        let out = 5;
        push("linear", one(shape, Op::LinearAlong { axis, out, matrix }));
    }
}

/// Largest error, of the largest number in the part.
const TOLERANCE: f64 = 1e-5;

#[test]
fn matrices_along_an_axis_agree_with_the_library() {
    let mut stream = Stream::new(10, "dense");
    let mut failures = Failures::default();
    for (before, width, out) in [
        (1, 1, 1),
        (1, 5000, 10),
        (3, 64, 1000),
        (17, 100, 33),
        (65, 48, 16),
        (2, 9, 7),
    ] {
        for (rows, axis) in [([1, 2], 1), ([3, 2], 0), ([4, 0], 1)] {
            let axes = [[before, width], [width, before]][1 - axis];
            let x = random(rows, before * width, &mut stream);
            let (weight, bias) = (some(out * width, &mut stream), some(out, &mut stream));
            let name = format!("{out} by {width} along axis {axis} of {axes:?}");
            failures.compare(&name, &x, rows, TOLERANCE, |x, device| {
                let weight = device.tensor(weight.clone(), [out * width]);
                let bias = device.tensor(bias.clone(), [out]);
                dense(&x, &axes, axis, weight, Some(bias)).unwrap()
            });
        }
    }
    failures.none();
}

#[test]
fn the_longest_sums_agree_with_the_library_and_longer_ones_are_refused() {
    let mut stream = Stream::new(12, "long");
    // Few outputs: one invocation for each up to 2¹⁵ products, then tiles.
    for width in [1 << 15, (1 << 15) + 1, LONGEST] {
        let (x, weight) = (some(width, &mut stream), some(width, &mut stream));
        let both = on_both(&x, [1, 0], |x, device| {
            let weight = device.tensor(weight.clone(), [width]);
            dense(&x, &[1, width], 1, weight, None).unwrap()
        });
        // Rounding walks at random: √n·ε/2 of the sum of the products' sizes
        // (which the sum itself may cancel). One wrong place is far above it.
        let bound = (width as f64).sqrt() * f64::from(f32::EPSILON) / 2.0;
        let size: f64 = x.iter().zip(&weight).map(|(x, w)| (x * w).abs()).sum();
        let off = (both[0][0] - both[1][0]).abs() / size;
        assert!(off <= bound, "{width}: {off:e}");
    }
    let mut b = Builder::new([1, 1, LONGEST + 1]).unwrap();
    let flat = Op::Reshape(vec![LONGEST + 1]);
    let flat = b.add("flat", flat, &[0]).unwrap();
    let (out, bias) = (2, false);
    let out = b.add("fc", Op::Dense { out, bias }, &[flat]).unwrap();
    let network = b.finish(&[out]);
    let refused = check_sums(&network, webgpu()).unwrap_err();
    assert_eq!(
        (refused.code(), refused.to_string().contains("fc")),
        ("too-large", true)
    );
    let cpu = Device::cpu(Reason::Asked);
    assert!(check_sums(&network, &cpu).is_ok());
}
