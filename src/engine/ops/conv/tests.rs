//! Convolutions on a GPU against the library's on the CPU, in double precision,
//! and these against plain loops.

use super::conv;
use crate::engine::ops::tests::cases::{self, Push, one};
use crate::engine::ops::tests::{Failures, assert_close, random, some, value};
use crate::network::{Conv, Network, Op, Window};
use crate::random::Stream;

pub(in crate::engine::ops) fn cases(shape: [usize; 3], push: Push<'_>) {
    let [c, ..] = shape;
    let conv = |kernel, stride, padding, dilation, groups| Op::Conv2d {
        out: 2 * c,
        kernel,
        stride,
        padding,
        dilation,
        groups,
        bias: true,
    };
    push("conv", one(shape, Op::conv(3, 3, 1, 1, true)));
    push("conv 1×1", one(shape, Op::conv(3, 1, 2, 0, true)));
    push("depthwise", one(shape, Op::depthwise(c, 3, 2, 1, true)));
    let op = conv([3, 3], [1, 1], [1; 4], [1, 1], 2);
    push("grouped conv", one(shape, op));
    let op = conv([2, 3], [2, 1], [0, 2, 1, 1], [2, 1], 1);
    push("uneven conv", one(shape, op));
    let op = conv([3, 2], [1, 2], [2, 0, 2, 1], [2, 1], c);
    push("uneven depthwise", one(shape, op));
    for (padding, groups) in [([1; 4], 1), ([1; 4], 2), ([0, 1, 1, 0], 2), ([0; 4], c)] {
        let op = Op::ConvTranspose2d {
            out: 2 * c,
            kernel: [3, 2],
            stride: [2, 1],
            padding,
            output_padding: [1, 0],
            dilation: [1, 2],
            groups,
            bias: true,
        };
        push("transposed conv", one(shape, op));
    }
}

fn tensor(network: &Network, name: &str) -> Vec<f64> {
    cases::weights(network).get(name).unwrap().to_f64()
}

#[test]
fn convolutions_are_their_sums() {
    let [c, h, w] = [4, 6, 7];
    for groups in [1, 2, 4] {
        let (out, [kh, kw], [sh, sw], [dh, dw]) = (8, [3, 2], [2, 1], [1, 2]);
        let padding = [1, 2, 0, 1];
        let (x, y, network) = value(
            [c, h, w],
            Op::Conv2d {
                out,
                kernel: [kh, kw],
                stride: [sh, sw],
                padding,
                dilation: [dh, dw],
                groups,
                bias: true,
            },
        );
        let (weight, bias) = (tensor(&network, "op.weight"), tensor(&network, "op.bias"));
        let shape = network.node(1).shape.clone();
        let (depth, per) = (c / groups, out / groups);
        let mut right = Vec::new();
        for o in 0..out {
            for i in 0..shape[1] {
                for j in 0..shape[2] {
                    let mut sum = bias[o];
                    for k in 0..depth {
                        for (p, q) in (0..kh).flat_map(|p| (0..kw).map(move |q| (p, q))) {
                            let r = (i * sh + p * dh).wrapping_sub(padding[0]);
                            let s = (j * sw + q * dw).wrapping_sub(padding[1]);
                            if r < h && s < w {
                                let channel = o / per * depth + k;
                                sum += weight[((o * depth + k) * kh + p) * kw + q]
                                    * x[(channel * h + r) * w + s];
                            }
                        }
                    }
                    right.push(sum);
                }
            }
        }
        assert_close(&y, &right);
    }
}

#[test]
fn transposed_convolutions_are_their_sums() {
    let [c, h, w] = [4, 3, 5];
    for (groups, padding) in [(1, [1; 4]), (2, [1, 0, 0, 2]), (4, [0; 4])] {
        let (out, [kh, kw], [sh, sw], [dh, dw]) = (8, [3, 2], [2, 3], [1, 2]);
        let (x, y, network) = value(
            [c, h, w],
            Op::ConvTranspose2d {
                out,
                kernel: [kh, kw],
                stride: [sh, sw],
                padding,
                output_padding: [1, 2],
                dilation: [dh, dw],
                groups,
                bias: true,
            },
        );
        let (weight, bias) = (tensor(&network, "op.weight"), tensor(&network, "op.bias"));
        let shape = network.node(1).shape.clone();
        let (depth, per) = (c / groups, out / groups);
        let plane = shape[1] * shape[2];
        let mut right: Vec<f64> = (0..out * plane).map(|i| bias[i / plane]).collect();
        for k in 0..c {
            for (i, j) in (0..h).flat_map(|i| (0..w).map(move |j| (i, j))) {
                for o in 0..per {
                    for (p, q) in (0..kh).flat_map(|p| (0..kw).map(move |q| (p, q))) {
                        let r = (i * sh + p * dh).wrapping_sub(padding[0]);
                        let s = (j * sw + q * dw).wrapping_sub(padding[1]);
                        if r < shape[1] && s < shape[2] {
                            let channel = k / depth * per + o;
                            right[(channel * shape[1] + r) * shape[2] + s] +=
                                weight[((k * per + o) * kh + p) * kw + q] * x[(k * h + i) * w + j];
                        }
                    }
                }
            }
        }
        assert_close(&y, &right);
    }
}

