//! The supernet: all seven operations on every edge of both cells, and its text.
//!
//! `Supernet(normal=[[('*', 0), ('*', 1)], …], reduce=[…])`: for each node from 2
//! on a list of its edges, each the operations that it still has and its source.
//! Operations are written as [`Set`] has them: `*`, `*-sep_conv_3x3`,
//! `skip_connect/max_pool_3x3`. An edge that is left out is not there.
//!
//! Its network differs from a genotype's as the published one does: norms in
//! cells have no scale or shift, and one follows each pool.

use super::genotype::{Cell, Edge, Genotype, Operation};
use crate::error::Result;
use crate::sources::spaces::literal::Literal;
use crate::sources::spaces::supernet::{Layout, Place, Set, Supernet};

/// The operations of an edge, in the order of the published search.
pub(super) const MIXED: &[&str] = Operation::NAMES.split_at(Operation::OWN).0.split_at(1).1;

/// The edges of a cell: each node has all those before it.
pub(super) const EDGES: [(usize, usize); 14] = {
    let mut edges = [(0, 0); 14];
    let (mut place, mut target) = (0, 2);
    while target < 6 {
        let mut source = 0;
        while source < target {
            edges[place] = (source, target);
            place += 1;
            source += 1;
        }
        target += 1;
    }
    edges
};

/// The nodes that make a cell's output.
pub(super) const CONCAT: [usize; 4] = [2, 3, 4, 5];

/// The places of the two cells.
pub(super) const NORMAL: usize = 0;
/// See [`NORMAL`].
pub(super) const REDUCE: usize = 1;

/// What it consists of.
pub(super) static LAYOUT: Layout = Layout {
    operations: MIXED,
    groups: &["normal", "reduce"],
    edges: &EDGES,
    inputs: Some(2),
    print,
    architecture,
};

/// Whether a text is meant as a supernet.
pub(super) fn is_meant(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with("Supernet")
}

/// Reads a supernet's text.
pub(super) fn read(text: &str) -> Result<Supernet> {
    let whole = Literal::read(text)?;
    let expected = "Supernet(normal=…, reduce=…)";
    let cells = whole.fields(["normal", "reduce"], expected)?;
    let mut supernet = Supernet::of(&LAYOUT, Set::EMPTY);
    for (group, cell) in cells.into_iter().enumerate() {
        let Some(cell) = cell else {
            return whole.fail(format!("'{}' too", LAYOUT.groups[group]));
        };
        let expected = "a list of four nodes, each a list of (operations, source) pairs";
        let nodes = cell.list(expected)?;
        if nodes.len() != CONCAT.len() {
            return cell.fail(expected);
        }
        for (node, target) in nodes.iter().zip(CONCAT) {
            for pair in node.list("a list of (operations, source) pairs")? {
                let (edge, set) = read_edge(pair, target)?;
                let at = Place { group, edge };
                if !supernet.set(at).is_empty() {
                    return pair.fail(format!("each source of node {target} once"));
                }
                supernet = supernet.with(at, set);
            }
        }
    }
    Ok(supernet)
}

fn read_edge(pair: &Literal, target: usize) -> Result<(usize, Set)> {
    let expected = "a pair of operations and a source";
    let [operations, source] = pair.list(expected)? else {
        return pair.fail(expected);
    };
    let expected = format!(
        "* or some of the operations {} with / between them",
        MIXED.join(", ")
    );
    let set = match Set::read(operations.text(&expected)?, MIXED) {
        Ok(set) => set,
        Err(word) => return operations.named(word).fail_near(expected, MIXED),
    };
    let expected = format!("a node before node {target}, from 0 to {}", target - 1);
    let number = source.whole(&expected)?;
    let place = EDGES.iter().position(|edge| *edge == (number, target));
    match place {
        Some(edge) => Ok((edge, set)),
        None => source.fail(expected),
    }
}

fn print(supernet: &Supernet) -> String {
    let cell = |group: usize| {
        let node = |target: usize| {
            let edges = supernet.into_node(group, target).map(|at| {
                let (source, _) = EDGES[at.edge];
                format!("('{}', {source})", supernet.set(at).text(MIXED))
            });
            format!("[{}]", edges.collect::<Vec<_>>().join(", "))
        };
        CONCAT.map(node).join(", ")
    };
    format!(
        "Supernet(normal=[{}], reduce=[{}])",
        cell(NORMAL),
        cell(REDUCE)
    )
}

/// The genotype of a supernet with two edges a node and an operation each.
fn architecture(supernet: &Supernet) -> Option<String> {
    let cell = |group: usize| -> Option<Cell> {
        let node = |target: usize| -> Option<[Edge; 2]> {
            let edge = |at: Place| {
                let operation = Operation::ALL.get(supernet.set(at).only()? + 1)?;
                Some((*operation, EDGES[at.edge].0))
            };
            let edges = supernet.into_node(group, target).map(edge);
            edges.collect::<Option<Vec<_>>>()?.try_into().ok()
        };
        Some(Cell {
            edges: CONCAT.into_iter().map(node).collect::<Option<Vec<_>>>()?,
            concat: CONCAT.to_vec(),
        })
    };
    let genotype = Genotype {
        normal: cell(NORMAL)?,
        reduce: cell(REDUCE)?,
    };
    Some(genotype.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_supernet_is_short_and_read_back() {
        let whole = Supernet::whole(&LAYOUT);
        let text = whole.to_string();
        assert!(text.starts_with(
            "Supernet(normal=[[('*', 0), ('*', 1)], [('*', 0), ('*', 1), ('*', 2)], "
        ));
        assert_eq!(read(&text).unwrap(), whole);
        assert_eq!(whole.architecture(), None);
        assert_eq!(whole.crowded().len(), 6);
    }

    #[test]
    fn a_decided_supernet_is_a_genotype() {
        let mut supernet = Supernet::whole(&LAYOUT);
        for at in supernet.places() {
            let (source, target) = EDGES[at.edge];
            let kept = source + 2 >= target;
            let set = if kept { Set::one(3) } else { Set::EMPTY };
            supernet = supernet.with(at, set);
        }
        assert!(supernet.crowded().is_empty());
        let text = supernet.architecture().unwrap();
        assert!(text.starts_with("Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('sep_conv_3x3', 2)"));
        assert!(text.parse::<Genotype>().is_ok());
        assert_eq!(read(&supernet.to_string()).unwrap(), supernet);
    }

    #[test]
    fn errors_name_the_place_and_the_nearest_word() {
        let text = Supernet::whole(&LAYOUT).to_string();
        for (from, to, part) in [
            ("'*'", "'*-sep_conv_3x'", "sep_conv_3x3"),
            ("('*', 1)", "('*', 2)", "from 0 to 1"),
            ("('*', 1)", "('*', 0)", "once"),
            ("[('*', 0), ('*', 1)], ", "", "four nodes"),
            ("reduce", "reduced", "reduce"),
        ] {
            let error = read(&text.replacen(from, to, 1)).unwrap_err();
            let said = format!("{error} {}", error.hint());
            assert!(said.contains(part), "{to}: {said}");
        }
    }
}
