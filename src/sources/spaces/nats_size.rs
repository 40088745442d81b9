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

use std::fmt::{Display, Formatter};
use std::str::FromStr;

use super::blocks::{AFFINE, BIAS, CLASSES, LARGEST, SIZE, at_size};
use super::choice::Choice;
use super::nasbench201::{Cell, Inside, Operation, Plan, Stage};
use super::scan::Scanner;
use super::space::{Built, TypedSpace};
use crate::architecture::{About, Checked, Example, Normalisation};
use crate::error::{Error, Result};
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

const EXAMPLES: &[Example] = &[
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

/// Five channel counts.
#[derive(Clone)]
pub(super) struct Widths([usize; 5]);

impl TypedSpace for NatsSize {
    type Arch = Widths;

    const ABOUT: &'static About = &About {
        name: "nats-size",
        title: "NATS-Bench size space (Dong et al., 2021)",
        size: Some((WIDTHS.len() as u64).pow(5)),
        options: &[CLASSES, SIZE, BIAS, AFFINE],
        readings: &[],
        columns: &["arch"],
        examples: EXAMPLES,
        operations: &[],
        edges: &[],
        published: true,
        observe: Policy::Flow,
    };

    fn choices(widths: &Widths) -> Vec<Choice> {
        let choice = |(layer, width)| Choice::new("channels", layer, width, WIDTHS);
        LAYERS.into_iter().zip(widths.0).map(choice).collect()
    }

    fn choose(widths: &mut Widths, index: usize, value: &str) {
        if let (Some(width), Ok(chosen)) = (widths.0.get_mut(index), value.parse()) {
            *width = chosen;
        }
    }

    fn sample(stream: &mut Stream) -> Widths {
        Widths([(); 5].map(|()| WIDTHS[stream.below(WIDTHS.len())]))
    }

    fn build(widths: &Widths, options: &Checked) -> Result<Built> {
        let [first, down, second, down_again, third] = widths.0;
        let stage = |reduction, width| Stage {
            reduction,
            cells: vec![width],
        };
        let plan = Plan {
            inside: Inside::Plain(CELL),
            stem: first,
            stages: [
                stage(first, first),
                stage(down, second),
                stage(down_again, third),
            ],
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

impl Display for Widths {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.map(|w| w.to_string()).join(":"))
    }
}

impl FromStr for Widths {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
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
        Ok(Self(widths))
    }
}
