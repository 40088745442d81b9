//! Networks of one operation on random shapes, each a case for all tests.

use std::sync::Arc;

use crate::array::Array;
use crate::engine::{Curve, Device, Inputs, OutputJet, Pass, Silent};
use crate::network::{Activation, Builder, Function, Network, NodeId, Op, Reduction};
use crate::random::Stream;
use crate::start::Weights;

/// An operation on what `input` makes of the image.
pub(super) fn one(shape: [usize; 3], op: Op) -> Network {
    build(shape, |b, x| b.add("op", op, &[x]).unwrap())
}

pub(super) fn build(shape: [usize; 3], f: impl FnOnce(&mut Builder, NodeId) -> NodeId) -> Network {
    let mut b = Builder::new(shape).unwrap();
    let x = b.input();
    let y = f(&mut b, x);
    b.finish(&[y])
}

pub(super) const ACTIVATIONS: [Activation; 15] = [
    Activation::Relu,
    Activation::Gelu,
    Activation::GeluTanh,
    Activation::LeakyRelu { slope: 0.1 },
    Activation::Elu { alpha: 1.3 },
    Activation::Selu,
    Activation::Celu { alpha: 0.7 },
    Activation::Sigmoid,
    Activation::HardSigmoid {
        alpha: 0.2,
        beta: 0.5,
    },
    Activation::HardSwish,
    Activation::Silu,
    Activation::Mish,
    Activation::Tanh,
    Activation::Softplus,
    Activation::Clip {
        min: -0.5,
        max: 1.25,
    },
];

pub(super) const FUNCTIONS: [Function; 11] = [
    Function::Exp,
    Function::Log,
    Function::Sqrt,
    Function::Reciprocal,
    Function::Abs,
    Function::Erf,
    Function::Power(2.0),
    Function::Power(3.0),
    Function::Power(-2.0),
    Function::Power(0.5),
    Function::Power(1.0),
];

/// Every operation on shapes drawn from `seed`.
pub(super) fn all(seed: u64) -> Vec<(String, Network)> {
    let mut stream = Stream::new(seed, "cases");
    let mut draw = |low: usize, high: usize| low + stream.below(high - low + 1);
    let (c, h, w) = (2 * draw(1, 2), draw(4, 6), draw(4, 7));
    let shape = [c, h, w];
    let mut cases: Vec<(String, Network)> = Vec::new();
    let mut push = |name: &str, network: Network| cases.push((name.to_owned(), network));
    for f in ACTIVATIONS {
        push(f.name(), one(shape, Op::Activate(f)));
    }
    for f in FUNCTIONS {
        // Away from 0, where most of them are not smooth.
        let network = build(shape, |b, x| {
            let positive = !matches!(f, Function::Abs | Function::Erf);
            let x = match positive {
                true => {
                    let x = b.add("exp", Op::Map(Function::Exp), &[x]).unwrap();
                    b.add("away", Op::Shift(0.5), &[x]).unwrap()
                }
                false => x,
            };
            b.add("op", Op::Map(f), &[x]).unwrap()
        });
        push(&format!("{f:?}"), network);
    }
    for shared in [false, true] {
        push("prelu", one(shape, Op::PRelu { shared }));
    }
    layers(shape, &mut push);
    arrangements(shape, &mut push);
    several(shape, &mut push);
    cases
}

fn layers(shape: [usize; 3], push: &mut impl FnMut(&str, Network)) {
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
    push("dense", one(shape, Op::Dense { out: 5, bias: true }));
    for affine in [false, true] {
        let eps = 0.1;
        push("batch norm", one(shape, Op::BatchNorm { eps, affine }));
        for groups in [1, 2, c] {
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
    push("global pool", one(shape, Op::GlobalAvgPool));
    push("mean first", one(shape, Op::MeanFirst));
}

fn arrangements([c, h, w]: [usize; 3], push: &mut impl FnMut(&str, Network)) {
    let shape = [c, h, w];
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
        let matrix: Arc<[f32]> = (0..5 * n).map(|i| (i as f32 * 0.7).sin()).collect();
        let out = 5;
        push("linear", one(shape, Op::LinearAlong { axis, out, matrix }));
    }
    let pad = Op::Pad {
        before: vec![1, 0, 2],
        after: vec![0, 3, 1],
        value: 0.75,
    };
    push("pad", one(shape, pad));
    push("scale", one(shape, Op::Scale(-1.5)));
    push("shift", one(shape, Op::Shift(-1.5)));
    push("softmax", one(shape, Op::Softmax));
    push("log-softmax", one(shape, Op::LogSoftmax));
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

/// Operations on two operands and more: the image, a function of it, and
/// constants.
fn several(shape: [usize; 3], push: &mut impl FnMut(&str, Network)) {
    let [c, h, w] = shape;
    let operands = |b: &mut Builder, x: NodeId| -> [NodeId; 3] {
        let y = b.add("tanh", Op::Activate(Activation::Tanh), &[x]).unwrap();
        let y = b.add("less", Op::Scale(-0.9), &[y]).unwrap();
        let values = (0..c * h * w).map(|i| (i as f32 * 1.3).sin()).collect();
        let shape = shape.to_vec();
        let z = b.add("fixed", Op::Fixed { shape, values }, &[]).unwrap();
        [x, y, z]
    };
    let network = build(shape, |b, x| {
        let [x, y, z] = operands(b, x);
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
            let operands = operands(b, x);
            b.add("op", op, &operands).unwrap()
        });
        push(&name, network);
    }
    let network = build(shape, |b, x| {
        let [x, y, _] = operands(b, x);
        let y = b.add("turn", Op::Permute(vec![0, 2, 1]), &[y]).unwrap();
        b.add("op", Op::MatMul, &[x, y]).unwrap()
    });
    push("matmul", network);
    let network = build(shape, |b, x| {
        let y = b.add("learned", Op::Constant(shape.to_vec()), &[]).unwrap();
        b.add("op", Op::Multiply, &[x, y]).unwrap()
    });
    push("constant", network);
}

/// Random weights, the norms' too.
pub(super) fn weights(network: &Network) -> Weights {
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
pub(super) fn basis(network: &Network) -> [Vec<f64>; 2] {
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

pub(super) fn run(network: &Network, device: &Device) -> OutputJet {
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
