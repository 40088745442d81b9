//! Sums on a GPU against those on the CPU.

use super::sum;
use crate::engine::ops::slice;
use crate::engine::ops::tests::cases::{Push, build, operands};
use crate::engine::ops::tests::{Failures, LAYOUTS, random};
use crate::network::Op;
use crate::random::Stream;

pub(in crate::engine::ops) fn cases(shape: [usize; 3], push: Push<'_>) {
    let network = build(shape, |b, x| {
        let [x, y, z] = operands(b, x, shape);
        b.add("op", Op::Sum, &[x, x, y, z, x, y]).unwrap()
    });
    push("Sum of six, some of them the same", network);
    for op in [
        Op::Sum,
        Op::Multiply,
        Op::Minimum,
        Op::Maximum,
        Op::Concat { axis: 0 },
        Op::Concat { axis: 1 },
        Op::Concat { axis: 2 },
    ] {
        let name = format!("{op:?}");
        let network = build(shape, |b, x| {
            let operands = operands(b, x, shape);
            b.add("op", op, &operands).unwrap()
        });
        push(&name, network);
    }
}

/// Three at a time on the GPU: a sum of any number, operands twice among them.
#[test]
fn sums_agree_with_the_cpu() {
    let mut stream = Stream::new(15, "sum");
    let mut failures = Failures::default();
    for rows in LAYOUTS {
        for operands in 1..=8 {
            let x = random(rows, 300, &mut stream);
            let name = format!("sum of {operands}");
            failures.compare(&name, &x, rows, 1e-6, |x, _| {
                let part = |i: usize| slice(&x, &[3, 100], 0, [i % 3, i % 3 + 1, 1]);
                sum((0..operands).map(part).collect()).unwrap()
            });
        }
    }
    failures.none();
}
