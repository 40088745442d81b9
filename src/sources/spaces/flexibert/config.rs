//! The text of an architecture: `{"hidden_size": 256, "layers": [["SA", "SDP", 4,
//! 1024, 3], …]}` with operation, its parameter, heads, feed-forward width and
//! number of feed-forward layers; in JSON or as Python writes it, or the columns of
//! a table `hidden_size,num_layers,layers`.
//!
//! The published table's own form is read too: `{"hidden_size": 256, "nas_config":
//! {"encoder_layers": [{"operation_type": "SA", …}]}}`.

use std::fmt;
use std::str::FromStr;

use super::mixing::Mixing;
use crate::error::{Error, Result};
use crate::sources::spaces::literal::{Literal, Value};
use crate::sources::spaces::transformer::numbers;

/// The columns of a table, in the order of their text.
pub(super) const COLUMNS: [&str; 3] = [
    "hidden_size",
    "num_layers",
    "layers[op,param,heads,ff_dim,num_ff]",
];

/// Numbers of layers.
pub(super) const DEPTHS: [usize; 2] = [2, 4];
/// Widths of the tokens.
pub(super) const HIDDEN: [usize; 2] = [128, 256];
/// Numbers of heads.
pub(super) const HEADS: [usize; 2] = [2, 4];
/// Widths of feed-forward layers.
pub(super) const WIDTHS: [usize; 2] = [512, 1024];
/// Numbers of feed-forward layers before the one that leads back.
pub(super) const STACKS: [usize; 2] = [1, 3];

/// An architecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sources::spaces) struct Config {
    /// Width of the tokens.
    pub(super) hidden: usize,
    /// The layers, first to last.
    pub(super) layers: Vec<Layer>,
}

/// What is chosen for one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Layer {
    /// What mixes its tokens.
    pub(super) mixing: Mixing,
    /// Number of heads.
    pub(super) heads: usize,
    /// Width of its feed-forward layers.
    pub(super) width: usize,
    /// Number of its feed-forward layers before the one that leads back.
    pub(super) stacks: usize,
}

impl Config {
    /// Drops the last layers, or adds more like the last.
    pub(super) fn set_depth(&mut self, depth: usize) {
        if let Some(&last) = self.layers.last() {
            self.layers.resize(depth, last);
        }
    }
}

const EXPECTED: &str = "hidden_size and layers, as an object or as columns";
const LAYER: &str =
    "a layer: operation, its parameter, heads, feed-forward width, number of feed-forward layers";

impl FromStr for Config {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.trim_start().starts_with(|c: char| c.is_ascii_digit()) {
            let columns = Literal::read_columns(text)?;
            if let [hidden, depth @ .., layers] = columns.as_slice()
                && depth.len() < 2
            {
                return Self::of(hidden, depth.first(), layers);
            }
        }
        let literal = Literal::read(text)?;
        let names = ["hidden_size", "num_layers", "layers", "nas_config"];
        let [hidden, depth, layers, published] = literal.fields(names, EXPECTED)?;
        let published = match published {
            Some(config) => config.fields(["encoder_layers"], "encoder_layers")?[0],
            None => None,
        };
        match (hidden, layers.or(published)) {
            (Some(hidden), Some(layers)) => Self::of(hidden, depth, layers),
            _ => literal.fail(EXPECTED),
        }
    }
}

impl Config {
    fn of(hidden: &Literal, depth: Option<&Literal>, layers: &Literal) -> Result<Self> {
        let hidden = numbers::whole_of(hidden, "hidden_size", &HIDDEN)?;
        let list = layers.list("layers, a list with one entry for each layer")?;
        if let Some(depth) = depth {
            let depth = numbers::whole_of(depth, "num_layers", &DEPTHS)?;
            if depth != list.len() {
                return layers.fail(format!("{depth} layers"));
            }
        }
        if !DEPTHS.contains(&list.len()) {
            return layers.fail(format!("{} or {} layers", DEPTHS[0], DEPTHS[1]));
        }
        let layers = list.iter().map(Layer::of).collect::<Result<_>>()?;
        Ok(Self { hidden, layers })
    }
}

impl Layer {
    fn of(literal: &Literal) -> Result<Self> {
        if let Value::List(parts) = &literal.value {
            let [operation, parameter, heads, width, stacks] = parts.as_slice() else {
                return literal.fail(LAYER);
            };
            return Self::of_parts([operation, parameter, heads, width, stacks]);
        }
        let names = [
            "operation_type",
            "operation_parameter",
            "num_operation_heads",
            "feed_forward_dimension",
            "num_feed_forward",
        ];
        match literal.fields(names, LAYER)? {
            [Some(a), Some(b), Some(c), Some(d), Some(e)] => Self::of_parts([a, b, c, d, e]),
            _ => literal.fail(format!("all of: {}", names.join(", "))),
        }
    }

    fn of_parts([operation, parameter, heads, width, stacks]: [&Literal; 5]) -> Result<Self> {
        Ok(Self {
            mixing: Mixing::read(operation, parameter)?,
            heads: numbers::whole_of(heads, "a number of heads", &HEADS)?,
            width: numbers::whole_of(width, "a feed-forward width", &WIDTHS)?,
            stacks: numbers::whole_of(stacks, "a number of feed-forward layers", &STACKS)?,
        })
    }
}

impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layers = self.layers.iter().map(|layer| {
            let Layer {
                mixing,
                heads,
                width,
                stacks,
            } = layer;
            let [operation, parameter] = mixing.words();
            // Kernels are numbers, as in the published table.
            let parameter = match parameter.parse::<usize>() {
                Ok(kernel) => kernel.to_string(),
                Err(_) => format!("\"{parameter}\""),
            };
            format!(r#"["{operation}", {parameter}, {heads}, {width}, {stacks}]"#)
        });
        write!(
            f,
            r#"{{"hidden_size": {}, "layers": {}}}"#,
            self.hidden,
            numbers::list(layers),
        )
    }
}
