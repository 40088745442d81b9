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

use cell::{Cell, Operation};
use network::{Decoder, Plan};

use super::blocks::{LARGEST, OUTPUT, at_size};
use super::choice::Choice;
use super::edges::{self, EDGES};
use super::space::{Built, TypedSpace};
use crate::architecture::{About, Checked, Example, Normalisation, OptionInfo};
use crate::error::Result;
use crate::network::Policy;
use crate::random::Stream;
use crate::start::Start;

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

const OPTIONS: &[OptionInfo] = &[
    OptionInfo {
        name: "task",
        default: "class_scene",
        values: &[
            TASKS[0].0, TASKS[1].0, TASKS[2].0, TASKS[3].0, TASKS[4].0, TASKS[5].0, TASKS[6].0,
        ],
        help: "what the network is for: classes of four kinds, a segmentation, or a picture",
    },
    OptionInfo {
        name: "stem_width",
        default: "64",
        values: &[],
        help: "channels of the stem; doubled three times",
    },
    OptionInfo {
        name: "decoder_width",
        default: "1024",
        values: &[],
        help: "channels of a decoder's first convolution (not for classes)",
    },
    OptionInfo {
        name: "classes",
        default: "63",
        values: &[],
        help: "outputs, or channels of the output (by task: 63, 100, 9, 1000, 17, 3, 3)",
    },
    OptionInfo {
        name: "size",
        default: "256",
        values: &[],
        help: "height and width of the input image, in pixels (jigsaw: 64, one tile)",
    },
    OUTPUT,
];

const EXAMPLES: &[Example] = &[
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

impl TypedSpace for TransNasBench101 {
    type Arch = Cell;

    const ABOUT: &'static About = &About {
        name: "transnasbench101",
        title: "TransNAS-Bench-101-micro cells (Duan et al., 2021)",
        size: Some(Cell::COUNT),
        options: OPTIONS,
        readings: &[],
        columns: &["arch"],
        examples: EXAMPLES,
        operations: &Operation::NAMES,
        edges: &EDGES,
        published: false,
        observe: Policy::Flow,
    };

    fn choices(cell: &Cell) -> Vec<Choice> {
        edges::choices(&Operation::NAMES, cell.0.map(Operation::name))
    }

    fn choose(cell: &mut Cell, index: usize, value: &str) {
        let chosen = Operation::ALL.into_iter().find(|o| o.name() == value);
        if let (Some(edge), Some(operation)) = (cell.0.get_mut(index), chosen) {
            *edge = operation;
        }
    }

    fn sample(stream: &mut Stream) -> Cell {
        Cell([(); 6].map(|()| Operation::ALL[stream.below(Operation::ALL.len())]))
    }

    fn defaults(options: &mut Checked) -> Result<()> {
        let (_, decoder, classes) = task(options)?;
        let size = match decoder {
            Decoder::Jigsaw => "64",
            _ => "256",
        };
        options.defaults(&[("classes", classes), ("size", size)]);
        Ok(())
    }

    fn build(&cell: &Cell, options: &Checked) -> Result<Built> {
        let (_, decoder, _) = task(options)?;
        let plan = Plan {
            cell,
            stem_width: options.number("stem_width", 2..=1024)?,
            decoder,
            decoder_width: options.number("decoder_width", 1..=4096)?,
            classes: options.number("classes", 1..=100_000)?,
            features: options.word(OUTPUT.name)? == OUTPUT.default,
        };
        let size = options.number("size", 1..=LARGEST)?;
        Ok(Built {
            network: at_size(size, |size| plan.network(size))?,
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
            start: Start::default(),
        })
    }
}

/// The task that the options name.
fn task(options: &Checked) -> Result<(&'static str, Decoder, &'static str)> {
    let name = options.word("task")?;
    Ok(TASKS.into_iter().find(|t| t.0 == name).unwrap_or(TASKS[0]))
}
