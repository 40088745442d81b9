//! NAS-Bench-BERT (Serianni and Kalita, ACL 2023), after FlexiBERT (Tuli, Dedhia,
//! Tuli and Jha, JAIR 2023): encoders of token ids with 2 or 4 layers and a width,
//! and for each layer an operation that mixes tokens, a number of heads, and the
//! width and number of its feed-forward layers.
//!
//! **Network**: word, position and type embeddings of 128, a layer norm, a dense
//! layer to the width where that is another; post-norm layers as in BERT, with
//! GELU; no mask, no dropout. [`mixing`] has the six operations. The output is the
//! last layer's map, tokens × features.
//!
//! **Start**: everything normal with deviation 0.02, biases 0, norms 1 and 0, as
//! published.
//!
//! **Three networks a row.** The published training code compares strings by
//! identity, which fails for what is read from a file: all 500 networks of its
//! table were trained with the same attention, and with a first feed-forward layer
//! of four times the width (`network=trained`). The published zero-cost scores
//! were computed at a width of 256 and feed-forward layers of 1024 for every row
//! (`network=metrics`). The row as it is written is `network=spec`.
//!
//! **Counts**: parameters of all three are those of the published code.
//!
//! **Text**: see [`config`].

mod config;
mod mixing;
mod network;
#[cfg(test)]
mod tests;

use config::{Config, DEPTHS, HEADS, HIDDEN, STACKS, WIDTHS};
use mixing::Mixing;
use network::{Block, Plan};

use super::choice::Choice;
use super::space::{Built, TypedSpace};
use super::transformer::INIT;
use crate::architecture::{About, Checked, Example, Normalisation, OptionInfo};
use crate::error::Result;
use crate::network::Policy;
use crate::random::Stream;
use crate::start::{Scheme, Start};

/// The space.
pub(super) struct FlexiBert;

/// Deviation of all that is drawn.
const DEVIATION: f64 = 0.02;
/// Word vectors.
const VOCABULARY: usize = 30_522;
/// Numbers of a word vector.
const EMBEDDING: usize = 128;
/// Rows of the table of positions.
const POSITIONS: usize = 512;

/// The networks that a row stands for, by name.
const NETWORKS: [&str; 3] = ["spec", "trained", "metrics"];

const OPTIONS: &[OptionInfo] = &[
    OptionInfo {
        name: "network",
        default: NETWORKS[0],
        values: &NETWORKS,
        help: "what a row stands for: spec (as written), trained (attention everywhere, as all networks of the table were trained) or metrics (width 256, feed-forward 1024, as its scores were computed)",
    },
    OptionInfo {
        name: "length",
        default: "128",
        values: &[],
        help: "number of tokens",
    },
    INIT,
];

const EXAMPLES: &[Example] = &[
    Example {
        arch: r#"{"hidden_size": 256, "layers": [["SA", "WMA", 4, 1024, 3], ["LT", "DCT", 2, 512, 3], ["SA", "SDP", 4, 512, 3], ["SA", "SDP", 4, 1024, 1]]}"#,
        title: "the first row of the table",
    },
    Example {
        arch: r#"{"hidden_size": 128, "layers": [["LT", "DFT", 2, 512, 1], ["LT", "DFT", 2, 512, 1]]}"#,
        title: "the smallest",
    },
    Example {
        arch: r#"{"hidden_size": 256, "layers": [["DSC", 9, 4, 1024, 3], ["DSC", 9, 4, 1024, 3], ["DSC", 9, 4, 1024, 3], ["DSC", 9, 4, 1024, 3]]}"#,
        title: "convolutions everywhere",
    },
];

/// What one layer may be, in number.
const LAYERS: usize = Mixing::ALL.len() * HEADS.len() * WIDTHS.len() * STACKS.len();

impl TypedSpace for FlexiBert {
    type Arch = Config;

