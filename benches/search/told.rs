//! What searches find that are told accuracies: the best one after some queries on
//! NAS-Bench-201 (ImageNet16-120, all 15,625 cells), and the seconds of a run.

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use dextr::search::{Candidate, Measure, Search, Wish};
use dextr::sources::spaces;

use crate::ACCURACY;
use crate::replay::column;

/// Queries.
const QUERIES: [usize; 4] = [25, 50, 100, 150];

/// The strategies as wishes: evolution with the reference's numbers.
const WAYS: [(&str, &str); 7] = [
    ("random", r#""strategy": "random""#),
    (
        "evolution, population 20, sample 10",
        r#""strategy": "evolution", "population": 20, "sample": 10, "lag": 1"#,
    ),
    ("local, ten at each start", r#""strategy": "local""#),
    (
        "local, one at each start",
        r#""strategy": "local", "starts": 1"#,
    ),
    ("optiproxy, cold", r#""strategy": "optiproxy""#),
    (
        "optiproxy, warm by #params",
        r#""strategy": "optiproxy", "warm": "params:500""#,
    ),
    (
        "optiproxy `light`, warm by #params",
        r#""strategy": "optiproxy", "warm": "params:500", "preset": "light""#,
    ),
];

/// Prints the table. `only` is a part of the names that are run.
pub(crate) fn report(truth: &Path, seeds: u64, only: &str) {
    let truth: HashMap<String, f64> = column(truth, "arch", ACCURACY).into_iter().collect();
    let params = sizes(&truth);
    let top = truth.values().copied().fold(f64::NEG_INFINITY, f64::max);
    println!("\n{} cells; the best accuracy is {top:.3}.\n", truth.len());
    println!(
        "| strategy | {} | seconds |",
        QUERIES.map(|n| format!("{n} queries")).join(" | ")
    );
    println!("|---|---|---|---|---|---|");
    for (name, wish) in WAYS.iter().filter(|(name, _)| name.contains(only)) {
        let mut seconds = 0.0;
        let runs: Vec<Vec<f64>> = (0..seeds)
            .map(|seed| {
                let start = Instant::now();
                let found = run(wish, seed, &truth, &params);
                seconds += start.elapsed().as_secs_f64();
                found
            })
            .collect();
        let cells = QUERIES.map(|queries| {
            let best = |run: &Vec<f64>| {
                let first = run.iter().take(queries);
                first.copied().fold(f64::NEG_INFINITY, f64::max)
            };
            summary(&runs.iter().map(best).collect::<Vec<_>>(), top)
        });
        let each = seconds / seeds as f64;
        println!("| {name} | {} | {each:.2} |", cells.join(" | "));
    }
}

/// Mean and deviation, and how many found the best of all.
fn summary(best: &[f64], top: f64) -> String {
    let n = best.len() as f64;
    let mean = best.iter().sum::<f64>() / n;
    let squares: f64 = best.iter().map(|b| (b - mean).powi(2)).sum();
    let deviation = (squares / (n - 1.0).max(1.0)).sqrt();
    let found = best.iter().filter(|b| **b >= top).count();
    format!("{mean:.3} ± {deviation:.3} ({found})")
}

/// Parameters of all cells, by convolutions: building each takes a while.
fn sizes(truth: &HashMap<String, f64>) -> HashMap<String, u64> {
    let space = spaces::by_name("nasbench201").unwrap();
    let options = dextr::architecture::Options::new();
    let mut by_counts: HashMap<[usize; 2], u64> = HashMap::new();
    let size = |arch: &String| {
        let counts = ["nor_conv_1x1", "nor_conv_3x3"].map(|name| arch.matches(name).count());
        let size = by_counts
            .entry(counts)
            .or_insert_with(|| space.build(arch, &options).unwrap().network.params());
        (arch.clone(), *size)
    };
    truth.keys().map(size).collect()
}

/// The accuracies of one run, in the order of asking.
fn run(
    wish: &str,
    seed: u64,
    truth: &HashMap<String, f64>,
    params: &HashMap<String, u64>,
) -> Vec<f64> {
    let queries = QUERIES[QUERIES.len() - 1];
    let json = format!(
        r#"{{"space": "nasbench201", "aim": "accuracy", "candidates": {queries}, "seed": {seed}, {wish}}}"#
    );
    let wish: Wish = serde_json::from_str(&json).unwrap();
    let mut search = Search::new(wish.plan(Measure::default()).unwrap()).unwrap();
    let mut found = Vec::new();
    while !search.progress().done {
        for candidate in search.ask(1).unwrap() {
            let Candidate {
                step,
                arch,
                space,
                told,
                proxies,
                ..
            } = candidate;
            if told {
                let accuracy = truth[&arch];
                search.tell_accuracy(&arch, accuracy).unwrap();
                found.push(accuracy);
            } else {
                let size = params[&arch];
                let row = dextr::run::Row {
                    status: "ok".to_owned(),
                    score: Some(size as f64),
                    params: Some(size),
                    arch,
                    space,
                    proxies,
                    ..dextr::run::Row::default()
                };
                search.tell(step, &row).unwrap();
            }
        }
    }
    found
}
