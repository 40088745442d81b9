//! Arrangements: which entries they take.

use std::sync::Arc;

use crate::engine::ops::tests::cases::{Push, build, one};
use crate::engine::ops::tests::{assert_close, value};
use crate::network::Op;

pub(in crate::engine::ops) fn cases(shape: [usize; 3], push: Push<'_>) {
    let [c, h, w] = shape;
    push("identity", one(shape, Op::Identity));
    for axis in 0..3 {
        let n = shape[axis];
        let slice = Op::Slice {
            axis,
            start: 1,
            end: n,
            step: if n > 2 { 2 } else { 1 },
        };
        push("slice", one(shape, slice));
        let indices: Arc<[usize]> = (0..n + 2).map(|i| (i * 3 + 1) % n).collect();
        push("gather", one(shape, Op::Gather { axis, indices }));
    }
    let pad = Op::Pad {
        before: vec![1, 0, 2],
        after: vec![0, 3, 1],
        value: 0.75,
    };
    push("pad", one(shape, pad));
    push("zero", one(shape, Op::Zero));
    for order in [[0, 2, 1], [2, 0, 1], [2, 1, 0], [1, 0, 2]] {
        push("permute", one(shape, Op::Permute(order.to_vec())));
    }
    let network = build(shape, |b, x| {
        let x = b.add("split", Op::Reshape(vec![2, c / 2, h, 1, w, 1]), &[x]);
        let order = vec![4, 0, 5, 2, 1, 3];
        b.add("op", Op::Permute(order), &[x.unwrap()]).unwrap()
    });
    push("permute of six axes", network);
    let network = build(shape, |b, x| {
        let x = b.add("split", Op::Reshape(vec![c, 1, h, 1, w]), &[x]);
        let to = vec![2, c, 3, h, 2, w];
        b.add("op", Op::Expand(to), &[x.unwrap()]).unwrap()
    });
    push("expand", network);
}

/// Entry (i, j, k) of what an arrangement makes of `[2, 3, 4]`.
#[test]
fn arrangements_take_the_entries_they_name() {
    let at = |i: usize, j: usize, k: usize| (i * 3 + j) * 4 + k;
    let check = |op: Op, of: &dyn Fn(usize, usize, usize) -> Option<usize>| {
        let (x, y, network) = value([2, 3, 4], op);
        let shape = &network.node(1).shape;
        let mut right = Vec::new();
        for i in 0..shape[0] {
            for (j, k) in (0..shape[1]).flat_map(|j| (0..shape[2]).map(move |k| (j, k))) {
                right.push(of(i, j, k).map_or(9.0, |e| x[e]));
            }
        }
        assert_close(&y, &right);
    };
    check(Op::Permute(vec![2, 0, 1]), &|i, j, k| Some(at(j, k, i)));
    check(Op::Permute(vec![1, 2, 0]), &|i, j, k| Some(at(k, i, j)));
    let slice = Op::Slice {
        axis: 2,
        start: 1,
        end: 4,
        step: 2,
    };
    check(slice, &|i, j, k| Some(at(i, j, 1 + 2 * k)));
    let gather = Op::Gather {
        axis: 1,
        indices: [2, 0, 0, 1].into(),
    };
    check(gather, &|i, j, k| Some(at(i, [2, 0, 0, 1][j], k)));
    let pad = Op::Pad {
        before: vec![1, 0, 2],
        after: vec![0, 1, 1],
        value: 9.0,
    };
    check(pad, &|i, j, k| {
        let inside = i >= 1 && j < 3 && (2..6).contains(&k);
        inside.then(|| at(i - 1, j, k - 2))
    });
}
