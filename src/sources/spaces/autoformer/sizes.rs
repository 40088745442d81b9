//! The three spaces: their names, numbers and examples.

#![allow(
    clippy::cast_possible_truncation,
    reason = "counts are far below the types' ranges"
)]

use crate::architecture::{About, Example};
use crate::network::Policy;
use crate::sources::spaces::transformer::{CLASSES, INIT, SIZE};

/// The columns of a table, in the order of their text.
pub(super) const COLUMNS: [&str; 4] = ["embed_dim", "depth", "num_heads", "mlp_ratio"];

/// The numbers that a space has.
pub(super) struct Size {
    name: &'static str,
    title: &'static str,
    /// Three neighbouring depths.
    pub(super) depths: [usize; 3],
    /// Widths of the tokens.
    pub(super) widths: [usize; 3],
    /// Numbers of heads.
    pub(super) heads: &'static [usize],
    /// MLP ratios.
    pub(super) ratios: &'static [f64],
    examples: &'static [Example],
}

/// Ratios that are read in every space: the published Tiny has layers of 3.
pub(super) const RATIOS: [f64; 3] = [3.0, 3.5, 4.0];

/// The smallest space, the middle one, and the largest.
pub(super) const SIZES: [Size; 3] = [
    Size {
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
    },
    Size {
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
    },
    Size {
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
    },
];

/// The same as facts.
pub(super) static ABOUT: [About; 3] = [SIZES[0].about(), SIZES[1].about(), SIZES[2].about()];

impl Size {
    /// What a layer may be, in number.
    pub(super) const fn layers(&self) -> usize {
        self.heads.len() * self.ratios.len()
    }

    const fn about(&self) -> About {
        let layer = self.layers() as u64;
        let [a, b, c] = self.depths;
        let deep = layer.pow(a as u32) + layer.pow(b as u32) + layer.pow(c as u32);
        About {
            name: self.name,
            title: self.title,
            size: Some(self.widths.len() as u64 * deep),
            options: &[CLASSES, SIZE, INIT],
            readings: &[],
            columns: &COLUMNS,
            examples: self.examples,
            operations: &[],
            edges: &[],
            published: false,
            // Over 100 rows both policies rank alike (within .03 of each other).
            observe: Policy::Flow,
        }
    }
}
