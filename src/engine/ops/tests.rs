//! Every operation's jet against automatic differentiation in double
//! precision (`tests/golden/jet_ops.safetensors`).

mod cases;
mod differences;
mod forward;
mod frame;
mod geometry;
mod linear;
mod webgpu;

use std::sync::Arc;

use burn::tensor::Tensor;
use safetensors::SafeTensors;

use super::*;
use crate::array::Array;
use crate::engine::jet::{Jets, Layout};
use crate::engine::read::host;
use crate::engine::{Device, Kind, Reason};
use crate::network::Activation;

const FILE: &[u8] = include_bytes!("../../../tests/golden/jet_ops.safetensors");

struct File<'a> {
    tensors: SafeTensors<'a>,
    device: Device,
}

impl File<'_> {
    fn array(&self, name: &str) -> Array {
        Array::from_safetensors(&self.tensors, name).unwrap()
    }

    fn weight<const D: usize>(&self, name: &str, shape: [usize; D]) -> Tensor<D> {
        self.device.array(&Arc::new(self.array(name)), shape)
    }
}

/// Rows of v, d and a: the file's samples are the curves.
fn rows(file: &File<'_>, name: &str) -> (Vec<f64>, usize) {
    let parts = ["v", "d", "a"].map(|part| file.array(&format!("{name}.{part}")));
    let samples = parts[0].shape[0];
    (parts.iter().flat_map(Array::to_f64).collect(), samples)
}

fn mean_window(kernel: usize, stride: usize, padding: usize) -> Window {
    Window::average([kernel; 2], [stride; 2], [padding; 4], false, false)
}

fn max_window(kernel: usize, stride: usize, padding: usize) -> Window {
    Window::maximum([kernel; 2], [stride; 2], [padding; 4], [1; 2], false)
}

