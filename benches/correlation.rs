//! Rank correlation with real accuracies over all rows of `nasbench201.csv`,
//! for both protocols and every observation policy, S alone, K alone, #params
//! and MACs, with paired bootstrap intervals against `published`.
//!
//! `./build.sh bench correlation [--seeds n] [--image FILE] [--rows n]`;
//! DEXTR_DATA is the folder of accuracy tables. Every row's numbers go to
//! `benches/report/nasbench201.csv` as they come, and a run that was cut off
//! goes on from there; the table in Markdown goes to standard output.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use dextr::engine::{Device, Reason, Silent};
use dextr::network::{Policy, Weights};
use dextr::score::{Evaluation, Picture, Plan, Protocol, Settings, combine, evaluate};
use dextr::spaces::{self, Architecture, Options};
use dextr::stats::{paired_difference, spearman, within_best};

const TRUTHS: [(&str, &str); 3] = [
    ("CIFAR-10", "cifar10_test_accuracy"),
    ("CIFAR-100", "cifar100_test_accuracy"),
    ("ImageNet16-120", "imagenet16_120_test_accuracy"),
];
const POLICIES: [Policy; 3] = [Policy::Flow, Policy::Layers, Policy::Modules];
const PUBLISHED: &str = "`published`";

/// What was computed for one cell and one seed, by the name of the number.
type Row = BTreeMap<String, f64>;

struct Arguments {
    seeds: u64,
    rows: usize,
    image: Option<PathBuf>,
}

fn main() {
    let arguments = arguments();
    let data =
        PathBuf::from(std::env::var("DEXTR_DATA").unwrap_or_else(|_| "../shared/data".to_owned()));
    let (cells, truths) = table(&data.join("nasbench201.csv"), arguments.rows);
    let picture = arguments
        .image
        .as_ref()
        .map(|file| Picture::decode(&std::fs::read(file).unwrap()).unwrap());
    let kind = if picture.is_some() { "picture" } else { "pink" };
    let report = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/report");
    std::fs::create_dir_all(&report).unwrap();
    let file = report.join(format!("nasbench201_{kind}.csv"));

    let start = Instant::now();
    let jobs: Vec<(usize, u64)> = (0..arguments.seeds)
        .flat_map(|seed| (0..cells.len()).map(move |i| (i, seed)))
        .collect();
    let rows = compute(&cells, &jobs, picture.as_ref(), &file);
    eprintln!(
        "{} evaluations, {:.0} s",
        jobs.len(),
        start.elapsed().as_secs_f64()
    );
    print!(
        "{}",
        markdown(&cells, &truths, &rows, arguments.seeds, kind)
    );
}

fn arguments() -> Arguments {
    let all: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        all.iter()
            .position(|a| a == name)
            .map(|i| all[i + 1].clone())
    };
    Arguments {
        seeds: value("--seeds").map_or(1, |v| v.parse().unwrap()),
        rows: value("--rows").map_or(usize::MAX, |v| v.parse().unwrap()),
        image: value("--image").map(PathBuf::from),
    }
}

fn table(file: &Path, most: usize) -> (Vec<String>, Vec<Vec<f64>>) {
    let mut reader = csv::Reader::from_path(file)
        .unwrap_or_else(|e| panic!("{}: {e}; set DEXTR_DATA", file.display()));
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|h| h == name).unwrap();
    let (arch, accuracies) = (column("arch"), TRUTHS.map(|(_, name)| column(name)));
    let mut cells = Vec::new();
    let mut truths = vec![Vec::new(); TRUTHS.len()];
    for record in reader.records().take(most) {
        let record = record.unwrap();
        cells.push(record[arch].to_owned());
        accuracies
            .iter()
            .zip(&mut truths)
            .for_each(|(&i, t)| t.push(record[i].parse().unwrap()));
    }
    (cells, truths)
}

/// All jobs over all cores; what the file has already is not computed again.
fn compute(
    cells: &[String],
    jobs: &[(usize, u64)],
    picture: Option<&Picture>,
    file: &Path,
) -> HashMap<(String, u64), Row> {
    let known: HashMap<(String, u64), Row> = read_rows(file);
    let missing: Vec<(usize, u64)> = jobs
        .iter()
        .copied()
        .filter(|(i, seed)| !known.contains_key(&(cells[*i].clone(), *seed)))
        .collect();
    let out = Mutex::new(
        std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(file)
            .unwrap(),
    );
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let device = Device::cpu(Reason::Asked);
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let Some(&(i, seed)) = missing.get(n) else {
                        return;
                    };
                    // One seed has every protocol; more seeds only refine the default.
                    let row = one(&cells[i], seed, picture, &device, seed == 0);
                    let mut line = format!("{};{seed}", cells[i]);
                    row.iter()
                        .for_each(|(name, value)| write!(line, ";{name}={value:e}").unwrap());
                    line.push('\n');
                    std::io::Write::write_all(&mut *out.lock().unwrap(), line.as_bytes()).unwrap();
                    if (n + 1).is_multiple_of(100) {
                        eprintln!("{} of {}", n + 1, missing.len());
                    }
                }
            });
        }
    });
    read_rows(file)
}

fn read_rows(file: &Path) -> HashMap<(String, u64), Row> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let complete = &text[..text.rfind('\n').map_or(0, |i| i + 1)];
    let line = |line: &str| {
        let mut parts = line.split(';');
        let key = (
            parts.next().unwrap().to_owned(),
            parts.next().unwrap().parse().unwrap(),
        );
        let row = parts
            .map(|p| p.split_once('=').unwrap())
            .map(|(n, v)| (n.to_owned(), v.parse().unwrap()));
        (key, row.collect())
    };
    complete.lines().map(line).collect()
}

