//! The text of an architecture:
//! `{"depth": 12, "embed_dim": 192, "num_heads": [3, …], "mlp_ratio": [3.5, …]}`,
//! in JSON or as Python writes it, or the columns
//! `embed_dim,depth,num_heads,mlp_ratio` with lists separated by blanks.
//!
//! `layer_num` is another name of `depth` and `hidden_dim` of `embed_dim`, as
//! in code around AutoFormer; a width may be a list of equal numbers, one a
//! layer; the depth may be left out.

use std::fmt;
use std::str::FromStr;

use super::sizes::{COLUMNS, RATIOS, SIZES};
use crate::error::{Error, Result};
use crate::sources::spaces::literal::{Literal, Value};
use crate::sources::spaces::transformer::numbers;

/// An architecture of the space with this place in [`SIZES`].
#[derive(Debug, Clone, PartialEq)]
pub(in crate::sources::spaces) struct Config<const S: usize> {
    /// Width of the tokens.
    pub(super) width: usize,
    /// The layers, first to last.
    pub(super) layers: Vec<Layer>,
}

/// What is chosen for one layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Layer {
    /// Number of heads.
    pub(super) heads: usize,
    /// Width inside the MLP over that of the tokens.
    pub(super) ratio: f64,
}

impl<const S: usize> FromStr for Config<S> {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let known = &SIZES[S];
        let literal = numbers::read(text, &COLUMNS)?;
        let expected = "embed_dim, depth, num_heads and mlp_ratio, as an object or as columns";
        let names = [
            COLUMNS[0],
            COLUMNS[1],
            COLUMNS[2],
            COLUMNS[3],
            "hidden_dim",
            "layer_num",
        ];
        let [width, depth, heads, ratios, hidden, layer_num] = literal.fields(names, expected)?;
        let (Some(width), Some(heads), Some(ratios)) = (width.or(hidden), heads, ratios) else {
            return literal.fail(expected);
        };
        let heads_list = heads.list("num_heads, a list with a number for each layer")?;
        let depth_of = |literal| numbers::whole_of(literal, "depth", &known.depths);
        let depth = match depth.or(layer_num) {
            Some(depth) => depth_of(depth)?,
            None => heads_list.len(),
        };
        let ratios_list = ratios.list("mlp_ratio, a list with a number for each layer")?;
        for (literal, list, what) in [
            (heads, heads_list, "num_heads"),
            (ratios, ratios_list, "mlp_ratio"),
        ] {
            if list.len() != depth || !known.depths.contains(&depth) {
                let [low, .., high] = known.depths;
                let wanted = match known.depths.contains(&depth) {
                    true => depth.to_string(),
                    false => format!("{low} to {high}"),
                };
                return literal.fail(format!("{what} for {wanted} layers, one number each"));
            }
        }
        let layer = |(heads, ratio): (&Literal, &Literal)| {
            Ok(Layer {
                heads: numbers::whole_of(heads, "a number of heads", known.heads)?,
                ratio: numbers::one_of(ratio, "an MLP ratio", &RATIOS)?,
            })
        };
        Ok(Self {
            width: width_of(width, &known.widths)?,
            layers: heads_list
                .iter()
                .zip(ratios_list)
                .map(layer)
                .collect::<Result<_>>()?,
        })
    }
}

impl<const S: usize> Config<S> {
    /// Drops the last layers, or adds more like the last.
    pub(super) fn set_depth(&mut self, depth: usize) {
        if let Some(&last) = self.layers.last() {
            self.layers.resize(depth, last);
        }
    }
}

/// The width: a number, or a list of the same number for each layer.
fn width_of(literal: &Literal, known: &[usize]) -> Result<usize> {
    let one = |literal| numbers::whole_of(literal, "embed_dim", known);
    let Value::List(all) = &literal.value else {
        return one(literal);
    };
    let Some((first, rest)) = all.split_first() else {
        return literal.fail("embed_dim, a number");
    };
    let width = one(first)?;
    for other in rest {
        if one(other)? != width {
            return other.fail(format!("{width}, the width of every layer"));
        }
    }
    Ok(width)
}

impl<const S: usize> fmt::Display for Config<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layers = || self.layers.iter();
        write!(
            f,
            r#"{{"depth": {}, "embed_dim": {}, "num_heads": {}, "mlp_ratio": {}}}"#,
            self.layers.len(),
            self.width,
            numbers::list(layers().map(|l| l.heads)),
            numbers::list(layers().map(|l| l.ratio)),
        )
    }
}
