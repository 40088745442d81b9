//! A cell and its two notations.
//!
//! **Cell string**: `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`; the group of node t
//! lists one operation for each source s < t.
//! **Six-index form**: six digits 0…4 in the order of [`EDGES`], separated by
//! commas, blanks or nothing, in brackets or not: `(1, 0, 0, 2, 1, 0)`. A digit
//! is an operation's place in [`Operation::ALL`].

#![allow(
    clippy::cast_possible_truncation,
    reason = "counts are far below the types' ranges"
)]

use std::str::FromStr;

use crate::error::{Error, Result};
use crate::sources::spaces::edges::EDGES;
use crate::sources::spaces::scan::Scanner;

/// What an edge does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Zeros.
    None,
    /// The identity.
    SkipConnect,
    /// ReLU, 1×1 convolution, batch norm.
    NorConv1x1,
    /// ReLU, 3×3 convolution, batch norm.
    NorConv3x3,
    /// 3×3 average pool, stride 1.
    AvgPool3x3,
}

impl Operation {
    /// All operations, in index order.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::SkipConnect,
        Self::NorConv1x1,
        Self::NorConv3x3,
        Self::AvgPool3x3,
    ];

    /// The benchmark's names, in index order.
    pub const NAMES: [&'static str; 5] = [
        "none",
        "skip_connect",
        "nor_conv_1x1",
        "nor_conv_3x3",
        "avg_pool_3x3",
    ];

    /// The benchmark's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// A cell: one operation an edge, in the order of [`EDGES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cell(pub [Operation; 6]);

impl Cell {
    /// Number of cells, 5⁶.
    pub const COUNT: u64 = 15_625;

    /// The cell with this number in `0..COUNT`, the first edge counting fastest.
    #[must_use]
    pub fn from_index(index: u64) -> Option<Self> {
        if index >= Self::COUNT {
            return None;
        }
        let mut rest = index as usize;
        Some(Self([(); 6].map(|()| {
            let operation = Operation::ALL[rest % 5];
            rest /= 5;
            operation
        })))
    }

    /// The six-index form's digits.
    #[must_use]
    pub fn digits(self) -> [usize; 6] {
        self.0.map(|operation| operation as usize)
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, ((source, target), operation)) in EDGES.iter().zip(self.0).enumerate() {
            // A target's first edge opens its group.
            let opens = i == 0 || EDGES[i - 1].1 != *target;
            f.write_str(match (opens, i) {
                (true, 0) => "|",
                (true, _) => "+|",
                _ => "",
            })?;
            write!(f, "{}~{source}|", operation.name())?;
        }
        Ok(())
    }
}

impl FromStr for Cell {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut reader = Reader(Scanner::new(text));
        reader.0.blanks();
        if reader.0.rest().starts_with('|') {
            reader.cell_string()
        } else {
            reader.six_digits()
        }
    }
}

/// Reads a cell from its text.
struct Reader<'a>(Scanner<'a>);

impl Reader<'_> {
    fn operation(&mut self) -> Result<Operation> {
        self.0.blanks();
        let word = self.0.until(&['~', '|', '+']);
        match Operation::ALL.into_iter().find(|o| o.name() == word) {
            Some(operation) => {
                self.0.advance(word.len());
                Ok(operation)
            }
            None => self.0.fail_near(
                format!("an operation ({})", Operation::NAMES.join(", ")),
                word,
                &Operation::NAMES,
            ),
        }
    }

    fn cell_string(&mut self) -> Result<Cell> {
        let mut operations = [Operation::None; 6];
        for (i, (source, target)) in EDGES.into_iter().enumerate() {
            if i > 0 && EDGES[i - 1].1 != target {
                self.0.sign('+')?;
            }
            if i == 0 || EDGES[i - 1].1 != target {
                self.0.sign('|')?;
            }
            operations[i] = self.operation()?;
            self.0.sign('~')?;
            self.0.blanks();
            if !self.0.rest().starts_with(&source.to_string()) {
                return self.0.fail(format!(
                    "'{source}', the source node of this edge into node {target}"
                ));
            }
            self.0.advance(1);
            self.0.sign('|')?;
        }
        self.0.end("the end of the cell")?;
        Ok(Cell(operations))
    }

    fn six_digits(&mut self) -> Result<Cell> {
        if !self
            .0
            .rest()
            .starts_with(['(', '[', '0', '1', '2', '3', '4'])
        {
            return self
                .0
                .fail("a cell string beginning with '|', or six digits 0…4");
        }
        let digits = self.0.digits(4)?;
        Ok(Cell(digits.map(|d| Operation::ALL[d % 5])))
    }
}
