//! What the tests of all families share, and every operation's jet against
//! automatic differentiation in double precision
//! (`tests/golden/jet_ops.safetensors`).
//!
//! Tests on a GPU need a WebGPU adapter and fail without one; without a GPU,
//! Chromium's SwiftShader serves (`VK_ICD_FILENAMES`, see `build.sh`).

#![allow(
    clippy::cast_possible_truncation,
    reason = "a test's numbers are small"
)]

pub(super) mod cases;
mod differences;
mod duality;
mod failures;
mod geometry;
mod golden;
mod plain;

use crate::engine::jet::{Jets, Layout, Statistics};
use crate::engine::read::host;
use crate::engine::{Device, Kind, Reason, webgpu};
use crate::network::{Network, Op};
use crate::random::Stream;

pub(super) use failures::Failures;

/// Images and curves.
pub(super) const LAYOUTS: [[usize; 2]; 7] =
    [[1, 0], [0, 1], [1, 1], [0, 4], [1, 4], [3, 2], [4, 0]];

pub(super) fn layout(images: usize, curves: usize, device: &Device) -> Layout {
    Layout {
        images,
        curves,
        host: device.kind() == Kind::Cpu,
        statistics: Statistics::Row,
    }
}

pub(super) fn numbers(x: Jets) -> Vec<f64> {
    host(pollster::block_on(x.data.into_data_async())).unwrap()
}

pub(super) fn cpu() -> Device {
    Device::cpu(Reason::Asked)
}

/// Numbers of single precision with a mean far from zero.
pub(super) fn some(n: usize, stream: &mut Stream) -> Vec<f64> {
    (0..n)
        .map(|_| f64::from((1.5 + stream.normal()) as f32))
        .collect()
}

/// Rows of them.
pub(super) fn random([images, curves]: [usize; 2], row: usize, stream: &mut Stream) -> Vec<f64> {
    some((images + 3 * curves) * row, stream)
}

/// An operation's output on the GPU, and by its form on the CPU in double
/// precision.
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

/// The value of a network of one operation on a known field, and the field.
pub(super) fn value(shape: [usize; 3], op: Op) -> (Vec<f64>, Vec<f64>, Network) {
    let network = cases::one(shape, op);
    let jet = cases::run(&network, &Device::cpu_double());
    let [u, _] = cases::basis(&network);
    (u, jet.y, network)
}

pub(super) fn assert_close(found: &[f64], right: &[f64]) {
    assert_eq!(found.len(), right.len());
    let largest = right.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    let off = found.iter().zip(right).map(|(x, y)| (x - y).abs());
    let worst = off.fold(0.0f64, f64::max);
    assert!(worst <= 1e-12 * largest, "{worst:e}");
}
