//! The size space of NATS-Bench (Dong, Liu, Musial and Gabrys, TPAMI 2021):
//! five channel counts on the best cell of NAS-Bench-201.
//!
//! **Network**: that of NAS-Bench-201 with one cell a stage:
//! stem (c₁) → cell (c₁) → residual block of stride 2 (c₂) → cell (c₃) →
//! residual block (c₄) → cell (c₅) → batch norm, ReLU, global mean, dense
//! layer. Where a cell changes the number of channels, its edges from the
//! cell's input do, and a skip there is a 1×1 convolution with batch norm.
//!
//! **Differences to the benchmark's training network**: as for NAS-Bench-201,
//! cells' convolutions have a bias and their batch norms no affine parameters
//! (the published Dextr code); `bias=false affine=true` is the benchmark's.
//!
//! **Text**: `8:16:32:64:64`, each of 8, 16, …, 64.

use std::sync::Arc;

use super::blocks::{AFFINE, BIAS, CLASSES, LARGEST, SIZE, at_size};
use super::nasbench201::{Cell, Operation, Plan, Stage};
use super::scan::Scanner;
use super::{Choice, Example, Space, check_choice};
use crate::architecture::{Architecture, Known, Normalisation, Options};
use crate::error::Result;
use crate::network::Policy;
use crate::random::Stream;
use crate::start::Start;

/// The space.
pub(super) struct NatsSize;

/// The best cell of NAS-Bench-201, which the benchmark fixes.
const CELL: Cell = Cell([
    Operation::NorConv3x3,
    Operation::NorConv3x3,
    Operation::NorConv3x3,
    Operation::SkipConnect,
    Operation::NorConv3x3,
    Operation::NorConv3x3,
]);

/// What a channel count may be.
const WIDTHS: [usize; 8] = [8, 16, 24, 32, 40, 48, 56, 64];

/// What has the channels, in order.
const LAYERS: [&str; 5] = [
    "stem and cell 1",
    "reduction 1",
    "cell 2",
    "reduction 2",
    "cell 3",
];

const OPTIONS: [Known; 4] = [CLASSES, SIZE, BIAS, AFFINE];

const EXAMPLES: [Example; 3] = [
    Example {
        arch: "8:16:32:64:64",
        title: "growing with depth",
    },
    Example {
        arch: "64:64:64:64:64",
        title: "the largest",
    },
    Example {
        arch: "8:8:8:8:8",
        title: "the smallest",
    },
];

impl Space for NatsSize {
    fn name(&self) -> &'static str {
        "nats-size"
    }

    fn title(&self) -> &'static str {
        "NATS-Bench size space (Dong et al., 2021)"
    }

    fn size(&self) -> u64 {
        (WIDTHS.len() as u64).pow(5)
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

    fn canonical(&self, text: &str) -> Result<String> {
        Ok(format(read(text)?))
    }

    fn choices(&self, text: &str) -> Result<Vec<Choice>> {
        let choice = |(layer, width): (&str, usize)| Choice {
            name: layer.to_owned(),
            group: "channels".to_owned(),
            value: width.to_string(),
            values: WIDTHS.map(|w| w.to_string()).to_vec(),
            edge: None,
        };
        Ok(LAYERS.into_iter().zip(read(text)?).map(choice).collect())
    }

    fn choose(&self, text: &str, index: usize, value: &str) -> Result<String> {
        check_choice(&self.choices(text)?, index, value)?;
        let mut widths = read(text)?;
        let chosen = WIDTHS.into_iter().find(|w| w.to_string() == value);
        if let (Some(width), Some(chosen)) = (widths.get_mut(index), chosen) {
            *width = chosen;
        }
        Ok(format(widths))
    }

    fn sample(&self, seed: u64) -> String {
        let mut stream = Stream::new(seed, "sample.nats-size");
        format([(); 5].map(|()| WIDTHS[stream.below(WIDTHS.len())]))
    }

    fn observe(&self) -> Policy {
        Policy::Flow
    }

    fn build(&self, text: &str, options: &Options) -> Result<Architecture> {
        let widths = read(text)?;
        options.check_names(&OPTIONS)?;
        let number = |name, range| options.number(&OPTIONS, name, range);
        let [first, down, second, down_again, third] = widths;
        let stage = |reduction, width| Stage {
            reduction,
            cells: vec![width],
        };
        let plan = Plan {
            cell: CELL,
            stem: first,
            stages: [
                stage(first, first),
                stage(down, second),
                stage(down_again, third),
            ],
            classes: number("classes", 1..=100_000)?,
            bias: options.flag(&OPTIONS, "bias")?,
            affine: options.flag(&OPTIONS, "affine")?,
        };
        let size = number("size", 1..=LARGEST)?;
        Ok(Architecture {
            source: self.name(),
            arch: format(widths),
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

fn format(widths: [usize; 5]) -> String {
    widths.map(|w| w.to_string()).join(":")
}

fn read(text: &str) -> Result<[usize; 5]> {
    let mut scanner = Scanner::new(text);
    let mut widths = [0; 5];
    for (i, width) in widths.iter_mut().enumerate() {
        if i > 0 {
            scanner.sign(':')?;
        }
        scanner.blanks();
        let word = scanner.until(&[':']);
        match WIDTHS.into_iter().find(|w| w.to_string() == word) {
            Some(found) => *width = found,
            None => {
                return scanner.fail(format!(
                    "channel count {} of five ({}): 8, 16, 24, 32, 40, 48, 56 or 64",
                    i + 1,
                    LAYERS[i]
                ));
            }
        }
        scanner.advance(word.len());
    }
    scanner.end("the end of the five counts")?;
    Ok(widths)
}
