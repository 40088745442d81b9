//! A cell and its notations.
//!
//! **Cell string**: `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`; the group of node t
//! lists one operation for each source s < t. `Structure(4 nodes with |…|)`, as
//! the benchmark prints it, and a missing last `|` are read too.
//! **Six-index form**: six digits 0…4, separated by commas, blanks or nothing,
//! in brackets or not: `(1, 0, 0, 2, 1, 0)`. In which order, a [`Reading`] says.
//! **Names**: six names of operations in the same orders.
//! **Index**: the benchmark's own number of a cell, see [`index`](super::index).

#![allow(
    clippy::cast_possible_truncation,
    reason = "counts are far below the types' ranges"
)]

use std::str::FromStr;

use super::index;
use crate::architecture::Reading;
use crate::error::{Error, Result};
use crate::sources::spaces::edges::EDGES;
use crate::sources::spaces::scan::Scanner;
use crate::sources::spaces::supernet::Set;

/// What an edge does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Zeros.
    #[default]
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
        f.write_str(&print(|edge| self.0[edge].name()))
    }
}

/// The cell string with these words on the edges.
pub(super) fn print<'a>(word: impl Fn(usize) -> &'a str) -> String {
    let edge = |(i, (source, target)): (usize, &(usize, usize))| {
        // A target's first edge opens its group.
        let opens = i == 0 || EDGES[i - 1].1 != *target;
        let before = match (opens, i) {
            (true, 0) => "|",
            (true, _) => "+|",
            _ => "",
        };
        format!("{before}{}~{source}|", word(i))
    };
    EDGES.iter().enumerate().map(edge).collect()
}

impl FromStr for Cell {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(read(text, None)?.0)
    }
}

/// Reads a cell in any notation; numbers and bare names in the order of a
/// reading. Gives what there is to know about how it was understood.
pub(super) fn read(text: &str, reading: Option<&Reading>) -> Result<(Cell, Option<String>)> {
    let mut reader = Reader {
        scanner: Scanner::new(text),
        order: reading.map_or(&ORDERS[0], |r| order(r.name)),
    };
    reader.scanner.blanks();
    let start = reader.scanner.rest().trim_end();
    if start.starts_with('|') {
        return Ok((Cell(reader.cell_string("", Reader::operation)?), None));
    }
    if start.starts_with("Structure(") {
        reader.until_cell()?;
        return Ok((Cell(reader.cell_string(")", Reader::operation)?), None));
    }
    if !start.is_empty() && start.len() < 6 && start.bytes().all(|b| b.is_ascii_digit()) {
        return reader.index(start);
    }
    if start.starts_with(['(', '[', '0', '1', '2', '3', '4'])
        && !start.contains(char::is_alphabetic)
    {
        return Ok((reader.six_digits()?, None));
    }
    if start.contains(',') || start.starts_with(['(', '[']) {
        return Ok((reader.names()?, None));
    }
    reader
        .scanner
        .fail("a cell string beginning with '|', six digits 0…4, six operations, or the benchmark's index of a cell")
}

/// Reads a cell string with a set of operations on each edge.
pub(super) fn read_sets(text: &str) -> Result<[Set; 6]> {
    let mut reader = Reader {
        scanner: Scanner::new(text),
        order: &ORDERS[0],
    };
    reader.cell_string("", Reader::set)
}

/// The order of a reading.
fn order(name: &str) -> &'static Order {
    let found = ORDERS.iter().find(|o| o.reading.name == name);
    found.unwrap_or(&ORDERS[0])
}

/// An order of operations and edges.
struct Order {
    reading: Reading,
    /// What the digits 0…4 stand for.
    operations: [Operation; 5],
    /// The place in [`EDGES`] of each edge.
    edges: [usize; 6],
}

/// The orders in which six numbers are written, the benchmark's own first.
///
/// NASLib (`search_spaces/nasbench201/conversions.py`) numbers identity, zero,
/// 3×3, 1×1, pool, and sorts edges by their source. The tests hold both against
/// parameter counts.
const ORDERS: [Order; 2] = [
    Order {
        reading: READINGS[0],
        operations: Operation::ALL,
        edges: [0, 1, 2, 3, 4, 5],
    },
    Order {
        reading: READINGS[1],
        operations: [
            Operation::SkipConnect,
            Operation::None,
            Operation::NorConv3x3,
            Operation::NorConv1x1,
            Operation::AvgPool3x3,
        ],
        edges: [0, 1, 3, 2, 4, 5],
    },
];

/// What six numbers may mean.
pub(super) const READINGS: &[Reading] = &[
    Reading {
        name: "nats",
        title: "NAS-Bench-201 and NATS-Bench",
    },
    Reading {
        name: "naslib",
        title: "NASLib",
    },
];

impl Order {
    fn cell(&self, operations: [Operation; 6]) -> Cell {
        let mut cell = Cell([Operation::None; 6]);
        for (edge, operation) in self.edges.into_iter().zip(operations) {
            cell.0[edge] = operation;
        }
        cell
    }
}

/// Reads a cell from its text.
struct Reader<'a> {
    scanner: Scanner<'a>,
    order: &'static Order,
}

