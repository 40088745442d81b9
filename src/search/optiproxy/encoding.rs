//! Cells as graphs of nodes with an operation each: what the surrogate sees.
//!
//! A cell is decided by an operation for each slot and by the edges that it has; a
//! relaxed one has a share of each operation and of each edge. Both are written by
//! the same function, so that a relaxed cell whose shares are 0 and 1 *is* the
//! decided one.

mod darts;
mod nasbench101;
mod nasbench201;

use super::numbers::Real;
use crate::error::{Error, Result};
use crate::random::Stream;
use crate::sources::spaces::Space;

/// What is decided in a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Code {
    /// The operation of each slot; none where the cell has no such node.
    pub(super) operations: Vec<Option<usize>>,
    /// Whether each edge is there.
    pub(super) edges: Vec<bool>,
}

/// The graph that all cells of a space share. A node's row has a column for the
/// input, one for each operation, and one for the output.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Graph {
    /// Nodes.
    pub(super) nodes: usize,
    /// Operations that a slot may have.
    pub(super) operations: usize,
    /// At most so much is added to each share before an operation is drawn.
    pub(super) blur: f64,
    /// The nodes that are inputs.
    inputs: Vec<usize>,
    /// The nodes that are outputs.
    outputs: Vec<usize>,
    /// The nodes that have an operation.
    slots: Vec<usize>,
    /// Connections that every cell has, as (source, target).
    held: Vec<(usize, usize)>,
    /// The edges that a cell may have: the connections that each stands for.
    edges: Vec<Vec<(usize, usize)>>,
}

/// Cells side by side.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Batch<T> {
    /// How many.
    pub(super) cells: usize,
    /// The nodes' rows, `[cells, nodes, width]`.
    pub(super) nodes: Vec<T>,
    /// From a source (row) to a target (column), `[cells, nodes, nodes]`.
    pub(super) connections: Vec<T>,
}

impl Graph {
    /// Numbers of a node's row.
    pub(super) fn width(&self) -> usize {
        self.operations + 2
    }

    /// Shares of operations that a cell has, a row for each slot.
    pub(super) fn shares(&self) -> usize {
        self.slots.len() * self.operations
    }

    /// Edges that a cell may have.
    pub(super) fn edges(&self) -> usize {
        self.edges.len()
    }

    /// Adds a cell by its shares of operations and of edges.
    pub(super) fn add<T: Real>(&self, batch: &mut Batch<T>, operations: &[T], edges: &[T]) {
        let (width, n) = (self.width(), self.nodes);
        let (begin, from) = (batch.nodes.len(), batch.connections.len());
        batch.cells += 1;
        batch.nodes.resize(begin + n * width, T::zero());
        batch.connections.resize(from + n * n, T::zero());
        let rows = &mut batch.nodes[begin..];
        self.inputs.iter().for_each(|i| rows[i * width] = T::one());
        let last = self.outputs.iter().map(|i| (i + 1) * width - 1);
        last.for_each(|place| rows[place] = T::one());
        for (slot, shares) in self
            .slots
            .iter()
            .zip(operations.chunks_exact(self.operations))
        {
            rows[slot * width + 1..][..self.operations].copy_from_slice(shares);
        }
        let connections = &mut batch.connections[from..];
        for (source, target) in &self.held {
            connections[source * n + target] = T::one();
        }
        for (places, &share) in self.edges.iter().zip(edges) {
            for (source, target) in places {
                connections[source * n + target] = share;
            }
        }
    }

    /// Decided cells.
    pub(super) fn batch<'a, T: Real>(&self, codes: impl Iterator<Item = &'a Code>) -> Batch<T> {
        let mut batch = Batch {
            cells: 0,
            nodes: Vec::new(),
            connections: Vec::new(),
        };
        let share = |is: bool| if is { T::one() } else { T::zero() };
        for code in codes {
            let all = code.operations.iter();
            let shares = all.flat_map(|own| (0..self.operations).map(|o| share(*own == Some(o))));
            let edges = code.edges.iter().map(|is| share(*is));
            self.add(
                &mut batch,
                &shares.collect::<Vec<T>>(),
                &edges.collect::<Vec<T>>(),
            );
        }
        batch
    }

    /// The gradient by the shares of one cell of a batch, from that by its rows and
    /// connections.
    pub(super) fn gradient<T: Real>(&self, slopes: &Batch<T>, cell: usize) -> (Vec<T>, Vec<T>) {
        let (width, n) = (self.width(), self.nodes);
        let rows = &slopes.nodes[cell * n * width..];
        let own = |slot: &usize| rows[slot * width + 1..][..self.operations].iter().copied();
        let connections = &slopes.connections[cell * n * n..];
        let sum = |places: &Vec<(usize, usize)>| {
            let slopes = places.iter().map(|(s, t)| connections[s * n + t]);
            slopes.fold(T::zero(), |sum, x| sum + x)
        };
        (
            self.slots.iter().flat_map(own).collect(),
            self.edges.iter().map(sum).collect(),
        )
    }
}

/// How a space's architectures are cells of a graph.
pub(super) trait Cells: Sync {
    /// The graph.
    fn graph(&self) -> Graph;

    /// What is decided in an architecture; none where it has no place in the graph.
    ///
    /// # Errors
    /// [`Error::Architecture`] for a text that is none.
    fn read(&self, space: &dyn Space, text: &str) -> Result<Option<Code>>;

    /// Its canonical text.
    fn text(&self, code: &Code) -> String;

    /// Draws a cell's edges around their logits; none where no valid ones came.
    fn draw(&self, logits: &[f64], stream: &mut Stream) -> Option<Vec<bool>>;
}

/// The spaces that have an encoding.
pub(super) const SPACES: [&str; 3] = ["nasbench101", "nasbench201", "darts"];

/// The encoding of a space.
///
/// # Errors
/// [`Error::Usage`] for a space that has none.
pub(super) fn of(space: &str) -> Result<&'static dyn Cells> {
    match SPACES.iter().position(|name| *name == space) {
        Some(0) => Ok(&nasbench101::NasBench101),
        Some(1) => Ok(&nasbench201::NasBench201),
        Some(2) => Ok(&darts::Darts),
        _ => Err(Error::Usage {
            message: format!("optiproxy sees cells as graphs, and has no encoding of {space}"),
            cure: format!(
                "take a space that it has one of ({}), or another strategy",
                SPACES.join(", ")
            ),
        }),
    }
}

/// Which of some shares is drawn; they need not add up to one.
pub(super) fn pick(shares: &[f64], stream: &mut Stream) -> usize {
    let mut left = stream.uniform() * shares.iter().sum::<f64>();
    for (i, share) in shares.iter().enumerate() {
        left -= share;
        if left < 0.0 {
            return i;
        }
    }
    // Rounding alone leads here.
    shares.len().saturating_sub(1)
}

/// 1 / (1 + e⁻ˣ).
pub(super) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-x))
}

#[cfg(test)]
mod tests;
