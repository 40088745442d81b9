//! Products of jets on a GPU against the library's on the CPU.

use super::matmul;
use crate::engine::ops::slice;
use crate::engine::ops::tests::cases::{Push, build, operands};
use crate::engine::ops::tests::{Failures, random};
use crate::network::Op;
use crate::random::Stream;

pub(in crate::engine::ops) fn cases(shape: [usize; 3], push: Push<'_>) {
    let network = build(shape, |b, x| {
        let [x, y, _] = operands(b, x, shape);
        let y = b.add("turn", Op::Permute(vec![0, 2, 1]), &[y]).unwrap();
        b.add("op", Op::MatMul, &[x, y]).unwrap()
    });
    push("matmul", network);
}

/// Largest error, of the largest number in the part.
const TOLERANCE: f64 = 1e-5;

#[test]
fn products_of_jets_agree_with_the_library() {
    let mut stream = Stream::new(11, "product");
    let mut failures = Failures::default();
    for (batch, n, k, m) in [
        (1, 1, 1, 1),
        (3, 17, 20, 17),
        (2, 64, 5000, 3),
        (5, 65, 33, 70),
        (4, 7, 9, 100),
        (1, 100, 1, 9),
    ] {
        let (p, q) = (batch * n * k, batch * k * m);
        for rows in [[1, 2], [3, 2], [4, 0]] {
            let x = random(rows, p + q, &mut stream);
            let name = format!("{batch} of {n}×{k}×{m}");
            failures.compare(&name, &x, rows, TOLERANCE, |x, _| {
                let left = slice(&x, &[p + q], 0, [0, p, 1]);
                let right = slice(&x, &[p + q], 0, [p, p + q, 1]);
                matmul(&left, &[batch, n, k], &right, &[batch, k, m])
            });
        }
    }
    failures.none();
}