/// Largest error, of the largest number in the part: sums of up to 5,000 terms
/// in single precision.
const TOLERANCE: f64 = 1e-5;

/// Input, output channels, kernel, stride, padding, dilation, groups.
type Case = (
    [usize; 3],
    usize,
    [usize; 2],
    [usize; 2],
    [usize; 4],
    [usize; 2],
    usize,
);

/// All cases, with biases and without.
fn check(cases: Vec<Case>, transposed: Option<[usize; 2]>) {
    let mut stream = Stream::new(9, "linear");
    let mut failures = Failures::default();
    for (i, case) in cases.into_iter().enumerate() {
        let rows = [[1, 2], [3, 2], [4, 0]][i % 3];
        let (input, out, kernel, stride, padding, dilation, groups) = case;
        let window = Window {
            kernel,
            stride,
            padding,
            dilation,
        };
        let x = random(rows, input.iter().product(), &mut stream);
        let bias = i % 2 == 0;
        let how = Conv {
            out,
            window,
            groups,
            bias,
            transposed,
        };
        let size = how.weight(input[0]).iter().product();
        let (weight, numbers) = (some(size, &mut stream), some(out, &mut stream));
        let name = format!("{input:?} to {out}, {window:?}, {groups} groups, {transposed:?}");
        failures.compare(&name, &x, rows, TOLERANCE, |x, device| {
            let weight = device.tensor(weight.clone(), [size]);
            let bias = bias.then(|| device.tensor(numbers.clone(), [out]));
            conv(x, &input, &how, weight, bias).unwrap()
        });
    }
    failures.none();
}

#[test]
fn convolutions_agree_with_the_library() {
    let cases: Vec<Case> = vec![
        ([3, 32, 32], 16, [3, 3], [1, 1], [1; 4], [1, 1], 1),
        ([3, 31, 17], 17, [3, 3], [1, 1], [1; 4], [1, 1], 1),
        ([16, 8, 8], 16, [3, 3], [1, 1], [1; 4], [1, 1], 1),
        ([16, 8, 8], 32, [3, 3], [2, 2], [1; 4], [1, 1], 1),
        ([33, 7, 9], 33, [1, 1], [1, 1], [0; 4], [1, 1], 1),
        ([33, 7, 9], 32, [1, 1], [2, 3], [0; 4], [1, 1], 1),
        ([64, 4, 4], 65, [3, 3], [1, 1], [1; 4], [1, 1], 1),
        ([3, 30, 30], 64, [7, 7], [2, 2], [3; 4], [1, 1], 1),
        ([5, 12, 13], 40, [3, 5], [1, 1], [0, 1, 2, 3], [2, 1], 1),
        ([5, 12, 13], 9, [1, 4], [1, 1], [1, 0, 0, 2], [1, 3], 1),
        ([1, 9, 9], 1, [3, 3], [1, 1], [1; 4], [1, 1], 1),
        ([1, 1, 1], 100, [1, 1], [1, 1], [0; 4], [1, 1], 1),
        ([7, 1, 1], 1000, [1, 1], [1, 1], [0; 4], [1, 1], 1),
        ([1000, 1, 1], 12, [1, 1], [1, 1], [0; 4], [1, 1], 1),
        ([555, 3, 3], 70, [3, 3], [1, 1], [0; 4], [1, 1], 1),
        ([24, 10, 10], 24, [3, 3], [1, 1], [1; 4], [1, 1], 24),
        ([24, 10, 10], 48, [5, 5], [2, 2], [2; 4], [1, 1], 24),
        ([24, 10, 10], 24, [3, 3], [1, 1], [2; 4], [2, 2], 4),
        ([24, 10, 10], 30, [3, 3], [1, 1], [1; 4], [1, 1], 3),
        ([66, 5, 5], 99, [3, 3], [1, 1], [1; 4], [1, 1], 3),
        ([12, 6, 6], 200, [3, 3], [1, 1], [1; 4], [1, 1], 2),
        ([4, 6, 6], 3, [6, 6], [1, 1], [0; 4], [1, 1], 1),
        ([4, 5, 5], 20, [3, 3], [1, 1], [4, 4, 4, 4], [1, 1], 1),
    ];
    check(cases, None);
}

#[test]
fn transposed_convolutions_agree_with_the_library() {
    for output_padding in [[0, 0], [1, 0]] {
        let cases: Vec<Case> = vec![
            ([6, 5, 7], 10, [3, 3], [2, 2], [1; 4], [1, 1], 1),
            ([6, 5, 7], 3, [4, 2], [3, 2], [0; 4], [2, 1], 1),
            ([6, 5, 7], 20, [3, 2], [2, 3], [0, 1, 2, 0], [1, 1], 1),
            ([6, 5, 7], 20, [3, 3], [2, 2], [2; 4], [1, 1], 2),
            ([6, 5, 7], 6, [3, 3], [2, 1], [0; 4], [1, 1], 6),
            ([6, 5, 7], 12, [1, 1], [2, 2], [1; 4], [1, 1], 1),
        ];
        check(cases, Some(output_padding));
    }
}
