//! NAS-Bench-201 (Dong and Yang, ICLR 2020): a cell of four nodes and six edges.
//!
//! **Network**: a 3×3 stem with batch norm, three stages of `cells` cells with
//! 1, 2 and 4 times `stem_width` channels, a residual block of stride 2 between
//! them, batch norm, ReLU, global mean and a dense layer. As in the published
//! Dextr code, a cell's convolutions have a bias and its batch norms no affine
//! parameters; the benchmark's own network has it the other way round
//! (`bias=false affine=true`).

mod cell;

pub use cell::{Cell, EDGES, Operation};

use super::{Architecture, Example, Normalisation, Options, Space, SpaceOption};
use crate::error::{Error, Result};
use crate::network::{Activation, Builder, Network, NodeId, Op, Policy};

/// Added to the variance in batch norm (PyTorch's default).
const EPS: f64 = 1e-5;

/// The space.
pub(super) struct NasBench201;

const OPTIONS: [SpaceOption; 6] = [
    SpaceOption {
        name: "stem_width",
        default: "16",
        help: "channels of the first stage; doubled twice",
    },
    SpaceOption {
        name: "cells",
        default: "5",
        help: "cells in each of the three stages",
    },
    SpaceOption {
        name: "classes",
        default: "10",
        help: "outputs of the last layer",
    },
    SpaceOption {
        name: "size",
        default: "32",
        help: "height and width of the input image, in pixels",
    },
    SpaceOption {
        name: "bias",
        default: "true",
        help: "whether a cell's convolutions have a bias",
    },
    SpaceOption {
        name: "affine",
        default: "false",
        help: "whether a cell's batch norms have scale and shift",
    },
];

const EXAMPLES: [Example; 3] = [
    Example {
        arch: "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|",
        title: "the best cell on CIFAR-10",
    },
    Example {
        arch: "|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|",
        title: "a mixed cell",
    },
    Example {
        arch: "|skip_connect~0|+|skip_connect~0|skip_connect~1|+|skip_connect~0|skip_connect~1|skip_connect~2|",
        title: "skips only",
    },
];

impl Space for NasBench201 {
    fn name(&self) -> &'static str {
        "nasbench201"
    }

    fn title(&self) -> &'static str {
        "NAS-Bench-201 cells (Dong and Yang, 2020)"
    }

    fn size(&self) -> u64 {
        Cell::COUNT
    }

    fn options(&self) -> &'static [SpaceOption] {
        &OPTIONS
    }

    fn columns(&self) -> &'static [&'static str] {
        &["arch"]
    }

    fn examples(&self) -> &'static [Example] {
        &EXAMPLES
    }

    fn operations(&self) -> Vec<&'static str> {
        Operation::ALL.map(Operation::name).to_vec()
    }

    fn edges(&self) -> &'static [(usize, usize)] {
        &EDGES
    }

    fn observe(&self) -> Policy {
        Policy::Layers
    }

    fn canonical(&self, text: &str) -> Result<String> {
        Ok(text.parse::<Cell>()?.to_string())
    }

    fn build(&self, text: &str, options: &Options) -> Result<Architecture> {
        let cell: Cell = text.parse()?;
        options.check_names(&OPTIONS)?;
        let number = |name, range| options.number(&OPTIONS, name, range);
        let plan = Plan {
            cell,
            stem_width: number("stem_width", 1..=1024)?,
            cells: number("cells", 1..=100)?,
            classes: number("classes", 1..=100_000)?,
            size: number("size", 1..=Plan::LARGEST)?,
            bias: options.flag(&OPTIONS, "bias")?,
            affine: options.flag(&OPTIONS, "affine")?,
        };
        Ok(Architecture {
            space: self.name(),
            arch: cell.to_string(),
            options: options.describe(&OPTIONS),
            published: true,
            observe: self.observe(),
            // CIFAR-10's, as the benchmark normalises.
            normalisation: Normalisation {
                mean: [0.4914, 0.4822, 0.4465],
                deviation: [0.2470, 0.2435, 0.2616],
            },
            network: plan.network().map_err(|e| plan.with_a_size_that_fits(e))?,
        })
    }
}

/// A cell with the macro network's settings.
struct Plan {
    cell: Cell,
    stem_width: usize,
    cells: usize,
    classes: usize,
    size: usize,
    bias: bool,
    affine: bool,
}

impl Plan {
    /// Largest image that `size` may ask for.
    const LARGEST: usize = 1024;

    /// Names the next size that fits, where the image's size is to blame.
    fn with_a_size_that_fits(&self, error: Error) -> Error {
        let Error::Shape {
            node,
            message,
            cure,
        } = error
        else {
            return error;
        };
        let fits = |size: &usize| {
            Self {
                size: *size,
                ..*self
            }
            .network()
            .is_ok()
        };
        let cure = match (self.size..=Self::LARGEST).find(fits) {
            Some(size) if (1..self.size).any(|s| fits(&s)) => {
                format!("take a size that halves twice, such as {size}")
            }
            Some(size) => format!("the smallest size for this network is {size}"),
            None => cure,
        };
        Error::Shape {
            node,
            message,
            cure,
        }
    }

