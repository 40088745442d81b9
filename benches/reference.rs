//! The references that the page compares a score with: for each space the scores
//! and sizes of random architectures under default settings, as quantiles, and
//! where there are accuracies, what architectures of such a score reached.
//!
//! `./build.sh bench reference [--space NAME] [--rows n] [--threads n]` writes
//! `www/app/references/<space>.json`; DEXTR_DATA is the folder of accuracy
//! tables. Architectures are the spaces' random ones under seeds 0, 1, 2, …; those
//! with accuracies are the tables' first rows. Of the tables only quantiles are
//! kept.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "correlation/sets.rs"]
#[allow(dead_code, reason = "what the paper reports is the correlation's")]
mod sets;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use dextr::architecture::Options;
use dextr::engine::{Device, Reason, Silent};
use dextr::proxy::{Score, Settings, Status, score};
use dextr::sources::spaces::{self, Space};
use serde_json::{Value, json};

use sets::{SETS, Set};

/// Random architectures and rows with accuracies, by what a score costs.
const COUNTS: [(&str, usize, usize); 10] = [
    ("nasbench201", 1000, 1000),
    ("nats-size", 1000, 0),
    ("nasbench101", 200, 200),
    ("darts", 150, 150),
    ("transnasbench101", 300, 300),
    ("autoformer-tiny", 100, 0),
    ("autoformer-small", 50, 0),
    ("autoformer-base", 50, 0),
    ("pit", 100, 0),
    ("flexibert", 100, 0),
];

/// The accuracies that scores are compared with: of trained networks, where the
/// score says something about them.
const TRUTHS: [&str; 4] = [
    "nasbench201",
    "nasbench101",
    "darts",
    "transnasbench101-class_scene",
];

/// Groups of equal size by score, from the lowest.
const GROUPS: usize = 20;

/// The command line's.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut given = std::env::args().skip(1).filter(|a| a != "--bench");
    let (mut only, mut most) = (None, usize::MAX);
    let mut threads = std::thread::available_parallelism().map_or(1, usize::from);
    while let Some(name) = given.next() {
        let value = given
            .next()
            .unwrap_or_else(|| panic!("{name} has no value"));
        let number = || value.parse::<usize>().expect("a whole number").max(1);
        match name.as_str() {
            "--space" => only = Some(value),
            "--rows" => most = number(),
            "--threads" => threads = number(),
            _ => panic!("unknown argument {name}"),
        }
    }
    for (name, random, rows) in COUNTS {
        if only.as_ref().is_some_and(|only| only != name) {
            continue;
        }
        let space = spaces::by_name(name).unwrap();
        let sampled: Vec<String> = (0..random.min(most) as u64)
            .map(|seed| space.sample(seed))
            .collect();
        let scores = all(space, &Options::new(), &sampled, threads);
        let mut reference = json!({
            "space": name,
            "version": env!("CARGO_PKG_VERSION"),
            "count": scores.len(),
            "score": quantiles(scores.iter().filter_map(|s| s.score)),
            "s": quantiles(scores.iter().filter_map(|s| s.s)),
            "k": quantiles(scores.iter().filter_map(|s| s.k)),
            "params": quantiles(scores.iter().map(|s| s.params as f64)),
        });
        let truths = SETS
            .iter()
            .filter(|s| s.space == name && TRUTHS.contains(&s.name));
        let reached = truths.flat_map(|set| reached(space, set, rows.min(most), threads));
        reference["reached"] = reached.collect();
        let to = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join(format!("www/app/references/{name}.json"));
        std::fs::write(&to, format!("{reference}\n")).unwrap();
        println!("{name}: {} random architectures", scores.len());
    }
}

/// Scores of all texts, in their order, without those that failed.
fn all(
    space: &'static dyn Space,
    options: &Options,
    texts: &[String],
    threads: usize,
) -> Vec<Score> {
    let next = AtomicUsize::new(0);
    let work = || {
        let device = Device::cpu(Reason::Asked);
        let mut done = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let Some(text) = texts.get(i) else {
                return done;
            };
            let arch = space.build(text, options).unwrap();
            let settings = Settings::default();
            match pollster::block_on(score(&arch, &settings, &device, &Silent)) {
                Ok(score) => done.push((i, score)),
                Err(error) => eprintln!("{text}: {error}"),
            }
        }
    };
    let mut done: Vec<(usize, Score)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|w| w.join().unwrap())
            .collect()
    });
    done.sort_by_key(|(i, _)| *i);
    done.into_iter().map(|(_, score)| score).collect()
}

/// The quantiles 0, 1/100, …, 1 in four significant digits.
fn quantiles(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    (0..=100)
        .map(|i| short(quantile(&values, f64::from(i) / 100.0)))
        .collect()
}

/// A quantile of sorted numbers, linear between them.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in the list"
)]
fn quantile(sorted: &[f64], part: f64) -> f64 {
    let at = part * (sorted.len() - 1) as f64;
    let low = at.floor();
    let (i, rest) = (low as usize, at - low);
    let next = sorted[(i + 1).min(sorted.len() - 1)];
    sorted[i] + rest * (next - sorted[i])
}

fn short(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap()
}

/// What rows of a table reached, in groups by their score.
fn reached(space: &'static dyn Space, set: &Set, rows: usize, threads: usize) -> Vec<Value> {
    let data = std::env::var("DEXTR_DATA").unwrap_or_else(|_| "../shared/data".to_owned());
    let table = set.read(&PathBuf::from(data), space.about().columns, rows);
    let mut options = Options::new();
    for (name, value) in set.options {
        options.set(name, value);
    }
    let scores = all(space, &options, &table.archs, threads);
    assert_eq!(
        scores.len(),
        table.archs.len(),
        "every row of a table has a score"
    );
    let each = set.truths.iter().zip(&table.truths);
    each.map(|((label, _), truths)| {
        let pairs = scores.iter().zip(truths);
        let mut pairs: Vec<(f64, f64)> = pairs
            .filter(|(s, truth)| {
                matches!(s.status, Status::Ok | Status::Disconnected) && truth.is_finite()
            })
            .filter_map(|(s, truth)| Some((s.score?, *truth)))
            .collect();
        pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let group = |g: usize| {
            let own = &pairs[g * pairs.len() / GROUPS..(g + 1) * pairs.len() / GROUPS];
            let mut truths: Vec<f64> = own.iter().map(|p| p.1).collect();
            truths.sort_unstable_by(f64::total_cmp);
            let at = |part| short(quantile(&truths, part));
            json!([short(own[0].0), at(0.0), at(0.5), at(1.0)])
        };
        let groups: Vec<Value> = (0..GROUPS).map(group).collect();
        json!({ "name": label, "source": set.source, "rows": pairs.len(), "groups": groups })
    })
    .collect()
}
