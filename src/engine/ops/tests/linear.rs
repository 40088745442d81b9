//! The GPU's convolutions and products against the library's on the CPU, in
//! double precision.

use super::webgpu::{on_both, random, worst};
use super::*;
use crate::engine::device::webgpu;
use crate::engine::memory::check_sums;
use crate::network::{Builder, Op};
use crate::random::Stream;

/// Largest error, of the largest number in the part: sums of up to 5,000 terms
/// in single precision.
const TOLERANCE: f64 = 1e-5;

struct Case {
    input: [usize; 3],
    out: usize,
    kernel: [usize; 2],
    how: Moves,
}

fn case(input: [usize; 3], out: usize, kernel: [usize; 2]) -> Case {
    let how = Moves {
        stride: [1, 1],
        padding: [0; 4],
        dilation: [1, 1],
        groups: 1,
    };
    Case {
        input,
        out,
        kernel,
        how,
    }
}

impl Case {
    fn stride(mut self, stride: [usize; 2]) -> Self {
        self.how.stride = stride;
        self
    }
    fn pad(mut self, padding: [usize; 4]) -> Self {
        self.how.padding = padding;
        self
    }
    fn dilate(mut self, dilation: [usize; 2]) -> Self {
        self.how.dilation = dilation;
        self
    }
    fn groups(mut self, groups: usize) -> Self {
        self.how.groups = groups;
        self
    }
}

const ROWS: [usize; 2] = [1, 2];

