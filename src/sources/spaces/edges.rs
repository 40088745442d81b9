//! Cells of four nodes with an operation on each of six edges, as in
//! NAS-Bench-201.

use super::choice::Choice;

/// The cell's edges as (source, target), in index order.
pub const EDGES: [(usize, usize); 6] = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)];

/// The choice of an operation for each edge.
pub(super) fn choices(operations: &[&'static str], now: [&'static str; 6]) -> Vec<Choice> {
    let choice = |((source, target), now)| {
        let name = format!("{source}→{target}");
        Choice::new("cell", name, now, operations).on((source, target))
    };
    EDGES.into_iter().zip(now).map(choice).collect()
}
