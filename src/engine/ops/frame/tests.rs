//! The frame that a GPU reads large outputs in, against double precision.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a launch's sizes were held against the kernels' limits before"
)]

use super::framed;
use crate::engine::jet::Jets;
use crate::engine::ops::tests::{layout, numbers};
use crate::engine::webgpu;
use crate::random::Stream;

const LAYOUTS: [[usize; 2]; 4] = [[0, 1], [1, 1], [1, 4], [3, 2]];

/// (|y|, |y′|, y″ along y′, the rest of y″) of each curve.
fn twin(rows: &[f64], n: usize, [images, curves]: [usize; 2]) -> Vec<[f64; 4]> {
    let row = |i: usize| &rows[i * n..(i + 1) * n];
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
    let frame = |c: usize| {
        let [y, d, a] = [0, 1, 2].map(|part| row(images + part * curves + c));
        let (speed, along) = match dot(d, d) {
            0.0 => (0.0, 0.0),
            square => (square.sqrt(), dot(d, a) / square),
        };
        let rest: Vec<f64> = a.iter().zip(d).map(|(a, d)| a - along * d).collect();
        let rest = dot(&rest, &rest).sqrt();
        [dot(y, y).sqrt(), speed, along * speed, rest]
    };
    (0..curves).map(frame).collect()
}

fn on_gpu(rows: &[f64], [images, curves]: [usize; 2]) -> Vec<[f64; 4]> {
    let device = webgpu();
    let x = Jets::from_rows(rows.to_vec(), layout(images, curves, device), device);
    let frame = numbers(framed(&x).unwrap());
    assert!(frame[..2 * images].iter().all(|&x| x == 0.0));
    let at = |part: usize, c: usize| &frame[2 * (images + part * curves + c)..];
    let coordinates = |c: usize| {
        assert_eq!((at(0, c)[1], at(1, c)[1]), (0.0, 0.0));
        [at(0, c)[0], at(1, c)[0], at(2, c)[0], at(2, c)[1]]
    };
    (0..curves).map(coordinates).collect()
}

/// Rows of single precision whose three parts have these sizes.
fn random(n: usize, layout: [usize; 2], sizes: [f64; 3], stream: &mut Stream) -> Vec<f64> {
    let [images, curves] = layout;
    let rows = [images + curves, curves, curves];
    let parts = rows.into_iter().zip(sizes);
    parts
        .flat_map(|(rows, size)| std::iter::repeat_n(size, rows * n))
        .map(|size| f64::from((size * stream.normal()) as f32))
        .collect()
}

#[test]
fn lengths_and_angles_are_kept() {
    let mut stream = Stream::new(11, "frame");
    let sizes = [
        [1.0; 3],
        [3.0, 1e-3, 40.0],
        [1e30, 1e-30, 1e-25],
        [1e-25, 1e33, 1e-33],
    ];
    for n in [1, 2, 7, 255, 256, 1000, 36_864] {
        for layout in LAYOUTS {
            for sizes in sizes {
                let rows = random(n, layout, sizes, &mut stream);
                let (found, right) = (on_gpu(&rows, layout), twin(&rows, n, layout));
                for (found, right) in found.iter().zip(&right) {
                    // The two coordinates of y″ are as good as its length.
                    let force = right[2].hypot(right[3]);
                    let units = [right[0], right[1], force, force];
                    for k in 0..4 {
                        let off = (found[k] - right[k]).abs() / units[k];
                        assert!(off < 1e-5, "{n} {layout:?} {sizes:?}: {found:?}, {right:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_largest_output_keeps_them_too() {
    let (n, layout) = (1 << 20, [0, 1]);
    let rows = random(n, layout, [1.0, 1e-3, 40.0], &mut Stream::new(14, "frame"));
    let (found, right) = (on_gpu(&rows, layout), twin(&rows, n, layout));
    let force = right[0][2].hypot(right[0][3]);
    let units = [right[0][0], right[0][1], force, force];
    for k in 0..4 {
        let off = (found[0][k] - right[0][k]).abs() / units[k];
        assert!(off < 1e-4, "{k}: {off:e}");
    }
}

#[test]
fn an_output_that_stands_still_has_no_direction() {
    let mut stream = Stream::new(12, "frame");
    let rows = random(300, [1, 1], [1.0, 0.0, 2.0], &mut stream);
    let (found, right) = (on_gpu(&rows, [1, 1]), twin(&rows, 300, [1, 1]));
    assert_eq!(found[0][1..3], [0.0, 0.0]);
    assert!((found[0][3] / right[0][3] - 1.0).abs() < 1e-6);
}

#[test]
fn what_is_not_finite_stays_so_in_its_part() {
    let mut stream = Stream::new(13, "frame");
    let n = 300;
    for wrong in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for part in 0..3 {
            let mut rows = random(n, [1, 1], [1.0; 3], &mut stream);
            rows[(1 + part) * n + 271] = wrong;
            let [y, d, along, rest] = on_gpu(&rows, [1, 1])[0];
            let finite = [y.is_finite(), d.is_finite(), (along + rest).is_finite()];
            assert!(!finite[part], "{wrong} in part {part}");
            // Where y′ is not finite, nothing can be said of y″ along it.
            let apart = (0..3).filter(|&k| k != part && (part, k) != (1, 2));
            assert!(
                apart.into_iter().all(|k| finite[k]),
                "{wrong} in part {part}"
            );
        }
    }
}

#[test]
fn an_output_too_large_for_a_workgroup_is_not_framed() {
    let device = webgpu();
    let layout = layout(0, 1, device);
    let rows = vec![0.0; 3 * ((1 << 20) + 1)];
    assert!(framed(&Jets::from_rows(rows, layout, device)).is_none());
}
