//! TransNAS-Bench-101, the micro space (Duan et al., CVPR 2021): cells of four
//! nodes and six edges, trained on seven tasks.
//!
//! **Network**: encoder and decoder of the `task`, both scored as one network.
//! The encoder has two convolutions of stride 2 (32 and 64 channels) and five
//! modules of two cells; modules 1, 3 and 5 double the channels and halve the
//! size in their first cell, on the edges from the cell's input.
//! * `class_scene`, `class_object`, `room_layout`: global mean, dense layer with
//!   63, 100 and 9 outputs;
//! * `jigsaw`: the encoder sees one tile of 64 pixels, and its nine pooled
//!   copies, as if all tiles were alike, go through a dense layer with 1,000
//!   outputs;
//! * `segmentsemantic`: seven 3×3 convolutions with batch norm and leaky ReLU,
//!   five of them transposed ones that double the size, and a last one with 17
//!   channels;
//! * `autoencoder`, `normal`: thirteen such layers, five of which double the
//!   size, and a last convolution with three channels and tanh. (The
//!   discriminator of their training is no part of the network.)
//!
//! With the defaults, the parameters are those that the benchmark reports for
//! each task.
//!
//! **What κ is of**: the decoder's map; where there are logits, the encoder's
//! (`output=features`). Every branch of a cell ends in a batch norm, whose mean
//! over one image is its shift whatever the image, so that a global mean, and
//! the logits after it, do not depend on the input at all. A map is scaled to
//! unit speed before its κ is taken.
//!
//! **Differences to the training network**: weights start as PyTorch's default
//! and not as Kaiming's normal ones; batch norm has the statistics of one
//! image; `none` edges are left out of sums.
//!
//! **Text**: see [`cell`]. The order of choices is that of the six digits.

mod cell;
mod network;

use std::sync::Arc;

use crate::architecture::{Architecture, Known, Normalisation, Options};
use crate::start::Start;
use cell::{Cell, Operation};
use network::{Decoder, Plan};

use super::blocks::{LARGEST, OUTPUT, OUTPUTS, at_size};
use super::nasbench201::EDGES;
use super::{Choice, Example, Space, check_choice};
use crate::error::Result;
use crate::network::Policy;
use crate::random::Stream;

/// The space.
pub(super) struct TransNasBench101;

/// A task: its name, what follows the encoder, its outputs.
const TASKS: [(&str, Decoder, &str); 7] = [
    ("class_scene", Decoder::Classes, "63"),
    ("class_object", Decoder::Classes, "100"),
    ("room_layout", Decoder::Classes, "9"),
    ("jigsaw", Decoder::Jigsaw, "1000"),
    ("segmentsemantic", Decoder::Segmentation, "17"),
    ("autoencoder", Decoder::Picture, "3"),
    ("normal", Decoder::Picture, "3"),
];

const OPTIONS: [Known; 6] = [
    Known {
        name: "task",
        default: "class_scene",
        help: "class_scene, class_object, room_layout, jigsaw, segmentsemantic, autoencoder or normal",
    },
    Known {
        name: "stem_width",
        default: "64",
        help: "channels of the stem; doubled three times",
    },
    Known {
        name: "decoder_width",
        default: "1024",
        help: "channels of a decoder's first convolution (not for classes)",
    },
    Known {
        name: "classes",
        default: "63",
        help: "outputs, or channels of the output (by task: 63, 100, 9, 1000, 17, 3, 3)",
    },
    Known {
        name: "size",
        default: "256",
        help: "height and width of the input image, in pixels (jigsaw: 64, one tile)",
    },
    OUTPUT,
];

const EXAMPLES: [Example; 3] = [
    Example {
        arch: "64-41414-1_02_333",
        title: "a mixed cell",
    },
    Example {
        arch: "(3, 3, 3, 3, 3, 3)",
        title: "3×3 convolutions only",
    },
    Example {
        arch: "64-41414-1_11_111",
        title: "skips only",
    },
];

impl Space for TransNasBench101 {
    fn name(&self) -> &'static str {
        "transnasbench101"
    }

    fn title(&self) -> &'static str {
        "TransNAS-Bench-101-micro cells (Duan et al., 2021)"
    }

    fn size(&self) -> u64 {
        Cell::COUNT
    }

    fn options(&self) -> &'static [Known] {
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

    fn canonical(&self, text: &str) -> Result<String> {
        Ok(text.parse::<Cell>()?.to_string())
    }

    fn choices(&self, text: &str) -> Result<Vec<Choice>> {
        let cell: Cell = text.parse()?;
        let choice = |((source, target), operation): ((usize, usize), Operation)| Choice {
            name: format!("{source}→{target}"),
            group: "cell".to_owned(),
            value: operation.name().to_owned(),
            values: Operation::ALL.map(|o| o.name().to_owned()).to_vec(),
            edge: Some((source, target)),
        };
        Ok(EDGES.into_iter().zip(cell.0).map(choice).collect())
    }

    fn choose(&self, text: &str, index: usize, value: &str) -> Result<String> {
        check_choice(&self.choices(text)?, index, value)?;
        let mut cell: Cell = text.parse()?;
        let chosen = Operation::ALL.into_iter().find(|o| o.name() == value);
        if let (Some(edge), Some(operation)) = (cell.0.get_mut(index), chosen) {
            *edge = operation;
        }
        Ok(cell.to_string())
    }

    fn sample(&self, seed: u64) -> String {
        let mut stream = Stream::new(seed, "sample.transnasbench101");
        Cell([(); 6].map(|()| Operation::ALL[stream.below(Operation::ALL.len())])).to_string()
    }

    fn observe(&self) -> Policy {
        Policy::Flow
    }

    fn build(&self, text: &str, options: &Options) -> Result<Architecture> {
        let cell: Cell = text.parse()?;
        options.check_names(&OPTIONS)?;
        let task = options.word(&OPTIONS, "task", &TASKS.map(|t| t.0))?;
        let (_, decoder, classes) = TASKS.into_iter().find(|t| t.0 == task).unwrap_or(TASKS[0]);
        let size = if decoder == Decoder::Jigsaw {
            "64"
        } else {
            "256"
        };
        let options = options.or(&[("classes", classes), ("size", size)]);
        let number = |name, range| options.number(&OPTIONS, name, range);
        let plan = Plan {
            cell,
            stem_width: number("stem_width", 2..=1024)?,
            decoder,
            decoder_width: number("decoder_width", 1..=4096)?,
            classes: number("classes", 1..=100_000)?,
            features: options.word(&OPTIONS, OUTPUT.name, &OUTPUTS)? == OUTPUT.default,
        };
        let size = number("size", 1..=LARGEST)?;
        Ok(Architecture {
            source: self.name(),
            arch: cell.to_string(),
            options: options.describe(&OPTIONS),
            published: false,
            observe: self.observe(),
            normalisation: match decoder {
                Decoder::Classes => Normalisation {
                    mean: [0.5224, 0.5222, 0.5221],
                    deviation: [0.2234, 0.2235, 0.2236],
                },
                Decoder::Jigsaw => Normalisation::NONE,
                _ => Normalisation {
                    mean: [0.5; 3],
                    deviation: [0.5; 3],
                },
            },
            network: Arc::new(at_size(size, |size| plan.network(size))?),
            start: Start::default(),
            notes: Vec::new(),
        })
    }
}
