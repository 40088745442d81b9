//! What the shape rules accept, the engine computes, with the shape they say
//! and with the derivatives of its values.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRng, TestRunner};

use super::differences::{TOLERANCE, differences};
use super::*;
use crate::network::{Builder, Op};

fn pair(low: usize, high: usize) -> impl Strategy<Value = [usize; 2]> {
    [low..=high, low..=high]
}

/// Any window: most do not fit, and none may panic.
#[test]
fn accepted_windows_are_computed() {
    let padding = [0..4usize, 0..4usize, 0..4usize, 0..4usize];
    let windows = (
        pair(1, 6),
        pair(0, 4),
        pair(0, 3),
        padding,
        pair(0, 3),
        pair(0, 2),
        (1..4usize, any::<bool>(), any::<bool>()),
    );
    let config = Config {
        cases: 3000,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let accepted = std::cell::Cell::new(0);
    let device = Device::cpu_double();
    let run = runner.run(&windows, |window| {
        let (size, kernel, stride, padding, dilation, extra, (groups, count, ceil)) = window;
        let ops = [
            Op::Conv2d {
                out: 4,
                kernel,
                stride,
                padding,
                dilation,
                groups,
                bias: count,
            },
            Op::ConvTranspose2d {
                out: 4,
                kernel,
                stride,
                padding,
                output_padding: extra,
                dilation,
                groups,
                bias: count,
            },
            Op::AvgPool {
                kernel,
                stride,
                padding,
                count_padding: count,
                ceil,
            },
            Op::MaxPool {
                kernel,
                stride,
                padding,
                dilation,
                ceil,
            },
        ];
        for op in ops {
            let mut b = Builder::new([4, size[0], size[1]]).unwrap();
            let x = b.input();
            let Ok(y) = b.add("op", op, &[x]) else {
                continue;
            };
            let network = b.finish(&[y]);
            let jet = cases::run(&network, &device);
            prop_assert_eq!(jet.y.len(), network.output_len());
            prop_assert!(jet.ddy.iter().all(|x| x.is_finite()));
            // One in seven, since differences take five passes.
            if accepted.get() % 7 == 0 {
                let off = cases::worst(&jet, &differences(&network, 2e-4));
                prop_assert!(off <= TOLERANCE, "{:?}: {off:e}", network.node(y).op);
            }
            accepted.set(accepted.get() + 1);
        }
        Ok(())
    });
    run.unwrap();
    assert!(accepted.get() > 300, "{}", accepted.get());
}
