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

use std::sync::Arc;

use crate::architecture::{Architecture, Known, Normalisation, Options};
use config::{Config, Stage};

use super::transformer::{INIT, INITS, LARGEST, numbers};
use super::{Choice, Example, Space, check_choice};
use crate::error::Result;
use crate::network::Policy;
use crate::random::Stream;

/// The space.
pub(super) struct Pit;

/// Widths of a head.
const HEAD_WIDTHS: [usize; 4] = [16, 24, 32, 40];
/// MLP ratios.
const RATIOS: [usize; 4] = [2, 4, 6, 8];
/// Depths of each stage.
const DEPTHS: [[usize; 3]; 3] = [[1, 2, 3], [4, 6, 8], [2, 4, 6]];
/// Numbers of heads; a stage has a multiple of the one before.
const HEADS: [usize; 3] = [2, 4, 8];

const OPTIONS: [Known; 5] = [
    Known {
        name: "classes",
        default: "1000",
        help: "outputs of the last layer",
    },
    Known {
        name: "size",
        default: "224",
        help: "height and width of the input image, in pixels",
    },
    Known {
        name: "patch",
        default: "16",
        help: "pixels of a patch a side",
    },
    Known {
        name: "stride",
        default: "8",
        help: "pixels from one patch to the next",
    },
    INIT,
];

const EXAMPLES: [Example; 3] = [
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

impl Space for Pit {
    fn name(&self) -> &'static str {
        "pit"
    }

    fn title(&self) -> &'static str {
        "PiT (Heo et al., 2021; Wei et al., 2024)"
    }

    fn size(&self) -> u64 {
        let depths = DEPTHS.iter().map(|d| d.len() as u64).product::<u64>();
        (HEAD_WIDTHS.len() * RATIOS.len() * heads().len()) as u64 * depths
    }

    fn options(&self) -> &'static [Known] {
        &OPTIONS
    }

    fn columns(&self) -> &'static [&'static str] {
        &config::COLUMNS
    }

    fn examples(&self) -> &'static [Example] {
        &EXAMPLES
    }

    /// Widths differ tenfold within this space, and the ratio of a residual sum
    /// follows its shape: over 50 rows S under `flow` ranks by −.54 … −.27, under
    /// `layers` by .38 … .68.
    fn observe(&self) -> Policy {
        Policy::Layers
    }

    fn canonical(&self, text: &str) -> Result<String> {
        Ok(Config::read(text)?.to_string())
    }

    fn choices(&self, text: &str) -> Result<Vec<Choice>> {
        let config = Config::read(text)?;
        let choice = |group: &str, name: &str, own: &[usize], now: usize| Choice {
            name: name.to_owned(),
            group: group.to_owned(),
            value: now.to_string(),
            values: numbers::offered(own, now),
            edge: None,
        };
        let mut choices = vec![
            choice("network", "base_dim", &HEAD_WIDTHS, config.head),
            choice("network", "mlp_ratio", &RATIOS, config.ratio),
        ];
        for (i, stage) in config.stages.iter().enumerate() {
            let group = format!("stage {}", i + 1);
            choices.push(choice(&group, "depth", &DEPTHS[i], stage.depth));
            let fits: Vec<usize> = HEADS
                .into_iter()
                .filter(|&heads| config.heads_fit(i, heads))
                .collect();
            choices.push(choice(&group, "num_heads", &fits, stage.heads));
        }
        Ok(choices)
    }

    fn choose(&self, text: &str, index: usize, value: &str) -> Result<String> {
        check_choice(&self.choices(text)?, index, value)?;
        let mut config = Config::read(text)?;
        let number: usize = value.parse().unwrap_or_default();
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
        Ok(config.to_string())
    }

    fn sample(&self, seed: u64) -> String {
        let mut stream = Stream::new(seed, "sample.pit");
        let mut one = |all: &[usize]| all[stream.below(all.len())];
        let (head, ratio) = (one(&HEAD_WIDTHS), one(&RATIOS));
        let depths = DEPTHS.map(|depths| one(&depths));
        let heads = heads();
        let heads = heads[stream.below(heads.len())];
        let stage = |i| Stage {
            depth: depths[i],
            heads: heads[i],
        };
        let stages = [stage(0), stage(1), stage(2)];
        Config {
            head,
            ratio,
            stages,
        }
        .to_string()
    }

    fn build(&self, text: &str, options: &Options) -> Result<Architecture> {
        let config = Config::read(text)?;
        options.check_names(&OPTIONS)?;
        let number = |name, range| options.number(&OPTIONS, name, range);
        let patch = number("patch", 1..=64)?;
        let normal = options.word(&OPTIONS, INIT.name, &INITS)? == INIT.default;
        let plan = network::Plan {
            classes: number("classes", 1..=100_000)?,
            size: number("size", patch..=LARGEST)?,
            patch,
            stride: number("stride", 1..=64)?,
        };
        Ok(Architecture {
            source: self.name(),
            arch: config.to_string(),
            options: options.describe(&OPTIONS),
            published: false,
            observe: self.observe(),
            normalisation: Normalisation::IMAGENET,
            network: Arc::new(plan.network(&config)?),
            start: transformer::start(normal),
            notes: Vec::new(),
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
