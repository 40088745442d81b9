//! NAS-Bench-201: the six edges are the nodes that have an operation; how they
//! are connected is always the same.

use super::{Cells, Code, Graph};
use crate::error::Result;
use crate::random::Stream;
use crate::sources::spaces::{Cell, EDGES, Operation, Space};

/// The nodes of the cell's own graph: its input and its output.
const ENDS: (usize, usize) = (0, 3);

pub(super) struct NasBench201;

impl Cells for NasBench201 {
    fn graph(&self) -> Graph {
        // An edge follows those that end where it begins.
        let (input, output) = (0, EDGES.len() + 1);
        let mut held = Vec::new();
        for (i, edge) in EDGES.iter().enumerate() {
            if edge.0 == ENDS.0 {
                held.push((input, i + 1));
            }
            let next = EDGES
                .iter()
                .enumerate()
                .filter(|(_, next)| next.0 == edge.1);
            held.extend(next.map(|(k, _)| (i + 1, k + 1)));
            if edge.1 == ENDS.1 {
                held.push((i + 1, output));
            }
        }
        Graph {
            nodes: EDGES.len() + 2,
            operations: Operation::ALL.len(),
            blur: 0.3,
            inputs: vec![input],
            outputs: vec![output],
            slots: (1..=EDGES.len()).collect(),
            held,
            edges: Vec::new(),
        }
    }

    fn read(&self, space: &dyn Space, text: &str) -> Result<Option<Code>> {
        let choices = space.choices(text)?;
        let operation = |value: &str| Operation::NAMES.iter().position(|name| *name == value);
        // A supernet's choices are of another kind.
        let operations = choices
            .iter()
            .map(|choice| operation(&choice.value).map(Some));
        let operations: Option<Vec<_>> = operations.collect();
        let operations = operations.filter(|all| all.len() == EDGES.len());
        Ok(operations.map(|operations| Code {
            operations,
            edges: Vec::new(),
        }))
    }

    fn text(&self, code: &Code) -> String {
        let mut cell = Cell([Operation::None; 6]);
        for (edge, own) in cell.0.iter_mut().zip(&code.operations) {
            *edge = own.map_or(Operation::None, |o| {
                Operation::ALL[o % Operation::ALL.len()]
            });
        }
        cell.to_string()
    }

    fn draw(&self, _: &[f64], _: &mut Stream) -> Option<Vec<bool>> {
        Some(Vec::new())
    }
}
