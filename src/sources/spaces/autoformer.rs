//! AutoFormer (Chen, Peng, Fu and Ling, ICCV 2021): vision transformers of
//! three sizes with a depth, a width, and for each layer a number of heads and
//! an MLP ratio.
//!
//! **Network**: patches of 16 pixels by a convolution with bias, a class token
//! before them, positions; pre-norm blocks whose attention has heads of 64
//! whatever the width, a bias on q, k and v, and 2-D relative positions of keys
//! and values ([`super::transformer::relative`]), GELU; a last norm, the mean
//! of the patch tokens, a dense layer. A candidate is its own network, not a
//! slice of a supernet. Dropout and drop path are off.
//!
//! **Start**: dense layers, tokens and tables truncated normal with deviation
//! 0.02, dense biases 0, norms 1 and 0, the patch convolution PyTorch's
//! default, as in the published code.
//!
//! **Counts**: with 1,000 classes at 224 pixels the published architectures
//! have 5.87, 22.89 and 53.69 million parameters; the paper says 5.7, 22.9 and 54
//! million, its repository 5.8, 22.9 and 53.7.
//!
//! **Text**: see [`config`].

mod config;
mod network;

use std::sync::Arc;

use crate::architecture::{Architecture, Known, Normalisation, Options};
use config::{Config, Layer};

use super::transformer::{INIT, INITS, LARGEST, numbers};
use super::{Choice, Example, Space, check_choice};
use crate::error::Result;
use crate::network::Policy;
use crate::random::Stream;

/// One of the three spaces.
pub(super) struct AutoFormer {
    name: &'static str,
    title: &'static str,
    /// Three neighbouring depths.
    depths: [usize; 3],
    widths: [usize; 3],
    heads: &'static [usize],
    ratios: &'static [f64],
    examples: &'static [Example],
}

/// Ratios that are read in every space: the published Tiny has layers of 3.
const RATIOS: [f64; 3] = [3.0, 3.5, 4.0];

const OPTIONS: [Known; 3] = [
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
    INIT,
];

/// The smallest space.
pub(super) const TINY: AutoFormer = AutoFormer {
    name: "autoformer-tiny",
    title: "AutoFormer Tiny (Chen et al., 2021)",
    depths: [12, 13, 14],
    widths: [192, 216, 240],
    heads: &[3, 4],
    ratios: &[3.5, 4.0],
    examples: &[
        Example {
            arch: r#"{"depth": 13, "embed_dim": 192, "num_heads": [3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 3, 3], "mlp_ratio": [3.5, 3.5, 3, 3.5, 3, 3, 4, 4, 3.5, 4, 3.5, 4, 3.5]}"#,
            title: "AutoFormer-Tiny, as published",
        },
        Example {
            arch: r#"{"depth": 14, "embed_dim": 240, "num_heads": [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4], "mlp_ratio": [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4]}"#,
            title: "the largest",
        },
    ],
};

/// The middle one.
pub(super) const SMALL: AutoFormer = AutoFormer {
    name: "autoformer-small",
    title: "AutoFormer Small (Chen et al., 2021)",
    depths: [12, 13, 14],
    widths: [320, 384, 448],
    heads: &[5, 6, 7],
    ratios: &RATIOS,
    examples: &[
        Example {
            arch: r#"{"depth": 13, "embed_dim": 384, "num_heads": [6, 6, 5, 7, 5, 5, 5, 6, 6, 7, 7, 6, 7], "mlp_ratio": [3, 3.5, 3, 3.5, 4, 4, 4, 4, 4, 4, 4, 3.5, 4]}"#,
            title: "AutoFormer-Small, as published",
        },
        Example {
            arch: r#"{"depth": 12, "embed_dim": 320, "num_heads": [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5], "mlp_ratio": [3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3]}"#,
            title: "the smallest",
        },
    ],
};

/// The largest space.
pub(super) const BASE: AutoFormer = AutoFormer {
    name: "autoformer-base",
    title: "AutoFormer Base (Chen et al., 2021)",
    depths: [14, 15, 16],
    widths: [528, 576, 624],
    heads: &[9, 10],
    ratios: &RATIOS,
    examples: &[
        Example {
            arch: r#"{"depth": 14, "embed_dim": 576, "num_heads": [9, 9, 9, 9, 9, 10, 9, 9, 10, 9, 10, 9, 9, 10], "mlp_ratio": [3.5, 3.5, 4, 3.5, 4, 3.5, 3.5, 3, 4, 4, 3, 4, 3, 3.5]}"#,
            title: "AutoFormer-Base, as published",
        },
        Example {
            arch: r#"{"depth": 14, "embed_dim": 528, "num_heads": [9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9], "mlp_ratio": [3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3]}"#,
            title: "the smallest",
        },
    ],
};

