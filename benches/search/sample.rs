//! The best of some random rows of NAS-Bench-101, by a proxy: a space whose table
//! at hand has rows and no whole neighbourhoods, so that nothing but random search
//! can be replayed.

use std::path::Path;

use rand_mt::Mt64;

use crate::replay::{column, rows};

/// Rows that are drawn.
const BUDGETS: [usize; 3] = [20, 50, 200];
/// Who chooses.
const PROXIES: [&str; 4] = ["params", "meco_opt", "s", "dextr"];

pub(crate) fn report(data: &Path, seeds: u64) {
    let scores = Path::new("target/search/nasbench101.csv");
    if !scores.exists() {
        return;
    }
    let truth = column(
        &data.join("nasbench101_random2000.csv"),
        "adjacency_7x7_rowmajor",
        "test_acc",
    );
    // In the order of the list, from which the rows were scored.
    let rows: Vec<_> = rows(scores).into_iter().zip(truth).collect();
    let accuracy = |i: usize| 100.0 * rows[i].1.1;
    println!(
        "\n{} rows of NAS-Bench-101 (CIFAR-10 test accuracy of one training).\n",
        rows.len()
    );
    println!(
        "| by | {} |",
        BUDGETS.map(|n| format!("best of {n}")).join(" | ")
    );
    println!("|---|---|---|---|");
    for name in PROXIES.into_iter().chain(["the accuracy itself"]) {
        let value = |i: usize| match name {
            "the accuracy itself" => Some(accuracy(i)),
            name => rows[i].0.value(name),
        };
        let cells = BUDGETS.map(|budget| {
            let found = (0..seeds).map(|seed| {
                let drawn = draw(rows.len(), budget, seed);
                let best = drawn.into_iter().filter_map(|i| Some((value(i)?, i)));
                let best = best.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
                accuracy(best.1)
            });
            let found: Vec<f64> = found.collect();
            let n = found.len() as f64;
            let mean = found.iter().sum::<f64>() / n;
            let squares: f64 = found.iter().map(|x| (x - mean).powi(2)).sum();
            format!("{mean:.2} ± {:.2}", (squares / (n - 1.0).max(1.0)).sqrt())
        });
        println!("| {name} | {} |", cells.join(" | "));
    }
}

/// Some of the first `n` numbers, each at most once.
fn draw(n: usize, count: usize, seed: u64) -> Vec<usize> {
    let mut random = Mt64::new(seed);
    let mut all: Vec<usize> = (0..n).collect();
    for i in 0..count.min(n) {
        let at = usize::try_from(random.next_u64() % (n - i) as u64).unwrap();
        all.swap(i, i + at);
    }
    all.truncate(count);
    all
}
