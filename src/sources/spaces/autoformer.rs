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

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are far below the types' ranges"
)]

mod config;
mod network;
mod sizes;

use config::{Config, Layer};
use sizes::{ABOUT, SIZES};

use super::choice::Choice;
use super::space::{Built, TypedSpace};
use super::transformer::{self, INIT, LARGEST, numbers};
use crate::architecture::{About, Checked, Normalisation};
use crate::error::Result;
use crate::random::Stream;

/// One of the three spaces: a place in [`SIZES`].
pub(super) struct AutoFormer<const S: usize>;

/// The smallest space.
pub(super) const TINY: AutoFormer<0> = AutoFormer;
/// The middle one.
pub(super) const SMALL: AutoFormer<1> = AutoFormer;
/// The largest space.
pub(super) const BASE: AutoFormer<2> = AutoFormer;

impl<const S: usize> TypedSpace for AutoFormer<S> {
    type Arch = Config<S>;

    const ABOUT: &'static About = &ABOUT[S];

    fn choices(config: &Config<S>) -> Vec<Choice> {
        let known = &SIZES[S];
        let mut choices = vec![
            Choice::new("network", "depth", config.layers.len(), known.depths),
            Choice::new("network", "embed_dim", config.width, known.widths),
        ];
        for (i, layer) in config.layers.iter().enumerate() {
            let group = format!("layer {}", i + 1);
            choices.push(Choice::new(&group, "num_heads", layer.heads, known.heads));
            let ratios = numbers::offered(known.ratios, layer.ratio);
            choices.push(Choice::new(group, "mlp_ratio", layer.ratio, ratios));
        }
        choices
    }

    fn choose(config: &mut Config<S>, index: usize, value: &str) {
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
    }

    fn sample(stream: &mut Stream) -> Config<S> {
        let known = &SIZES[S];
        // Each further layer multiplies the number of architectures by this.
        let more = known.layers();
        let depth = match stream.below(1 + more + more * more) {
            0 => known.depths[0],
            n if n <= more => known.depths[1],
            _ => known.depths[2],
        };
        let width = known.widths[stream.below(known.widths.len())];
        let layers = (0..depth).map(|_| Layer {
            heads: known.heads[stream.below(known.heads.len())],
            ratio: known.ratios[stream.below(known.ratios.len())],
        });
        let layers = layers.collect();
        Config { width, layers }
    }

    fn build(config: &Config<S>, options: &Checked) -> Result<Built> {
        let normal = options.word(INIT.name)? == INIT.default;
        let plan = network::Plan {
            classes: options.number("classes", 1..=100_000)?,
            size: options.number("size", network::PATCH..=LARGEST)?,
        };
        Ok(Built {
            network: plan.network(config.width, &config.layers)?,
            normalisation: Normalisation::IMAGENET,
            start: transformer::start(normal),
        })
    }
}
