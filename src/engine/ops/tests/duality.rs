//! Every operation's adjoint against its tangent in double precision:
//! ⟨adjoint(g), w⟩ = ⟨g, tangent(w)⟩, by input and by weights; where statistics
//! are of a batch, which has no tangents, against differences.

use super::*;
use crate::array::{Array, Values};
use crate::engine::apply::Applied;
use crate::engine::{Along, Curve, Inputs, Pass, Run, Silent, Watch};
use crate::network::Activation;

/// Largest difference of two sums of products, of the sum of their magnitudes.
const TOLERANCE: f64 = 1e-12;

fn normal(n: usize, stream: &mut Stream) -> Vec<f64> {
    (0..n).map(|_| stream.normal()).collect()
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

/// The gradients by the input, and the sum of those by weights times the weights,
/// for a batch with this gradient by the network's output.
fn backward(network: &Network, x: &[f64], gradient: &[f64], layout: Layout) -> (Vec<f64>, f64) {
    backward_on(&Device::cpu_double(), network, x, gradient, layout)
}

fn backward_on(
    device: &Device,
    network: &Network,
    x: &[f64],
    gradient: &[f64],
    layout: Layout,
) -> (Vec<f64>, f64) {
    let weights = cases::weights(network);
    let live = network.live();
    let applied = |id| Applied {
        network,
        weights: &weights,
        device,
        layout,
        id,
        live: live[id],
        along: Along::Input,
    };
    let mut values = vec![Jets::from_rows(x.to_vec(), layout, device)];
    for id in 1..network.nodes().len() {
        let inputs = network.node(id).inputs.iter();
        let operands = inputs.map(|&i| values[i].clone()).collect();
        values.push(applied(id).value(operands).unwrap());
    }
    let mut gradients: Vec<Option<Jets>> = vec![None; values.len()];
    let end = network.outputs()[0];
    gradients[end] = Some(Jets::from_rows(gradient.to_vec(), layout, device));
    let mut along = 0.0;
    for id in (1..=end).rev() {
        let Some(gradient) = gradients[id].take() else {
            continue;
        };
        let node = network.node(id);
        let mut own = network.parameters(id).into_iter();
        if own.any(|p| p.role.is_weight()) {
            let found = applied(id).weight_gradient(Some(&values[node.inputs[0]]), &gradient);
            let found = host(found.unwrap().try_into_data()).unwrap();
            let weight = weights.get(&node.tensor("weight")).unwrap().to_f64();
            assert_eq!(found.len(), weight.len());
            along += dot(&found, &weight);
        }
        // What an adjoint does not ask for is not there in a pass.
        let asked = crate::engine::adjoint::needs_operands(&node.op);
        let operands: Vec<Option<&Jets>> = node
            .inputs
            .iter()
            .map(|&i| asked.then_some(&values[i]))
            .collect();
        let found = applied(id).adjoint(&operands, gradient).unwrap();
        assert_eq!(found.len(), node.inputs.len());
        for (&i, found) in node.inputs.iter().zip(found) {
            let sum = match gradients[i].take() {
                Some(other) => found.with(found.data.clone() + other.data),
                None => found,
            };
            gradients[i] = Some(sum);
        }
    }
    let at = gradients[0].take().map(numbers);
    (at.unwrap_or_else(|| vec![0.0; x.len()]), along)
}

/// The derivatives of the output along a curve.
fn tangent(network: &Network, u: &[f64], w: &[f64], along: Along) -> Vec<f64> {
    let array = |values: &[f64]| Array {
        shape: network.input_shape().to_vec(),
        values: Values::F64(values.to_vec()),
    };
    let inputs = Inputs {
        curves: vec![Curve {
            u: array(u),
            w: array(w),
        }],
        along,
        ..Inputs::default()
    };
    let run = Run {
        network,
        weights: &cases::weights(network),
        inputs: &inputs,
    };
    let watches = [Watch::Jets { whole: true }];
    let device = Device::cpu_double();
    let pass = pollster::block_on(Pass::run(run, &watches, &device, &Silent));
    pass.unwrap().jets()[0].dy.clone()
}

/// How far the two sides are apart, by the input and by the weights.
fn apart(network: &Network, seed: u64) -> f64 {
    let mut stream = Stream::new(seed, "duality");
    let n: usize = network.input_shape().iter().product();
    let out = network.output_len();
    let rows = 2;
    let [u, w] = [0; 2].map(|_| normal(rows * n, &mut stream));
    let g = normal(rows * out, &mut stream);
    let own = layout(rows, 0, &Device::cpu_double());
    let (back, by_weights) = backward(network, &u, &g, own);
    let of = |along: Along| -> Vec<f64> {
        let rows = u.chunks_exact(n).zip(w.chunks_exact(n));
        rows.flat_map(|(u, w)| tangent(network, u, w, along))
            .collect()
    };
    let (input, weights) = (of(Along::Input), of(Along::Weights));
    let size = |x: &[f64], y: &[f64]| (dot(x, x) * dot(y, y)).sqrt().max(1e-300);
    let apart = |left: f64, right: f64, size: f64| {
        let off = (left - right).abs() / size;
        if off.is_nan() { f64::INFINITY } else { off }
    };
    let by_input = apart(dot(&back, &w), dot(&g, &input), size(&g, &input));
    by_input.max(apart(by_weights, dot(&g, &weights), size(&g, &weights)))
}

#[test]
fn adjoints_are_dual_to_tangents() {
    let mut failed = Vec::new();
    for seed in [1, 2, 3] {
        for (name, network) in cases::all(seed) {
            let off = apart(&network, seed);
            if off > TOLERANCE {
                failed.push((seed, name, off));
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn adjoints_of_convolutions_of_all_geometries() {
    let mut stream = Stream::new(5, "geometries");
    let mut failed = Vec::new();
    for number in 0..150 {
        let mut draw = |low: usize, high: usize| low + stream.below(high - low + 1);
        let groups = draw(1, 3);
        let shape = [groups * draw(1, 2), draw(3, 9), draw(3, 9)];
        let (out, kernel) = (groups * draw(1, 3), [draw(1, 3), draw(1, 3)]);
        let (stride, dilation) = ([draw(1, 3), draw(1, 3)], [draw(1, 2), draw(1, 2)]);
        let padding = [0; 4].map(|_| draw(0, 2));
        let bias = draw(0, 1) == 1;
        let op = match draw(0, 2) {
            0 => Op::ConvTranspose2d {
                out,
                kernel,
                stride,
                padding,
                output_padding: [0; 2].map(|_| draw(0, 1)),
                dilation,
                groups,
                bias,
            },
            _ => Op::Conv2d {
                out,
                kernel,
                stride,
                padding,
                dilation,
                groups,
                bias,
            },
        };
        // Some kernels do not fit some maps.
        if op.output_shape(&[&shape]).is_err() {
            continue;
        }
        let off = apart(&cases::one(shape, op.clone()), number);
        if off > TOLERANCE {
            failed.push((shape, op, off));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

/// In single precision those go another way whose windows are one step apart.
#[test]
fn gradients_of_convolutions_in_single_precision() {
    let mut stream = Stream::new(6, "steps of one");
    for _ in 0..80 {
        let mut draw = |low: usize, high: usize| low + stream.below(high - low + 1);
        let shape = [draw(1, 20), draw(1, 20), draw(5, 20)];
        let op = Op::Conv2d {
            out: draw(1, 20),
            kernel: [draw(1, 4), draw(1, 4)],
            stride: [1; 2],
            padding: [0; 4].map(|_| draw(0, 3)),
            dilation: [draw(1, 2), draw(1, 2)],
            groups: 1,
            bias: draw(0, 1) == 1,
        };
        if op.output_shape(&[&shape]).is_err() {
            continue;
        }
        let network = cases::one(shape, op.clone());
        let rows = 3;
        let x = normal(
            rows * network.input_shape().iter().product::<usize>(),
            &mut stream,
        );
        let g = normal(rows * network.output_len(), &mut stream);
        let [single, double] = [Device::cpu(Reason::Asked), Device::cpu_double()].map(|device| {
            let own = layout(rows, 0, &device);
            backward_on(&device, &network, &x, &g, own)
        });
        let largest = double.0.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        let apart = single.0.iter().zip(&double.0).map(|(x, y)| (x - y).abs());
        let worst = apart.fold(0.0, f64::max);
        assert!(
            worst <= 1e-5 * largest,
            "{shape:?} {op:?}: {worst:.1e} of {largest:.1e}"
        );
        let magnitude = dot(&g, &g).sqrt() * dot(&x, &x).sqrt();
        assert!(
            (single.1 - double.1).abs() <= 1e-5 * magnitude,
            "{shape:?} {op:?}: weights"
        );
    }
}

#[test]
fn adjoints_with_statistics_of_the_batch() {
    for (shape, affine) in [([1, 3, 5], false), ([3, 2, 2], true), ([2, 1, 1], true)] {
        let network = cases::build(shape, |b, x| {
            let x = b.add("conv", Op::conv(3, 3, 1, 1, true), &[x]).unwrap();
            let x = b.add("tanh", Op::Activate(Activation::Tanh), &[x]).unwrap();
            // One value a channel is enough with several images.
            let x = b
                .add(
                    "wide",
                    Op::Pad {
                        before: vec![0; 3],
                        after: vec![0, 0, 1],
                        value: 0.3,
                    },
                    &[x],
                )
                .unwrap();
            b.add("op", Op::BatchNorm { eps: 1e-3, affine }, &[x])
                .unwrap()
        });
        let device = Device::cpu_double();
        let batch = Layout {
            statistics: Statistics::Batch,
            ..layout(3, 0, &device)
        };
        let mut stream = Stream::new(4, "batch");
        let n: usize = shape.iter().product();
        let [u, w] = [0; 2].map(|_| normal(3 * n, &mut stream));
        let g = normal(3 * network.output_len(), &mut stream);
        let at = |step: f64| {
            let x = u.iter().zip(&w).map(|(u, w)| u + step * w).collect();
            let x = Jets::from_rows(x, batch, &device);
            dot(&numbers(cases::forward(&network, x, &device)), &g)
        };
        let h = 1e-3;
        let slope = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
        let (back, _) = backward(&network, &u, &g, batch);
        let found = dot(&back, &w);
        assert!(
            (found - slope).abs() < 1e-9 * dot(&g, &g).sqrt() + 1e-8 * slope.abs(),
            "{found} {slope}"
        );
    }
}
