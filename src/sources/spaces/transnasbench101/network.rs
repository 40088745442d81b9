//! Encoder and decoder. Nodes have the names of the published code's modules
//! (`encoder.…`, `decoder.…`), so that its weights fit.

use super::cell::{Cell, Operation};
use crate::error::Result;
use crate::network::{Activation, Builder, Network, NodeId, Op};
use crate::sources::spaces::blocks::{batch_norm, chain, conv, factorised_reduction, relu, sum};
use crate::sources::spaces::edges::EDGES;

/// A network that makes a map of the image's size out of the encoder's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decoder {
    /// Global mean and a dense layer.
    Classes,
    /// The same on nine tiles.
    Jigsaw,
    /// Eight convolutions with a map for each class.
    Segmentation,
    /// Fourteen convolutions with a picture of three channels.
    Picture,
}

/// A cell with the macro network's settings.
pub(super) struct Plan {
    /// The cell.
    pub(super) cell: Cell,
    /// Channels of the stem; doubled three times.
    pub(super) stem_width: usize,
    /// What follows the encoder.
    pub(super) decoder: Decoder,
    /// Channels of the decoder's first convolution.
    pub(super) decoder_width: usize,
    /// Outputs, or channels of the output.
    pub(super) classes: usize,
    /// Whether the output is the encoder's map, where there are logits.
    pub(super) features: bool,
}

impl Plan {
    /// The network for an image of this size.
    pub(super) fn network(&self, size: usize) -> Result<Network> {
        let mut b = Builder::new([3, size, size])?;
        let features = self.encoder(&mut b)?;
        let x = features;
        let decoded = match self.decoder {
            Decoder::Classes => self.classifier(&mut b, 1, x)?,
            Decoder::Jigsaw => self.classifier(&mut b, 9, x)?,
            Decoder::Segmentation => self.segmentation(&mut b, x)?,
            Decoder::Picture => self.picture(&mut b, x)?,
        };
        let logits = matches!(self.decoder, Decoder::Classes | Decoder::Jigsaw);
        let hidden = self.features && logits;
        Ok(b.finish(&[if hidden { features } else { decoded }]))
    }

    fn encoder(&self, b: &mut Builder) -> Result<NodeId> {
        let image = b.input();
        let name = |part: &str| format!("encoder.stem.{part}");
        let steps = [
            (name("0"), conv(self.stem_width / 2, 3, 2)),
            (name("1"), batch_norm(true)),
        ];
        let x = chain(b, image, steps)?;
        let mut x = relu_conv_norm(b, &name("2"), conv(self.stem_width, 3, 2), x)?;
        b.contain(x, "encoder.stem", "seq");
        let mut width = self.stem_width;
        // The skeleton 41414: modules 0, 2 and 4 double the channels and halve the size.
        for module in 0..5 {
            let reduces = module % 2 == 0;
            width *= if reduces { 2 } else { 1 };
            for i in 0..2 {
                let name = format!("encoder.layer{module}.{i}");
                let stride = if reduces && i == 0 { 2 } else { 1 };
                x = self.add_cell(b, &name, width, stride, x)?;
            }
            b.contain(x, &format!("encoder.layer{module}"), "stage");
        }
        b.contain(x, "encoder", "block");
        Ok(x)
    }

    fn add_cell(
        &self,
        b: &mut Builder,
        name: &str,
        width: usize,
        stride: usize,
        input: NodeId,
    ) -> Result<NodeId> {
        let mut nodes = vec![input];
        for target in 1..4 {
            let mut operands = Vec::new();
            for (i, (source, _)) in EDGES.into_iter().enumerate().filter(|(_, e)| e.1 == target) {
                let edge = format!("{name}.edges.{i}");
                let x = nodes[source];
                let stride = if source == 0 { stride } else { 1 };
                let changes = stride > 1 || b.shape(x)[0] != width;
                match self.cell.0[i] {
                    Operation::None => {}
                    Operation::SkipConnect if !changes => {
                        operands.push(b.add(&edge, Op::Identity, &[x])?);
                    }
                    Operation::SkipConnect => {
                        let convolutions = ["convs.0", "convs.1"];
                        operands.push(factorised_reduction(
                            b,
                            &edge,
                            convolutions,
                            width,
                            true,
                            x,
                        )?);
                    }
                    Operation::Conv1x1 => {
                        operands.push(relu_conv_norm(b, &edge, conv(width, 1, stride), x)?);
                    }
                    Operation::Conv3x3 => {
                        operands.push(relu_conv_norm(b, &edge, conv(width, 3, stride), x)?);
                    }
                }
            }
            let zeros = |b: &Builder| {
                let side = |n: &usize| n.div_ceil(stride);
                let sides: Vec<usize> = b.shape(input)[1..].iter().map(side).collect();
                [&[width], &sides[..]].concat()
            };
            nodes.push(sum(b, &format!("{name}.node{target}"), &operands, zeros)?);
        }
        b.contain(nodes[3], name, "cell");
        Ok(nodes[3])
    }

