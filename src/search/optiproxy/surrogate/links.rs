//! How much a node hears of each other: along a cell's connections, and against
//! them.

use crate::search::optiproxy::encoding::Batch;
use crate::search::optiproxy::numbers::Real;

/// Â and B̂ of each cell, `[cells, nodes, nodes]`.
pub(super) struct Links<T>(pub(super) [Vec<T>; 2]);

impl<T: Real> Links<T> {
    /// As many zeros.
    pub(super) fn zeros(&self) -> Self {
        Self([0, 1].map(|way: usize| vec![T::zero(); self.0[way].len()]))
    }
}

/// Â and B̂ from a batch's connections.
pub(super) fn of<T: Real>(batch: &Batch<T>, nodes: usize) -> Links<T> {
    let mut forth = with_selves(batch, nodes);
    divide_rows(&mut forth, nodes);
    let mut back = turned(&forth, nodes);
    divide_rows(&mut back, nodes);
    Links([forth, back])
}

/// A + I of each cell.
fn with_selves<T: Real>(batch: &Batch<T>, nodes: usize) -> Vec<T> {
    let mut whole = batch.connections.clone();
    for cell in whole.chunks_exact_mut(nodes * nodes) {
        let selves = cell.iter_mut().step_by(nodes + 1);
        selves.for_each(|own| *own = *own + T::one());
    }
    whole
}

fn divide_rows<T: Real>(matrices: &mut [T], nodes: usize) {
    for row in matrices.chunks_exact_mut(nodes) {
        let sum = T::sum(row);
        row.iter_mut().for_each(|x| *x = *x / sum);
    }
}

/// Each matrix with rows and columns in each other's place.
fn turned<T: Real>(matrices: &[T], nodes: usize) -> Vec<T> {
    let cells = matrices.chunks_exact(nodes * nodes);
    let places = (0..nodes * nodes).map(|i| i % nodes * nodes + i / nodes);
    cells
        .flat_map(|cell| places.clone().map(|i| cell[i]))
        .collect()
}

/// The gradient by a batch's connections, from that by its links.
pub(super) fn by_connections<T: Real>(
    batch: &Batch<T>,
    nodes: usize,
    Links([forth, back]): &Links<T>,
    Links([by_forth, by_back]): &Links<T>,
) -> Vec<T> {
    // B̂ is Âᵀ over the sums of its rows, and Â is A + I over those of its own.
    let over = turned(
        &undivided(&turned(forth, nodes), back, by_back, nodes),
        nodes,
    );
    let by_forth: Vec<T> = by_forth.iter().zip(&over).map(|(&a, &b)| a + b).collect();
    undivided(&with_selves(batch, nodes), forth, &by_forth, nodes)
}

/// The gradient by rows before they were divided by their sums.
fn undivided<T: Real>(before: &[T], after: &[T], slopes: &[T], nodes: usize) -> Vec<T> {
    let rows = before.chunks_exact(nodes).zip(after.chunks_exact(nodes));
    let rows = rows.zip(slopes.chunks_exact(nodes));
    let each = rows.flat_map(|((before, after), slopes)| {
        let (sum, along) = (T::sum(before), T::dot(after, slopes));
        slopes.iter().map(move |&slope| (slope - along) / sum)
    });
    each.collect()
}
