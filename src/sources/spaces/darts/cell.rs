//! A cell of a genotype or of a supernet in its place.

use super::genotype::{Cell, Operation};
use super::supernet::{CONCAT, EDGES, MIXED};
use crate::error::Result;
use crate::network::{Builder, NodeId, Op};
use crate::sources::spaces::blocks::{
    batch_norm, chain, conv, factorised_reduction, mix, relu, sum,
};
use crate::sources::spaces::supernet::Set;

/// Names of the two convolutions of a factorised reduction.
const REDUCTION: [&str; 2] = ["conv_1", "conv_2"];

/// A cell in its place.
pub(super) struct AddCell<'a> {
    /// Its name.
    pub(super) name: String,
    /// What is in it.
    pub(super) inside: Inside<'a>,
    /// Whether it halves the size.
    pub(super) reduces: bool,
    /// Channels of its nodes.
    pub(super) width: usize,
}

/// What is in a cell.
pub(super) enum Inside<'a> {
    /// A genotype's cell: two edges a node, with an operation each.
    Plain(&'a Cell),
    /// A supernet's: a set of operations on every edge. Its norms have no scale
    /// or shift, and one follows each pool.
    Mixed(&'a [Set]),
}

impl AddCell<'_> {
    /// Adds the cell on the two before it; `reduced` where the last of these
    /// halved the size, so that the first input is twice as large.
    pub(super) fn add(
        &self,
        b: &mut Builder,
        inputs: [NodeId; 2],
        reduced: bool,
    ) -> Result<NodeId> {
        let mut nodes = Vec::new();
        for (i, input) in inputs.into_iter().enumerate() {
            let name = format!("{}.preprocess{i}", self.name);
            nodes.push(match reduced && i == 0 {
                true => {
                    factorised_reduction(b, &name, REDUCTION, self.width, self.is_plain(), input)?
                }
                false => {
                    let steps = [
                        (format!("{name}.op.0"), relu()),
                        (format!("{name}.op.1"), conv(self.width, 1, 1)),
                        (format!("{name}.op.2"), self.norm()),
                    ];
                    let x = chain(b, input, steps)?;
                    b.contain(x, &name, "op");
                    x
                }
            });
        }
        let concat: &[usize] = match self.inside {
            Inside::Plain(cell) => {
                self.plain(b, cell, &mut nodes)?;
                &cell.concat
            }
            Inside::Mixed(sets) => {
                self.mixed(b, sets, &mut nodes)?;
                &CONCAT
            }
        };
        let states: Vec<NodeId> = concat.iter().map(|&n| nodes[n]).collect();
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

    /// A genotype's nodes: the sums of their two edges.
    fn plain(&self, b: &mut Builder, cell: &Cell, nodes: &mut Vec<NodeId>) -> Result<()> {
        for (i, pair) in cell.edges.iter().enumerate() {
            let mut operands = Vec::new();
            for (j, &(operation, source)) in pair.iter().enumerate() {
                let name = format!("{}._ops.{}", self.name, 2 * i + j);
                operands.extend(self.operation(b, &name, operation, source, nodes)?);
            }
            self.node(b, &operands, nodes)?;
        }
        Ok(())
    }

    /// A supernet's nodes: the sums of their mixed edges.
    fn mixed(&self, b: &mut Builder, sets: &[Set], nodes: &mut Vec<NodeId>) -> Result<()> {
        for target in 2..EDGES[EDGES.len() - 1].1 + 1 {
            let mut operands = Vec::new();
            for (edge, &(source, _)) in EDGES.iter().enumerate().filter(|(_, e)| e.1 == target) {
                let name = format!("{}._ops.{edge}", self.name);
                let set = sets.get(edge).copied().unwrap_or(Set::EMPTY);
                let mut made = Vec::new();
                for place in set.iter() {
                    let operation = Operation::ALL[place + 1];
                    let name = format!("{name}._ops.{place}");
                    made.extend(self.operation(b, &name, operation, source, nodes)?);
                }
                operands.extend(mix(b, &name, &made, MIXED.len())?);
            }
            self.node(b, &operands, nodes)?;
        }
        Ok(())
    }

    /// Adds the next node, the sum of these.
    fn node(&self, b: &mut Builder, operands: &[NodeId], nodes: &mut Vec<NodeId>) -> Result<()> {
        let name = format!("{}.node{}", self.name, nodes.len());
        nodes.push(sum(b, &name, operands, |b| self.shape(b, nodes[0]))?);
        Ok(())
    }

    /// Batch norm as this cell has it.
    fn norm(&self) -> Op {
        batch_norm(self.is_plain())
    }

    fn is_plain(&self) -> bool {
        matches!(self.inside, Inside::Plain(_))
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

    /// A pool, in a supernet with a norm behind it.
    fn pool(&self, b: &mut Builder, name: &str, pool: Op, x: NodeId) -> Result<NodeId> {
        if self.is_plain() {
            return b.add(name, pool, &[x]);
        }
        let steps = [
            (format!("{name}.0"), pool),
            (format!("{name}.1"), self.norm()),
        ];
        chain(b, x, steps)
    }

    fn operation(
        &self,
        b: &mut Builder,
        name: &str,
        operation: Operation,
        source: usize,
        nodes: &[NodeId],
    ) -> Result<Option<NodeId>> {
        let (c, x) = (self.width, nodes[source]);
        let stride = if self.reduces && source < 2 { 2 } else { 1 };
        let step = |i: usize| format!("{name}.op.{i}");
        let point = || conv(c, 1, 1);
        let x = match operation {
            Operation::None => return Ok(None),
            Operation::MaxPool3x3 => self.pool(b, name, Op::max_pool(3, stride, 1), x)?,
            Operation::AvgPool3x3 => self.pool(b, name, Op::avg_pool(3, stride, 1), x)?,
            Operation::SkipConnect if stride == 1 => b.add(name, Op::Identity, &[x])?,
            Operation::SkipConnect => {
                return factorised_reduction(b, name, REDUCTION, c, self.is_plain(), x).map(Some);
            }
            Operation::Separable(kernel) => {
                let deep = |stride| Op::depthwise(c, kernel, stride, kernel / 2, false);
                let steps = [
                    (step(0), relu()),
                    (step(1), deep(stride)),
                    (step(2), point()),
                    (step(3), self.norm()),
                    (step(4), relu()),
                    (step(5), deep(1)),
                    (step(6), point()),
                    (step(7), self.norm()),
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
                    (step(3), self.norm()),
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
                    (format!("{name}.3"), self.norm()),
                ];
                chain(b, x, steps)?
            }
        };
        b.contain(x, name, "op");
        Ok(Some(x))
    }
}
