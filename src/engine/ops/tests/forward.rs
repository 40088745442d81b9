//! Values against plain loops and known numbers.

use super::*;
use crate::network::Pointwise;
use crate::network::{Function, Network, Op};

/// The value of a network of one operation on a known field, and the field.
fn value(shape: [usize; 3], op: Op) -> (Vec<f64>, Vec<f64>, Network) {
    let network = cases::one(shape, op);
    let jet = cases::run(&network, &Device::cpu_double());
    let [u, _] = cases::basis(&network);
    (u, jet.y, network)
}

fn assert_close(found: &[f64], right: &[f64]) {
    assert_eq!(found.len(), right.len());
    let largest = right.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    let off = found.iter().zip(right).map(|(x, y)| (x - y).abs());
    let worst = off.fold(0.0f64, f64::max);
    assert!(worst <= 1e-12 * largest, "{worst:e}");
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

/// torch.nn.AvgPool2d and MaxPool2d of 0, 1, …, 24 on 5×5.
#[test]
fn pools_of_counted_numbers() {
    let x: Vec<f64> = (0..25).map(f64::from).collect();
    let device = Device::cpu_double();
    let jets = || Jets::from_rows(x.clone(), layout(1, 0, &device), &device);
    let mean = |count_padding, ceil| {
        let window = Window::average([2; 2], [2; 2], [1; 4], count_padding, ceil);
        numbers(avg_pool(jets(), &[1, 5, 5], window).unwrap())
    };
    assert_eq!(
        mean(false, false),
        [0.0, 1.5, 3.5, 7.5, 9.0, 11.0, 17.5, 19.0, 21.0]
    );
    assert_eq!(
        mean(true, false),
        [0.0, 0.75, 1.75, 3.75, 9.0, 11.0, 8.75, 19.0, 21.0]
    );
    let window = Window::average([2; 2], [2; 2], [0; 4], true, true);
    assert_eq!(
        numbers(avg_pool(jets(), &[1, 5, 5], window).unwrap()),
        [3.0, 5.0, 6.5, 13.0, 15.0, 16.5, 20.5, 22.5, 24.0]
    );
    let window = Window::maximum([2; 2], [2; 2], [0; 4], [2; 2], true);
    assert_eq!(
        numbers(max_pool(jets(), &[1, 5, 5], window).unwrap()),
        [12.0, 14.0, 22.0, 24.0]
    );
}

#[test]
fn norms_have_mean_zero_and_variance_one() {
    let shape = [4, 5, 3];
    let eps = 0.0;
    let affine = false;
    for (op, elements, centred) in [
        (Op::BatchNorm { eps, affine }, 15, true),
        (
            Op::GroupNorm {
                groups: 2,
                eps,
                affine,
            },
            30,
            true,
        ),
        (
            Op::LayerNorm {
                eps,
                affine,
                axes: 2,
            },
            15,
            true,
        ),
        (
            Op::RmsNorm {
                eps,
                affine,
                axes: 1,
            },
            3,
            false,
        ),
    ] {
        let (_, y, _) = value(shape, op);
        for group in y.chunks(elements) {
            let n = elements as f64;
            let mean = group.iter().sum::<f64>() / n;
            let square = group.iter().map(|x| x * x).sum::<f64>() / n;
            assert!(!centred || mean.abs() < 1e-12, "{mean}");
            assert!((square - 1.0).abs() < 1e-12, "{square}");
        }
    }
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

/// Values of PyTorch 2 in double precision.
#[test]
fn functions_have_their_known_values() {
    let at = |f: Activation, x: f64| Pointwise::Activation(f).at(x)[0];
    for (f, x, right) in KNOWN {
        let found = at(f, x);
        assert!((found - right).abs() < 1e-13, "{f:?} at {x}: {found}");
    }
    for f in cases::ACTIVATIONS {
        assert!(Pointwise::Activation(f).at(f64::NAN)[0].is_nan(), "{f:?}");
        for x in [-1e300, -1e30, 1e30] {
            let [y, y1, y2] = Pointwise::Activation(f).at(x);
            assert!(y.is_finite() && y1.is_finite() && y2.is_finite(), "{f:?}");
        }
    }
    for (p, x, right) in [
        (2.0, -3.0, [9.0, -6.0, 2.0]),
        (3.0, -2.0, [-8.0, 12.0, -12.0]),
        (2.0, 0.0, [0.0, 0.0, 2.0]),
        (1.0, 0.0, [0.0, 1.0, 0.0]),
        (0.0, 0.0, [1.0, 0.0, 0.0]),
        (-1.0, -2.0, [-0.5, -0.25, -0.25]),
    ] {
        assert_eq!(Pointwise::Function(Function::Power(p)).at(x), right, "{p}");
    }
}

/// At a kink the derivative is the documented one.
#[test]
fn derivatives_at_kinks() {
    let slope = |f: Activation, x: f64| Pointwise::Activation(f).at(x)[1];
    let clip = Activation::Clip { min: 0.0, max: 6.0 };
    assert_eq!(slope(Activation::Relu, 0.0), 0.0);
    assert_eq!(slope(Activation::LeakyRelu { slope: 0.1 }, 0.0), 0.1);
    assert_eq!(slope(Activation::Elu { alpha: 0.5 }, 0.0), 0.5);
    assert_eq!(slope(Activation::HardSwish, -3.0), 0.0);
    assert_eq!(slope(Activation::HardSwish, 3.0), 1.0);
    assert_eq!([slope(clip, 0.0), slope(clip, 6.0)], [0.0; 2]);
    assert_eq!(Pointwise::Function(Function::Abs).at(0.0)[1], 0.0);
}

const KNOWN: [(Activation, f64, f64); 33] = [
    (Activation::Gelu, -1.5, -0.10021080190328704),
    (Activation::Gelu, 0.5, 0.34573123063700656),
    (Activation::Gelu, 2.25, 2.2224949365261493),
    (Activation::GeluTanh, -1.5, -0.10042842301976707),
    (Activation::GeluTanh, 0.5, 0.34571400982514394),
    (Activation::GeluTanh, 2.25, 2.222798670102711),
    (Activation::Selu, -1.5, -1.3658143533672527),
    (Activation::Selu, 0.5, 0.5253504936777402),
    (Activation::Selu, 2.25, 2.364077221549831),
    (Activation::Elu { alpha: 1.3 }, -1.5, -1.0099307918070413),
    (Activation::Elu { alpha: 1.3 }, 0.5, 0.5),
    (Activation::Elu { alpha: 1.3 }, 2.25, 2.25),
    (Activation::Celu { alpha: 0.7 }, -1.5, -0.6178765837340244),
    (Activation::Celu { alpha: 0.7 }, 0.5, 0.5),
    (Activation::Celu { alpha: 0.7 }, 2.25, 2.25),
    (Activation::Sigmoid, -1.5, 0.18242552380635635),
    (Activation::Sigmoid, 0.5, 0.6224593312018546),
    (Activation::Sigmoid, 2.25, 0.9046505351008906),
    (Activation::HardSwish, -1.5, -0.375),
    (Activation::HardSwish, 0.5, 0.2916666666666667),
    (Activation::HardSwish, 2.25, 1.96875),
    (Activation::Silu, -1.5, -0.2736382857095345),
    (Activation::Silu, 0.5, 0.3112296656009273),
    (Activation::Silu, 2.25, 2.035463703977004),
    (Activation::Mish, -1.5, -0.29809974216680674),
    (Activation::Mish, 0.5, 0.3752452113048951),
    (Activation::Mish, 2.25, 2.2094567576626254),
    (Activation::Softplus, -1.5, 0.2014132779827524),
    (Activation::Softplus, 0.5, 0.9740769841801067),
    (Activation::Softplus, 2.25, 2.350206558916747),
    (Activation::Tanh, -1.5, -0.9051482536448664),
    (Activation::Tanh, 0.5, 0.46211715726000974),
    (Activation::Tanh, 2.25, 0.9780261147388136),
];