    fn network(&self) -> Result<Network> {
        let mut b = Builder::new([3, self.size, self.size])?;
        let norm = Op::BatchNorm {
            eps: EPS,
            affine: true,
        };
        let mut x = b.input();
        x = b.add("stem.conv", conv(self.stem_width, 3, 1, false), &[x])?;
        x = b.add("stem.bn", norm.clone(), &[x])?;
        b.contain(x, "stem.seq", "seq");
        b.contain(x, "stem", "block");
        for stage in 0..3 {
            let width = self.stem_width << stage;
            for n in 0..self.cells {
                x = self.add_cell(&mut b, &format!("stage{stage}.cell{n}"), width, x)?;
            }
            b.contain(x, &format!("stage{stage}"), "stage");
            if stage < 2 {
                x = reduction(&mut b, &format!("red{stage}"), 2 * width, x)?;
            }
        }
        x = b.add("head.bn", norm, &[x])?;
        x = b.add("head.relu", Op::Activate(Activation::Relu), &[x])?;
        b.contain(x, "head.act", "seq");
        x = b.add("head.gap", Op::GlobalAvgPool, &[x])?;
        x = b.add("head.flatten", Op::Reshape(vec![4 * self.stem_width]), &[x])?;
        b.contain(x, "head", "block");
        x = b.add(
            "head.fc",
            Op::Dense {
                out: self.classes,
                bias: true,
            },
            &[x],
        )?;
        b.contain(x, "root", "root");
        Ok(b.finish(&[x]))
    }

    fn add_cell(&self, b: &mut Builder, name: &str, width: usize, input: NodeId) -> Result<NodeId> {
        let mut nodes = vec![input];
        for target in 1..4 {
            let mut operands = Vec::new();
            for (i, (source, _)) in EDGES.into_iter().enumerate().filter(|(_, e)| e.1 == target) {
                let edge = format!("{name}.edge{i}");
                let x = nodes[source];
                operands.push(match self.cell.0[i] {
                    Operation::None => b.add(&edge, Op::Zero, &[x])?,
                    Operation::SkipConnect => b.add(&edge, Op::Identity, &[x])?,
                    Operation::AvgPool3x3 => {
                        let x = b.add(&format!("{edge}.pool"), Op::avg_pool(3, 1, 1), &[x])?;
                        b.contain(x, &edge, "op");
                        x
                    }
                    Operation::NorConv1x1 => {
                        relu_conv_norm(b, &edge, conv(width, 1, 1, self.bias), self.affine, x)?
                    }
                    Operation::NorConv3x3 => {
                        relu_conv_norm(b, &edge, conv(width, 3, 1, self.bias), self.affine, x)?
                    }
                });
            }
            nodes.push(match operands[..] {
                [only] => only,
                _ => b.add(&format!("{name}.node{target}"), Op::Sum, &operands)?,
            });
        }
        b.contain(nodes[3], name, "cell");
        Ok(nodes[3])
    }
}

/// A convolution that keeps the size at stride 1.
fn conv(out: usize, kernel: usize, stride: usize, bias: bool) -> Op {
    Op::conv(out, kernel, stride, kernel / 2, bias)
}

fn relu_conv_norm(
    b: &mut Builder,
    name: &str,
    conv: Op,
    affine: bool,
    x: NodeId,
) -> Result<NodeId> {
    let x = b.add(
        &format!("{name}.relu"),
        Op::Activate(Activation::Relu),
        &[x],
    )?;
    let x = b.add(&format!("{name}.conv"), conv, &[x])?;
    let x = b.add(
        &format!("{name}.bn"),
        Op::BatchNorm { eps: EPS, affine },
        &[x],
    )?;
    b.contain(x, &format!("{name}.seq"), "seq");
    b.contain(x, name, "op");
    Ok(x)
}

/// The residual block between stages: stride 2, twice the channels.
fn reduction(b: &mut Builder, name: &str, width: usize, input: NodeId) -> Result<NodeId> {
    let x = relu_conv_norm(
        b,
        &format!("{name}.a"),
        conv(width, 3, 2, false),
        true,
        input,
    )?;
    let branch = relu_conv_norm(b, &format!("{name}.b"), conv(width, 3, 1, false), true, x)?;
    let x = b.add(&format!("{name}.res.pool"), Op::avg_pool(2, 2, 0), &[input])?;
    let residual = b.add(&format!("{name}.res.conv"), conv(width, 1, 1, false), &[x])?;
    b.contain(residual, &format!("{name}.res"), "seq");
    let sum = b.add(&format!("{name}.sum"), Op::Sum, &[residual, branch])?;
    b.contain(sum, name, "block");
    Ok(sum)
}
