//! Every family's jets against automatic differentiation in double precision,
//! and image rows against curve rows.

use std::sync::Arc;

use safetensors::SafeTensors;

use super::*;
use crate::array::Array;
use crate::engine::ops::*;
use crate::engine::webgpu;
use crate::network::{Activation, Conv, Curved, Function, Norm, Over, Pool, Reduce, Takes, Window};

const FILE: &[u8] = include_bytes!("../../../../tests/golden/jet_ops.safetensors");

struct File<'a> {
    tensors: SafeTensors<'a>,
    device: Device,
}

impl File<'_> {
    fn array(&self, name: &str) -> Array {
        Array::from_safetensors(&self.tensors, name).unwrap()
    }

    fn weight(&self, name: &str) -> burn::tensor::Tensor<1> {
        let array = self.array(name);
        let count = array.shape.iter().product();
        self.device.array(&Arc::new(array), [count])
    }
}

/// Rows of v, d and a: the file's samples are the curves.
fn rows(file: &File<'_>, name: &str) -> (Vec<f64>, usize) {
    let parts = ["v", "d", "a"].map(|part| file.array(&format!("{name}.{part}")));
    let samples = parts[0].shape[0];
    (parts.iter().flat_map(Array::to_f64).collect(), samples)
}

fn window(kernel: usize, stride: usize, padding: usize) -> Window {
    Window {
        kernel: [kernel; 2],
        stride: [stride; 2],
        padding: [padding; 4],
        dilation: [1; 2],
    }
}

fn pooled(x: &Jets, axes: &[usize], window: Window, takes: Takes) -> Jets {
    let ceil = false;
    let how = Pool {
        window,
        ceil,
        takes,
    };
    pool(x.clone(), axes, &how).unwrap()
}

fn normed(
    x: &Jets,
    axes: &[usize],
    over: Over,
    affine: [Option<burn::tensor::Tensor<1>>; 2],
) -> Jets {
    let norm = Norm {
        over,
        eps: 1e-5,
        affine: true,
    };
    normalise(x.clone(), axes, &norm, affine, true).unwrap()
}

fn activated(x: &Jets, function: Activation) -> Jets {
    curved(x.clone(), Curved::Activation(function)).unwrap()
}

const MEAN: Takes = Takes::Mean {
    count_padding: false,
};

fn operation(name: &str, f: &File<'_>, x: &Jets) -> Jets {
    let weight = |suffix: &str| f.weight(&format!("{name}.{suffix}"));
    match name {
        "conv" => {
            let how = Conv {
                out: 4,
                window: window(3, 2, 1),
                groups: 1,
                bias: false,
                transposed: None,
            };
            conv(x.clone(), &[3, 6, 6], &how, weight("w"), None).unwrap()
        }
        "linear" => dense(x, &[6], 0, weight("w"), Some(weight("b"))).unwrap(),
        "relu" => activated(x, Activation::Relu),
        "gelu" => activated(x, Activation::Gelu),
        "batchnorm" => {
            let affine = [Some(weight("g")), Some(weight("b"))];
            normed(x, &[3, 5, 5], Over::Channel, affine)
        }
        "layernorm" => normed(x, &[4, 6], Over::Last(1), [None, None]),
        "softmax" => softmax(x, &[5], false),
        "avgpool3_nopadcount" => pooled(x, &[2, 5, 5], window(3, 1, 1), MEAN),
        "maxpool3s2p1" => pooled(x, &[2, 6, 6], window(3, 2, 1), Takes::Largest),
        "globalpool" => reduce(x, &[3, 4, 4], Reduce::Pixels),
        "self_product" => matmul(x, &[6, 5], &permute(x, &[6, 5], &[1, 0]), &[5, 6]),
        _ => panic!("no operation {name}"),
    }
}

/// Every row of the table on a device, to a tolerance of the largest number.
fn check(device: &Device, tolerance: f64) {
    let file = File {
        tensors: SafeTensors::deserialize(FILE).unwrap(),
        device: device.clone(),
    };
    let mut failures = Vec::new();
    let names = file.tensors.names();
    for name in names.iter().filter_map(|name| name.strip_suffix(".in.v")) {
        let (input, samples) = rows(&file, &format!("{name}.in"));
        let right = rows(&file, &format!("{name}.out")).0;
        let layout = layout(0, samples, device);
        let x = Jets::from_rows(input, layout, &file.device);
        let found = numbers(operation(name, &file, &x));
        assert_eq!(found.len(), right.len(), "{name}");
        let largest = right.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        let off = |(x, y): (&f64, &f64)| (x - y).abs() > tolerance * largest || x.is_nan();
        if found.iter().zip(&right).any(off) {
            failures.push(name);
        }
    }
    assert!(failures.is_empty(), "{failures:?}");
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
fn jets_on_a_gpu() {
    check(webgpu(), 1e-5);
}

#[test]
fn an_image_row_gets_the_value_of_a_curve_row() {
    check_image_row(&cpu(), 0.0);
}

/// To a tolerance: a GPU's matrix products may add up in another order.
#[test]
fn an_image_row_gets_the_value_of_a_curve_row_on_a_gpu() {
    check_image_row(webgpu(), 1e-6);
}

fn check_image_row(device: &Device, tolerance: f64) {
    let wave = |phase: f64| -> Vec<f64> {
        (0..32)
            .map(|i| (0.7 * f64::from(i) + phase).sin())
            .collect()
    };
    let rows = [wave(0.0), wave(0.0), wave(1.0), wave(2.0)].concat();
    let x = Jets::from_rows(rows, layout(1, 1, device), device);
    let outputs = [
        activated(&x, Activation::Relu),
        activated(&x, Activation::Gelu),
        curved(x.clone(), Curved::Function(Function::Abs)).unwrap(),
        softmax(&x, &[4, 8], false),
        pooled(&x, &[2, 4, 4], window(3, 2, 1), Takes::Largest),
        pooled(&x, &[2, 4, 4], window(3, 2, 1), MEAN),
        normed(&x, &[2, 4, 4], Over::Channel, [None, None]),
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
