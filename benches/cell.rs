//! A cell's score on one CPU thread, split by phase, beside the published
//! procedure in PyTorch (`published_baseline.py`) on the same cells; and what the
//! other proxies cost that take no gradients.
//!
//! `./build.sh bench cell [cells]`; `… bench cell proxies [cells]` for the other
//! proxies alone. The comparison needs a Python with torch
//! (`DEXTR_PYTHON`, default `python3`); without one it says so and prints our
//! own times alone.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::io::Write;
use std::process::Command;
use std::time::Instant;

use dextr::architecture::Options;
use dextr::engine::{Device, Phases, Reason, Silent};
use dextr::proxy::{Proxy, Settings, all, measure, score};
use dextr::sources::spaces::{self, Cell};

/// The command line's.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let number = std::env::args().skip(1).find_map(|a| a.parse().ok());
    let count: u64 = number.unwrap_or(50);
    let cells: Vec<String> = (0..count)
        .map(|i| {
            Cell::from_index((i * 7919 + 4321) % Cell::COUNT)
                .unwrap()
                .to_string()
        })
        .collect();
    if std::env::args().any(|a| a == "proxies") {
        compare_proxies(&cells);
        return;
    }
    let (ours, phases) = time_ours(&cells, 4);
    let (one, _) = time_ours(&cells, 1);
    let per_cell = |x: f64| 1e3 * x / cells.len() as f64;
    println!("{} cells, refined protocol, one CPU thread", cells.len());
    println!(
        "  median {:.1} ms a cell, mean {:.1} ms",
        1e3 * median(&ours),
        per_cell(ours.iter().sum())
    );
    println!(
        "  mean by phase (ms): convolutions {:.1}, pointwise {:.1}, singular values {:.1}, rest {:.1}",
        per_cell(phases.convolution),
        per_cell(phases.pointwise),
        per_cell(phases.singular_values),
        per_cell(
            ours.iter().sum::<f64>()
                - phases.convolution
                - phases.pointwise
                - phases.singular_values
        ),
    );
    println!(
        "  with one circle: median {:.1} ms, mean {:.1} ms",
        1e3 * median(&one),
        per_cell(one.iter().sum()),
    );
    match time_published(&cells) {
        Ok(published) => {
            println!(
                "  published procedure in PyTorch: median {:.1} ms a cell",
                1e3 * median(&published)
            );
            println!(
                "  ratio of medians {:.1}, of means {:.1}",
                median(&published) / median(&ours),
                published.iter().sum::<f64>() / ours.iter().sum::<f64>()
            );
            println!(
                "  with one circle: of medians {:.1}, of means {:.1}",
                median(&published) / median(&one),
                published.iter().sum::<f64>() / one.iter().sum::<f64>()
            );
        }
        Err(why) => println!("  published procedure not timed: {why}"),
    }
}

fn time_ours(cells: &[String], curves: usize) -> (Vec<f64>, Phases) {
    let device = Device::cpu(Reason::Asked);
    let space = spaces::by_name("nasbench201").unwrap();
    let run = |text: &String| {
        let arch = space.build(text, &Options::new()).unwrap();
        let settings = Settings {
            curves: Some(curves),
            ..Settings::default()
        };
        pollster::block_on(score(&arch, &settings, &device, &Silent)).unwrap()
    };
    run(&cells[0]);
    let mut phases = Phases::default();
    let seconds = cells.iter().map(|text| {
        let start = Instant::now();
        phases += run(text).phases;
        start.elapsed().as_secs_f64()
    });
    (seconds.collect(), phases)
}

/// Each proxy without gradients alone, and all together, against the default one:
/// in turn on each cell, so that all see the same machine.
fn compare_proxies(cells: &[String]) {
    let device = Device::cpu(Reason::Asked);
    let space = spaces::by_name("nasbench201").unwrap();
    let forward: Vec<&'static dyn Proxy> = all()
        .iter()
        .copied()
        .filter(|p| !p.about().demands.gradients)
        .collect();
    let mut tried: Vec<Vec<&'static dyn Proxy>> = forward.iter().map(|&p| vec![p]).collect();
    tried.push(forward);
    let mut seconds = vec![Vec::new(); tried.len()];
    for text in cells {
        let arch = space.build(text, &Options::new()).unwrap();
        for (proxies, seconds) in tried.iter().zip(&mut seconds) {
            let settings = Settings {
                proxies: proxies.clone(),
                ..Settings::default()
            };
            let start = Instant::now();
            pollster::block_on(measure(&arch, &settings, &device, &Silent)).unwrap();
            seconds.push(start.elapsed().as_secs_f64());
        }
    }
    println!(
        "{} cells, one CPU thread, times that of the first",
        cells.len()
    );
    for (proxies, own) in tried.iter().zip(&seconds) {
        let name = match proxies[..] {
            [proxy] => proxy.about().name,
            _ => "all together",
        };
        let sum = |all: &[f64]| all.iter().sum::<f64>();
        println!(
            "  {name}: {:.2} by medians, {:.2} by means",
            median(own) / median(&seconds[0]),
            sum(own) / sum(&seconds[0])
        );
    }
}

fn time_published(cells: &[String]) -> Result<Vec<f64>, String> {
    let python = std::env::var("DEXTR_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/published_baseline.py");
    let mut list = tempfile::NamedTempFile::new().map_err(|e| e.to_string())?;
    list.write_all(cells.join("\n").as_bytes())
        .map_err(|e| e.to_string())?;
    let output = Command::new(&python)
        .arg(script)
        .arg("--cells")
        .arg(list.path())
        .output()
        .map_err(|e| format!("{python}: {e}"))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "{python}: {}",
            errors.lines().last().unwrap_or("failed")
        ));
    }
    let rows = String::from_utf8_lossy(&output.stdout).into_owned();
    rows.lines()
        .map(|row| {
            let row: serde_json::Value = serde_json::from_str(row).map_err(|e| e.to_string())?;
            row["seconds"]["total"]
                .as_f64()
                .ok_or_else(|| format!("no seconds in {row}"))
        })
        .collect()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