    const ABOUT: &'static About = &About {
        name: "flexibert",
        title: "NAS-Bench-BERT on FlexiBERT's space (Serianni and Kalita, 2023)",
        size: Some(2 * (LAYERS.pow(2) + LAYERS.pow(4)) as u64),
        options: OPTIONS,
        readings: &[],
        columns: &config::COLUMNS,
        examples: EXAMPLES,
        operations: &[],
        edges: &[],
        published: false,
        observe: Policy::Flow,
    };

    fn choices(config: &Config) -> Vec<Choice> {
        let mut choices = vec![
            Choice::new("network", "num_layers", config.layers.len(), DEPTHS),
            Choice::new("network", "hidden_size", config.hidden, HIDDEN),
        ];
        for (i, layer) in config.layers.iter().enumerate() {
            let group = || format!("layer {}", i + 1);
            choices.extend([
                Choice::new(group(), "operation", layer.mixing, Mixing::ALL),
                Choice::new(group(), "heads", layer.heads, HEADS),
                Choice::new(group(), "ff_dim", layer.width, WIDTHS),
                Choice::new(group(), "num_ff", layer.stacks, STACKS),
            ]);
        }
        choices
    }

    fn choose(config: &mut Config, index: usize, value: &str) {
        let number = value.parse().unwrap_or_default();
        match (index, index.checked_sub(2)) {
            (0, _) => config.set_depth(number),
            (_, Some(place)) => {
                if let Some(layer) = config.layers.get_mut(place / 4) {
                    match place % 4 {
                        0 => layer.mixing = Mixing::named(value).unwrap_or(layer.mixing),
                        1 => layer.heads = number,
                        2 => layer.width = number,
                        _ => layer.stacks = number,
                    }
                }
            }
            _ => config.hidden = number,
        }
    }

    fn sample(stream: &mut Stream) -> Config {
        // The deeper half has as many times more architectures.
        let more = LAYERS * LAYERS;
        let depth = match stream.below(1 + more) {
            0 => DEPTHS[0],
            _ => DEPTHS[1],
        };
        let hidden = HIDDEN[stream.below(HIDDEN.len())];
        let layers = (0..depth).map(|_| config::Layer {
            mixing: Mixing::ALL[stream.below(Mixing::ALL.len())],
            heads: HEADS[stream.below(HEADS.len())],
            width: WIDTHS[stream.below(WIDTHS.len())],
            stacks: STACKS[stream.below(STACKS.len())],
        });
        let layers = layers.collect();
        Config { hidden, layers }
    }

    fn build(config: &Config, options: &Checked) -> Result<Built> {
        let plan = Plan {
            vocabulary: VOCABULARY,
            embedding: EMBEDDING,
            positions: POSITIONS,
            // One token has no map, and nothing to attend to.
            length: options.number("length", 2..=POSITIONS)?,
        };
        let (hidden, blocks) = stands_for(config, options.word("network")?);
        let scheme = match options.word(INIT.name)? == INIT.default {
            true => Scheme::Gaussian {
                deviation: DEVIATION,
            },
            false => Scheme::PyTorch,
        };
        Ok(Built {
            network: plan.network(hidden, &blocks)?,
            normalisation: Normalisation::NONE,
            start: Start::new(scheme),
        })
    }
}

/// Width and layers of the network that a row stands for; see the top of the file.
fn stands_for(config: &Config, network: &str) -> (usize, Vec<Block>) {
    let hidden = match network {
        "metrics" => 256,
        _ => config.hidden,
    };
    let block = |layer: &config::Layer| match network {
        "trained" => Block {
            mixing: Mixing::ScaledDot,
            heads: layer.heads,
            widths: std::iter::once(4 * hidden)
                .chain(std::iter::repeat_n(layer.width, layer.stacks - 1))
                .collect(),
        },
        _ => {
            let width = if network == "metrics" {
                1024
            } else {
                layer.width
            };
            Block {
                mixing: layer.mixing,
                heads: layer.heads,
                widths: vec![width; layer.stacks],
            }
        }
    };
    (hidden, config.layers.iter().map(block).collect())
}