    fn classifier(&self, b: &mut Builder, tiles: usize, input: NodeId) -> Result<NodeId> {
        let x = b.add("decoder.avgpool", Op::GlobalAvgPool, &[input])?;
        let width = b.shape(x)[0];
        let mut x = b.add("decoder.flatten", Op::Reshape(vec![width]), &[x])?;
        if tiles > 1 {
            let tiles = vec![x; tiles];
            x = b.add("decoder.tiles", Op::Concat { axis: 0 }, &tiles)?;
        }
        let dense = Op::Dense {
            out: self.classes,
            bias: true,
        };
        b.add("decoder.fc", dense, &[x])
    }

    fn segmentation(&self, b: &mut Builder, input: NodeId) -> Result<NodeId> {
        let width = |divisor: usize| (self.decoder_width / divisor).max(1);
        let name = |i: usize| format!("decoder.model.{i}");
        let mut x = convolved(b, &name(0), width(1), false, input)?;
        x = convolved(b, &name(1), width(2), false, x)?;
        for (i, divisor) in [4, 8, 16, 32, 32].into_iter().enumerate() {
            x = convolved(b, &name(2 + i), width(divisor), true, x)?;
        }
        let last = Op::conv(self.classes, 3, 1, 1, true);
        b.add(&format!("{}.conv", name(7)), last, &[x])
    }

    fn picture(&self, b: &mut Builder, input: NodeId) -> Result<NodeId> {
        /// Width divisor of each convolution, and whether it doubles the size.
        const LAYERS: [(usize, bool); 13] = [
            (1, false),
            (1, false),
            (2, false),
            (2, false),
            (4, true),
            (8, false),
            (16, true),
            (16, false),
            (32, true),
            (32, false),
            (64, true),
            (32, false),
            (64, true),
        ];
        let mut x = input;
        for (i, (divisor, doubles)) in LAYERS.into_iter().enumerate() {
            let width = (self.decoder_width / divisor).max(1);
            x = convolved(b, &format!("decoder.conv{}", i + 1), width, doubles, x)?;
        }
        let steps = [
            (
                "decoder.conv14.conv".to_owned(),
                Op::conv(self.classes, 3, 1, 1, true),
            ),
            (
                "decoder.conv14.activation".to_owned(),
                Op::Activate(Activation::Tanh),
            ),
        ];
        chain(b, x, steps)
    }
}

fn relu_conv_norm(b: &mut Builder, name: &str, conv: Op, input: NodeId) -> Result<NodeId> {
    let steps = [
        (format!("{name}.ops.0"), relu()),
        (format!("{name}.ops.1"), conv),
        (format!("{name}.ops.2"), batch_norm(true)),
    ];
    let x = chain(b, input, steps)?;
    b.contain(x, name, "op");
    Ok(x)
}

/// A decoder's layer: 3×3 convolution with bias, batch norm, leaky ReLU;
/// transposed where it doubles the size.
fn convolved(
    b: &mut Builder,
    name: &str,
    width: usize,
    doubles: bool,
    input: NodeId,
) -> Result<NodeId> {
    let conv = match doubles {
        true => Op::ConvTranspose2d {
            out: width,
            kernel: [3; 2],
            stride: [2; 2],
            padding: [1; 4],
            output_padding: [1; 2],
            dilation: [1; 2],
            groups: 1,
            bias: true,
        },
        false => Op::conv(width, 3, 1, 1, true),
    };
    let leaky = Op::Activate(Activation::LeakyRelu { slope: 0.2 });
    let steps = [
        (format!("{name}.conv"), conv),
        (format!("{name}.norm"), batch_norm(true)),
        (format!("{name}.activation"), leaky),
    ];
    let x = chain(b, input, steps)?;
    b.contain(x, name, "op");
    Ok(x)
}