impl Space for AutoFormer {
    fn name(&self) -> &'static str {
        self.name
    }

    fn title(&self) -> &'static str {
        self.title
    }

    fn size(&self) -> u64 {
        let layer = self.layers() as u64;
        let deep = self.depths.map(|d| layer.pow(d as u32));
        self.widths.len() as u64 * deep.iter().sum::<u64>()
    }

    fn options(&self) -> &'static [Known] {
        &OPTIONS
    }

    fn columns(&self) -> &'static [&'static str] {
        &config::COLUMNS
    }

    fn examples(&self) -> &'static [Example] {
        self.examples
    }

    /// Over 100 rows both policies rank alike (within .03 of each other).
    fn observe(&self) -> Policy {
        Policy::Flow
    }

    fn canonical(&self, text: &str) -> Result<String> {
        Ok(Config::read(text, self)?.to_string())
    }

    fn choices(&self, text: &str) -> Result<Vec<Choice>> {
        let config = Config::read(text, self)?;
        let choice = |group: &str, name: &str, value: String, values: Vec<String>| Choice {
            name: name.to_owned(),
            group: group.to_owned(),
            value,
            values,
            edge: None,
        };
        let words = |all: &[usize]| all.iter().map(usize::to_string).collect();
        let mut choices = vec![
            choice(
                "network",
                "depth",
                config.layers.len().to_string(),
                words(&self.depths),
            ),
            choice(
                "network",
                "embed_dim",
                config.width.to_string(),
                words(&self.widths),
            ),
        ];
        for (i, layer) in config.layers.iter().enumerate() {
            let group = format!("layer {}", i + 1);
            let heads = layer.heads.to_string();
            choices.push(choice(&group, "num_heads", heads, words(self.heads)));
            let ratio = layer.ratio.to_string();
            let ratios = numbers::offered(self.ratios, layer.ratio);
            choices.push(choice(&group, "mlp_ratio", ratio, ratios));
        }
        Ok(choices)
    }

    fn choose(&self, text: &str, index: usize, value: &str) -> Result<String> {
        check_choice(&self.choices(text)?, index, value)?;
        let mut config = Config::read(text, self)?;
        let number: f64 = value.parse().unwrap_or_default();
        match (index, index.checked_sub(2)) {
            (0, _) => config.set_depth(number as usize),
            (_, Some(place)) => {
                if let Some(layer) = config.layers.get_mut(place / 2) {
                    match place % 2 {
                        0 => layer.heads = number as usize,
                        _ => layer.ratio = number,
                    }
                }
            }
            _ => config.width = number as usize,
        }
        Ok(config.to_string())
    }

    fn sample(&self, seed: u64) -> String {
        let mut stream = Stream::new(seed, &format!("sample.{}", self.name));
        // Each further layer multiplies the number of architectures by this.
        let more = self.layers();
        let depth = match stream.below(1 + more + more * more) {
            0 => self.depths[0],
            n if n <= more => self.depths[1],
            _ => self.depths[2],
        };
        let width = self.widths[stream.below(self.widths.len())];
        let layers = (0..depth).map(|_| Layer {
            heads: self.heads[stream.below(self.heads.len())],
            ratio: self.ratios[stream.below(self.ratios.len())],
        });
        let layers = layers.collect();
        Config { width, layers }.to_string()
    }

    fn build(&self, text: &str, options: &Options) -> Result<Architecture> {
        let config = Config::read(text, self)?;
        options.check_names(&OPTIONS)?;
        let number = |name, range| options.number(&OPTIONS, name, range);
        let normal = options.word(&OPTIONS, INIT.name, &INITS)? == INIT.default;
        let plan = network::Plan {
            classes: number("classes", 1..=100_000)?,
            size: number("size", network::PATCH..=LARGEST)?,
        };
        Ok(Architecture {
            space: self.name,
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

impl AutoFormer {
    /// What a layer may be, in number.
    fn layers(&self) -> usize {
        self.heads.len() * self.ratios.len()
    }
}
