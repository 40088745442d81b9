//! Building blocks that several spaces have.

use std::sync::Arc;

use crate::architecture::{FLAG, OptionInfo};
use crate::error::{Error, Result};
use crate::network::{Activation, Builder, Network, NodeId, Op};

/// Added to the variance in batch norm (PyTorch's default).
const EPS: f64 = 1e-5;
/// Largest image that an option may ask for, in pixels a side.
pub(super) const LARGEST: usize = 1024;

/// What κ is of, where a network ends in batch norms and a global mean.
const OUTPUTS: [&str; 2] = ["features", "logits"];
/// The option that says so.
pub(super) const OUTPUT: OptionInfo = OptionInfo {
    name: "output",
    default: OUTPUTS[0],
    values: &OUTPUTS,
    help: "what κ is of: features (the last map) or logits",
};

/// The option for the number of outputs.
pub(super) const CLASSES: OptionInfo = OptionInfo {
    name: "classes",
    default: "10",
    values: &[],
    help: "outputs of the last layer",
};
/// The option for the size of a CIFAR network's image.
pub(super) const SIZE: OptionInfo = OptionInfo {
    name: "size",
    default: "32",
    values: &[],
    help: "height and width of the input image, in pixels",
};
/// The option for the biases of NAS-Bench-201's convolutions.
pub(super) const BIAS: OptionInfo = OptionInfo {
    name: "bias",
    default: "true",
    values: FLAG,
    help: "whether a cell's convolutions have a bias",
};
/// The option for the scales and shifts of NAS-Bench-201's batch norms.
pub(super) const AFFINE: OptionInfo = OptionInfo {
    name: "affine",
    default: "false",
    values: FLAG,
    help: "whether a cell's batch norms have scale and shift",
};

/// A square convolution without bias that keeps the size at stride 1.
pub(super) fn conv(out: usize, kernel: usize, stride: usize) -> Op {
    Op::conv(out, kernel, stride, kernel / 2, false)
}

/// Batch norm; `affine` where scale and shift are learned.
pub(super) fn batch_norm(affine: bool) -> Op {
    Op::BatchNorm { eps: EPS, affine }
}

/// ReLU.
pub(super) fn relu() -> Op {
    Op::Activate(Activation::Relu)
}

/// Adds operations one after the other, each under its own name.
pub(super) fn chain<const N: usize>(
    b: &mut Builder,
    input: NodeId,
    steps: [(String, Op); N],
) -> Result<NodeId> {
    let mut x = input;
    for (name, op) in steps {
        x = b.add(&name, op, &[x])?;
    }
    Ok(x)
}

/// Halves height and width without a 3×3 kernel: ReLU, two 1×1 convolutions of
/// stride 2, the second on the map moved by one pixel, concatenated, batch
/// norm, `affine` or not. A map with an odd side gets a row and a column of zeros.
pub(super) fn factorised_reduction(
    b: &mut Builder,
    name: &str,
    convolutions: [&str; 2],
    width: usize,
    affine: bool,
    input: NodeId,
) -> Result<NodeId> {
    let x = b.add(&format!("{name}.relu"), relu(), &[input])?;
    let point = |out| Op::conv(out, 1, 2, 0, false);
    let first = b.add(
        &format!("{name}.{}", convolutions[0]),
        point(width / 2),
        &[x],
    )?;
    let mut moved = x;
    let odd = |side: usize| side % 2;
    let (h, w) = match *b.shape(x) {
        [_, h, w] => (h, w),
        _ => (0, 0),
    };
    if odd(h) + odd(w) > 0 {
        let pad = Op::Pad {
            before: vec![0; 3],
            after: vec![0, odd(h), odd(w)],
            value: 0.0,
        };
        moved = b.add(&format!("{name}.pad"), pad, &[moved])?;
    }
    for (axis, place) in [(1, "down"), (2, "right")] {
        let slice = Op::Slice {
            axis,
            start: 1,
            end: b.shape(moved).get(axis).copied().unwrap_or(0),
            step: 1,
        };
        moved = b.add(&format!("{name}.{place}"), slice, &[moved])?;
    }
    let second = point(width - width / 2);
    let second = b.add(&format!("{name}.{}", convolutions[1]), second, &[moved])?;
    let x = b.add(
        &format!("{name}.concat"),
        Op::Concat { axis: 0 },
        &[first, second],
    )?;
    let x = b.add(&format!("{name}.bn"), batch_norm(affine), &[x])?;
    b.contain(x, name, "op");
    Ok(x)
}

/// Zeros of this shape, which depend on nothing.
pub(super) fn zeros(b: &mut Builder, name: &str, shape: Vec<usize>) -> Result<NodeId> {
    let values: Arc<[f32]> = vec![0.0; shape.iter().product()].into();
    b.add(name, Op::Fixed { shape, values }, &[])
}

/// The sum of a node's live operands; the only one as it is. Zeros change no
/// sum, so `none` operands are left out; `shape` is of the zeros where nothing
/// else is there.
pub(super) fn sum(
    b: &mut Builder,
    name: &str,
    operands: &[NodeId],
    shape: impl FnOnce(&Builder) -> Vec<usize>,
) -> Result<NodeId> {
    match operands {
        [] => {
            let shape = shape(b);
            zeros(b, name, shape)
        }
        [only] => Ok(*only),
        _ => b.add(name, Op::Sum, operands),
    }
}

/// The value of an edge that has some of a space's `all` operations: the only
/// one as it is, else the sum of all of them with a weight of 1/`all`; none
/// where there is none. The weights are equal, so that the sum is scaled once.
pub(super) fn mix(
    b: &mut Builder,
    name: &str,
    made: &[NodeId],
    all: usize,
) -> Result<Option<NodeId>> {
    match made {
        [] => Ok(None),
        [only] => Ok(Some(*only)),
        _ => {
            let x = b.add(&format!("{name}.sum"), Op::Sum, made)?;
            b.add(name, Op::Scale(1.0 / all as f64), &[x]).map(Some)
        }
    }
}

/// Global mean, and a dense layer to the outputs.
pub(super) fn classifier(
    b: &mut Builder,
    names: [&str; 2],
    classes: usize,
    input: NodeId,
) -> Result<NodeId> {
    let x = b.add(names[0], Op::GlobalAvgPool, &[input])?;
    let width = b.shape(x).iter().product();
    let x = b.add(
        &format!("{}.flatten", names[0]),
        Op::Reshape(vec![width]),
        &[x],
    )?;
    let dense = Op::Dense {
        out: classes,
        bias: true,
    };
    b.add(names[1], dense, &[x])
}

/// Builds a network at an image size and, where the size is to blame for an
/// error, names the next one that fits.
pub(super) fn at_size(size: usize, network: impl Fn(usize) -> Result<Network>) -> Result<Network> {
    let error = match network(size) {
        Err(error @ Error::Shape { .. }) => error,
        other => return other,
    };
    let Error::Shape {
        node,
        message,
        cure,
    } = error
    else {
        return Err(error);
    };
    let fits = |size: &usize| network(*size).is_ok();
    let cure = match (size..=LARGEST).find(fits) {
        Some(larger) if (1..size).any(|s| fits(&s)) => {
            format!("take a size that halves evenly, such as {larger}")
        }
        Some(smallest) => format!("the smallest size for this network is {smallest}"),
        None => cure,
    };
    Err(Error::Shape {
        node,
        message,
        cure,
    })
}
