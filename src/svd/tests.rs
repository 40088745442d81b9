//! The kernels against their twin and against the double-precision path.
//!
//! They need a WebGPU adapter and fail without one; without a GPU, Chromium's
//! SwiftShader serves (`VK_ICD_FILENAMES`, see `build.sh`).

use burn::tensor::{Device, Tensor, TensorData};

use super::plan::SWEEPS;
use super::{Batch, extremes, twin};
use crate::random::Stream;

/// A map, row-major.
struct Map {
    rows: usize,
    columns: usize,
    values: Vec<f32>,
}

impl Map {
    fn new(rows: usize, columns: usize, value: impl FnMut(usize) -> f32) -> Self {
        let values = (0..rows * columns).map(value).collect();
        Self {
            rows,
            columns,
            values,
        }
    }

    fn random(rows: usize, columns: usize) -> Self {
        let mut stream = Stream::new((rows * 4096 + columns) as u64, "map");
        Self::new(rows, columns, |_| stream.normal() as f32)
    }

    fn map(mut self, change: impl Fn(f32) -> f32) -> Self {
        self.values.iter_mut().for_each(|x| *x = change(*x));
        self
    }

    /// Singular values from 1 down to 1 / `condition`, evenly in the logarithm:
    /// a diagonal under random reflections from both sides.
    fn with_condition(rows: usize, columns: usize, condition: f64) -> Self {
        let n = rows.min(columns);
        let mut a = vec![0.0f64; rows * columns];
        for i in 0..n {
            a[i * columns + i] = condition.powf(-(i as f64) / (n - 1) as f64);
        }
        let mut stream = Stream::new(11, "condition");
        for _ in 0..2 {
            let mut reflector = |n: usize| -> Vec<f64> {
                let v: Vec<f64> = (0..n).map(|_| stream.normal()).collect();
                let norm = v.iter().map(|x| x * x).sum::<f64>().sqrt();
                v.iter().map(|x| x / norm).collect()
            };
            let (u, v) = (reflector(rows), reflector(columns));
            for j in 0..columns {
                let dot: f64 = (0..rows).map(|i| u[i] * a[i * columns + j]).sum();
                (0..rows).for_each(|i| a[i * columns + j] -= 2.0 * dot * u[i]);
            }
            for row in a.chunks_exact_mut(columns) {
                let dot: f64 = row.iter().zip(&v).map(|(x, y)| x * y).sum();
                row.iter_mut()
                    .zip(&v)
                    .for_each(|(x, y)| *x -= 2.0 * dot * y);
            }
        }
        Self::new(rows, columns, |e| a[e] as f32)
    }
}

fn device() -> &'static Device {
    crate::engine::webgpu().burn()
}

/// The kernels' (σ_min, σ_max) of all maps in one batch. Each map has a second
/// row behind it, which must be left alone.
fn on_gpu(maps: &[Map], sweeps: Option<usize>) -> Vec<Result<(f64, f64), String>> {
    let shapes: Vec<_> = maps.iter().map(|m| (m.rows, m.columns)).collect();
    let mut batch = Batch::new(&shapes, device());
    if let Some(sweeps) = sweeps {
        batch.allow(sweeps);
    }
    for (i, map) in maps.iter().enumerate() {
        let mut rows = map.values.clone();
        rows.extend(map.values.iter().map(|x| 7.0 - x));
        let data = TensorData::new(rows, [2, map.values.len()]);
        batch.take(i, &Tensor::from_data(data, device()));
    }
    let results = batch.finish().unwrap().into_data();
    let results: Vec<f64> = results.iter::<f64>().collect();
    Batch::read(&results).collect()
}

/// Kernel and twin against double precision: σ_max to 1e-6 relative, ratios to
/// 1e-6 absolute.
fn check(names: &[&str], maps: &[Map]) {
    let found = on_gpu(maps, None);
    let mut failed = Vec::new();
    for ((name, map), found) in names.iter().zip(maps).zip(found) {
        let double: Vec<f64> = map.values.iter().map(|&x| f64::from(x)).collect();
        let (min, max) = extremes(map.rows, &double).unwrap();
        let twin = twin::extremes(map.rows, map.columns, &map.values);
        let (gpu_min, gpu_max) = found.unwrap_or((f64::NAN, f64::NAN));
        let errors = |low: f64, high: f64| {
            if max == 0.0 {
                return (high, low);
            }
            ((high / max - 1.0).abs(), (low / high - min / max).abs())
        };
        let (kernel, cpu) = (errors(gpu_min, gpu_max), errors(twin.min, twin.max));
        assert!(twin.sweeps < SWEEPS, "{name}");
        let fine = |(a, b): (f64, f64)| a <= 1e-6 && b <= 1e-6;
        if !fine(kernel) || !fine(cpu) {
            failed.push(format!("{name}: kernel {kernel:?}, twin {cpu:?}"));
        }
    }
    assert!(failed.is_empty(), "errors of (σ_max, ratio): {failed:#?}");
}