impl Reader<'_> {
    fn operation(&mut self) -> Result<Operation> {
        self.scanner.blanks();
        let word = self.scanner.until(&['~', '|', '+']);
        match Operation::ALL.into_iter().find(|o| o.name() == word) {
            Some(operation) => {
                self.scanner.advance(word.len());
                Ok(operation)
            }
            None => self.scanner.fail_near(
                format!("an operation ({})", Operation::NAMES.join(", ")),
                word,
                &Operation::NAMES,
            ),
        }
    }

    fn set(&mut self) -> Result<Set> {
        self.scanner.blanks();
        let text = self.scanner.until(&['~', '|', '+']);
        match Set::read(text, &Operation::NAMES) {
            Ok(set) => {
                self.scanner.advance(text.len());
                Ok(set)
            }
            Err(word) => self.scanner.fail_near(
                format!(
                    "* or some of the operations {} with / between them",
                    Operation::NAMES.join(", ")
                ),
                word,
                &Operation::NAMES,
            ),
        }
    }

    /// Steps to the cell in `Structure(4 nodes with |…|)`, as the benchmark
    /// prints it.
    fn until_cell(&mut self) -> Result<()> {
        let rest = self.scanner.rest();
        match rest.find('|') {
            Some(at) => {
                self.scanner.advance(at);
                Ok(())
            }
            None => {
                self.scanner.advance(rest.len());
                self.scanner.fail("a cell string beginning with '|'")
            }
        }
    }

    /// A cell string; its last `|` may be missing. `close` may follow it.
    fn cell_string<T>(
        &mut self,
        close: &str,
        read: impl Fn(&mut Self) -> Result<T>,
    ) -> Result<[T; 6]>
    where
        T: Default + Copy,
    {
        let mut edges = [T::default(); 6];
        for (i, (source, target)) in EDGES.into_iter().enumerate() {
            if i > 0 && EDGES[i - 1].1 != target {
                self.scanner.sign('+')?;
            }
            if i == 0 || EDGES[i - 1].1 != target {
                self.scanner.sign('|')?;
            }
            edges[i] = read(self)?;
            self.scanner.sign('~')?;
            self.scanner.blanks();
            if !self.scanner.rest().starts_with(&source.to_string()) {
                return self.scanner.fail(format!(
                    "'{source}', the source node of this edge into node {target}"
                ));
            }
            self.scanner.advance(1);
            let rest = self.scanner.rest().trim_start();
            let cut = i + 1 == EDGES.len() && (rest.is_empty() || rest.starts_with(')'));
            if !cut {
                self.scanner.sign('|')?;
            }
        }
        for sign in close.chars() {
            self.scanner.sign(sign)?;
        }
        self.scanner.end("the end of the cell")?;
        Ok(edges)
    }

    fn six_digits(&mut self) -> Result<Cell> {
        let digits = self.scanner.digits(4)?;
        let operations = digits.map(|d| self.order.operations[d % 5]);
        Ok(self.order.cell(operations))
    }

    /// The benchmark's own number of a cell.
    fn index(&mut self, digits: &str) -> Result<(Cell, Option<String>)> {
        let found = digits.parse().ok().and_then(index::digits);
        match found {
            Some(found) => {
                let cell = Cell(found.map(|d| Operation::ALL[d % 5]));
                let note = format!(
                    "{digits} is read as the index of a cell in NAS-Bench-201 and NATS-Bench"
                );
                Ok((cell, Some(note)))
            }
            None => self.scanner.fail(format!(
                "an index below {}, six digits 0…4, or a cell string beginning with '|'",
                Cell::COUNT
            )),
        }
    }

    /// Six names of operations, with commas, in brackets or not; NASLib's own
    /// names are in its order.
    fn names(&mut self) -> Result<Cell> {
        let close = match () {
            () if self.scanner.take('[') => Some(']'),
            () if self.scanner.take('(') => Some(')'),
            () => None,
        };
        let mut operations = [Operation::None; 6];
        let mut naslib = None;
        for (i, operation) in operations.iter_mut().enumerate() {
            if i > 0 {
                self.scanner.sign(',')?;
            }
            let (found, foreign) = self.name(i + 1)?;
            if *naslib.get_or_insert(foreign) != foreign {
                return self.scanner.fail("names of one library, not of two");
            }
            *operation = found;
        }
        self.scanner.take(',');
        if let Some(sign) = close {
            self.scanner.sign(sign)?;
        }
        self.scanner.end("the end of the cell")?;
        let order = if naslib == Some(true) {
            &ORDERS[1]
        } else {
            self.order
        };
        Ok(order.cell(operations))
    }

    /// A name, quoted or not, and whether it is one of NASLib's.
    fn name(&mut self, place: usize) -> Result<(Operation, bool)> {
        let mark = ['\'', '"'].into_iter().find(|m| self.scanner.take(*m));
        let word = self.scanner.until(&[',', ']', ')', '\'', '"']);
        let own = Operation::ALL.into_iter().find(|o| o.name() == word);
        let theirs = NASLIB.iter().find(|(name, _)| *name == word);
        let found = own
            .map(|o| (o, false))
            .or(theirs.map(|(_, operation)| (*operation, true)));
        let Some(found) = found else {
            return self.scanner.fail_near(
                format!("operation {place} of six ({})", Operation::NAMES.join(", ")),
                word,
                &Operation::NAMES,
            );
        };
        self.scanner.advance(word.len());
        if let Some(mark) = mark {
            self.scanner.sign(mark)?;
        }
        Ok(found)
    }
}

/// What NASLib calls the operations.
const NASLIB: [(&str, Operation); 5] = [
    ("Identity", Operation::SkipConnect),
    ("Zero", Operation::None),
    ("ReLUConvBN3x3", Operation::NorConv3x3),
    ("ReLUConvBN1x1", Operation::NorConv1x1),
    ("AvgPool1x1", Operation::AvgPool3x3),
];