fn check(cases: Vec<Case>, run: impl Fn(&Jets, &Case, Tensor<1>, Option<Tensor<1>>) -> Jets) {
    let mut stream = Stream::new(9, "linear");
    let mut failed = Vec::new();
    for (i, case) in cases.iter().enumerate() {
        let elements: usize = case.input.iter().product();
        let x = random((ROWS[0] + 3 * ROWS[1]) * elements, &mut stream);
        let area = case.kernel[0] * case.kernel[1];
        let size = case.input[0] * case.out / case.how.groups * area;
        let (weight, bias) = (random(size, &mut stream), random(case.out, &mut stream));
        let both = on_both(&x, ROWS, |x, device| {
            let weight = device.tensor(weight.clone(), [size]);
            let bias = (i % 2 == 0).then(|| device.tensor(bias.clone(), [case.out]));
            run(&x, case, weight, bias)
        });
        let worst = worst(&both, ROWS);
        let (input, out, kernel, how) = (case.input, case.out, case.kernel, case.how);
        println!("{input:?} → {out}, {kernel:?}, {how:?}: {worst:.1e}");
        if worst > TOLERANCE {
            failed.push((input, out, kernel, how, worst));
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn convolutions_agree_with_the_library() {
    let cases = vec![
        case([3, 32, 32], 16, [3, 3]).pad([1; 4]),
        case([3, 31, 17], 17, [3, 3]).pad([1; 4]),
        case([16, 8, 8], 16, [3, 3]).pad([1; 4]),
        case([16, 8, 8], 32, [3, 3]).pad([1; 4]).stride([2, 2]),
        case([33, 7, 9], 33, [1, 1]),
        case([33, 7, 9], 32, [1, 1]).stride([2, 3]),
        case([64, 4, 4], 65, [3, 3]).pad([1; 4]),
        case([3, 30, 30], 64, [7, 7]).pad([3; 4]).stride([2, 2]),
        case([5, 12, 13], 40, [3, 5])
            .pad([0, 1, 2, 3])
            .dilate([2, 1]),
        case([5, 12, 13], 9, [1, 4])
            .pad([1, 0, 0, 2])
            .dilate([1, 3]),
        case([1, 9, 9], 1, [3, 3]).pad([1; 4]),
        case([1, 1, 1], 100, [1, 1]),
        case([7, 1, 1], 1000, [1, 1]),
        case([1000, 1, 1], 12, [1, 1]),
        case([555, 3, 3], 70, [3, 3]),
        case([24, 10, 10], 24, [3, 3]).pad([1; 4]).groups(24),
        case([24, 10, 10], 48, [5, 5])
            .pad([2; 4])
            .stride([2, 2])
            .groups(24),
        case([24, 10, 10], 24, [3, 3])
            .pad([2; 4])
            .dilate([2, 2])
            .groups(4),
        case([24, 10, 10], 30, [3, 3]).pad([1; 4]).groups(3),
        case([66, 5, 5], 99, [3, 3]).pad([1; 4]).groups(3),
        case([12, 6, 6], 200, [3, 3]).pad([1; 4]).groups(2),
        case([4, 6, 6], 3, [6, 6]),
        case([4, 5, 5], 20, [3, 3]).pad([4, 4, 4, 4]),
    ];
    check(cases, |x, case, weight, bias| {
        let [kh, kw] = case.kernel;
        let weight = weight.reshape([case.out, case.input[0] / case.how.groups, kh, kw]);
        conv2d(x.clone(), &case.input, weight, bias, case.how).unwrap()
    });
}

#[test]
fn transposed_convolutions_agree_with_the_library() {
    for output_padding in [[0, 0], [1, 0]] {
        let cases = vec![
            case([6, 5, 7], 10, [3, 3]).pad([1; 4]).stride([2, 2]),
            case([6, 5, 7], 3, [4, 2]).stride([3, 2]).dilate([2, 1]),
            case([6, 5, 7], 20, [3, 2]).pad([0, 1, 2, 0]).stride([2, 3]),
            case([6, 5, 7], 20, [3, 3])
                .pad([2; 4])
                .stride([2, 2])
                .groups(2),
            case([6, 5, 7], 6, [3, 3]).stride([2, 1]).groups(6),
            case([6, 5, 7], 12, [1, 1]).pad([1; 4]).stride([2, 2]),
        ];
        check(cases, |x, case, weight, bias| {
            let [kh, kw] = case.kernel;
            let weight = weight.reshape([case.input[0], case.out / case.how.groups, kh, kw]);
            conv_transpose2d(x, &case.input, weight, bias, output_padding, case.how).unwrap()
        });
    }
}

#[test]
fn dense_layers_agree_with_the_library() {
    let mut stream = Stream::new(10, "dense");
    for (before, width, out) in [
        (1, 1, 1),
        (1, 5000, 10),
        (3, 64, 1000),
        (17, 100, 33),
        (65, 48, 16),
        (2, 9, 7),
    ] {
        let x = random(7 * before * width, &mut stream);
        let (weight, bias) = (random(out * width, &mut stream), random(out, &mut stream));
        let both = on_both(&x, ROWS, |x, device| {
            let weight = device.tensor(weight.clone(), [out, width]);
            let bias = device.tensor(bias.clone(), [out]);
            dense(&x, &[before, width], weight, Some(bias)).unwrap()
        });
        let worst = worst(&both, ROWS);
        println!("{before}×{width} → {out}: {worst:.1e}");
        assert!(worst <= TOLERANCE, "{before}×{width} → {out}: {worst:e}");
    }
}

#[test]
fn the_longest_sums_agree_with_the_library_and_longer_ones_are_refused() {
    let mut stream = Stream::new(12, "long");
    // Few outputs: one invocation for each up to 2¹⁵ products, then tiles.
    for width in [1 << 15, (1 << 15) + 1, LONGEST] {
        let (x, weight) = (random(width, &mut stream), random(width, &mut stream));
        let both = on_both(&x, [1, 0], |x, device| {
            let weight = device.tensor(weight.clone(), [1, width]);
            dense(&x, &[1, width], weight, None).unwrap()
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

#[test]
fn products_of_jets_agree_with_the_library() {
    let mut stream = Stream::new(11, "product");
    for (batch, n, k, m) in [
        (1, 1, 1, 1),
        (3, 17, 20, 17),
        (2, 64, 5000, 3),
        (5, 65, 33, 70),
        (4, 7, 9, 100),
        (1, 100, 1, 9),
    ] {
        let (p, q) = (batch * n * k, batch * k * m);
        let x = random(7 * (p + q), &mut stream);
        let both = on_both(&x, ROWS, |x, _| {
            let left = slice(&x, &[p + q], 0, [0, p, 1]);
            let right = slice(&x, &[p + q], 0, [p, p + q, 1]);
            matmul(&left, &[batch, n, k], &right, &[batch, k, m])
        });
        let worst = worst(&both, ROWS);
        println!("{batch} of {n}×{k}×{m}: {worst:.1e}");
        assert!(worst <= TOLERANCE, "{batch} of {n}×{k}×{m}: {worst:e}");
    }
}
