//! Pointwise functions against known values, and on a GPU against the CPU.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a test's numbers are small"
)]

use super::curved;
use crate::engine::jet::Jets;
use crate::engine::ops::tests::cases::{Push, build, one};
use crate::engine::ops::tests::{Failures, LAYOUTS, cpu, layout, numbers, on_both, random};
use crate::engine::webgpu;
use crate::network::{Activation, Curved, Function, Op};
use crate::random::Stream;

const ACTIVATIONS: [Activation; 21] = [
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
    Activation::Silu { beta: 1.0 },
    Activation::Silu { beta: 1.702 },
    Activation::Mish,
    Activation::Tanh,
    Activation::Softplus,
    Activation::Softsign,
    Activation::Thresholded { threshold: 0.6 },
    Activation::Shrink {
        edge: 0.5,
        bias: 0.3,
    },
    Activation::Sin,
    Activation::Cos,
    Activation::Clip {
        min: -0.5,
        max: 1.25,
    },
];

const FUNCTIONS: [Function; 11] = [
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

pub(in crate::engine::ops) fn cases(shape: [usize; 3], push: Push<'_>) {
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
    push("scale", one(shape, Op::Scale(-1.5)));
    push("shift", one(shape, Op::Shift(-1.5)));
}

const RELU: Curved = Curved::Activation(Activation::Relu);

#[test]
fn relu_is_that_of_the_cpu_exactly() {
    let mut stream = Stream::new(7, "relu");
    for rows in LAYOUTS {
        let x = random(rows, 777, &mut stream);
        let x: Vec<f64> = x.iter().map(|x| f64::from((x - 1.5) as f32)).collect();
        let [found, right] = on_both(&x, rows, |x, _| curved(x, RELU).unwrap());
        assert_eq!(found, right, "{rows:?}");
    }
}

#[test]
fn functions_agree_with_the_cpu() {
    let mut stream = Stream::new(18, "functions");
    let mut failures = Failures::default();
    let activations = ACTIVATIONS.map(Curved::Activation).into_iter();
    for function in activations.chain(FUNCTIONS.map(Curved::Function)) {
        for rows in LAYOUTS {
            let mut x = random(rows, 777, &mut stream);
            if matches!(function, Curved::Function(_)) {
                // Away from 0, where most of them are not smooth.
                let values = (rows[0] + rows[1]) * 777;
                x[..values].iter_mut().for_each(|x| *x = x.abs() + 0.5);
            }
            let name = format!("{function:?}");
            failures.compare(&name, &x, rows, 2e-5, |x, _| curved(x, function).unwrap());
        }
    }
    failures.none();
}

#[test]
fn what_is_not_finite_stays_so() {
    for device in [&cpu(), webgpu()] {
        let nan = f64::NAN;
        let rows = vec![nan, 1.0, -1.0, 1.0, 2.0, nan, 4.0, 5.0, f64::INFINITY];
        let x = Jets::from_rows(rows, layout(0, 1, device), device);
        let y = numbers(curved(x, RELU).unwrap());
        assert!([0, 5, 8].iter().all(|&i| !y[i].is_finite()), "{y:?}");
        assert_eq!([y[1], y[2], y[4], y[7]], [1.0, 0.0, 2.0, 5.0]);
    }
}

/// Values of PyTorch 2 in double precision.
#[test]
fn functions_have_their_known_values() {
    let at = |f: Activation, x: f64| Curved::Activation(f).at(x)[0];
    for (f, x, right) in KNOWN {
        let found = at(f, x);
        assert!((found - right).abs() < 1e-13, "{f:?} at {x}: {found}");
    }
    for f in ACTIVATIONS {
        assert!(Curved::Activation(f).at(f64::NAN)[0].is_nan(), "{f:?}");
        for x in [-1e300, -1e30, 1e30] {
            let [y, y1, y2] = Curved::Activation(f).at(x);
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
        assert_eq!(Curved::Function(Function::Power(p)).at(x), right, "{p}");
    }
}

/// At a kink the derivative is the documented one.
#[test]
fn derivatives_at_kinks() {
    let slope = |f: Activation, x: f64| Curved::Activation(f).at(x)[1];
    let clip = Activation::Clip { min: 0.0, max: 6.0 };
    assert_eq!(slope(Activation::Relu, 0.0), 0.0);
    assert_eq!(slope(Activation::LeakyRelu { slope: 0.1 }, 0.0), 0.1);
    assert_eq!(slope(Activation::Elu { alpha: 0.5 }, 0.0), 0.5);
    assert_eq!(slope(Activation::HardSwish, -3.0), 0.0);
    assert_eq!(slope(Activation::HardSwish, 3.0), 1.0);
    assert_eq!([slope(clip, 0.0), slope(clip, 6.0)], [0.0; 2]);
    assert_eq!([slope(SHRINK, -0.5), slope(SHRINK, 0.5)], [0.0; 2]);
    assert_eq!(slope(Activation::Softsign, 0.0), 1.0);
    assert_eq!(Curved::Function(Function::Abs).at(0.0)[1], 0.0);
}

const SHRINK: Activation = Activation::Shrink {
    edge: 0.5,
    bias: 0.3,
};

const KNOWN: [(Activation, f64, f64); 46] = [
    (Activation::Softsign, -1.5, -0.6),
    (Activation::Softsign, 0.5, 1.0 / 3.0),
    (SHRINK, -1.5, -1.2),
    (SHRINK, 0.5, 0.0),
    (SHRINK, 2.25, 1.95),
    (Activation::Thresholded { threshold: 0.6 }, 0.5, 0.0),
    (Activation::Thresholded { threshold: 0.6 }, 2.25, 2.25),
    (Activation::Sin, -1.5, -0.9974949866040544),
    (Activation::Sin, 2.25, 0.7780731968879212),
    (Activation::Cos, 2.25, -0.6281736227227391),
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
    (Activation::Silu { beta: 1.0 }, -1.5, -0.2736382857095345),
    (Activation::Silu { beta: 1.0 }, 0.5, 0.3112296656009273),
    (Activation::Silu { beta: 1.0 }, 2.25, 2.035463703977004),
    (Activation::Silu { beta: 1.702 }, -1.5, -0.10833780155292343),
    (Activation::Silu { beta: 1.702 }, 0.5, 0.35038843660638014),
    (Activation::Silu { beta: 1.702 }, 2.25, 2.2021678718633955),
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
