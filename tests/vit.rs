//! A small pre-norm transformer with relative positions, built node by node,
//! against reference values in double precision.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{folder, largest, manifest, numbers, worst_difference};
use dextr::array::{Array, Values};
use dextr::engine::{Curve, Device, Inputs, Pass, Reason, Run, Silent, Watch};
use dextr::network::{Activation, Builder, Network, NodeId, Op, Policy};
use dextr::proxy::dextr::curvature;
use dextr::start::Weights;
use safetensors::SafeTensors;

const WIDTH: usize = 16;
const HEADS: usize = 2;
const TOKENS: usize = 17;

struct Vit {
    b: Builder,
}

impl Vit {
    fn add(&mut self, name: &str, op: Op, inputs: &[NodeId]) -> NodeId {
        self.b.add(name, op, inputs).unwrap()
    }

    fn norm(&mut self, name: &str, x: NodeId) -> NodeId {
        self.add(name, Op::layer_norm(1e-5, false), &[x])
    }

    fn dense(&mut self, name: &str, out: usize, x: NodeId) -> NodeId {
        self.add(name, Op::Dense { out, bias: true }, &[x])
    }

    fn permute(&mut self, name: &str, order: &[usize], x: NodeId) -> NodeId {
        self.add(name, Op::Permute(order.to_vec()), &[x])
    }

    /// Part `i` of q, k, v: `[heads, tokens, head width]`.
    fn head_part(&mut self, name: &str, i: usize, qkv: NodeId) -> NodeId {
        let x = self.add(&format!("{name}.slice"), Op::slice(0, i, i + 1), &[qkv]);
        self.add(name, Op::Reshape(vec![HEADS, TOKENS, WIDTH / HEADS]), &[x])
    }

    fn attention(&mut self, block: &str, x: NodeId) -> NodeId {
        let head = WIDTH / HEADS;
        let name = |part: &str| format!("{block}.{part}");
        let x = self.norm(&name("ln1"), x);
        let x = self.dense(&name("qkv"), 3 * WIDTH, x);
        let x = self.add(
            &name("split"),
            Op::Reshape(vec![TOKENS, 3, HEADS, head]),
            &[x],
        );
        let x = self.permute(&name("parts"), &[1, 2, 0, 3], x);
        let [q, k, v] = [0, 1, 2].map(|i| self.head_part(&name(&format!("qkv{i}")), i, x));
        let k = self.permute(&name("kt"), &[0, 2, 1], k);
        let content = self.add(&name("qk"), Op::MatMul, &[q, k]);
        let by_token = self.permute(&name("qn"), &[1, 0, 2], q);
        let rk = self.add(&name("rk"), Op::Constant(vec![TOKENS, TOKENS, head]), &[]);
        let rk = self.permute(&name("rkt"), &[0, 2, 1], rk);
        let position = self.add(&name("qr"), Op::MatMul, &[by_token, rk]);
        let position = self.permute(&name("qrh"), &[1, 0, 2], position);
        let logits = self.add(&name("logits"), Op::Sum, &[content, position]);
        let logits = self.add(
            &name("scaled"),
            Op::Scale(1.0 / (head as f64).sqrt()),
            &[logits],
        );
        let weights = self.add(&name("softmax"), Op::Softmax, &[logits]);
        let content = self.add(&name("av"), Op::MatMul, &[weights, v]);
        let by_token = self.permute(&name("an"), &[1, 0, 2], weights);
        let rv = self.add(&name("rv"), Op::Constant(vec![TOKENS, TOKENS, head]), &[]);
        let position = self.add(&name("ar"), Op::MatMul, &[by_token, rv]);
        let position = self.permute(&name("arh"), &[1, 0, 2], position);
        let x = self.add(&name("mixed"), Op::Sum, &[content, position]);
        let x = self.permute(&name("tokens"), &[1, 0, 2], x);
        let x = self.add(&name("joined"), Op::Reshape(vec![TOKENS, WIDTH]), &[x]);
        self.dense(&name("proj"), WIDTH, x)
    }

    fn network() -> Network {
        let mut vit = Self {
            b: Builder::new([3, 16, 16]).unwrap(),
        };
        let patch = Op::conv(WIDTH, 4, 4, 0, true);
        let input = vit.b.input();
        let x = vit.add("patch", patch, &[input]);
        let x = vit.add("flat", Op::Reshape(vec![WIDTH, TOKENS - 1]), &[x]);
        let x = vit.permute("patches", &[1, 0], x);
        let class = vit.add("cls", Op::Constant(vec![1, WIDTH]), &[]);
        let x = vit.add("tokens", Op::Concat { axis: 0 }, &[class, x]);
        let positions = vit.add("pos", Op::Constant(vec![TOKENS, WIDTH]), &[]);
        let mut x = vit.add("embedded", Op::Sum, &[x, positions]);
        for i in 0..2 {
            let block = format!("block{i}");
            let branch = vit.attention(&block, x);
            x = vit.add(&format!("{block}.sum1"), Op::Sum, &[x, branch]);
            let h = vit.norm(&format!("{block}.ln2"), x);
            let h = vit.dense(&format!("{block}.fc1"), 4 * WIDTH, h);
            let h = vit.add(
                &format!("{block}.gelu"),
                Op::Activate(Activation::Gelu),
                &[h],
            );
            let h = vit.dense(&format!("{block}.fc2"), WIDTH, h);
            x = vit.add(&format!("{block}.sum2"), Op::Sum, &[x, h]);
        }
        let x = vit.norm("ln", x);
        let x = vit.add("patches.out", Op::slice(0, 1, TOKENS), &[x]);
        let x = vit.add("mean", Op::MeanFirst, &[x]);
        let x = vit.dense("head", 10, x);
        vit.b.finish(&[x])
    }
}

