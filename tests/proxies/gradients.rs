//! Gradients of whole networks, and what is watched beside them.

use super::*;

/// An attention and a feed-forward layer on tokens, each added to its input.
fn tokens() -> Network {
    let mut b = Builder::new(Input::Tokens([6, 8])).unwrap();
    let mut add = |name: &str, op: Op, inputs: &[usize]| b.add(name, op, inputs).unwrap();
    let dense = |out: usize| Op::Dense { out, bias: true };
    let norm = add("norm1", Op::layer_norm(1e-5, true), &[0]);
    let [q, k, v] = ["q", "k", "v"].map(|name| add(name, dense(8), &[norm]));
    let across = add("across", Op::Permute(vec![1, 0]), &[k]);
    let logits = add("logits", Op::MatMul, &[q, across]);
    let weights = add("weights", Op::Softmax, &[logits]);
    let mixed = add("mixed", Op::MatMul, &[weights, v]);
    let out = add("out", dense(8), &[mixed]);
    let sum = add("sum1", Op::Sum, &[0, out]);
    let norm = add("norm2", Op::layer_norm(1e-5, true), &[sum]);
    let up = add("up", dense(16), &[norm]);
    let act = add("act", Op::Activate(dextr::network::Activation::Gelu), &[up]);
    let down = add("down", dense(8), &[act]);
    let sum = add("sum2", Op::Sum, &[sum, down]);
    let mean = add("mean", Op::MeanFirst, &[sum]);
    let head = add("head", dense(5), &[mean]);
    b.finish(&[head])
}

/// Σ w·∂L/∂w is the loss's derivative with all weights scaled, and the same by
/// the input along a direction: both are forward tangents.
#[test]
fn gradients_of_whole_networks_are_those_of_the_tangents() {
    let cell = cell(CELL).network;
    for network in [&*cell, &tokens()] {
        let shape = network.input_shape();
        let noise = dextr::stimulus::white_noise(shape, 3, 2);
        let device = Device::cpu_double();
        let weights = Start::default().weights(network, 1);
        let pass = |inputs: &Inputs, watches: &[Watch]| {
            let run = Run {
                network,
                weights: &weights,
                inputs,
            };
            pollster::block_on(Pass::run(run, watches, &device, &Silent)).unwrap()
        };
        let watches = [
            Watch::InputGradients(Loss::Sum),
            Watch::WeightGradients(Loss::Sum),
        ];
        let image = Inputs {
            images: vec![noise[0].clone()],
            ..Inputs::default()
        };
        let found = pass(&image, &watches).found;
        let [Found::InputGradients(input), Found::WeightGradients(by)] = found.as_slice() else {
            panic!("{found:?}");
        };
        let tangent = |along: Along| {
            let inputs = Inputs {
                curves: vec![Curve {
                    u: noise[0].clone(),
                    w: noise[1].clone(),
                }],
                along,
                ..Inputs::default()
            };
            let pass = pass(&inputs, &[Watch::Jets { whole: true }]);
            pass.jets()[0].dy.iter().sum::<f64>()
        };
        let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
        let along_input = dot(&input[0], &noise[1].to_f64());
        let each = by.iter().map(|g| dot(&g.gradient, &g.weight.to_f64()));
        let along_weights: f64 = each.sum();
        for (found, right) in [
            (along_input, tangent(Along::Input)),
            (along_weights, tangent(Along::Weights)),
        ] {
            assert!(
                right != 0.0 && (found / right - 1.0).abs() < 1e-9,
                "{found} {right}"
            );
        }
    }
}

#[test]
fn networks_of_tokens_have_gradients_and_features() {
    let arch = Architecture {
        network: Arc::new(tokens()),
        ..cell(CELL)
    };
    let names = "grad_norm,snip,jacob_cov,zico,lswag,az_nas,l2_norm,zerolm";
    for measured in score(&arch, &settings(names)).measurements {
        assert_eq!(
            measured.status,
            Status::Ok,
            "{}: {}",
            measured.name,
            measured.message
        );
        match measured.name {
            "az_nas" => assert_eq!(measured.parts.len(), 4),
            // Four of an attention's 8 × 8, a quarter each, 16 × 8 twice, 5 × 8.
            "zerolm" => {
                let right = 1.0 + 2.0 * 32.0 / 24.0 + 16.0 / 13.0;
                assert!((measured.value.unwrap() - right).abs() < 1e-12);
            }
            _ => assert!(measured.deviation.unwrap() > 0.0, "{}", measured.name),
        }
    }
}

#[test]
fn normalised_outputs_have_no_gradient_and_logits_have() {
    let space = spaces::by_name("transnasbench101").unwrap();
    for output in ["features", "logits"] {
        let mut options = Options::new();
        options
            .set("task", "jigsaw")
            .set("stem_width", "4")
            .set("size", "72")
            .set("output", output);
        let arch = space.build("(1, 0, 0, 2, 2, 3)", &options).unwrap();
        let measured = score(&arch, &settings("grad_norm,snip,zico,lswag"));
        for measured in measured.measurements {
            let (name, value, message) = (measured.name, measured.value, &measured.message);
            if output == "logits" {
                assert!(value.unwrap() > 0.0, "{name}: {message}");
            } else {
                assert_eq!((measured.status, value), (Status::Unsuited, None), "{name}");
                assert!(message.contains("such as logits"), "{name}: {message}");
            }
        }
    }
}

#[test]
fn gradients_beside_curves_are_refused() {
    let network = tokens();
    let noise = dextr::stimulus::white_noise(network.input_shape(), 0, 2);
    let inputs = Inputs {
        curves: vec![Curve {
            u: noise[0].clone(),
            w: noise[1].clone(),
        }],
        statistics: Statistics::Row,
        ..Inputs::default()
    };
    let run = Run {
        network: &network,
        weights: &Start::default().weights(&network, 0),
        inputs: &inputs,
    };
    let watches = [Watch::InputGradients(Loss::Sum)];
    let device = Device::cpu_double();
    let pass = Pass::run(run, &watches, &device, &Silent);
    let error = pollster::block_on(pass).unwrap_err();
    assert_eq!(error.code(), "usage", "{error}");
}

#[test]
fn entropies_on_webgpu_are_the_cpus() {
    let network = cell(CELL).network;
    let nodes = network.nodes().iter().enumerate();
    let maps = nodes.filter(|(_, node)| node.shape.len() == 3 && node.op.is_norm());
    let watches: Vec<Watch> = maps.map(|(id, _)| Watch::Entropy(id)).collect();
    let inputs = Inputs {
        images: dextr::stimulus::white_noise(network.input_shape(), 1, 4),
        statistics: Statistics::Batch,
        ..Inputs::default()
    };
    let run = Run {
        network: &network,
        weights: &Start::default().weights(&network, 0),
        inputs: &inputs,
    };
    let [found, right] = [gpu(), &Device::cpu_double()].map(|device| {
        let pass = pollster::block_on(Pass::run(run, &watches, device, &Silent));
        pass.unwrap().found
    });
    assert!(found.len() > 5 && found.len() == right.len());
    for (found, right) in found.iter().zip(&right) {
        let (Found::Entropy(found), Found::Entropy(right)) = (found, right) else {
            panic!("{found:?} {right:?}");
        };
        assert!((found - right).abs() < 1e-4 * right, "{found} {right}");
    }
}
