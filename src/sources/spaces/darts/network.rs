//! The networks of a genotype. Nodes have the names of the published code's
//! modules, so that its weights fit.

use super::cell::{AddCell, Inside};
use super::genotype::Arch;
use super::supernet::{NORMAL, REDUCE};
use crate::error::Result;
use crate::network::{Builder, Network, NodeId, Op};
use crate::sources::spaces::blocks::{batch_norm, chain, classifier, conv, relu};

/// A genotype or a supernet with the macro network's settings.
pub(super) struct Plan<'a> {
    /// Both cells.
    pub(super) arch: &'a Arch,
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
                inside: match (self.arch, reduces) {
                    (Arch::Genotype(genotype), true) => Inside::Plain(&genotype.reduce),
                    (Arch::Genotype(genotype), false) => Inside::Plain(&genotype.normal),
                    (Arch::Supernet(supernet), true) => Inside::Mixed(supernet.cell(REDUCE)),
                    (Arch::Supernet(supernet), false) => Inside::Mixed(supernet.cell(NORMAL)),
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
