//! DARTS: both cells in one graph, eleven nodes each: two inputs, the eight
//! operations in their order, the output. The first cell's output leads to both
//! inputs of the second.
//!
//! An operation has an edge for each node of the cell that may be its source; a
//! node's value is the sum of its two operations', so that an edge from it stands
//! for connections from both.

use super::{Cells, Code, Graph, pick, sigmoid};
use crate::error::Result;
use crate::random::Stream;
use crate::sources::spaces::{Space, by_name};

/// Nodes of a cell that are computed, and their operations.
const COMPUTED: usize = 4;
/// Inputs of a cell, and edges of a computed node.
const TWO: usize = 2;
/// Nodes of one cell in the graph.
const NODES: usize = TWO + TWO * COMPUTED + 1;
/// The cells.
const CELLS: [&str; 2] = ["normal", "reduce"];
/// Draws of a node's two sources, before a cell is given up.
const TRIES: usize = 200;

pub(super) struct Darts;

/// The operations' names: those of the supernet's edges, which are never `none`.
fn names() -> &'static [&'static str] {
    let layout = by_name("darts").ok().and_then(Space::layout);
    layout.map_or(&[], |layout| layout.operations)
}

/// Where the operations of both cells stand: the cell, and the operation in it.
fn slots() -> impl Iterator<Item = (usize, usize)> {
    (0..CELLS.len()).flat_map(|cell| (0..TWO * COMPUTED).map(move |own| (cell, own)))
}

/// How many nodes may be an operation's source.
fn sources(own: usize) -> usize {
    own / TWO + TWO
}

/// The nodes of the graph that are a cell's node.
fn standing(cell: usize, node: usize) -> Vec<usize> {
    let first = cell * NODES;
    match node {
        0 | 1 => vec![first + node],
        computed => (0..TWO)
            .map(|k| first + TWO * (computed - TWO) + TWO + k)
            .collect(),
    }
}

impl Cells for Darts {
    fn graph(&self) -> Graph {
        let slot = |(cell, own): (usize, usize)| cell * NODES + TWO + own;
        let output = |cell: usize| (cell + 1) * NODES - 1;
        let mut held: Vec<_> = slots()
            .map(|place| (slot(place), output(place.0)))
            .collect();
        held.extend(
            standing(1, 0)
                .into_iter()
                .chain(standing(1, 1))
                .map(|input| (output(0), input)),
        );
        let to = |place: (usize, usize), node: usize| {
            let all = standing(place.0, node).into_iter();
            all.map(|source| (source, slot(place))).collect()
        };
        let edges =
            slots().flat_map(|place| (0..sources(place.1)).map(move |node| to(place, node)));
        Graph {
            nodes: CELLS.len() * NODES,
            operations: names().len(),
            blur: 0.0,
            inputs: (0..CELLS.len())
                .flat_map(|cell| (0..TWO).flat_map(move |i| standing(cell, i)))
                .collect(),
            outputs: (0..CELLS.len()).map(output).collect(),
            slots: slots().map(slot).collect(),
            held,
            edges: edges.collect(),
        }
    }

    fn read(&self, space: &dyn Space, text: &str) -> Result<Option<Code>> {
        let canonical = space.canonical(text)?;
        let choices = space.choices(&canonical)?;
        let whole = canonical.matches("_concat=[2, 3, 4, 5]").count() == CELLS.len();
        let (pairs, rest) = choices.as_chunks::<2>();
        if !whole || pairs.len() != slots().count() || !rest.is_empty() {
            return Ok(None);
        }
        let mut code = Code {
            operations: Vec::new(),
            edges: Vec::new(),
        };
        for ((_, own), [operation, source]) in slots().zip(pairs) {
            let operation = names().iter().position(|name| *name == operation.value);
            let source = source.value.parse::<usize>().ok();
            let (Some(operation), Some(source)) = (operation, source) else {
                return Ok(None);
            };
            code.operations.push(Some(operation));
            code.edges
                .extend((0..sources(own)).map(|node| node == source));
        }
        Ok(Some(code))
    }

    fn text(&self, code: &Code) -> String {
        let mut edges = code.edges.iter();
        let mut pairs = Vec::new();
        for ((_, own), operation) in slots().zip(&code.operations) {
            let of: Vec<&bool> = edges.by_ref().take(sources(own)).collect();
            let source = of.iter().position(|is| **is).unwrap_or(0);
            let name = names()
                .get(operation.unwrap_or(0))
                .copied()
                .unwrap_or_default();
            pairs.push(format!("('{name}', {source})"));
        }
        let parts = CELLS
            .iter()
            .zip(pairs.chunks(TWO * COMPUTED))
            .map(|(name, pairs)| {
                format!("{name}=[{}], {name}_concat=[2, 3, 4, 5]", pairs.join(", "))
            });
        format!("Genotype({})", parts.collect::<Vec<_>>().join(", "))
    }

    fn draw(&self, logits: &[f64], stream: &mut Stream) -> Option<Vec<bool>> {
        let mut left = logits;
        let mut edges = Vec::with_capacity(logits.len());
        for (_, own) in slots().step_by(TWO) {
            let count = sources(own);
            let (node, rest) = left.split_at_checked(TWO * count)?;
            left = rest;
            let shares = |logits: &[f64]| -> Vec<f64> {
                logits
                    .iter()
                    .map(|logit| libm::exp(sigmoid(*logit)))
                    .collect()
            };
            let (first, second) = node.split_at(count);
            let (first, second) = (shares(first), shares(second));
            let drawn = (0..TRIES).find_map(|_| {
                let both = [pick(&first, stream), pick(&second, stream)];
                (both[0] < both[1]).then_some(both)
            });
            for source in drawn? {
                edges.extend((0..count).map(|node| node == source));
            }
        }
        Some(edges)
    }
}
