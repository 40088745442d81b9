//! The supernet: all five operations on every edge, and its text.
//!
//! The cell string with sets of operations, as [`Set`] writes them:
//! `|*~0|+|*-none~0|nor_conv_3x3/skip_connect~1|+…`. One with an operation on
//! every edge is a cell.

use std::fmt::Display;
use std::str::FromStr;

use super::cell::{self, Cell, Operation};
use crate::architecture::Reading;
use crate::error::{Error, Result};
use crate::sources::spaces::edges::EDGES;
use crate::sources::spaces::supernet::{Layout, Place, Set, Supernet};

/// What it consists of.
pub(super) static LAYOUT: Layout = Layout {
    operations: &Operation::NAMES,
    groups: &["cell"],
    edges: &EDGES,
    inputs: None,
    print,
    architecture,
};

/// An architecture: a cell, or a supernet that may become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sources::spaces) enum Arch {
    /// Decided.
    Cell(Cell),
    /// Partial.
    Supernet(Supernet),
}

/// Reads a cell in any notation, or a supernet.
pub(super) fn read(text: &str, reading: Option<&Reading>) -> Result<(Arch, Option<String>)> {
    if !(text.trim_start().starts_with('|') && text.contains(['*', '/'])) {
        let (cell, note) = cell::read(text, reading)?;
        return Ok((Arch::Cell(cell), note));
    }
    let mut supernet = Supernet::of(&LAYOUT, Set::EMPTY);
    for (edge, set) in cell::read_sets(text)?.into_iter().enumerate() {
        supernet = supernet.with(Place { group: 0, edge }, set);
    }
    let arch = match decided(&supernet) {
        Some(cell) => Arch::Cell(cell),
        None => Arch::Supernet(supernet),
    };
    Ok((arch, None))
}

fn print(supernet: &Supernet) -> String {
    let sets = supernet.places().map(|at| supernet.set(at));
    let sets: Vec<String> = sets.map(|set| set.text(&Operation::NAMES)).collect();
    cell::print(|edge| sets.get(edge).map_or("", String::as_str))
}

/// The cell of a supernet with an operation an edge.
fn decided(supernet: &Supernet) -> Option<Cell> {
    let mut operations = [Operation::None; 6];
    for at in supernet.places() {
        operations[at.edge] = *Operation::ALL.get(supernet.set(at).only()?)?;
    }
    Some(Cell(operations))
}

fn architecture(supernet: &Supernet) -> Option<String> {
    decided(supernet).map(|cell| cell.to_string())
}

impl FromStr for Arch {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(read(text, None)?.0)
    }
}

impl Display for Arch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cell(cell) => cell.fmt(f),
            Self::Supernet(supernet) => supernet.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_supernet_is_a_cell_string_with_sets() {
        let whole = Supernet::whole(&LAYOUT);
        assert_eq!(whole.to_string(), "|*~0|+|*~0|*~1|+|*~0|*~1|*~2|");
        let text = "|*-none~0|+|nor_conv_3x3/skip_connect ~0|none~1|+|*~0|*~1|*~2";
        let (arch, _) = read(text, None).unwrap();
        assert!(matches!(arch, Arch::Supernet(_)));
        let printed = "|*-none~0|+|skip_connect/nor_conv_3x3~0|none~1|+|*~0|*~1|*~2|";
        assert_eq!(arch.to_string(), printed);
        assert_eq!(printed.parse(), Ok(arch));
    }

    #[test]
    fn a_decided_one_is_a_cell() {
        let one = "*-none-skip_connect-nor_conv_1x1-nor_conv_3x3";
        let pools = "avg_pool_3x3";
        let text = format!("|{one}~0|+|{pools}~0|{pools}~1|+|{pools}~0|{pools}~1|{pools}~2|");
        let (arch, _) = read(&text, None).unwrap();
        assert_eq!(arch, Arch::Cell(Cell([Operation::AvgPool3x3; 6])));
        assert_eq!(arch.to_string().parse(), Ok(arch));
    }

    #[test]
    fn errors_name_the_character_and_the_nearest_word() {
        for (text, position, part) in [
            ("|*-nome~0|+|*~0|*~1|+|*~0|*~1|*~2|", 2, "none"),
            ("|*~0|+|*~1|*~1|+|*~0|*~1|*~2|", 10, "'0'"),
            ("|*~0|+|*~0|~1|+|*~0|*~1|*~2|", 12, "operations"),
        ] {
            let error = read(text, None).unwrap_err();
            let said = format!("{error} {}", error.hint());
            assert!(
                matches!(error, Error::Architecture { position: p, .. } if p == position),
                "{said}"
            );
            assert!(said.contains(part), "{text}: {said}");
        }
    }
}