/// Every number of one cell and one seed.
fn one(text: &str, seed: u64, picture: Option<&Picture>, device: &Device, all: bool) -> Row {
    let arch = spaces::by_name("nasbench201")
        .unwrap()
        .build(text, &Options::new())
        .unwrap();
    let settings = |protocol, observe| Settings {
        seed,
        protocol,
        observe,
        image: picture.cloned(),
        ..Settings::default()
    };
    let run = |settings: &Settings| {
        let plan = Plan::new(&arch, settings).unwrap();
        let weights = Weights::seeded(&plan.network, seed);
        pollster::block_on(evaluate(&plan, &weights, device, &Silent)).unwrap()
    };
    let mut row = Row::new();
    row.insert("params".to_owned(), arch.network.params() as f64);
    row.insert("macs".to_owned(), arch.network.macs() as f64);
    let refined = run(&settings(
        Protocol::Refined,
        Some(if all { Policy::Modules } else { Policy::Flow }),
    ));
    row.insert("k".to_owned(), refined.k.unwrap_or(0.0));
    // The modules' maps hold those of every other policy.
    for policy in POLICIES.into_iter().take(if all { 3 } else { 1 }) {
        let s = s_under(&arch, policy, &refined);
        row.insert(format!("s.{}", policy.name()), s);
        row.insert(
            format!("score.{}", policy.name()),
            refined.k.map_or(0.0, |k| combine(s, k)),
        );
    }
    if all {
        let published = run(&settings(Protocol::Published, None));
        row.insert("s.published".to_owned(), published.s);
        row.insert("k.published".to_owned(), published.k.unwrap_or(0.0));
        row.insert("score.published".to_owned(), published.score.unwrap_or(0.0));
    }
    row
}

/// S under a policy, from an evaluation that observed at least its maps.
fn s_under(arch: &Architecture, policy: Policy, evaluation: &Evaluation) -> f64 {
    let ratios: HashMap<(&str, &str), f64> = evaluation
        .maps
        .iter()
        .map(|m| ((m.name.as_str(), m.kind), m.ratio))
        .collect();
    let maps = arch.network.observed(policy, false);
    let ratio = |map: &dextr::network::Observed| ratios[&(map.name.as_str(), map.kind)];
    maps.iter().map(ratio).sum::<f64>().ln_1p()
}

fn markdown(
    cells: &[String],
    truths: &[Vec<f64>],
    rows: &HashMap<(String, u64), Row>,
    seeds: u64,
    kind: &str,
) -> String {
    let column = |name: &str, seeds: u64| -> Vec<f64> {
        let mean = |cell: &String| {
            (0..seeds)
                .map(|s| rows[&(cell.clone(), s)][name])
                .sum::<f64>()
                / seeds as f64
        };
        cells.iter().map(mean).collect()
    };
    let mut proxies: Vec<(String, Vec<f64>)> =
        vec![(PUBLISHED.to_owned(), column("score.published", 1))];
    let mut add = |label: &str, name: &str| proxies.push((label.to_owned(), column(name, 1)));
    add("`published`, S alone", "s.published");
    for policy in POLICIES.map(Policy::name) {
        add(
            &format!("`refined`, `{policy}`"),
            &format!("score.{policy}"),
        );
    }
    for policy in POLICIES.map(Policy::name) {
        add(
            &format!("`refined`, `{policy}`, S alone"),
            &format!("s.{policy}"),
        );
    }
    add("K alone", "k");
    add("#params", "params");
    add("MACs", "macs");
    if seeds > 1 {
        proxies.push((
            format!("`refined`, `flow`, {seeds} seeds"),
            column("score.flow", seeds),
        ));
        proxies.push((
            format!("`refined`, `flow`, S alone, {seeds} seeds"),
            column("s.flow", seeds),
        ));
    }

    let mut text = format!(
        "{} cells of NAS-Bench-201, image: {kind}. Spearman over all rows (within the best half); ",
        cells.len()
    );
    text.push_str(
        "below it the difference to `published` with its 95 % paired bootstrap interval.\n\n",
    );
    writeln!(
        text,
        "| proxy | {} |",
        TRUTHS.map(|(name, _)| name).join(" | ")
    )
    .unwrap();
    writeln!(text, "|---|{}", "---|".repeat(TRUTHS.len())).unwrap();
    let published = proxies[0].1.clone();
    for (label, score) in &proxies {
        write!(text, "| {label} |").unwrap();
        for truth in truths {
            let rho = spearman(score, truth).unwrap();
            let best = within_best(truth, 0.5);
            let pick = |v: &[f64]| best.iter().map(|&i| v[i]).collect::<Vec<_>>();
            let half = spearman(&pick(score), &pick(truth)).unwrap();
            write!(text, " {rho:.3} ({half:.3})").unwrap();
            if label != PUBLISHED {
                let d = paired_difference(score, &published, truth).unwrap();
                let interval = d.interval.unwrap();
                write!(
                    text,
                    "<br>{:+.3} [{:+.3}, {:+.3}]",
                    d.spearman, interval.low, interval.high
                )
                .unwrap();
            }
            text.push_str(" |");
        }
        text.push('\n');
    }
    text
}
