//! NAS-Bench-201 (Dong and Yang, ICLR 2020): a cell of four nodes and six edges.
//!
//! **Network**: a 3×3 stem with batch norm, three stages of `cells` cells with
//! 1, 2 and 4 times `stem_width` channels, a residual block of stride 2 between
//! them, batch norm, ReLU, global mean and a dense layer. As in the published
//! Dextr code, a cell's convolutions have a bias and its batch norms no affine
//! parameters; the benchmark's own network has it the other way round
//! (`bias=false affine=true`).

mod cell;
mod network;

pub use cell::{Cell, EDGES, Operation};
pub(super) use network::{Plan, Stage};

use std::sync::Arc;

use super::blocks::{AFFINE, BIAS, CLASSES, LARGEST, SIZE, at_size};
use super::{Choice, Example, Space, check_choice};
use crate::architecture::{Architecture, Known, Normalisation, Options};
use crate::error::Result;
use crate::network::Policy;
use crate::random::Stream;
use crate::start::Start;

/// The space.
pub(super) struct NasBench201;

const OPTIONS: [Known; 6] = [
    Known {
        name: "stem_width",
        default: "16",
        help: "channels of the first stage; doubled twice",
    },
    Known {
        name: "cells",
        default: "5",
        help: "cells in each of the three stages",
    },
    CLASSES,
    SIZE,
    BIAS,
    AFFINE,
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

    fn observe(&self) -> Policy {
        Policy::Layers
    }

    fn canonical(&self, text: &str) -> Result<String> {
        Ok(text.parse::<Cell>()?.to_string())
    }

    fn choices(&self, text: &str) -> Result<Vec<Choice>> {
        let cell: Cell = text.parse()?;
        let edges = EDGES.into_iter().zip(cell.0);
        let choice = |((source, target), operation): ((usize, usize), Operation)| Choice {
            name: format!("{source}→{target}"),
            group: "cell".to_owned(),
            value: operation.name().to_owned(),
            values: Operation::ALL.map(|o| o.name().to_owned()).to_vec(),
            edge: Some((source, target)),
        };
        Ok(edges.map(choice).collect())
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
        let mut stream = Stream::new(seed, "sample.nasbench201");
        Cell([(); 6].map(|()| Operation::ALL[stream.below(Operation::ALL.len())])).to_string()
    }

    fn build(&self, text: &str, options: &Options) -> Result<Architecture> {
        let cell: Cell = text.parse()?;
        options.check_names(&OPTIONS)?;
        let number = |name, range| options.number(&OPTIONS, name, range);
        let width = number("stem_width", 1..=1024)?;
        let cells = number("cells", 1..=100)?;
        let plan = Plan {
            cell,
            stem: width,
            stages: [1, 2, 4].map(|times| Stage {
                reduction: times * width,
                cells: vec![times * width; cells],
            }),
            classes: number("classes", 1..=100_000)?,
            bias: options.flag(&OPTIONS, "bias")?,
            affine: options.flag(&OPTIONS, "affine")?,
        };
        let size = number("size", 1..=LARGEST)?;
        Ok(Architecture {
            source: self.name(),
            arch: cell.to_string(),
            options: options.describe(&OPTIONS),
            published: true,
            observe: self.observe(),
            normalisation: Normalisation::CIFAR,
            network: Arc::new(at_size(size, |size| plan.network(size))?),
            start: Start::default(),
            notes: Vec::new(),
        })
    }
}
