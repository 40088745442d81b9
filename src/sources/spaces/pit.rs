//! Pooling-based vision transformers (Heo et al., ICCV 2021), the space of
//! Auto-Prox (Wei et al., AAAI 2024): three stages with a depth and a number of
//! heads each, a head's width, an MLP ratio.
//!
//! **Network**: overlapping patches of 16 pixels every 8 by a convolution with
//! bias, positions added to the map, a class token; pre-norm blocks with a bias
//! on q, k and v, and GELU; between stages the map is halved by a depthwise
//! 3×3 convolution of stride 2 that makes as many channels of each as the next
//! stage needs, and the class token goes through a dense layer; a last norm on
//! the class token, a dense layer. Dropout and drop path are off, and there is
//! no distillation token.
//!
//! **Start**: dense layers truncated normal with deviation 0.02 and biases 0, as
//! for other transformers; PiT's own code leaves PyTorch's default
//! (`init=uniform`). Class token and positions are normal, norms 1 and 0, and
//! convolutions PyTorch's default in both.
//!
//! **Counts**: with 1,000 classes at 224 pixels PiT-Ti, XS, S and B (the last
//! with `patch=14 stride=7`) have 4.85, 10.6, 23.5 and 73.8 million parameters,
//! as published.
//!
//! **Text**: see [`config`]. Besides the space's numbers, those of PiT-XS, S
//! and B are read.

mod config;
mod network;

use config::{Config, DEPTHS, RATIOS, Stage};

use super::choice::Choice;
use super::space::{Built, TypedSpace};
use super::transformer::{self, CLASSES, INIT, LARGEST, SIZE, numbers};
use crate::architecture::{About, Checked, Example, Normalisation, OptionInfo};
use crate::error::Result;
use crate::network::Policy;
use crate::random::Stream;

/// The space.
pub(super) struct Pit;

/// Widths of a head.
const HEAD_WIDTHS: [usize; 4] = [16, 24, 32, 40];
/// Numbers of heads; a stage has a multiple of the one before.
const HEADS: [usize; 3] = [2, 4, 8];

const OPTIONS: &[OptionInfo] = &[
    CLASSES,
    SIZE,
    OptionInfo {
        name: "patch",
        default: "16",
        values: &[],
        help: "pixels of a patch a side",
    },
    OptionInfo {
        name: "stride",
        default: "8",
        values: &[],
        help: "pixels from one patch to the next",
    },
    INIT,
];

const EXAMPLES: &[Example] = &[
    Example {
        arch: r#"{"base_dim": 32, "mlp_ratio": 4, "depth": [2, 6, 4], "num_heads": [2, 4, 8]}"#,
        title: "PiT-Ti, as published",
    },
    Example {
        arch: r#"{"base_dim": 16, "mlp_ratio": 2, "depth": [1, 4, 2], "num_heads": [2, 2, 2]}"#,
        title: "the smallest",
    },
    Example {
        arch: r#"{"base_dim": 40, "mlp_ratio": 8, "depth": [3, 8, 6], "num_heads": [8, 8, 8]}"#,
        title: "the largest",
    },
];

impl TypedSpace for Pit {
    type Arch = Config;

    const ABOUT: &'static About = &About {
        name: "pit",
        title: "PiT (Heo et al., 2021; Wei et al., 2024)",
        // Widths of a head, ratios, three depths a stage, rising triples of heads.
        size: Some(4 * 4 * 27 * 10),
        options: OPTIONS,
        readings: &[],
        columns: &config::COLUMNS,
        examples: EXAMPLES,
        operations: &[],
        edges: &[],
        published: false,
        // Widths differ tenfold within this space, and the ratio of a residual
        // sum follows its shape: over 50 rows S under `flow` ranks by −.54 …
        // −.27, under `layers` by .38 … .68.
        observe: Policy::Layers,
    };

    fn choices(config: &Config) -> Vec<Choice> {
        let choice = |group: &str, name, own: &[usize], now| {
            Choice::new(group, name, now, numbers::offered(own, now))
        };
        let mut choices = vec![
            choice("network", "base_dim", &HEAD_WIDTHS, config.head),
            choice("network", "mlp_ratio", &RATIOS, config.ratio),
        ];
        for (i, stage) in config.stages.iter().enumerate() {
            let group = format!("stage {}", i + 1);
            choices.push(choice(&group, "depth", &DEPTHS[i], stage.depth));
            let mut fits = HEADS.to_vec();
            fits.retain(|&heads| config.heads_fit(i, heads));
            choices.push(choice(&group, "num_heads", &fits, stage.heads));
        }
        choices
    }

    fn choose(config: &mut Config, index: usize, value: &str) {
        let number = value.parse().unwrap_or_default();
        match (index, index.checked_sub(2)) {
            (0, _) => config.head = number,
            (_, Some(place)) => {
                if let Some(stage) = config.stages.get_mut(place / 2) {
                    match place % 2 {
                        0 => stage.depth = number,
                        _ => stage.heads = number,
                    }
                }
            }
            _ => config.ratio = number,
        }
    }

    fn sample(stream: &mut Stream) -> Config {
        let mut one = |all: &[usize]| all[stream.below(all.len())];
        let (head, ratio) = (one(&HEAD_WIDTHS), one(&RATIOS));
        let depths = DEPTHS.map(|depths| one(&depths));
        let heads = heads();
        let heads = heads[stream.below(heads.len())];
        let stage = |i| Stage {
            depth: depths[i],
            heads: heads[i],
        };
        Config {
            head,
            ratio,
            stages: [stage(0), stage(1), stage(2)],
        }
    }

    fn build(config: &Config, options: &Checked) -> Result<Built> {
        let patch = options.number("patch", 1..=64)?;
        let normal = options.word(INIT.name)? == INIT.default;
        let plan = network::Plan {
            classes: options.number("classes", 1..=100_000)?,
            size: options.number("size", patch..=LARGEST)?,
            patch,
            stride: options.number("stride", 1..=64)?,
        };
        Ok(Built {
            network: plan.network(config)?,
            normalisation: Normalisation::IMAGENET,
            start: transformer::start(normal),
        })
    }
}

/// The numbers of heads that three stages can have.
fn heads() -> Vec<[usize; 3]> {
    let mut all = Vec::new();
    for first in HEADS {
        for second in HEADS.into_iter().filter(|h| h.is_multiple_of(first)) {
            let third = HEADS.into_iter().filter(|h| h.is_multiple_of(second));
            all.extend(third.map(|third| [first, second, third]));
        }
    }
    all
}
