//! The networks of a genotype. Nodes have the names of the published code's
//! modules, so that its weights fit.

use super::genotype::{Cell, Genotype, Operation};
use crate::error::Result;
use crate::network::{Builder, Network, NodeId, Op};
use crate::sources::spaces::blocks::{
    batch_norm, chain, classifier, conv, factorised_reduction, relu, sum,
};

/// Names of the two convolutions of a factorised reduction.
const REDUCTION: [&str; 2] = ["conv_1", "conv_2"];

/// A genotype with the macro network's settings.
pub(super) struct Plan<'a> {
    /// Both cells.
    pub(super) genotype: &'a Genotype,
    /// Whether this is the ImageNet network.
    pub(super) imagenet: bool,
    /// Channels of the first cells.
    pub(super) channels: usize,
    /// Number of cells.
    pub(super) layers: usize,
    /// Outputs of the last layer.
    pub(super) classes: usize,
    /// Whether the auxiliary head is there.
    pub(super) auxiliary: bool,
    /// Whether the output is the last cell's map, and not the logits.
    pub(super) features: bool,
}

impl Plan<'_> {
    /// The network for an image of this size.
    pub(super) fn network(&self, size: usize) -> Result<Network> {
        let mut b = Builder::new([3, size, size])?;
        let [mut before, mut last] = self.stem(&mut b)?;
        let mut width = self.channels;
        let mut reduced = self.imagenet;
        let mut side_output = None;
        for i in 0..self.layers {
            let reduces = i == self.layers / 3 || i == 2 * self.layers / 3;
            if reduces {
                width *= 2;
            }
            let cell = AddCell {
                name: format!("cells.{i}"),
                cell: match reduces {
                    true => &self.genotype.reduce,
                    false => &self.genotype.normal,
                },
                reduces,
                width,
            };
            let x = cell.add(&mut b, [before, last], reduced)?;
            (before, last) = (last, x);
            reduced = reduces;
            if i == 2 * self.layers / 3 && self.auxiliary {
                side_output = Some(self.auxiliary_head(&mut b, x)?);
            }
        }
        let names = ["global_pooling", "classifier"];
        let logits = classifier(&mut b, names, self.classes, last)?;
        let mut outputs = vec![if self.features { last } else { logits }];
        outputs.extend(side_output);
        Ok(b.finish(&outputs))
    }

    /// The inputs of the first cell.
    fn stem(&self, b: &mut Builder) -> Result<[NodeId; 2]> {
        let image = b.input();
        let c = self.channels;
        if !self.imagenet {
            let steps = [
                ("stem.0".to_owned(), conv(3 * c, 3, 1)),
                ("stem.1".to_owned(), batch_norm(true)),
            ];
            let x = chain(b, image, steps)?;
            b.contain(x, "stem", "seq");
            return Ok([x, x]);
        }
        let steps = [
            ("stem0.0".to_owned(), conv(c / 2, 3, 2)),
            ("stem0.1".to_owned(), batch_norm(true)),
            ("stem0.2".to_owned(), relu()),
            ("stem0.3".to_owned(), conv(c, 3, 2)),
            ("stem0.4".to_owned(), batch_norm(true)),
        ];
        let first = chain(b, image, steps)?;
        b.contain(first, "stem0", "seq");
        let steps = [
            ("stem1.0".to_owned(), relu()),
            ("stem1.1".to_owned(), conv(c, 3, 2)),
            ("stem1.2".to_owned(), batch_norm(true)),
        ];
        let second = chain(b, first, steps)?;
        b.contain(second, "stem1", "seq");
        Ok([first, second])
    }

    /// The second classifier, after two thirds of the cells. Its last norm
    /// sees a single pixel, of which batch norm has no statistics for one
    /// image: the channels are normalised together there.
    fn auxiliary_head(&self, b: &mut Builder, input: NodeId) -> Result<NodeId> {
        let name = |i: usize| format!("auxiliary_head.features.{i}");
        let stride = if self.imagenet { 2 } else { 3 };
        let steps = [
            (name(0), relu()),
            (name(1), Op::avg_pool(5, stride, 0)),
            (name(2), Op::conv(128, 1, 1, 0, false)),
            (name(3), batch_norm(true)),
            (name(4), relu()),
            (name(5), Op::conv(768, 2, 1, 0, false)),
        ];
        let mut x = chain(b, input, steps)?;
        if self.imagenet {
            x = b.add(&name(6), relu(), &[x])?;
        } else {
            let norm = Op::GroupNorm {
                groups: 1,
                eps: 1e-5,
                affine: true,
            };
            x = chain(b, x, [(name(6), norm), (name(7), relu())])?;
        }
        let shape = vec![b.shape(x).iter().product()];
        let dense = Op::Dense {
            out: self.classes,
            bias: true,
        };
        let steps = [
            ("auxiliary_head.flatten".to_owned(), Op::Reshape(shape)),
            ("auxiliary_head.classifier".to_owned(), dense),
        ];
        chain(b, x, steps)
    }
}

