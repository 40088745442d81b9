//! Reductions: the cases of the tests of all operations.

use crate::engine::ops::tests::cases::{Push, one};
use crate::network::{Op, Reduction};

pub(in crate::engine::ops) fn cases(shape: [usize; 3], push: Push<'_>) {
    push("global pool", one(shape, Op::GlobalAvgPool));
    push("mean first", one(shape, Op::MeanFirst));
    for kind in [
        Reduction::Mean,
        Reduction::Sum,
        Reduction::Max,
        Reduction::Min,
        Reduction::L2,
    ] {
        for axes in [vec![1], vec![2, 0], vec![0, 1, 2]] {
            let keep = axes.len() == 2;
            let name = format!("reduce {kind:?} {axes:?}");
            push(&name, one(shape, Op::Reduce { kind, axes, keep }));
        }
    }
}