#[test]
fn a_mixed_batch() {
    let rank_deficient = {
        let thin = Map::random(3, 50);
        Map::new(20, 50, |e| {
            let (i, j) = (e / 50, e % 50);
            (0..3)
                .map(|k| libm::sinf((i * (k + 2)) as f32) * thin.values[k * 50 + j])
                .sum()
        })
    };
    let centred = {
        // Batch-normalised: every row's mean is zero, so that C ≥ HW has no full rank.
        let raw = Map::random(64, 16);
        let mean = |i: usize| raw.values[i * 16..(i + 1) * 16].iter().sum::<f32>() / 16.0;
        Map::new(64, 16, |e| raw.values[e] - mean(e / 16))
    };
    check(
        &[
            "random",
            "relu",
            "tall",
            "64×64",
            "relu 64×64",
            "transformer",
            "1e2",
            "1e3",
            "1e4",
            "1e5",
            "1e6",
            "rank 3",
            "centred",
            "zero",
            "one row",
            "one column",
            "one number",
            "two rows",
            "odd",
            "huge",
            "tiny",
            "long relu",
            "stem",
        ],
        &[
            Map::random(16, 256),
            Map::random(32, 64).map(|x| x.max(0.0)),
            Map::random(64, 16),
            Map::random(64, 64),
            Map::random(64, 64).map(|x| x.max(0.0)),
            Map::random(197, 192),
            Map::with_condition(24, 40, 1e2),
            Map::with_condition(40, 40, 1e3),
            Map::with_condition(48, 30, 1e4),
            Map::with_condition(33, 70, 1e5),
            Map::with_condition(64, 64, 1e6),
            rank_deficient,
            centred,
            Map::new(8, 9, |_| 0.0),
            Map::random(1, 77),
            Map::random(77, 1),
            Map::random(1, 1),
            Map::random(2, 300),
            Map::random(7, 13),
            Map::random(5, 12).map(|x| x * 1e37),
            Map::random(5, 12).map(|x| x * 1e-36),
            Map::random(3, 12544).map(|x| x.max(0.0)),
            Map::random(16, 1024).map(|x| x.max(0.0)),
        ],
    );
}

#[test]
fn sides_of_several_blocks() {
    check(
        &["one past", "five blocks", "relu"],
        &[
            Map::random(257, 257),
            Map::with_condition(300, 320, 1e4),
            Map::random(384, 400).map(|x| x.max(0.0)),
        ],
    );
}

#[test]
fn the_largest_side() {
    check(&["1024"], &[Map::random(1024, 1024)]);
}

#[test]
fn numbers_that_are_not_finite_stay_in_their_map() {
    let spoilt = |value| {
        let mut map = Map::random(40, 50);
        map.values[777] = value;
        map
    };
    let maps = [
        spoilt(f32::NAN),
        Map::random(40, 50),
        spoilt(f32::INFINITY),
        spoilt(f32::NEG_INFINITY),
    ];
    let found = on_gpu(&maps, None);
    let finite = |i: usize| {
        found[i]
            .as_ref()
            .is_ok_and(|r| r.0.is_finite() && r.1.is_finite())
    };
    let nan = |i: usize| {
        found[i]
            .as_ref()
            .is_ok_and(|r| r.0.is_nan() && r.1.is_nan())
    };
    assert!(nan(0) && finite(1) && nan(2) && nan(3), "{found:?}");
}

#[test]
fn a_matrix_that_still_rotates_at_the_cap_is_an_error() {
    // A diagonal and a single row need no rotation and converge in any number.
    let diagonal = Map::new(40, 40, |e| if e % 41 == 0 { 1.0 + e as f32 } else { 0.0 });
    let maps = [
        Map::random(20, 30),
        Map::random(64, 64),
        diagonal,
        Map::random(1, 9),
    ];
    let found = on_gpu(&maps, Some(2));
    assert!(found[0].is_err() && found[1].is_err(), "{found:?}");
    assert!(found[2].is_ok() && found[3].is_ok(), "{found:?}");
}

#[test]
fn maps_that_share_memory_are_taken_too() {
    let map = Map::random(5, 12);
    let data = TensorData::new(map.values.clone(), [1, 60]);
    let rows = Tensor::from_data(data, device());
    let mut batch = Batch::new(&[(5, 12); 7], device());
    (0..7).for_each(|i| batch.take(i, &rows));
    let results = batch.finish().unwrap().into_data();
    let results: Vec<f64> = results.iter::<f64>().collect();
    let double: Vec<f64> = map.values.iter().map(|&x| f64::from(x)).collect();
    let (min, max) = extremes(5, &double).unwrap();
    for found in Batch::read(&results) {
        let (low, high) = found.unwrap();
        assert!((low / min - 1.0).abs() < 1e-5 && (high / max - 1.0).abs() < 1e-6);
    }
}
