//! The text of an architecture:
//! `{"base_dim": 32, "mlp_ratio": 4, "depth": [2, 6, 4], "num_heads": [2, 4, 8]}`,
//! in JSON or as Python writes it, or the columns
//! `base_dim,mlp_ratio,depth,num_heads` with lists separated by blanks.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::sources::spaces::literal::Literal;
use crate::sources::spaces::transformer::numbers;

/// The columns of a table, in the order of their text.
pub(super) const COLUMNS: [&str; 4] = ["base_dim", "mlp_ratio", "depth", "num_heads"];

/// MLP ratios.
pub(super) const RATIOS: [usize; 4] = [2, 4, 6, 8];
/// Depths of each stage.
pub(super) const DEPTHS: [[usize; 3]; 3] = [[1, 2, 3], [4, 6, 8], [2, 4, 6]];
/// Widths of a head that are read: the space's, and PiT-XS's, S's and B's.
const HEAD_WIDTHS: [usize; 6] = [16, 24, 32, 40, 48, 64];
/// Numbers of heads that are read: the space's, and PiT-S's and B's.
const HEADS: [usize; 7] = [2, 3, 4, 6, 8, 12, 16];

/// An architecture.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::sources::spaces) struct Config {
    /// Width of a head.
    pub(super) head: usize,
    /// Width inside an MLP over that of its tokens.
    pub(super) ratio: usize,
    /// The stages.
    pub(super) stages: [Stage; 3],
}

/// What is chosen for one stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stage {
    /// Number of blocks.
    pub(super) depth: usize,
    /// Number of heads.
    pub(super) heads: usize,
}

impl Config {
    /// Whether a stage may have this many heads between its neighbours.
    pub(super) fn heads_fit(&self, stage: usize, heads: usize) -> bool {
        let at = |i: usize| self.stages.get(i).map(|s| s.heads);
        let before = stage.checked_sub(1).and_then(at);
        before.is_none_or(|before| heads.is_multiple_of(before))
            && at(stage + 1).is_none_or(|next| next.is_multiple_of(heads))
    }
}

impl FromStr for Config {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let literal = numbers::read(text, &COLUMNS)?;
        let expected = "base_dim, mlp_ratio, depth and num_heads, as an object or as columns";
        let fields = literal.fields(COLUMNS, expected)?;
        let [Some(head), Some(ratio), Some(depths), Some(heads)] = fields else {
            return literal.fail(expected);
        };
        let depths = three(depths, "depth")?;
        let heads = three(heads, "num_heads")?;
        let depth = |i: usize| numbers::whole_of(&depths[i], "a depth", &DEPTHS[i]);
        let count = |i: usize| numbers::whole_of(&heads[i], "a number of heads", &HEADS);
        let stage = |i| -> Result<Stage> {
            Ok(Stage {
                depth: depth(i)?,
                heads: count(i)?,
            })
        };
        let config = Self {
            head: numbers::whole_of(head, "base_dim", &HEAD_WIDTHS)?,
            ratio: numbers::whole_of(ratio, "mlp_ratio", &RATIOS)?,
            stages: [stage(0)?, stage(1)?, stage(2)?],
        };
        for (literal, pair) in heads[1..].iter().zip(config.stages.windows(2)) {
            let [before, here] = [pair[0].heads, pair[1].heads];
            if !here.is_multiple_of(before) {
                return literal.fail(format!("a multiple of {before}, the heads before it"));
            }
        }
        Ok(config)
    }
}

/// A list with a number for each stage.
fn three<'a>(literal: &'a Literal, what: &str) -> Result<&'a [Literal; 3]> {
    let expected = format!("{what}, a list of three numbers, one a stage");
    match literal.list(&expected)?.try_into() {
        Ok(three) => Ok(three),
        Err(_) => literal.fail(expected),
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"{{"base_dim": {}, "mlp_ratio": {}, "depth": {}, "num_heads": {}}}"#,
            self.head,
            self.ratio,
            numbers::list(self.stages.map(|s| s.depth)),
            numbers::list(self.stages.map(|s| s.heads)),
        )
    }
}
