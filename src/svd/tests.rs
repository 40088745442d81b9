//! The kernels, their twin and the double-precision path against each other.
//!
//! The kernels need a WebGPU adapter and fail without one; without a GPU,
//! Chromium's SwiftShader serves (`VK_ICD_FILENAMES`, see `build.sh`).

mod maps;
mod trial;

use std::ops::Range;

use burn::tensor::{Device, Tensor, TensorData};

use super::{Batch, Found, extremes};
pub(super) use maps::Map;
use trial::{Trial, judge};

fn device() -> &'static Device {
    crate::engine::webgpu().burn()
}

/// What the kernels find of all maps in one batch. Each map has a second row
/// behind it, which must be left alone.
fn on_gpu<'a>(maps: impl Iterator<Item = &'a Map> + Clone, sweeps: Option<usize>) -> Vec<Found> {
    let shapes: Vec<_> = maps.clone().map(|m| (m.rows, m.columns)).collect();
    let mut batch = Batch::new(&shapes, device());
    if let Some(sweeps) = sweeps {
        batch.allow(sweeps);
    }
    for (i, map) in maps.enumerate() {
        let mut rows = map.values.clone();
        rows.extend(map.values.iter().map(|x| 7.0 - x));
        let data = TensorData::new(rows, [2, map.values.len()]);
        batch.take(i, &Tensor::from_data(data, device()));
    }
    let results = batch.finish().unwrap().into_data();
    let results: Vec<f64> = results.iter::<f64>().collect();
    Batch::read(&results).collect()
}

/// Kernels, twin and double precision against each other. The kernels get one
/// sweep more than the slowest twin, and one that finds nothing to do.
fn check(maps: impl IntoIterator<Item = Map>) {
    let trials: Vec<_> = maps.into_iter().map(Trial::new).collect();
    let sweeps = trials.iter().map(|t| t.twin.sweeps + 2).max();
    let found = on_gpu(trials.iter().map(|t| &t.map), sweeps);
    assert_eq!(found.len(), trials.len());
    let trials = trials.into_iter().zip(found);
    judge(&trials.map(|(t, f)| t.with_kernel(f)).collect::<Vec<_>>());
}

/// Twin against double precision.
fn check_twins(numbers: Range<u64>) {
    judge(&numbers.map(Map::any).map(Trial::new).collect::<Vec<_>>());
}

#[test]
fn random_maps_on_the_gpu() {
    check((0..300).map(Map::any));
}

#[test]
fn random_maps_on_the_cpu() {
    check_twins(1_000..2_500);
}

#[test]
fn more_random_maps_on_the_cpu() {
    check_twins(2_500..4_000);
}

#[test]
#[ignore = "minutes"]
fn ten_thousand_maps_on_the_cpu() {
    check_twins(10_000..20_000);
}

#[test]
#[ignore = "minutes on a software adapter"]
fn two_thousand_maps_on_the_gpu() {
    (20_000..22_000)
        .step_by(250)
        .for_each(|first| check((first..first + 250).map(Map::any)));
}

#[test]
fn a_mixed_batch() {
    let centred = {
        // Batch-normalised: every row's mean is zero, so that C ≥ HW has no full rank.
        let raw = Map::random(64, 16);
        let mean = |i: usize| raw.values[i * 16..(i + 1) * 16].iter().sum::<f32>() / 16.0;
        Map::new(64, 16, |e| raw.values[e] - mean(e / 16))
    };
    let relu = |rows, columns| Map::random(rows, columns).map(|x| x.max(0.0)).named("relu");
    check([
        Map::random(16, 256),
        relu(32, 64),
        Map::random(64, 16).named("tall"),
        Map::random(64, 64),
        relu(64, 64),
        Map::random(197, 192).named("transformer"),
        Map::with_condition(24, 40, 1e2),
        Map::with_condition(40, 40, 1e3),
        Map::with_condition(48, 30, 1e4),
        Map::with_condition(33, 70, 1e5),
        Map::with_condition(64, 64, 1e6),
        Map::with_condition(120, 130, 1e12),
        centred.named("centred"),
        Map::new(8, 9, |_| 0.0).named("zero"),
        Map::random(1, 77),
        Map::random(77, 1),
        Map::random(1, 1),
        Map::random(2, 300),
        Map::random(7, 13),
        Map::random(5, 12).map(|x| x * 1e37).named("huge"),
        Map::random(5, 12).map(|x| x * 1e-36).named("tiny"),
        relu(3, 12544),
        relu(16, 1024),
    ]);
}

#[test]
fn sides_of_several_blocks() {
    check([
        Map::random(257, 257),
        Map::with_condition(300, 320, 1e4),
        Map::with_condition(260, 300, 1e12),
        Map::random(384, 400).map(|x| x.max(0.0)),
    ]);
}

#[test]
fn the_largest_side() {
    check([Map::random(1024, 1024)]);
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
    let found = on_gpu(maps.iter(), None);
    let all = |i: usize, test: fn(f64) -> bool| match found[i] {
        Found::Range { min, max } => test(min) && test(max),
        _ => false,
    };
    let (finite, nan) = (|i| all(i, f64::is_finite), |i| all(i, f64::is_nan));
    assert!(nan(0) && finite(1) && nan(2) && nan(3), "{found:?}");
}

#[test]
fn a_matrix_that_still_rotates_at_the_cap_is_unfinished() {
    // A diagonal and a single row need no rotation and converge in any number.
    let diagonal = Map::new(40, 40, |e| if e % 41 == 0 { 1.0 + e as f32 } else { 0.0 });
    let maps = [
        Map::random(20, 30),
        Map::random(64, 64),
        diagonal,
        Map::random(1, 9),
    ];
    let found = on_gpu(maps.iter(), Some(2));
    let unfinished: Vec<_> = found.iter().map(|f| *f == Found::Unfinished).collect();
    assert_eq!(unfinished, [true, true, false, false], "{found:?}");
}

#[test]
fn results_that_do_not_add_up_are_not_believed() {
    let read = |result: [f64; 6]| Batch::read(&result).next().unwrap();
    let range = |min, max| Found::Range { min, max };
    assert_eq!(read([5.0, 1.0, 1.0, 3.0, 4.0, 5.0]), range(6.0, 8.0));
    assert_eq!(read([0.0, -127.0, 1.0, 0.0, 0.0, 0.0]), range(0.0, 0.0));
    for all in [5.01, 0.0, f64::NAN, f64::INFINITY] {
        let result = [5.0, 1.0, 1.0, 3.0, 4.0, all];
        assert_eq!(read(result), Found::Unfinished);
    }
    let not_written = read([0.0; 6]);
    assert!(matches!(not_written, Found::Refused(_)));
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
        let Found::Range {
            min: low,
            max: high,
        } = found
        else {
            panic!("{found:?}");
        };
        assert!((low / min - 1.0).abs() < 1e-5 && (high / max - 1.0).abs() < 1e-6);
    }
}
