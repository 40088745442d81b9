//! Uniform draws from the benchmark's 423,624 cells.
//!
//! A cell has several descriptions: its inner vertices can be numbered in
//! another order. So a description is drawn uniformly, refused unless the
//! benchmark has it as it stands (every vertex on a path, few edges), and
//! then kept with probability one over the number of its cell's descriptions.

#![allow(
    clippy::cast_possible_truncation,
    reason = "counts are far below the types' ranges"
)]

use super::graph::{Graph, MOST_EDGES, MOST_VERTICES, Operation};
use crate::random::Stream;

/// A uniform random cell. It has seven vertices, on paths or not, so that
/// edits can lead to every other.
pub(super) fn draw(stream: &mut Stream) -> Graph {
    // Descriptions with n vertices: 2^(n(n−1)/2) matrices, 3^(n−2) operations.
    let descriptions = |n: usize| (1usize << (n * (n - 1) / 2)) * 3usize.pow(n as u32 - 2);
    let all: usize = (2..=MOST_VERTICES).map(descriptions).sum();
    loop {
        let mut rest = stream.below(all);
        let mut n = 2;
        while rest >= descriptions(n) {
            rest -= descriptions(n);
            n += 1;
        }
        let graph = description(n, rest);
        if graph.edges() > MOST_EDGES || graph.pruned().as_ref() != Some(&graph) {
            continue;
        }
        if stream.below(graph.descriptions().len()) == 0 {
            return with_all_vertices(&graph);
        }
    }
}

/// The same cell with vertices that no edge touches before the output.
fn with_all_vertices(graph: &Graph) -> Graph {
    let n = graph.vertices();
    let mut whole = Graph {
        matrix: vec![vec![false; MOST_VERTICES]; MOST_VERTICES],
        operations: graph.operations.clone(),
    };
    whole
        .operations
        .resize(MOST_VERTICES - 2, Operation::ALL[0]);
    let place = |v: usize| if v + 1 == n { MOST_VERTICES - 1 } else { v };
    for (source, target) in graph.places().filter(|&(s, t)| graph.matrix[s][t]) {
        whole.matrix[place(source)][place(target)] = true;
    }
    whole
}

/// The description with this number among those with n vertices.
fn description(n: usize, number: usize) -> Graph {
    let mut graph = Graph {
        matrix: vec![vec![false; n]; n],
        operations: vec![Operation::Conv3x3; n - 2],
    };
    let mut rest = number;
    for (source, target) in graph.places() {
        graph.matrix[source][target] = rest % 2 == 1;
        rest /= 2;
    }
    for operation in &mut graph.operations {
        *operation = Operation::ALL[rest % 3];
        rest /= 3;
    }
    graph
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_weighted_by_their_number_count_the_benchmarks_cells() {
        // Cells by vertices in the benchmark: 1, 6, 84, 2,441 (62,010 and 359,082 for 6 and 7).
        for (n, cells) in [(2, 1.0), (3, 6.0), (4, 84.0), (5, 2441.0)] {
            let all = (1usize << (n * (n - 1) / 2)) * 3usize.pow(n as u32 - 2);
            let weight = |graph: Graph| {
                let itself = graph.pruned().as_ref() == Some(&graph);
                (itself && graph.edges() <= MOST_EDGES)
                    .then(|| 1.0 / graph.descriptions().len() as f64)
            };
            let sum: f64 = (0..all).filter_map(|i| weight(description(n, i))).sum();
            assert!((sum - cells).abs() < 1e-6, "{n} vertices: {sum}");
        }
    }

    #[test]
    fn sizes_come_as_often_as_the_benchmark_has_them() {
        let mut stream = Stream::new(3, "test");
        let mut count = [0usize; MOST_VERTICES + 1];
        for _ in 0..600 {
            count[draw(&mut stream).pruned().unwrap().vertices()] += 1;
        }
        // 359,082 of 423,624 have seven vertices: 508.6 ± 8.8 of 600.
        assert!((475..=542).contains(&count[7]), "{count:?}");
    }
}
