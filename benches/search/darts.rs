//! DARTS genotypes that projections found, beside random ones. No table has the
//! accuracy of what a search finds, and the surrogates are not at hand, so that a
//! least-squares fit of the table's surrogate accuracies stands in for them: by
//! the numbers of each operation in each cell, with how well it predicts rows that
//! it was not fitted to. What it says is no accuracy, and only as good as that.

use std::path::Path;

use dextr::architecture::Options;
use dextr::sources::spaces;
use dextr::stats::spearman;

use crate::agreement;
use crate::replay::{column, rows};

const OPERATIONS: [&str; 7] = [
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
];

/// One, how often each operation is in each cell (but the last, which follows),
/// and the lengths of the two cells' longest paths.
fn features(genotype: &str) -> Vec<f64> {
    let mut features = vec![1.0];
    for cell in genotype.split("_concat").take(2) {
        for name in &OPERATIONS[..6] {
            features.push(cell.matches(name).count() as f64);
        }
        let mut depths = vec![0.0f64; 2];
        let sources = cell.match_indices("', ").filter_map(|(i, _)| {
            let digits = cell[i + 3..].split(')').next()?;
            digits.parse::<usize>().ok()
        });
        let sources: Vec<usize> = sources.collect();
        for pair in sources.chunks(2) {
            let of = |s: &usize| depths.get(*s).copied().unwrap_or(0.0);
            depths.push(1.0 + pair.iter().map(of).fold(0.0, f64::max));
        }
        features.push(depths.iter().sum());
    }
    features
}

/// Least squares by the normal equations, with a little ridge.
fn fit(rows: &[(Vec<f64>, f64)]) -> Vec<f64> {
    let n = rows[0].0.len();
    let mut a = vec![vec![0.0; n + 1]; n];
    for (x, y) in rows {
        for i in 0..n {
            for j in 0..n {
                a[i][j] += x[i] * x[j];
            }
            a[i][n] += x[i] * y;
        }
    }
    for (i, row) in a.iter_mut().enumerate() {
        row[i] += 1e-6;
    }
    for i in 0..a.len() {
        let pivot = a[i].clone();
        for (_, row) in a.iter_mut().enumerate().filter(|(k, _)| *k != i) {
            let factor = row[i] / pivot[i];
            row.iter_mut()
                .zip(&pivot)
                .for_each(|(x, p)| *x -= factor * p);
        }
    }
    (0..n).map(|i| a[i][n] / a[i][i]).collect()
}

fn predict(weights: &[f64], x: &[f64]) -> f64 {
    weights.iter().zip(x).map(|(w, x)| w * x).sum()
}

/// By each table of accuracies.
pub(crate) fn report(data: &Path) {
    for (file, name) in [
        (
            "nasbench301_darts_2000.csv",
            "nasbench301_surrogate_test_acc",
        ),
        ("darts_cifar10_1000.csv", "cifar10_valid_acc"),
    ] {
        by_table(&data.join(file), name);
    }
}

fn by_table(file: &Path, name: &str) {
    let truth = column(file, "genotype", name);
    let rows_of = truth.iter().map(|(g, y)| (features(g), *y));
    let rows_of: Vec<(Vec<f64>, f64)> = rows_of.collect();
    let (half, other) = rows_of.split_at(rows_of.len() / 2);
    let weights = fit(half);
    let guessed: Vec<f64> = other.iter().map(|(x, _)| predict(&weights, x)).collect();
    let right: Vec<f64> = other.iter().map(|(_, y)| *y).collect();
    let mean = right.iter().sum::<f64>() / right.len() as f64;
    let rest: f64 = right
        .iter()
        .zip(&guessed)
        .map(|(y, g)| (y - g).powi(2))
        .sum();
    let all: f64 = right.iter().map(|y| (y - mean).powi(2)).sum();
    println!(
        "\nDARTS, a fit of {} numbers of {name}; on the other {}: R² {:.2}, Spearman {:.2}.",
        half.len(),
        other.len(),
        1.0 - rest / all,
        spearman(&guessed, &right).unwrap_or_default()
    );
    let weights = fit(&rows_of);
    let fitted = |arch: &str| predict(&weights, &features(arch));
    let random = truth.iter().filter_map(|(arch, _)| {
        let size = params(arch)?;
        Some((size, fitted(arch)))
    });
    let random: Vec<(u64, f64)> = random.collect();
    let mut all: Vec<f64> = random.iter().map(|(_, guess)| *guess).collect();
    all.sort_by(f64::total_cmp);
    println!(
        "Random genotypes: median {:.2}, best tenth from {:.2}, best of all {:.2}.",
        all[all.len() / 2],
        all[all.len() * 9 / 10],
        all[all.len() - 1]
    );
    agreement::report("darts", |arch| Some(fitted(arch)));
    for file in agreement::files("darts").into_values().flatten() {
        let found = rows(&file).into_iter();
        for row in found.filter(|row| row.arch.starts_with("Genotype")) {
            let (size, guess) = (row.params.unwrap_or_default(), fitted(&row.arch));
            let near = |of: u64| of.abs_diff(size) * 10 <= size;
            let alike = random.iter().filter(|(of, _)| near(*of));
            let alike: Vec<f64> = alike.map(|(_, guess)| *guess).collect();
            let below = alike.iter().filter(|other| **other < guess).count();
            println!(
                "{}: {size} parameters, score {:.4}, fitted {guess:.2}, above {below} of {} random ones of its size: {}",
                file.file_stem().unwrap_or_default().to_string_lossy(),
                row.score.unwrap_or_default(),
                alike.len(),
                row.arch
            );
        }
    }
}

/// Parameters with 16 channels, as the projections have.
fn params(genotype: &str) -> Option<u64> {
    let mut options = Options::new();
    options.set("channels", "16");
    let space = spaces::by_name("darts").ok()?;
    Some(space.build(genotype, &options).ok()?.network.params())
}
