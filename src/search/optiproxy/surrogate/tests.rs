//! The surrogate beside its definition written as sums, and its gradients beside
//! finite differences.

use super::*;
use crate::search::optiproxy::encoding::{self, SPACES};

/// Relaxed cells of a space, and weights, none of which is 0.
fn setting(space: &str) -> (Graph, Shape, Vec<f64>, Batch<f64>) {
    let graph = encoding::of(space).unwrap().graph();
    let shape = Shape::of(&graph, 5);
    let mut stream = Stream::new(1, "setting");
    let mut weights: Vec<f64> = shape.begin(&mut stream);
    weights.iter_mut().for_each(|w| *w += 0.3 * stream.normal());
    let mut batch = Batch::default();
    for _ in 0..3 {
        let shares = |n: usize, stream: &mut Stream| (0..n).map(|_| stream.uniform()).collect();
        let operations: Vec<f64> = shares(graph.shares(), &mut stream);
        let edges: Vec<f64> = shares(graph.edges(), &mut stream);
        graph.add(&mut batch, &operations, &edges);
    }
    (graph, shape, weights, batch)
}

/// The definition, one number at a time.
fn defined(shape: Shape, weights: &[f64], batch: &Batch<f64>, cell: usize) -> f64 {
    let (n, h) = (shape.nodes, shape.hidden);
    let over = |a: Vec<Vec<f64>>| -> Vec<Vec<f64>> {
        let row = |row: Vec<f64>| row.iter().map(|x| x / row.iter().sum::<f64>()).collect();
        a.into_iter().map(row).collect()
    };
    let connection = |i: usize, j: usize| batch.connections[(cell * n + i) * n + j];
    let own = |i: usize, j: usize| connection(i, j) + f64::from(u8::from(i == j));
    let forth = over(
        (0..n)
            .map(|i| (0..n).map(|j| own(i, j)).collect())
            .collect(),
    );
    let back = over(
        (0..n)
            .map(|i| (0..n).map(|j| forth[j][i]).collect())
            .collect(),
    );
    let mut left = weights;
    let mut take = |count: usize| {
        let (own, rest) = left.split_at(count);
        left = rest;
        own
    };
    let mut x: Vec<Vec<f64>> = (0..n)
        .map(|i| batch.nodes[(cell * n + i) * shape.width..][..shape.width].to_vec())
        .collect();
    for width in [shape.width, h] {
        let (w1, w2, dense) = (take(width * h), take(width * h), take(2 * h * h));
        let (shift, scale, lift) = (take(h), take(h), take(h));
        let said = |links: &[Vec<f64>], w: &[f64], i: usize, k: usize| {
            let of = |j: usize| (0..width).map(|c| x[j][c] * w[c * h + k]).sum::<f64>();
            (0..n).map(|j| links[i][j] * of(j)).sum::<f64>().max(0.0)
        };
        let node = |i: usize| {
            let y: Vec<f64> = (0..h)
                .map(|k| said(&forth, w1, i, k))
                .chain((0..h).map(|k| said(&back, w2, i, k)))
                .collect();
            let u: Vec<f64> = (0..h)
                .map(|k| shift[k] + (0..2 * h).map(|c| y[c] * dense[c * h + k]).sum::<f64>())
                .collect();
            let mean = u.iter().sum::<f64>() / h as f64;
            let variance = u.iter().map(|u| (u - mean) * (u - mean)).sum::<f64>() / h as f64;
            let normal = |k: usize| (u[k] - mean) / (variance + 1e-5).sqrt();
            (0..h).map(|k| normal(k) * scale[k] + lift[k]).collect()
        };
        x = (0..n).map(node).collect();
    }
    let head = take(h);
    let seen = |k: usize| {
        let mean = x.iter().map(|row| row[k]).sum::<f64>() / n as f64;
        0.5 * mean * (1.0 + libm::erf(mean / 2f64.sqrt()))
    };
    (0..h).map(|k| seen(k) * head[k]).sum()
}

#[test]
fn predictions_are_those_of_the_definition() {
    for space in SPACES {
        let (_, shape, weights, batch) = setting(space);
        let pass = shape.forward(&weights, &batch, None);
        for (cell, found) in pass.predictions.iter().enumerate() {
            let right = defined(shape, &weights, &batch, cell);
            assert!((found - right).abs() < 1e-12, "{space}: {found} {right}");
        }
    }
}

/// What the gradient is taken of: predictions, each times its slope.
const SLOPES: [f64; 3] = [1.0, -0.5, 2.0];

#[test]
fn gradients_are_those_of_finite_differences() {
    for space in SPACES {
        let (_, shape, mut weights, mut batch) = setting(space);
        for seed in [None, Some(7)] {
            let value = |weights: &[f64], batch: &Batch<f64>| {
                let mut stream = seed.map(|seed| Stream::new(seed, "dropout"));
                let pass = shape.forward(weights, batch, stream.as_mut());
                let sum: f64 = pass
                    .predictions
                    .iter()
                    .zip(SLOPES)
                    .map(|(p, s)| p * s)
                    .sum();
                (sum, pass)
            };
            let (_, pass) = value(&weights, &batch);
            let by = |by: By| shape.reverse(&weights, &batch, &pass, &SLOPES, by);
            let (own, cells) = (by(By::Weights).weights, by(By::Cells).cells);
            let near = |found: f64, low: f64, high: f64, what: &str| {
                let slope = (high - low) / 2e-6;
                assert!(
                    (found - slope).abs() < 1e-6,
                    "{space} {what}: {found} {slope}"
                );
            };
            for (i, found) in own.iter().enumerate() {
                let mut moved = |by: f64| {
                    weights[i] += by;
                    let sum = value(&weights, &batch).0;
                    weights[i] -= by;
                    sum
                };
                near(*found, moved(-1e-6), moved(1e-6), &format!("weight {i}"));
            }
            for (i, found) in cells.nodes.iter().enumerate() {
                let mut moved = |by: f64| {
                    batch.nodes[i] += by;
                    let sum = value(&weights, &batch).0;
                    batch.nodes[i] -= by;
                    sum
                };
                near(*found, moved(-1e-6), moved(1e-6), &format!("row {i}"));
            }
            for (i, found) in cells.connections.iter().enumerate() {
                let mut moved = |by: f64| {
                    batch.connections[i] += by;
                    let sum = value(&weights, &batch).0;
                    batch.connections[i] -= by;
                    sum
                };
                near(
                    *found,
                    moved(-1e-6),
                    moved(1e-6),
                    &format!("connection {i}"),
                );
            }
        }
    }
}
