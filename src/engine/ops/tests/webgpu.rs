//! The same table on a GPU, and its kernels against the CPU's loops in double
//! precision, which are their twin.
//!
//! These tests need a WebGPU adapter and fail without one; without a GPU,
//! Chromium's SwiftShader serves (`VK_ICD_FILENAMES`, see `build.sh`).

use super::*;
use crate::engine::device::webgpu;
use crate::random::Stream;

/// Largest error, of the largest number in the part.
const TOLERANCE: f64 = 1e-5;

#[test]
fn jets() {
    check(webgpu(), TOLERANCE);
}

#[test]
fn an_image_row_gets_the_value_of_a_curve_row() {
    check_image_row(webgpu(), 1e-6);
}

#[test]
fn a_dead_map_normalises_to_exactly_zero() {
    check_dead(webgpu());
}

#[test]
fn what_is_not_finite_stays_so() {
    check_not_finite(webgpu());
}

/// An operation's output on the GPU and from the twin.
pub(super) fn on_both(
    rows: &[f64],
    [images, curves]: [usize; 2],
    apply: impl Fn(Jets, &Device) -> Jets,
) -> [Vec<f64>; 2] {
    [webgpu(), &Device::cpu_double()].map(|device| {
        let x = Jets::from_rows(rows.to_vec(), layout(images, curves, device), device);
        numbers(apply(x, device))
    })
}

/// The largest error, each of the three parts to its own largest number.
pub(super) fn worst([found, right]: &[Vec<f64>; 2], [images, curves]: [usize; 2]) -> f64 {
    assert_eq!(found.len(), right.len());
    let row = right.len() / (images + 3 * curves);
    let ends = [0, images + curves, images + 2 * curves, images + 3 * curves];
    ends.windows(2).fold(0.0f64, |worst, part| {
        let part = part[0] * row..part[1] * row;
        let largest = right[part.clone()]
            .iter()
            .fold(0.0f64, |m, x| m.max(x.abs()));
        let pairs = found[part.clone()].iter().zip(&right[part]);
        let off = pairs.fold(0.0f64, |m, (x, y)| {
            let d = (x - y).abs();
            if d.is_nan() { f64::INFINITY } else { m.max(d) }
        });
        worst.max(if off == 0.0 { 0.0 } else { off / largest })
    })
}

/// Numbers of single precision with a mean far from zero.
pub(super) fn random(n: usize, stream: &mut Stream) -> Vec<f64> {
    (0..n)
        .map(|_| f64::from((1.5 + stream.normal()) as f32))
        .collect()
}

const LAYOUTS: [[usize; 2]; 5] = [[1, 0], [0, 1], [1, 1], [0, 4], [1, 4]];

#[test]
fn norms_agree_with_their_twin() {
    let mut stream = Stream::new(5, "norm");
    let mut failed = Vec::new();
    for elements in [2, 7, 64, 1024, 4096, 50_176] {
        for groups in [1, 3, 64] {
            for (k, rows) in LAYOUTS.into_iter().enumerate() {
                // The largest are 250 MB: once is enough.
                if elements * groups > 1 << 20 && k != 2 {
                    continue;
                }
                let [images, curves] = rows;
                let x = random((images + 3 * curves) * groups * elements, &mut stream);
                // Two numbers are always ±1 when normalised: without a large ε
                // their derivatives are a difference of nearly equal terms.
                let eps = if elements == 2 { 0.3 } else { 1e-5 };
                for (affine, by_group) in [(false, true), (true, true), (true, false)] {
                    let size = if by_group { groups } else { elements };
                    let (scale, shift) = (random(size, &mut stream), random(size, &mut stream));
                    let both = on_both(&x, rows, |x, device| {
                        let how = Normalised {
                            groups,
                            elements,
                            eps,
                            affine: affine.then(|| {
                                let scale = device.tensor(scale.clone(), [size]);
                                (scale, device.tensor(shift.clone(), [size]))
                            }),
                            affine_run: if by_group { elements } else { 1 },
                            dead: (elements + groups) % 2 == 0,
                            centred: true,
                        };
                        normalise(x, how).unwrap()
                    });
                    let worst = worst(&both, rows);
                    println!("{groups}×{elements} {rows:?} {affine} {by_group}: {worst:.1e}");
                    if worst > TOLERANCE {
                        failed.push((groups, elements, rows, affine, by_group, worst));
                    }
                }
            }
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

#[test]
fn more_groups_than_a_dispatch_has_workgroups() {
    let (groups, rows) = (70_000, [1, 1]);
    let x = random(4 * groups * 3, &mut Stream::new(6, "norm"));
    let both = on_both(&x, rows, |x, _| {
        let how = Normalised {
            groups,
            elements: 3,
            eps: 0.3,
            affine: None,
            affine_run: 3,
            dead: false,
            centred: true,
        };
        normalise(x, how).unwrap()
    });
    let worst = worst(&both, rows);
    assert!(worst <= TOLERANCE, "{worst:e}");
}

#[test]
fn relu_is_its_twin_exactly() {
    let mut stream = Stream::new(7, "relu");
    for rows in LAYOUTS {
        let x: Vec<f64> = random((rows[0] + 3 * rows[1]) * 777, &mut stream);
        let x: Vec<f64> = x.iter().map(|x| x - 1.5).collect();
        let x: Vec<f64> = x.iter().map(|&x| f64::from(x as f32)).collect();
        let [found, right] = on_both(&x, rows, |x, _| activate(x, Activation::Relu).unwrap());
        assert_eq!(found, right, "{rows:?}");
    }
}

#[test]
fn biases_agree_with_their_twin_and_leave_a_shared_input_alone() {
    let mut stream = Stream::new(8, "bias");
    for rows in LAYOUTS {
        let (count, out) = (rows[0] + 3 * rows[1], 6);
        let x = random(count * 3 * 5, &mut stream);
        let (weight, bias) = (random(out * 5, &mut stream), random(out, &mut stream));
        let both = on_both(&x, rows, |x, device| {
            let weight = device.tensor(weight.clone(), [out, 5]);
            let bias = device.tensor(bias.clone(), [out]);
            dense(&x, &[3, 5], weight, Some(bias)).unwrap()
        });
        assert!(worst(&both, rows) <= TOLERANCE, "{rows:?}");
    }
    let device = webgpu();
    let x = Jets::from_rows(vec![1.0; 8], layout(1, 1, device), device);
    let y = kernel::bias(x.clone(), device.tensor(vec![0.5], [1]), 2);
    assert_eq!(numbers(x), [1.0; 8]);
    assert_eq!(numbers(y), [1.5, 1.5, 1.5, 1.5, 1.0, 1.0, 1.0, 1.0]);
}

/// Every operation, as networks of one: single precision on the GPU against
/// double precision on the CPU.
#[test]
fn every_operation_agrees_with_the_cpu() {
    let mut failed = Vec::new();
    for (name, network) in cases::all(3) {
        let right = cases::run(&network, &Device::cpu_double());
        let found = cases::run(&network, webgpu());
        let off = cases::worst(&found, &right);
        println!("{name}: {off:.1e}");
        if off > 5e-5 {
            failed.push((name, off));
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}
