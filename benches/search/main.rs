//! What searches find: the true accuracy of the winner on NAS-Bench-201
//! (ImageNet16-120, all 15,625 cells) after 50, 200 and 1,000 evaluations of the
//! proxy, 20 seeds, beside random search by #params, by `meco_opt`, and by the
//! accuracy itself.
//!
//! Searches that are told accuracies, `optiproxy` among them, come first; `--told NAME`
//! runs those alone whose names have this in them, and nothing else.
//!
//! `./build.sh bench search [--seeds n]` scores all cells once (`dextr score`, some
//! ten minutes on two cores) into `target/search/nasbench201.csv`, which goes on
//! where it stopped; the library's searches then replay from that table. So do
//! random draws from the rows of NAS-Bench-101 in `target/search/nasbench101.csv`.
//! Files `target/search/projection-SPACE-CRITERION-*.csv`, as `dextr search
//! --strategy projection --out` writes them, are looked up too: no table has a
//! supernet. DEXTR_DATA is the folder of accuracy tables. The tables in Markdown go
//! to standard output.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod agreement;
mod darts;
mod replay;
mod sample;
mod sharing;
mod told;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use dextr::stats::spearman;

use replay::{Found, Table, column};

/// The column of true accuracies.
const ACCURACY: &str = "imagenet16_120_test_accuracy";
/// Evaluations of the proxy.
const BUDGETS: [u64; 3] = [50, 200, 1000];

/// A strategy with its aim, as they are wished for; a cascade's first stage has
/// four times as many candidates, which cost a tenth.
const WAYS: [(&str, &str, &str); 10] = [
    ("random", "params", ""),
    ("random", "macs", ""),
    ("random", "meco_opt", ""),
    ("random", "s", ""),
    ("random", "dextr", ""),
    ("random", "dextr*meco_opt", ""),
    ("evolution", "dextr", ""),
    ("local", "dextr", ""),
    ("cascade", "dextr", "meco_opt"),
    ("random", "truth", ""),
];

/// The command line's.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let mut given = std::env::args().skip(1).filter(|a| a != "--bench");
    let mut seeds = 20;
    let mut only = None;
    while let Some(name) = given.next() {
        let value = given
            .next()
            .unwrap_or_else(|| panic!("{name} has no value"));
        match name.as_str() {
            "--seeds" => seeds = value.parse().expect("a whole number"),
            "--told" => only = Some(value),
            _ => panic!("unknown argument {name}"),
        }
    }
    let data = std::env::var("DEXTR_DATA").unwrap_or_else(|_| "../shared/data".to_owned());
    let data = PathBuf::from(data);
    let truth = data.join("nasbench201_imagenet16_120.csv");
    let scores = Path::new("target/search/nasbench201.csv");
    told::report(&truth, seeds, only.as_deref().unwrap_or_default());
    if only.is_some() {
        return;
    }
    if scores.exists() {
        replays(&Table::read(scores, &truth, ACCURACY), seeds);
    } else {
        println!("{} is not there: no search is replayed.", scores.display());
    }
    sample::report(&data, seeds);
    projections(&truth);
    darts::report(&data);
}

/// What each strategy finds.
fn replays(table: &Table, seeds: u64) {
    let accuracies = table.accuracies();
    println!(
        "{} cells; the best accuracy is {:.2}.\n",
        table.len(),
        accuracies[0]
    );
    println!(
        "| strategy | by | {} |",
        BUDGETS.map(|n| format!("{n} evaluations")).join(" | ")
    );
    println!("|---|---|---|---|---|");
    for (strategy, aim, first) in WAYS {
        let cells = BUDGETS.map(|budget| {
            let found: Vec<Found> = (0..seeds)
                .map(|seed| table.search(strategy, aim, first, budget, seed))
                .collect();
            summary(&found, &accuracies)
        });
        println!(
            "| {strategy} | {} | {} |",
            named(aim, first),
            cells.join(" | ")
        );
    }
    println!();
    for (name, column) in [
        ("#params", "params"),
        ("dextr", "dextr"),
        ("meco_opt", "meco_opt"),
    ] {
        let (values, truth) = table.column(column);
        let rho = spearman(&values, &truth).unwrap_or_default();
        println!(
            "The best cell of all by {name}: {:.2}; Spearman {rho:.3}.",
            table.best(column)
        );
    }
}

fn named(aim: &str, first: &str) -> String {
    match (aim, first) {
        ("truth", _) => "the accuracy itself".to_owned(),
        ("params", _) => "#params".to_owned(),
        (aim, "") => format!("`{aim}`"),
        (aim, first) => format!("`{first}`, then `{aim}`"),
    }
}

/// Mean and deviation of the winners' accuracies, and the share of all cells that
/// the mean winner is better than.
fn summary(found: &[Found], accuracies: &[f64]) -> String {
    let n = found.len() as f64;
    let mean = found.iter().map(|f| f.accuracy).sum::<f64>() / n;
    let squares: f64 = found.iter().map(|f| (f.accuracy - mean).powi(2)).sum();
    let deviation = (squares / (n - 1.0).max(1.0)).sqrt();
    let above = accuracies.iter().filter(|a| **a > mean).count();
    let top = 100.0 * above as f64 / accuracies.len() as f64;
    let fewest = found.iter().map(|f| f.evaluations).min().unwrap_or(0);
    let most = found.iter().map(|f| f.evaluations).max().unwrap_or(0);
    assert!(fewest == most, "searches of one budget evaluate as much");
    format!("{mean:.2} ± {deviation:.2} (top {top:.1} %)")
}

/// What projections that were run have found: agreement, and accuracies.
fn projections(truth: &Path) {
    for space in ["nasbench201", "darts"] {
        let files = agreement::files(space);
        let files: Vec<PathBuf> = files.into_values().flatten().collect();
        sharing::report(space, &files);
    }
    let truth: HashMap<String, f64> = column(truth, "arch", ACCURACY).into_iter().collect();
    agreement::report("nasbench201", |arch| truth.get(arch).copied());
}