/// A cell in its place.
struct AddCell<'a> {
    name: String,
    cell: &'a Cell,
    reduces: bool,
    width: usize,
}

impl AddCell<'_> {
    /// Adds the cell on the two before it; `reduced` where the last of these
    /// halved the size, so that the first input is twice as large.
    fn add(&self, b: &mut Builder, inputs: [NodeId; 2], reduced: bool) -> Result<NodeId> {
        let mut nodes = Vec::new();
        for (i, input) in inputs.into_iter().enumerate() {
            let name = format!("{}.preprocess{i}", self.name);
            nodes.push(match reduced && i == 0 {
                true => factorised_reduction(b, &name, REDUCTION, self.width, input)?,
                false => {
                    let steps = [
                        (format!("{name}.op.0"), relu()),
                        (format!("{name}.op.1"), conv(self.width, 1, 1)),
                        (format!("{name}.op.2"), batch_norm(true)),
                    ];
                    let x = chain(b, input, steps)?;
                    b.contain(x, &name, "op");
                    x
                }
            });
        }
        for (i, pair) in self.cell.edges.iter().enumerate() {
            let mut operands = Vec::new();
            for (j, &(operation, source)) in pair.iter().enumerate() {
                let name = format!("{}._ops.{}", self.name, 2 * i + j);
                let stride = if self.reduces && source < 2 { 2 } else { 1 };
                operands.extend(self.operation(b, &name, operation, stride, nodes[source])?);
            }
            let name = format!("{}.node{}", self.name, i + 2);
            nodes.push(sum(b, &name, &operands, |b| self.shape(b, nodes[0]))?);
        }
        let states: Vec<NodeId> = self.cell.concat.iter().map(|&n| nodes[n]).collect();
        let x = match states[..] {
            [only] => only,
            _ => {
                let concat = Op::Concat { axis: 0 };
                b.add(&format!("{}.concat", self.name), concat, &states)?
            }
        };
        b.contain(x, &self.name, "cell");
        Ok(x)
    }

    /// Shape of the cell's nodes.
    fn shape(&self, b: &Builder, input: NodeId) -> Vec<usize> {
        let side = |n: usize| if self.reduces { n.div_ceil(2) } else { n };
        let shape = b.shape(input);
        [
            &[self.width],
            &shape[1..].iter().map(|&n| side(n)).collect::<Vec<_>>()[..],
        ]
        .concat()
    }

    fn operation(
        &self,
        b: &mut Builder,
        name: &str,
        operation: Operation,
        stride: usize,
        x: NodeId,
    ) -> Result<Option<NodeId>> {
        let c = self.width;
        let step = |i: usize| format!("{name}.op.{i}");
        let point = || conv(c, 1, 1);
        let x = match operation {
            Operation::None => return Ok(None),
            Operation::MaxPool3x3 => b.add(name, Op::max_pool(3, stride, 1), &[x])?,
            Operation::AvgPool3x3 => b.add(name, Op::avg_pool(3, stride, 1), &[x])?,
            Operation::SkipConnect if stride == 1 => b.add(name, Op::Identity, &[x])?,
            Operation::SkipConnect => {
                return factorised_reduction(b, name, REDUCTION, c, x).map(Some);
            }
            Operation::Separable(kernel) => {
                let deep = |stride| Op::depthwise(c, kernel, stride, kernel / 2, false);
                let steps = [
                    (step(0), relu()),
                    (step(1), deep(stride)),
                    (step(2), point()),
                    (step(3), batch_norm(true)),
                    (step(4), relu()),
                    (step(5), deep(1)),
                    (step(6), point()),
                    (step(7), batch_norm(true)),
                ];
                chain(b, x, steps)?
            }
            Operation::Dilated(kernel) => {
                let deep = Op::Conv2d {
                    out: c,
                    kernel: [kernel; 2],
                    stride: [stride; 2],
                    padding: [kernel - 1; 4],
                    dilation: [2; 2],
                    groups: c,
                    bias: false,
                };
                let steps = [
                    (step(0), relu()),
                    (step(1), deep),
                    (step(2), point()),
                    (step(3), batch_norm(true)),
                ];
                chain(b, x, steps)?
            }
            Operation::Cross => {
                let line = |kernel, stride, padding| Op::Conv2d {
                    out: c,
                    kernel,
                    stride,
                    padding,
                    dilation: [1; 2],
                    groups: 1,
                    bias: false,
                };
                let steps = [
                    (format!("{name}.0"), relu()),
                    (format!("{name}.1"), line([1, 7], [1, stride], [0, 3, 0, 3])),
                    (format!("{name}.2"), line([7, 1], [stride, 1], [3, 0, 3, 0])),
                    (format!("{name}.3"), batch_norm(true)),
                ];
                chain(b, x, steps)?
            }
        };
        b.contain(x, name, "op");
        Ok(Some(x))
    }
}