/// The file's name of a tensor.
fn stored_name(name: &str) -> String {
    const NAMES: [(&str, &str); 16] = [
        ("patch.weight", "pe"),
        ("patch.bias", "pb"),
        ("cls.weight", "cls"),
        ("pos.weight", "pos"),
        ("head.weight", "hw"),
        ("head.bias", "hb"),
        ("qkv.weight", "qkv"),
        ("qkv.bias", "qb"),
        ("rk.weight", "rk"),
        ("rv.weight", "rv"),
        ("proj.weight", "pw"),
        ("proj.bias", "pb"),
        ("fc1.weight", "f1"),
        ("fc1.bias", "b1"),
        ("fc2.weight", "f2"),
        ("fc2.bias", "b2"),
    ];
    let (block, rest) = match name.split_once('.') {
        Some((block, rest)) if block.starts_with("block") => (format!("{block}."), rest),
        _ => (String::new(), name),
    };
    format!(
        "{block}{}",
        NAMES.iter().find(|(ours, _)| *ours == rest).unwrap().1
    )
}

fn weights(network: &Network, bytes: &[u8]) -> Weights {
    let file = SafeTensors::deserialize(bytes).unwrap();
    Weights::from_fn(network, |name| {
        let mut array = Array::from_safetensors(&file, &stored_name(name))?;
        // The class token and the positions are stored with a batch axis.
        if name == "cls.weight" || name == "pos.weight" {
            array.shape.remove(0);
        }
        Ok(array)
    })
    .unwrap()
}

fn run(device: &Device) -> (Vec<u8>, Pass) {
    let bytes = std::fs::read(folder().join("vit_tiny.safetensors")).unwrap();
    let network = Vit::network();
    let pairs = numbers(&bytes, "curve_basis");
    let column = |i: usize| Array {
        shape: vec![3, 16, 16],
        values: Values::F64(pairs.chunks_exact(2).map(|p| p[i]).collect()),
    };
    let inputs = Inputs {
        curves: vec![Curve {
            u: column(0),
            w: column(1),
        }],
        ..Inputs::default()
    };
    let weights = weights(&network, &bytes);
    let run = Run {
        network: &network,
        weights: &weights,
        inputs: &inputs,
    };
    let pass = Pass::run(run, &[Watch::Jets { whole: true }], device, &Silent);
    (bytes, pollster::block_on(pass).unwrap())
}

#[test]
fn jets_of_a_transformer() {
    for (device, tolerance) in [
        (Device::cpu_double(), 1e-10),
        (Device::cpu(Reason::Asked), 1e-4),
    ] {
        let (bytes, pass) = run(&device);
        for (found, name) in [
            (&pass.jets()[0].y, "y"),
            (&pass.jets()[0].dy, "dy"),
            (&pass.jets()[0].ddy, "ddy"),
        ] {
            let right = numbers(&bytes, name);
            let worst = worst_difference(found, &right);
            assert!(
                worst <= tolerance * largest(&right),
                "{name} is off by {worst:e}"
            );
        }
    }
}

#[test]
fn curvature_of_a_transformer() {
    let (_, pass) = run(&Device::cpu_double());
    let right = manifest()["vit_tiny"]["kappa"].as_f64().unwrap();
    let found = curvature(&pass.jets()[0].dy, &pass.jets()[0].ddy).unwrap();
    assert!((found / right - 1.0).abs() < 1e-9, "{found} is not {right}");
}

#[test]
fn flow_observes_gelus_and_the_operands_of_residual_sums() {
    let names: Vec<String> = Vit::network()
        .observed(Policy::Flow, false)
        .into_iter()
        .map(|m| m.name)
        .collect();
    for i in 0..2 {
        let part = |name: &str| names.contains(&format!("block{i}.{name}"));
        assert!(part("gelu") && part("proj") && part("fc2"), "{names:?}");
    }
    // The sum with the constant positions has one live operand.
    assert!(!names.contains(&"tokens".to_owned()) && !names.contains(&"pos".to_owned()));
    assert!(
        names.contains(&"embedded".to_owned()),
        "the skip of the first block"
    );
}
