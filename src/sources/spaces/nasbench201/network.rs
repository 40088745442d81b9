//! The macro network of NAS-Bench-201 and of NATS-Bench's size space.

use super::cell::{Cell, Operation};
use crate::error::Result;
use crate::network::{Builder, Network, NodeId, Op};
use crate::sources::spaces::blocks::{batch_norm, mix, relu};
use crate::sources::spaces::edges::EDGES;
use crate::sources::spaces::supernet::{Place, Supernet};

/// A stage: a residual block that halves the size (not before the first
/// stage), and cells.
pub(in crate::sources::spaces) struct Stage {
    /// Channels of the residual block.
    pub(in crate::sources::spaces) reduction: usize,
    /// Channels of each cell.
    pub(in crate::sources::spaces) cells: Vec<usize>,
}

/// What is in a cell.
pub(in crate::sources::spaces) enum Inside {
    /// An operation on every edge.
    Plain(Cell),
    /// A set of operations on every edge.
    Mixed(Supernet),
}

/// A cell with the macro network's settings.
pub(in crate::sources::spaces) struct Plan {
    /// The cell, the same everywhere.
    pub(in crate::sources::spaces) inside: Inside,
    /// Channels of the stem.
    pub(in crate::sources::spaces) stem: usize,
    /// The three stages.
    pub(in crate::sources::spaces) stages: [Stage; 3],
    /// Outputs of the last layer.
    pub(in crate::sources::spaces) classes: usize,
    /// Whether a cell's convolutions have a bias.
    pub(in crate::sources::spaces) bias: bool,
    /// Whether a cell's batch norms have scale and shift.
    pub(in crate::sources::spaces) affine: bool,
}

impl Plan {
    /// The network for an image of this size.
    pub(in crate::sources::spaces) fn network(&self, size: usize) -> Result<Network> {
        let mut b = Builder::new([3, size, size])?;
        let mut x = b.input();
        x = b.add("stem.conv", conv(self.stem, 3, 1, false), &[x])?;
        x = b.add("stem.bn", batch_norm(true), &[x])?;
        b.contain(x, "stem.seq", "seq");
        b.contain(x, "stem", "block");
        for (i, stage) in self.stages.iter().enumerate() {
            if i > 0 {
                x = reduction(&mut b, &format!("red{}", i - 1), stage.reduction, x)?;
            }
            for (n, &width) in stage.cells.iter().enumerate() {
                x = self.add_cell(&mut b, &format!("stage{i}.cell{n}"), width, x)?;
            }
            b.contain(x, &format!("stage{i}"), "stage");
        }
        x = b.add("head.bn", batch_norm(true), &[x])?;
        x = b.add("head.relu", relu(), &[x])?;
        b.contain(x, "head.act", "seq");
        x = b.add("head.gap", Op::GlobalAvgPool, &[x])?;
        let width = b.shape(x).iter().product();
        x = b.add("head.flatten", Op::Reshape(vec![width]), &[x])?;
        b.contain(x, "head", "block");
        let dense = Op::Dense {
            out: self.classes,
            bias: true,
        };
        x = b.add("head.fc", dense, &[x])?;
        b.contain(x, "root", "root");
        Ok(b.finish(&[x]))
    }

    fn add_cell(&self, b: &mut Builder, name: &str, width: usize, input: NodeId) -> Result<NodeId> {
        let mut nodes = vec![input];
        for target in 1..4 {
            let mut operands = Vec::new();
            for (i, (source, _)) in EDGES.into_iter().enumerate().filter(|(_, e)| e.1 == target) {
                let x = nodes[source];
                let edge = format!("{name}.edge{i}");
                operands.push(match &self.inside {
                    Inside::Plain(cell) => self.add_edge(b, cell.0[i], &edge, width, x)?,
                    Inside::Mixed(supernet) => self.add_mixed(b, supernet, i, &edge, width, x)?,
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

    /// A mixed edge. Zeros add nothing, so that `none` only takes its share of
    /// the weights.
    fn add_mixed(
        &self,
        b: &mut Builder,
        supernet: &Supernet,
        place: usize,
        edge: &str,
        width: usize,
        x: NodeId,
    ) -> Result<NodeId> {
        let set = supernet.set(Place {
            group: 0,
            edge: place,
        });
        let mut made = Vec::new();
        for operation in set.iter().filter_map(|i| Operation::ALL.get(i)) {
            let name = format!("{edge}.{}", operation.name());
            made.push(self.add_edge(b, *operation, &name, width, x)?);
        }
        match mix(b, edge, &made, Operation::ALL.len())? {
            Some(mixed) => Ok(mixed),
            None => b.add(edge, Op::Zero, &[x]),
        }
    }

    fn add_edge(
        &self,
        b: &mut Builder,
        operation: Operation,
        edge: &str,
        width: usize,
        x: NodeId,
    ) -> Result<NodeId> {
        match operation {
            Operation::None => b.add(edge, Op::Zero, &[x]),
            Operation::SkipConnect if b.shape(x)[0] == width => b.add(edge, Op::Identity, &[x]),
            Operation::SkipConnect => {
                let point = conv(width, 1, 1, self.bias);
                let x = b.add(&format!("{edge}.conv"), point, &[x])?;
                let x = b.add(&format!("{edge}.bn"), batch_norm(self.affine), &[x])?;
                b.contain(x, edge, "op");
                Ok(x)
            }
            Operation::AvgPool3x3 => {
                let x = b.add(&format!("{edge}.pool"), Op::avg_pool(3, 1, 1), &[x])?;
                b.contain(x, edge, "op");
                Ok(x)
            }
            Operation::NorConv1x1 => {
                relu_conv_norm(b, edge, conv(width, 1, 1, self.bias), self.affine, x)
            }
            Operation::NorConv3x3 => {
                relu_conv_norm(b, edge, conv(width, 3, 1, self.bias), self.affine, x)
            }
        }
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
    let x = b.add(&format!("{name}.relu"), relu(), &[x])?;
    let x = b.add(&format!("{name}.conv"), conv, &[x])?;
    let x = b.add(&format!("{name}.bn"), batch_norm(affine), &[x])?;
    b.contain(x, &format!("{name}.seq"), "seq");
    b.contain(x, name, "op");
    Ok(x)
}

/// The residual block between stages: stride 2.
fn reduction(b: &mut Builder, name: &str, width: usize, input: NodeId) -> Result<NodeId> {
    let a = conv(width, 3, 2, false);
    let x = relu_conv_norm(b, &format!("{name}.a"), a, true, input)?;
    let branch = relu_conv_norm(b, &format!("{name}.b"), conv(width, 3, 1, false), true, x)?;
    let x = b.add(&format!("{name}.res.pool"), Op::avg_pool(2, 2, 0), &[input])?;
    let residual = b.add(&format!("{name}.res.conv"), conv(width, 1, 1, false), &[x])?;
    b.contain(residual, &format!("{name}.res"), "seq");
    let sum = b.add(&format!("{name}.sum"), Op::Sum, &[residual, branch])?;
    b.contain(sum, name, "block");
    Ok(sum)
}
