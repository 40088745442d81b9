//! NAS-Bench-201 (Dong and Yang, ICLR 2020): a cell of four nodes and six edges.
//!
//! **Network**: a 3×3 stem with batch norm, three stages of `cells` cells with
//! 1, 2 and 4 times `stem_width` channels, a residual block of stride 2 between
//! them, batch norm, ReLU, global mean and a dense layer. As in the published
//! Dextr code, a cell's convolutions have a bias and its batch norms no affine
//! parameters; the benchmark's own network has it the other way round
//! (`bias=false affine=true`).
//!
//! **Supernet**: see [`supernet`]; an architecture like any other.

mod cell;
mod index;
mod network;
mod supernet;

use cell::READINGS;
pub use cell::{Cell, Operation};
pub(super) use network::{Inside, Plan, Stage};
use supernet::Arch;

use super::blocks::{AFFINE, BIAS, CLASSES, LARGEST, SIZE, at_size};
use super::choice::Choice;
use super::edges::{self, EDGES};
use super::space::{Built, TypedSpace};
use super::supernet::{Layout, Supernet};
use crate::architecture::{About, Checked, Example, Normalisation, OptionInfo, Reading};
use crate::error::Result;
use crate::network::Policy;
use crate::random::Stream;
use crate::start::Start;

/// The space.
pub(super) struct NasBench201;

const OPTIONS: &[OptionInfo] = &[
    OptionInfo {
        name: "stem_width",
        default: "16",
        values: &[],
        help: "channels of the first stage; doubled twice",
    },
    OptionInfo {
        name: "cells",
        default: "5",
        values: &[],
        help: "cells in each of the three stages",
    },
    CLASSES,
    SIZE,
    BIAS,
    AFFINE,
];

const EXAMPLES: &[Example] = &[
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

impl TypedSpace for NasBench201 {
    type Arch = Arch;

    const ABOUT: &'static About = &About {
        name: "nasbench201",
        title: "NAS-Bench-201 cells (Dong and Yang, 2020)",
        size: Some(Cell::COUNT),
        options: OPTIONS,
        readings: READINGS,
        columns: &["arch"],
        examples: EXAMPLES,
        operations: &Operation::NAMES,
        edges: &EDGES,
        published: true,
        observe: Policy::Layers,
    };

    const LAYOUT: Option<&'static Layout> = Some(&supernet::LAYOUT);

    fn read(text: &str, reading: Option<&Reading>) -> Result<(Arch, Option<String>)> {
        supernet::read(text, reading)
    }

    fn partial(arch: &Arch) -> Option<&Supernet> {
        match arch {
            Arch::Cell(_) => None,
            Arch::Supernet(supernet) => Some(supernet),
        }
    }

    fn choices(arch: &Arch) -> Vec<Choice> {
        match arch {
            Arch::Cell(cell) => edges::choices(&Operation::NAMES, cell.0.map(Operation::name)),
            Arch::Supernet(supernet) => supernet.choices(),
        }
    }

    fn choose(arch: &mut Arch, index: usize, value: &str) {
        let cell = match arch {
            Arch::Cell(cell) => cell,
            Arch::Supernet(supernet) => return supernet.choose(index, value),
        };
        let chosen = Operation::ALL.into_iter().find(|o| o.name() == value);
        if let (Some(edge), Some(operation)) = (cell.0.get_mut(index), chosen) {
            *edge = operation;
        }
    }

    fn sample(stream: &mut Stream) -> Arch {
        Arch::Cell(Cell(
            [(); 6].map(|()| Operation::ALL[stream.below(Operation::ALL.len())]),
        ))
    }

    fn build(arch: &Arch, options: &Checked) -> Result<Built> {
        let width = options.number("stem_width", 1..=1024)?;
        let cells = options.number("cells", 1..=100)?;
        let plan = Plan {
            inside: match arch {
                Arch::Cell(cell) => Inside::Plain(*cell),
                Arch::Supernet(supernet) => Inside::Mixed(supernet.clone()),
            },
            stem: width,
            stages: [1, 2, 4].map(|times| Stage {
                reduction: times * width,
                cells: vec![times * width; cells],
            }),
            classes: options.number("classes", 1..=100_000)?,
            bias: options.flag("bias")?,
            affine: options.flag("affine")?,
        };
        let size = options.number("size", 1..=LARGEST)?;
        Ok(Built {
            network: at_size(size, |size| plan.network(size))?,
            normalisation: Normalisation::CIFAR,
            start: Start::default(),
        })
    }
}
