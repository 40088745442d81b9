//! What K's circles are worth: the variance of K over seeds of circles, and the
//! time of a score, by how many circles there are and how they lie.
//!
//! `./build.sh bench circles [cells] [seeds]`, over cells of NAS-Bench-201 (500) and
//! seeds of circles (8), under weight seed 0. K is the mean of ln(1 + κ) over the
//! circles. Besides independent ones: the opposite point of a circle (θ = π), and
//! its quarter points (θ = π/2, 3π/2), which cost as much as another circle and
//! would be worth it if their κ made up for each other's noise.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use dextr::architecture::{Architecture, Options};
use dextr::array::{Array, Values};
use dextr::engine::{Curve, Device, Reason, Silent};
use dextr::proxy::Settings;
use dextr::proxy::dextr::{Plan, evaluate};
use dextr::sources::spaces::{self, Cell};
use dextr::stimulus::circle;

/// The command line's.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A way to lay circles: its name, and which of the points below.
const WAYS: [(&str, &[usize]); 7] = [
    ("one", &[0]),
    ("two, independent", &[0, 1]),
    ("four, independent", &[0, 1, 2, 3]),
    ("one and its opposite point", &[0, 4]),
    ("one and a quarter further", &[0, 5]),
    ("four points of one circle", &[0, 4, 5, 6]),
    ("two and their opposite points", &[0, 1, 4, 7]),
];

/// Four circles; of the first three more points, of the second its opposite.
fn points(shape: &[usize], seed: u64) -> Vec<Curve> {
    let own: Vec<Curve> = (0..4).map(|i| circle(shape, seed, i, None)).collect();
    let turned = |Curve { u, w }: &Curve, quarters: usize| match quarters {
        1 => Curve {
            u: w.clone(),
            w: minus(u),
        },
        2 => Curve {
            u: minus(u),
            w: minus(w),
        },
        _ => Curve {
            u: minus(w),
            w: u.clone(),
        },
    };
    let more = [(0, 2), (0, 1), (0, 3), (1, 2)];
    let more: Vec<Curve> = more.iter().map(|&(i, q)| turned(&own[i], q)).collect();
    own.into_iter().chain(more).collect()
}

fn minus(array: &Array) -> Array {
    Array {
        shape: array.shape.clone(),
        values: Values::F64(array.to_f64().iter().map(|x| -x).collect()),
    }
}

/// ln(1 + κ) of each point; none where κ is not defined.
fn values(arch: &Architecture, seed: u64, device: &Device) -> Option<Vec<f64>> {
    let mut plan = Plan::new(arch, &Settings::default()).unwrap();
    plan.curves = points(plan.network.input_shape(), seed);
    // One map: a plan that observes nothing has no status.
    plan.observed.truncate(1);
    let weights = arch.start.weights(&plan.network, 0);
    let found = pollster::block_on(evaluate(&plan, &weights, device, &Silent)).unwrap();
    found.kappa.iter().map(|k| k.map(f64::ln_1p)).collect()
}

fn variance(of: &[f64]) -> f64 {
    let mean = of.iter().sum::<f64>() / of.len() as f64;
    of.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (of.len() - 1) as f64
}

/// Seconds of a score with these numbers of circles, in turn on each architecture.
fn seconds<const N: usize>(
    archs: &[Architecture],
    counts: [usize; N],
    device: &Device,
) -> [f64; N] {
    let mut seconds = [0.0; N];
    for arch in archs {
        for (seconds, curves) in seconds.iter_mut().zip(counts) {
            let settings = Settings {
                curves: Some(curves),
                ..Settings::default()
            };
            let start = Instant::now();
            pollster::block_on(dextr::proxy::score(arch, &settings, device, &Silent)).unwrap();
            *seconds += start.elapsed().as_secs_f64();
        }
    }
    seconds
}

fn main() {
    let mut numbers = std::env::args().skip(1).filter_map(|a| a.parse().ok());
    let (cells, seeds) = (numbers.next().unwrap_or(500), numbers.next().unwrap_or(8));
    let space = spaces::by_name("nasbench201").unwrap();
    let arch = |i: u64| {
        let cell = Cell::from_index((i * 7919 + 4321) % Cell::COUNT).unwrap();
        space.build(&cell.to_string(), &Options::new()).unwrap()
    };
    let archs: Vec<Architecture> = (0..cells).map(arch).collect();
    let device = Device::cpu(Reason::Asked);
    let next = AtomicUsize::new(0);
    let work = || {
        let mut own = Vec::new();
        while let Some(arch) = archs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let all: Option<Vec<_>> = (0..seeds).map(|seed| values(arch, seed, &device)).collect();
            own.extend(all.map(|all| {
                WAYS.map(|(_, places)| {
                    let mean = |v: &Vec<f64>| {
                        places.iter().map(|&p| v[p]).sum::<f64>() / places.len() as f64
                    };
                    variance(&all.iter().map(mean).collect::<Vec<_>>())
                })
            }));
        }
        own
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let found: Vec<[f64; WAYS.len()]> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        all.into_iter().flat_map(|t| t.join().unwrap()).collect()
    });
    let mean = |way: usize| found.iter().map(|v| v[way]).sum::<f64>() / found.len() as f64;
    let timed = &archs[..archs.len().min(50)];
    let times = seconds(timed, [1, 2, 4], &device);
    println!(
        "{} cells with a curvature, {seeds} seeds of circles\n\n| circles | variance of K, one circle's as 1 | seconds of a score, one circle's as 1 | both multiplied |\n|---|---|---|---|",
        found.len()
    );
    for (way, (name, places)) in WAYS.iter().enumerate() {
        let noise = mean(way) / mean(0);
        let time = times[places.len().ilog2() as usize] / times[0];
        println!("| {name} | {noise:.3} | {time:.2} | {:.2} |", noise * time);
    }
}
