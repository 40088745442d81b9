//! A genotype and its notations.
//!
//! **Python**, as people paste it: `Genotype(normal=[('sep_conv_3x3', 1), …],
//! normal_concat=range(2, 6), reduce=[…], reduce_concat=[2, 3, 4, 5])`, with a
//! name and `=` before it or without.
//! **JSON**: `{"normal": [["sep_conv_3x3", 1], …], "normal_concat": [2, 3, 4, 5],
//! "reduce": …, "reduce_concat": …}`.
//!
//! Operations come in pairs: pair i makes node i + 2 of the cell, whose nodes
//! 0 and 1 are the outputs of the two cells before it. An index is a node.

use std::fmt::{Display, Formatter};
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::sources::spaces::literal::Literal;
use crate::sources::spaces::supernet::Supernet;

/// What an edge does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    /// Zeros.
    None,
    /// 3×3 max pool.
    MaxPool3x3,
    /// 3×3 average pool, the padding not counted.
    AvgPool3x3,
    /// The identity; a factorised reduction at stride 2.
    SkipConnect,
    /// Separable convolution, twice.
    Separable(usize),
    /// Separable convolution with dilation 2.
    Dilated(usize),
    /// 1×7 and 7×1 convolutions.
    Cross,
}

impl Operation {
    /// All operations: the space's eight in the order of its source, then the
    /// two that only NASNet and AmoebaNet have.
    pub(super) const ALL: [Self; 10] = [
        Self::None,
        Self::MaxPool3x3,
        Self::AvgPool3x3,
        Self::SkipConnect,
        Self::Separable(3),
        Self::Separable(5),
        Self::Dilated(3),
        Self::Dilated(5),
        Self::Separable(7),
        Self::Cross,
    ];
    /// How many of them the space itself has.
    pub(super) const OWN: usize = 8;

    /// Their names in genotypes, in the same order.
    pub(super) const NAMES: &'static [&'static str] = &[
        "none",
        "max_pool_3x3",
        "avg_pool_3x3",
        "skip_connect",
        "sep_conv_3x3",
        "sep_conv_5x5",
        "dil_conv_3x3",
        "dil_conv_5x5",
        "sep_conv_7x7",
        "conv_7x1_1x7",
    ];

    /// Its name in genotypes.
    pub(super) fn name(self) -> &'static str {
        let place = Self::ALL.iter().position(|o| *o == self);
        place.map_or("", |i| Self::NAMES[i])
    }

    /// The operation of this name.
    pub(super) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.name() == name)
    }
}

/// An operation and the node it is applied to.
pub(super) type Edge = (Operation, usize);

/// One of the two cells.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Cell {
    /// Two edges for each node from 2 on.
    pub(super) edges: Vec<[Edge; 2]>,
    /// The nodes whose values are concatenated.
    pub(super) concat: Vec<usize>,
}

/// Both cells.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::sources::spaces) struct Genotype {
    /// The cell that keeps the size.
    pub(super) normal: Cell,
    /// The cell that halves it.
    pub(super) reduce: Cell,
}

/// An architecture: a genotype, or a supernet that may become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sources::spaces) enum Arch {
    /// Decided.
    Genotype(Genotype),
    /// Partial.
    Supernet(Supernet),
}

impl Cell {
    /// Most nodes that a cell computes; published cells have 4 or 5.
    const MOST: usize = 8;

    fn read(edges: &Literal, concat: &Literal) -> Result<Self> {
        let list = edges.list("a list of (operation, node) pairs")?;
        if list.is_empty() || list.len() % 2 == 1 || list.len() > 2 * Self::MOST {
            return edges.fail(format!(
                "an even number of pairs up to {} (8 in this space), two for each node",
                2 * Self::MOST
            ));
        }
        let read = |(i, pair)| read_edge(i / 2 + 2, pair);
        let flat = list
            .iter()
            .enumerate()
            .map(read)
            .collect::<Result<Vec<_>>>()?;
        let nodes = flat.len() / 2;
        let expected = format!("different nodes from 2 to {}", nodes + 1);
        let mut named = Vec::new();
        for node in concat.list(&expected)? {
            match node.whole(&expected)? {
                n if (2..nodes + 2).contains(&n) && !named.contains(&n) => named.push(n),
                _ => return node.fail(&expected),
            }
        }
        if named.is_empty() {
            return concat.fail(format!("at least one node from 2 to {}", nodes + 1));
        }
        Ok(Self {
            edges: flat
                .chunks_exact(2)
                .map(|pair| [pair[0], pair[1]])
                .collect(),
            concat: named,
        })
    }
}

fn read_edge(target: usize, pair: &Literal) -> Result<Edge> {
    let expected = "a pair of an operation and a node";
    let [operation, node] = pair.list(expected)? else {
        return pair.fail(expected);
    };
    let known = Operation::NAMES;
    let expected = format!("an operation ({})", known[..Operation::OWN].join(", "));
    let name = operation.text(&expected)?;
    let Some(found) = Operation::by_name(name) else {
        return operation.fail_near(expected, known);
    };
    let expected = format!("a node before node {target}, from 0 to {}", target - 1);
    match node.whole(&expected)? {
        source if source < target => Ok((found, source)),
        _ => node.fail(expected),
    }
}

impl FromStr for Genotype {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let whole = Literal::read(text)?;
        let names = ["normal", "normal_concat", "reduce", "reduce_concat"];
        let expected = "Genotype(normal=…, normal_concat=…, reduce=…, reduce_concat=…)";
        let parts = whole.fields(names, expected)?;
        let part = |i: usize| match parts[i] {
            Some(part) => Ok(part),
            None => whole.fail(format!("'{}' too", names[i])),
        };
        Ok(Self {
            normal: Cell::read(part(0)?, part(1)?)?,
            reduce: Cell::read(part(2)?, part(3)?)?,
        })
    }
}

impl Display for Genotype {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let cell = |cell: &Cell| {
            let pair = |(o, i): &Edge| format!("('{}', {i})", o.name());
            let pairs: Vec<String> = cell.edges.iter().flatten().map(pair).collect();
            format!("[{}]", pairs.join(", "))
        };
        let (normal, reduce) = (&self.normal, &self.reduce);
        write!(
            f,
            "Genotype(normal={}, normal_concat={:?}, reduce={}, reduce_concat={:?})",
            cell(normal),
            normal.concat,
            cell(reduce),
            reduce.concat
        )
    }
}

impl FromStr for Arch {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(super::read(text)?.0)
    }
}

impl Display for Arch {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Genotype(genotype) => genotype.fmt(f),
            Self::Supernet(supernet) => supernet.fmt(f),
        }
    }
}
