//! ResNet-50 (He et al. 2016; with strides in the 3×3 convolutions, as torchvision
//! has it) at 224 pixels.

use std::sync::Arc;

use dextr::architecture::{Architecture, Normalisation};
use dextr::network::{Builder, NodeId, Op, Policy};
use dextr::start::Start;
use dextr::{Result, sources::onnx};

pub(crate) fn resnet50() -> Architecture {
    let network = network().unwrap();
    assert_eq!(network.params(), 25_557_032, "torchvision's parameters");
    Architecture {
        source: onnx::ABOUT.name,
        arch: "resnet50".to_owned(),
        options: String::new(),
        published: false,
        observe: Policy::Flow,
        normalisation: Normalisation::IMAGENET,
        network: Arc::new(network),
        start: Start::default(),
        notes: Vec::new(),
    }
}

fn network() -> Result<dextr::network::Network> {
    let mut b = Builder::new([3, 224, 224])?;
    let x = b.input();
    let x = convolution(&mut b, "stem", x, [64, 7, 2])?;
    let x = b.add("stem.relu", Op::relu(), &[x])?;
    let mut x = b.add("stem.pool", Op::max_pool(3, 2, 1), &[x])?;
    for (stage, (blocks, width)) in [(3, 64), (4, 128), (6, 256), (3, 512)]
        .into_iter()
        .enumerate()
    {
        for block in 0..blocks {
            let name = format!("layer{}.{block}", stage + 1);
            let stride = if block == 0 && stage > 0 { 2 } else { 1 };
            let narrow = convolution(&mut b, &format!("{name}.1"), x, [width, 1, 1])?;
            let y = b.add(&format!("{name}.relu1"), Op::relu(), &[narrow])?;
            let y = convolution(&mut b, &format!("{name}.2"), y, [width, 3, stride])?;
            let y = b.add(&format!("{name}.relu2"), Op::relu(), &[y])?;
            let y = convolution(&mut b, &format!("{name}.3"), y, [4 * width, 1, 1])?;
            let skip = match block {
                0 => convolution(&mut b, &format!("{name}.skip"), x, [4 * width, 1, stride])?,
                _ => x,
            };
            let sum = b.add(&format!("{name}.sum"), Op::Sum, &[y, skip])?;
            x = b.add(&format!("{name}.relu3"), Op::relu(), &[sum])?;
        }
    }
    let x = b.add("pool", Op::GlobalAvgPool, &[x])?;
    let x = b.add("pool.flat", Op::Reshape(vec![2048]), &[x])?;
    let classes = Op::Dense {
        out: 1000,
        bias: true,
    };
    let x = b.add("classes", classes, &[x])?;
    Ok(b.finish(&[x]))
}

/// A convolution (channels, kernel, stride) and its norm.
fn convolution(
    b: &mut Builder,
    name: &str,
    x: NodeId,
    [out, kernel, stride]: [usize; 3],
) -> Result<NodeId> {
    let conv = Op::conv(out, kernel, stride, kernel / 2, false);
    let x = b.add(&format!("{name}.conv"), conv, &[x])?;
    let norm = Op::BatchNorm {
        eps: 1e-5,
        affine: true,
    };
    b.add(&format!("{name}.norm"), norm, &[x])
}
