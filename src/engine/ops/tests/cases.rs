//! Networks of one operation on random shapes, each a case for all tests; the
//! families' own tests have them.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a test's numbers are small"
)]

use std::collections::BTreeSet;

use crate::array::Array;
use crate::engine::apply::Applied;
use crate::engine::jet::Jets;
use crate::engine::ops;
use crate::engine::{Along, Curve, Device, Inputs, OutputJet, Pass, Run, Silent, Watch};
use crate::network::{Activation, Builder, Network, NodeId, Op};
use crate::random::Stream;
use crate::start::Weights;

/// Takes a case.
pub(in crate::engine::ops) type Push<'a> = &'a mut dyn FnMut(&str, Network);

/// An operation on what `input` makes of the image.
pub(in crate::engine::ops) fn one(shape: [usize; 3], op: Op) -> Network {
    build(shape, |b, x| b.add("op", op, &[x]).unwrap())
}

pub(in crate::engine::ops) fn build(
    shape: [usize; 3],
    f: impl FnOnce(&mut Builder, NodeId) -> NodeId,
) -> Network {
    let mut b = Builder::new(shape).unwrap();
    let x = b.input();
    let y = f(&mut b, x);
    b.finish(&[y])
}

/// The image, a function of it, and a constant.
pub(in crate::engine::ops) fn operands(
    b: &mut Builder,
    x: NodeId,
    shape: [usize; 3],
) -> [NodeId; 3] {
    let [c, h, w] = shape;
    let y = b.add("tanh", Op::Activate(Activation::Tanh), &[x]).unwrap();
    let y = b.add("less", Op::Scale(-0.9), &[y]).unwrap();
    let values = (0..c * h * w).map(|i| (i as f32 * 1.3).sin()).collect();
    let shape = shape.to_vec();
    let z = b.add("fixed", Op::Fixed { shape, values }, &[]).unwrap();
    [x, y, z]
}

/// Every operation on shapes drawn from `seed`.
pub(in crate::engine::ops) fn all(seed: u64) -> Vec<(String, Network)> {
    let mut stream = Stream::new(seed, "cases");
    let mut draw = |low: usize, high: usize| low + stream.below(high - low + 1);
    let (c, h, w) = (2 * draw(1, 2), draw(4, 6), draw(4, 7));
    let shape = [c, h, w];
    let mut cases: Vec<(String, Network)> = Vec::new();
    let mut push = |name: &str, network: Network| cases.push((name.to_owned(), network));
    ops::arrange::tests::cases(shape, &mut push);
    ops::conv::tests::cases(shape, &mut push);
    ops::dense::tests::cases(shape, &mut push);
    ops::merge::tests::cases(shape, &mut push);
    ops::norm::tests::cases(shape, &mut push);
    ops::pointwise::tests::cases(shape, &mut push);
    ops::pool::tests::cases(shape, &mut push);
    ops::product::tests::cases(shape, &mut push);
    ops::reduce::tests::cases(shape, &mut push);
    ops::softmax::tests::cases(shape, &mut push);
    let learned = build(shape, |b, x| {
        let y = b.add("learned", Op::Constant(shape.to_vec()), &[]).unwrap();
        b.add("op", Op::Multiply, &[x, y]).unwrap()
    });
    push("constant", learned);
    cases
}

macro_rules! operations {
    ($($name:ident)*) => {
        /// All operations by name.
        const OPERATIONS: &[&str] = &[$(stringify!($name)),*];

        /// An operation's name. One that is missing does not compile: add it to
        /// the list below, and a case to its family's tests.
        fn name(op: &Op) -> &'static str {
            match op {
                $(Op::$name { .. } => stringify!($name)),*
            }
        }
    };
}

operations! {
    Input Constant Fixed Conv2d ConvTranspose2d Dense BatchNorm GroupNorm LayerNorm RmsNorm
    Activate PRelu Map AvgPool MaxPool GlobalAvgPool MeanFirst Reduce Identity Zero Sum Concat
    Multiply Minimum Maximum Expand MatMul Scale Shift Softmax LogSoftmax Reshape Permute Slice
    Gather Pad LinearAlong
}

#[test]
fn every_operation_has_a_case() {
    let cases = all(1);
    let nodes = cases.iter().flat_map(|(_, network)| network.nodes());
    let found: BTreeSet<&str> = nodes.map(|node| name(&node.op)).collect();
    let missing = OPERATIONS.iter().filter(|name| !found.contains(*name));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&&str>::new());
}

/// A network's output for a batch of any layout.
pub(super) fn forward(network: &Network, x: Jets, device: &Device) -> Jets {
    let weights = weights(network);
    let mut values = vec![x];
    for (id, live) in network.live().into_iter().enumerate().skip(1) {
        let inputs = network.node(id).inputs.iter();
        let applied = Applied {
            network,
            weights: &weights,
            device,
            layout: values[0].layout,
            id,
            live,
            along: Along::Input,
        };
        let operands = inputs.map(|&i| values[i].clone()).collect();
        values.push(applied.value(operands).unwrap());
    }
    values.swap_remove(network.outputs()[0])
}

/// Random weights, the norms' too.
pub(in crate::engine::ops) fn weights(network: &Network) -> Weights {
    let seeded = crate::start::Start::default().weights(network, 1);
    Weights::from_fn(network, |name| {
        let shape = seeded.get(name)?.shape.clone();
        let mut stream = Stream::new(2, name);
        let n = shape.iter().product();
        let values = (0..n).map(|_| stream.normal() as f32).collect();
        Ok(Array::f32(shape, values))
    })
    .unwrap()
}

/// u and w of the curve, with the signs of a random field.
pub(in crate::engine::ops) fn basis(network: &Network) -> [Vec<f64>; 2] {
    let n = network.input_shape().iter().product();
    ["u", "w"].map(|name| {
        let mut stream = Stream::new(7, name);
        (0..n).map(|_| stream.normal()).collect()
    })
}

/// The jet along the curve through u towards w.
pub(super) fn along(network: &Network, basis: &[Vec<f64>; 2], device: &Device) -> OutputJet {
    let array = |values: &[f64]| Array {
        shape: network.input_shape().to_vec(),
        values: crate::array::Values::F64(values.to_vec()),
    };
    let inputs = Inputs {
        images: vec![array(&basis[0])],
        curves: vec![Curve {
            u: array(&basis[0]),
            w: array(&basis[1]),
        }],
        ..Inputs::default()
    };
    let weights = weights(network);
    let run = Run {
        network,
        weights: &weights,
        inputs: &inputs,
    };
    let pass = Pass::run(run, &[Watch::Jets { whole: true }], device, &Silent);
    pollster::block_on(pass).unwrap().jets()[0].clone()
}

pub(in crate::engine::ops) fn run(network: &Network, device: &Device) -> OutputJet {
    along(network, &basis(network), device)
}

/// The largest difference, each part in units of its own largest number (or
/// of the value's where the part is smaller).
pub(super) fn worst(found: &OutputJet, right: &OutputJet) -> f64 {
    let largest = |x: &[f64]| x.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    let unit = largest(&right.y).max(1e-300);
    let parts = [
        (&found.y, &right.y),
        (&found.dy, &right.dy),
        (&found.ddy, &right.ddy),
    ];
    parts.into_iter().fold(0.0f64, |worst, (found, right)| {
        assert_eq!(found.len(), right.len());
        let off = found.iter().zip(right).fold(0.0f64, |m, (x, y)| {
            let off = (x - y).abs();
            if off.is_nan() {
                f64::INFINITY
            } else {
                m.max(off)
            }
        });
        worst.max(off / largest(right).max(unit))
    })
}
