//! The time of each kernel, as CubeCL's profiler logs it: in a process of its own,
//! since it waits for every kernel.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use dextr::architecture::Architecture;
use dextr::engine::{Choice, Device, Silent};
use dextr::proxy::{Settings, score};

/// What such a process is called with, before the name of a network.
pub(crate) const VERB: &str = "kernels";
/// Written between scores: what follows is the second one, whose kernels have been
/// compiled.
const MARK: &str = "second score";
const LOG: &str = "kernels.log";

/// Scores twice, and leaves its kernels in the log.
pub(crate) fn one_score(arch: &Architecture) {
    let device = pollster::block_on(Device::open(Choice::WebGpu)).unwrap();
    for first in [true, false] {
        pollster::block_on(score(arch, &Settings::default(), &device, &Silent)).unwrap();
        // The log is written by a thread that is told of each kernel.
        std::thread::sleep(Duration::from_secs(1));
        if first {
            let mut log = std::fs::OpenOptions::new().append(true).open(LOG).unwrap();
            std::io::Write::write_all(&mut log, format!("{MARK}\n").as_bytes()).unwrap();
        }
    }
}

/// Prints how many kernels a score is, and which take how long.
pub(crate) fn table(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let settings = format!("[profiling]\nlogger = {{ level = \"basic\", file = \"{LOG}\" }}\n");
    std::fs::write(folder.path().join("cubecl.toml"), settings).unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args([VERB, name])
        .current_dir(folder.path())
        .status()
        .unwrap();
    assert!(child.success(), "the profiled score failed");
    let log = std::fs::read_to_string(folder.path().join(LOG)).unwrap();
    let (_, log) = log.split_once(MARK).expect("both scores in the log");
    let mut kernels: BTreeMap<&str, (usize, f64)> = BTreeMap::new();
    for line in log.lines() {
        let Some((time, kernel)) = line.split_once('|').and_then(|(_, l)| l.split_once('|')) else {
            continue;
        };
        let kernel = kernel.trim().split([' ', '<', '(']).next().unwrap_or("");
        let (count, sum) = kernels.entry(kernel).or_default();
        *count += 1;
        *sum += seconds(time.trim()).unwrap_or(f64::NAN);
    }
    let mut kernels: Vec<_> = kernels.into_iter().collect();
    kernels.sort_by(|(_, (_, a)), (_, (_, b))| b.total_cmp(a));
    let all = kernels
        .iter()
        .fold((0, 0.0), |(n, t), (_, (count, sum))| (n + count, t + sum));
    println!("  {} dispatches, {:.2} ms in kernels", all.0, 1e3 * all.1);
    for (kernel, (count, sum)) in kernels.iter().take(12) {
        let share = 100.0 * sum / all.1;
        println!(
            "    {share:5.1} %  {:9.3} ms  {count:5} × {kernel}",
            1e3 * sum
        );
    }
}

/// A duration as Rust's `Debug` writes it.
fn seconds(text: &str) -> Option<f64> {
    let units = [("ns", 1e-9), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0)];
    let (number, unit) = units
        .iter()
        .find_map(|(unit, size)| Some((text.strip_suffix(unit)?, size)))?;
    number.parse::<f64>().ok().map(|n| n * unit)
}
