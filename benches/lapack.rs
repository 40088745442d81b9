//! The singular values of all maps that a score of a NAS-Bench-201 cell observes,
//! against numpy's (LAPACK, double precision, values only) on the same maps, each
//! on one thread.
//!
//! `./build.sh bench lapack [cells]`. It needs a Python with numpy
//! (`DEXTR_PYTHON`, default `python3`).

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use dextr::architecture::Options;
use dextr::engine::{Device, Inputs, Pass, Reason, Run, Silent};
use dextr::proxy::dextr::Plan;
use dextr::proxy::{Settings, score};
use dextr::sources::spaces::{self, Cell};

/// The command line's.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Rounds of each, in turn with the other.
const ROUNDS: usize = 5;

/// A map: its rows, and its numbers.
type Map = (usize, Vec<f32>);

fn main() {
    let number = std::env::args().skip(1).find_map(|a| a.parse().ok());
    let cells: u64 = number.unwrap_or(20);
    let device = Device::cpu(Reason::Asked);
    let space = spaces::by_name("nasbench201").unwrap();
    let settings = Settings::default();
    let architectures: Vec<_> = (0..cells)
        .map(|i| Cell::from_index((i * 7919 + 4321) % Cell::COUNT).unwrap())
        .map(|cell| space.build(&cell.to_string(), &Options::new()).unwrap())
        .collect();
    let mut maps: Vec<Map> = Vec::new();
    for arch in &architectures {
        let plan = Plan::new(arch, &settings).unwrap();
        let weights = arch.start.weights(&plan.network, settings.seed);
        let inputs = Inputs {
            images: vec![plan.image.clone()],
            ..Inputs::default()
        };
        let run = Run {
            network: &plan.network,
            weights: &weights,
            inputs: &inputs,
        };
        // Equal nodes are computed and decomposed once.
        let mut nodes: Vec<usize> = plan
            .observed
            .iter()
            .map(|map| plan.network.originals()[map.node])
            .collect();
        nodes.sort_unstable();
        nodes.dedup();
        let mut keep = |node, values: Vec<f64>| {
            let rows = plan.network.node(node).shape[0];
            #[allow(clippy::cast_possible_truncation, reason = "they were f32")]
            maps.push((rows, values.into_iter().map(|x| x as f32).collect()));
            Ok(())
        };
        pollster::block_on(Pass::maps(run, &nodes, &device, &Silent, &mut keep)).unwrap();
    }
    let mut lapack = Lapack::start(&maps);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(architectures.iter().fold(0.0, |sum, arch| {
            let scored = pollster::block_on(score(arch, &settings, &device, &Silent)).unwrap();
            sum + scored.phases.singular_values
        }));
        theirs.push(lapack.round());
    }
    let best = |all: &[f64]| all.iter().copied().fold(f64::INFINITY, f64::min);
    let (ours, theirs) = (best(&ours), best(&theirs));
    println!(
        "{} maps of {cells} cells, one thread, the faster of {ROUNDS} rounds in turn",
        maps.len()
    );
    println!("  ours: {:.1} ms a cell", 1e3 * ours / cells as f64);
    println!("  LAPACK: {:.1} ms a cell", 1e3 * theirs / cells as f64);
    println!("  ratio {:.1}", theirs / ours);
}

/// A Python that has the maps, and times them when it is told to.
struct Lapack {
    process: Child,
    asked: ChildStdin,
    said: BufReader<ChildStdout>,
}

impl Lapack {
    fn start(maps: &[Map]) -> Self {
        let python = std::env::var("DEXTR_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let mut file = tempfile::NamedTempFile::new().unwrap();
        for (rows, numbers) in maps {
            let columns = numbers.len() / rows;
            let sides = [*rows, columns].map(|n| u32::try_from(n).unwrap().to_le_bytes());
            file.write_all(&sides.concat()).unwrap();
            let bytes: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
            file.write_all(&bytes).unwrap();
        }
        file.flush().unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/lapack.py");
        let process = Command::new(&python)
            .arg(script)
            .arg(file.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut process = process.unwrap_or_else(|e| panic!("{python}: {e}"));
        let mut lapack = Self {
            asked: process.stdin.take().unwrap(),
            said: BufReader::new(process.stdout.take().unwrap()),
            process,
        };
        // It says a line when it has read the file.
        assert!(lapack.line().is_some(), "{python} cannot: see above");
        lapack
    }

    /// The seconds of all maps.
    fn round(&mut self) -> f64 {
        self.asked.write_all(b"\n").unwrap();
        self.line().unwrap()
    }

    /// The number of its next line.
    fn line(&mut self) -> Option<f64> {
        let mut line = String::new();
        self.said.read_line(&mut line).ok()?;
        line.trim().parse().ok()
    }
}

impl Drop for Lapack {
    /// It would wait for its next line.
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
