//! NAS-Bench-101: seven vertices, of which five have an operation, and any edge
//! from an earlier one to a later one.

use super::{Cells, Code, Graph, sigmoid};
use crate::error::Result;
use crate::random::Stream;
use crate::sources::spaces::{Space, by_name};

/// Vertices, input and output among them.
const VERTICES: usize = 7;
/// Most edges on paths from the input to the output.
const MOST_EDGES: usize = 9;
/// Draws of edges, before a cell is given up.
const TRIES: usize = 2000;
/// What is added to an edge's logit before it is drawn.
const LIFT: f64 = 0.3;

pub(super) struct NasBench101;

/// All edges, row by row.
fn places() -> impl Iterator<Item = (usize, usize)> {
    (0..VERTICES).flat_map(|source| (source + 1..VERTICES).map(move |target| (source, target)))
}

/// The operations' names.
fn names() -> &'static [&'static str] {
    by_name("nasbench101").map_or(&[], |space| space.about().operations)
}

impl Cells for NasBench101 {
    fn graph(&self) -> Graph {
        Graph {
            nodes: VERTICES,
            operations: names().len(),
            blur: 0.0,
            inputs: vec![0],
            outputs: vec![VERTICES - 1],
            slots: (1..VERTICES - 1).collect(),
            held: Vec::new(),
            edges: places().map(|place| vec![place]).collect(),
        }
    }

    fn read(&self, space: &dyn Space, text: &str) -> Result<Option<Code>> {
        let choices = space.choices(text)?;
        let (edges, vertices): (Vec<_>, Vec<_>) = choices.iter().partition(|c| c.edge.is_some());
        // A small cell's output is the graph's all the same.
        let last = vertices.len() + 1;
        let moved = |vertex: usize| if vertex == last { VERTICES - 1 } else { vertex };
        let there = edges.iter().filter(|choice| choice.value == "edge");
        let there: Vec<(usize, usize)> = there
            .filter_map(|choice| choice.edge)
            .map(|(source, target)| (moved(source), moved(target)))
            .collect();
        let own = |choice: &&_| {
            let crate::sources::spaces::Choice { value, .. } = choice;
            names().iter().position(|name| name == value)
        };
        let mut operations: Vec<Option<usize>> = vertices.iter().map(own).collect();
        operations.resize(VERTICES - 2, None);
        Ok(Some(Code {
            operations,
            edges: places().map(|place| there.contains(&place)).collect(),
        }))
    }

    fn text(&self, code: &Code) -> String {
        let mut digits = [[b'0'; VERTICES]; VERTICES];
        for ((source, target), _) in places().zip(&code.edges).filter(|(_, is)| **is) {
            digits[source][target] = b'1';
        }
        let digits: String = digits.iter().flatten().map(|d| char::from(*d)).collect();
        let name = |own: &Option<usize>| names().get(own.unwrap_or(0)).copied().unwrap_or_default();
        let names: Vec<&str> = code.operations.iter().map(name).collect();
        format!("{digits} input,{},output", names.join(","))
    }

    fn draw(&self, logits: &[f64], stream: &mut Stream) -> Option<Vec<bool>> {
        let chances: Vec<f64> = logits.iter().map(|logit| sigmoid(logit + LIFT)).collect();
        (0..TRIES).find_map(|_| {
            let edges = chances.iter().map(|chance| stream.uniform() < *chance);
            let edges: Vec<bool> = edges.collect();
            is_valid(&edges).then_some(edges)
        })
    }
}

/// Whether there is a path from input to output, and few edges are on such paths.
fn is_valid(edges: &[bool]) -> bool {
    let there: Vec<_> = places()
        .zip(edges)
        .filter(|(_, is)| **is)
        .map(|(place, _)| place)
        .collect();
    let (mut after, mut before) = ([false; VERTICES], [false; VERTICES]);
    (after[0], before[VERTICES - 1]) = (true, true);
    // Edges ascend by their sources.
    there.iter().for_each(|&(s, t)| after[t] |= after[s]);
    there
        .iter()
        .rev()
        .for_each(|&(s, t)| before[s] |= before[t]);
    let on_path = there.iter().filter(|&&(s, t)| after[s] && before[t]);
    after[VERTICES - 1] && on_path.count() <= MOST_EDGES
}