type Apply = Box<dyn Fn(&File<'_>, &Jets) -> Jets>;

fn operations() -> Vec<(&'static str, Apply)> {
    let moves = Moves {
        stride: [2; 2],
        padding: [1; 4],
        dilation: [1; 2],
        groups: 1,
    };
    vec![
        (
            "conv",
            Box::new(move |f, x| {
                let weight = f.weight("conv.w", [4, 3, 3, 3]);
                conv2d(x.clone(), &[3, 6, 6], weight, None, moves).unwrap()
            }),
        ),
        (
            "linear",
            Box::new(|f, x| {
                dense(
                    x,
                    &[6],
                    f.weight("linear.w", [5, 6]),
                    Some(f.weight("linear.b", [5])),
                )
                .unwrap()
            }),
        ),
        (
            "relu",
            Box::new(|_, x| activate(x.clone(), Activation::Relu).unwrap()),
        ),
        (
            "gelu",
            Box::new(|_, x| activate(x.clone(), Activation::Gelu).unwrap()),
        ),
        (
            "batchnorm",
            Box::new(|f, x| {
                let affine = Some((f.weight("batchnorm.g", [3]), f.weight("batchnorm.b", [3])));
                normalise(
                    x.clone(),
                    Normalised {
                        groups: 3,
                        elements: 25,
                        eps: 1e-5,
                        affine,
                        affine_run: 25,
                        dead: false,
                        centred: true,
                    },
                )
                .unwrap()
            }),
        ),
        (
            "layernorm",
            Box::new(|_, x| {
                normalise(
                    x.clone(),
                    Normalised {
                        groups: 4,
                        elements: 6,
                        eps: 1e-5,
                        affine: None,
                        affine_run: 1,
                        dead: false,
                        centred: true,
                    },
                )
                .unwrap()
            }),
        ),
        ("softmax", Box::new(|_, x| softmax(x, &[5]))),
        (
            "avgpool3_nopadcount",
            Box::new(move |_, x| avg_pool(x.clone(), &[2, 5, 5], mean_window(3, 1, 1)).unwrap()),
        ),
        (
            "maxpool3s2p1",
            Box::new(move |_, x| max_pool(x.clone(), &[2, 6, 6], max_window(3, 2, 1)).unwrap()),
        ),
        (
            "globalpool",
            Box::new(|_, x| global_avg_pool(x, &[3, 4, 4])),
        ),
        (
            "self_product",
            Box::new(|_, x| matmul(x, &[6, 5], &permute(x, &[6, 5], &[1, 0]), &[5, 6])),
        ),
    ]
}

/// Every row of the table on a device, to a tolerance of the largest number.
fn check(device: &Device, tolerance: f64) {
    let file = File {
        tensors: SafeTensors::deserialize(FILE).unwrap(),
        device: device.clone(),
    };
    let mut failures = Vec::new();
    for (name, apply) in operations() {
        let (input, samples) = rows(&file, &format!("{name}.in"));
        let right = rows(&file, &format!("{name}.out")).0;
        let layout = layout(0, samples, device);
        let output = apply(&file, &Jets::from_rows(input, layout, &file.device));
        let found = numbers(output);
        assert_eq!(found.len(), right.len(), "{name}");
        let largest = right.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let off = |(x, y): (&f64, &f64)| (x - y).abs() > tolerance * largest || x.is_nan();
        if found.iter().zip(&right).any(off) {
            failures.push(name);
        }
    }
    assert!(failures.is_empty(), "{failures:?}");
}

fn layout(images: usize, curves: usize, device: &Device) -> Layout {
    Layout {
        images,
        curves,
        host: device.kind() == Kind::Cpu,
    }
}

fn numbers(x: Jets) -> Vec<f64> {
    host(pollster::block_on(x.data.into_data_async())).unwrap()
}

fn cpu() -> Device {
    Device::cpu(Reason::Asked)
}

#[test]
fn jets_in_double_precision() {
    check(&Device::cpu_double(), 1e-12);
}

#[test]
fn jets_in_single_precision() {
    check(&cpu(), 1e-5);
}

#[test]
fn an_image_row_gets_the_value_of_a_curve_row() {
    check_image_row(&cpu(), 0.0);
}

/// To a tolerance: a GPU's matrix products may add up in another order.
fn check_image_row(device: &Device, tolerance: f64) {
    let wave = |phase: f64| -> Vec<f64> {
        (0..32)
            .map(|i| (0.7 * f64::from(i) + phase).sin())
            .collect()
    };
    let rows = [wave(0.0), wave(0.0), wave(1.0), wave(2.0)].concat();
    let x = Jets::from_rows(rows, layout(1, 1, device), device);
    let how = Normalised {
        groups: 2,
        elements: 16,
        eps: 1e-5,
        affine: None,
        affine_run: 1,
        dead: false,
        centred: true,
    };
    let outputs = [
        activate(x.clone(), Activation::Relu).unwrap(),
        activate(x.clone(), Activation::Gelu).unwrap(),
        softmax(&x, &[4, 8]),
        max_pool(x.clone(), &[2, 4, 4], max_window(3, 2, 1)).unwrap(),
        avg_pool(x.clone(), &[2, 4, 4], mean_window(3, 2, 1)).unwrap(),
        normalise(x.clone(), how).unwrap(),
        matmul(&x, &[2, 4, 4], &x, &[2, 4, 4]),
    ];
    for (i, output) in outputs.into_iter().enumerate() {
        let found = numbers(output);
        let (image, curve) = found[..found.len() / 2].split_at(found.len() / 4);
        let mut pairs = image.iter().zip(curve);
        assert!(
            pairs.all(|(x, y)| (x - y).abs() <= tolerance),
            "operation {i}"
        );
    }
}

#[test]
fn a_dead_map_normalises_to_exactly_zero() {
    check_dead(&cpu());
}

fn check_dead(device: &Device) {
    let rows = [vec![0.1; 200], vec![0.0; 200]].concat();
    let x = Jets::from_rows(rows, layout(1, 1, device), device);
    let how = Normalised {
        groups: 2,
        elements: 50,
        eps: 1e-5,
        affine: None,
        affine_run: 1,
        dead: true,
        centred: true,
    };
    let y = numbers(normalise(x, how).unwrap());
    assert!(y.iter().all(|&v| v == 0.0));
}

#[test]
fn what_is_not_finite_stays_so() {
    check_not_finite(&cpu());
}

fn check_not_finite(device: &Device) {
    let nan = f64::NAN;
    let rows = vec![nan, 1.0, -1.0, 1.0, 2.0, nan, 4.0, 5.0, f64::INFINITY];
    let x = Jets::from_rows(rows, layout(0, 1, device), device);
    let y = numbers(activate(x.clone(), Activation::Relu).unwrap());
    assert!([0, 5, 8].iter().all(|&i| !y[i].is_finite()), "{y:?}");
    assert_eq!([y[1], y[2], y[4], y[7]], [1.0, 0.0, 2.0, 5.0]);
    let how = Normalised {
        groups: 1,
        elements: 3,
        eps: 1e-5,
        affine: None,
        affine_run: 1,
        dead: false,
        centred: true,
    };
    let y = numbers(normalise(x, how).unwrap());
    assert!(y.iter().all(|y| !y.is_finite()), "{y:?}");
}

#[test]
fn average_pools_of_any_window_agree_with_tensor_operations() {
    let device = Device::cpu_double();
    let (h, w) = (7, 6);
    let rows: Vec<f64> = (0..2 * h * w).map(|i| (0.9 * i as f64).sin()).collect();
    for (kernel, stride, padding) in [
        (3, 1, 1),
        (2, 2, 0),
        (3, 2, 1),
        (5, 1, 2),
        (1, 1, 0),
        (6, 1, 0),
        (6, 3, 3),
        (4, 3, 2),
    ] {
        let window = mean_window(kernel, stride, padding);
        let pooled = [true, false].map(|host| {
            let layout = Layout {
                images: 1,
                curves: 0,
                host,
            };
            let x = Jets::from_rows(rows.clone(), layout, &device);
            let data = avg_pool(x, &[2, h, w], window).unwrap().data.into_data();
            data.as_slice::<f64>().unwrap().to_vec()
        });
        assert_eq!(pooled[0].len(), pooled[1].len(), "{window:?}");
        let close = pooled[0]
            .iter()
            .zip(&pooled[1])
            .all(|(x, y)| (x - y).abs() < 1e-14);
        assert!(close, "{window:?}");
    }
}
