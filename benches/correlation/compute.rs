//! Every number of every architecture, over all cores, saved in order.

use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use dextr::architecture::{Architecture, Options};
use dextr::engine::{Device, Reason, Silent};
use dextr::network::Policy;
use dextr::proxy::dextr::{Evaluation, Plan, Protocol, combine, evaluate};
use dextr::proxy::{Proxy, Settings, Status};
use dextr::run::{News, Runner, Threads};
use dextr::sources::spaces::Space;
use dextr::stimulus::{Given, Picture};

/// An architecture's text and a weight seed.
type Key = (String, u64);

/// What was computed for one architecture and one seed, by the name of the
/// number. `error` is there instead where it could not be scored.
pub(crate) type Numbers = BTreeMap<String, f64>;

/// All numbers, by text and seed.
pub(crate) type Computed = HashMap<Key, Numbers>;

/// What all architectures of a set are scored with.
pub(crate) struct Method<'a> {
    pub(crate) space: &'static dyn Space,
    pub(crate) options: &'a Options,
    pub(crate) picture: Option<&'a Picture>,
    pub(crate) threads: usize,
    /// The proxies to run together; none for Dextr under every policy.
    pub(crate) proxies: &'a [&'static dyn Proxy],
    /// The architectures on which each of them is timed by itself.
    pub(crate) timed: &'a [String],
}

/// The policies that a space has.
pub(crate) fn policies(published: bool) -> &'static [Policy] {
    match published {
        true => &[Policy::Flow, Policy::Layers, Policy::Modules],
        false => &[Policy::Flow, Policy::Layers],
    }
}

impl Method<'_> {
    /// Every text with every seed; what the file has already is not computed again.
    pub(crate) fn run(&self, archs: &[String], seeds: u64, file: &Path) -> Computed {
        let mut computed = read_numbers(file);
        let all = (0..seeds).flat_map(|seed| archs.iter().map(move |arch| (arch.clone(), seed)));
        let missing: Vec<Key> = all.filter(|key| !computed.contains_key(key)).collect();
        let mut out = std::fs::OpenOptions::new();
        let mut out = out.create(true).append(true).open(file).unwrap();
        let (mut done, start) = (0, Instant::now());
        let device = Device::cpu(Reason::Asked);
        let threads = Threads {
            count: self.threads,
            work: |(arch, seed): &Key, _: &AtomicBool| self.one(arch, *seed, &device),
            panicked: |_: &Key| failed(),
            over: &AtomicBool::new(false),
        };
        let mut runner = Runner::new(missing.iter().cloned().map(Ok));
        let total = runner.total();
        let listener = |News { finished, ready }| {
            for (i, numbers) in ready {
                let (arch, seed): &Key = &missing[i];
                let mut line = format!("{arch};{seed}");
                for (name, value) in &numbers {
                    write!(line, ";{name}={value:e}").unwrap();
                }
                writeln!(out, "{line}").unwrap();
                computed.insert(missing[i].clone(), numbers);
            }
            done += finished;
            if finished > 0 && done.is_multiple_of(100) {
                let seconds = start.elapsed().as_secs_f64();
                eprintln!("{done} of {total}, {seconds:.0} s");
            }
            Ok::<(), Infallible>(())
        };
        match threads.run(&mut runner, listener) {
            Ok(()) => computed,
        }
    }

    fn one(&self, text: &str, seed: u64, device: &Device) -> Numbers {
        let start = Instant::now();
        let row = match self.proxies {
            [] => self.scored(text, seed, device),
            _ => self.measured(text, seed, device),
        };
        let mut row = row.unwrap_or_else(|error| {
            eprintln!("{text}: {error}");
            failed()
        });
        let seconds = start.elapsed().as_secs_f64();
        row.entry("seconds".to_owned()).or_insert(seconds);
        row
    }

    fn scored(&self, text: &str, seed: u64, device: &Device) -> dextr::Result<Numbers> {
        let start = Instant::now();
        let arch = self.space.build(text, self.options)?;
        let settings = |protocol| Settings {
            seed,
            protocol,
            image: self.picture.cloned().map(Given::Picture),
            ..Settings::default()
        };
        let run = |plan: &Plan| {
            let weights = arch.start.weights(&plan.network, seed);
            pollster::block_on(evaluate(plan, &weights, device, &Silent))
        };
        let mut plan = Plan::new(&arch, &settings(Protocol::Refined))?;
        // The maps of all policies at once; one that two have is decomposed once.
        let policies = policies(arch.published);
        let observed = policies.iter().map(|&p| plan.network.observed(p, false));
        plan.observed = observed.flatten().collect();
        let refined = run(&plan)?;
        let mut row = Numbers::new();
        row.insert("seconds".to_owned(), start.elapsed().as_secs_f64());
        row.insert("params".to_owned(), arch.network.params() as f64);
        row.insert("macs".to_owned(), arch.network.macs() as f64);
        if !matches!(refined.status, Status::Ok | Status::Disconnected) {
            row.insert("error".to_owned(), 1.0);
            return Ok(row);
        }
        row.insert("k".to_owned(), refined.k.unwrap_or(0.0));
        for &policy in policies {
            let s = s_under(&plan, policy, &refined);
            row.insert(format!("s.{}", policy.name()), s);
            let score = refined.k.map_or(0.0, |k| combine(s, k));
            row.insert(format!("score.{}", policy.name()), score);
        }
        // More seeds only refine the default protocol.
        if arch.published && seed == 0 {
            self.published(&arch, &settings(Protocol::Published), run, &mut row)?;
        }
        Ok(row)
    }

    fn published(
        &self,
        arch: &Architecture,
        settings: &Settings,
        run: impl Fn(&Plan) -> dextr::Result<Evaluation>,
        row: &mut Numbers,
    ) -> dextr::Result<()> {
        let published = run(&Plan::new(arch, settings)?)?;
        row.insert("s.published".to_owned(), published.s);
        row.insert("k.published".to_owned(), published.k.unwrap_or(0.0));
        row.insert("score.published".to_owned(), published.score.unwrap_or(0.0));
        Ok(())
    }
}

/// S under a policy, from an evaluation that observed at least its maps.
fn s_under(plan: &Plan, policy: Policy, evaluation: &Evaluation) -> f64 {
    let ratios: HashMap<(&str, &str), f64> = evaluation
        .maps
        .iter()
        .map(|m| ((m.name.as_str(), m.kind), m.ratio))
        .collect();
    let maps = plan.network.observed(policy, false);
    let ratio = |map: &dextr::network::Observed| ratios[&(map.name.as_str(), map.kind)];
    maps.iter().map(ratio).sum::<f64>().ln_1p()
}

pub(crate) fn failed() -> Numbers {
    Numbers::from([("error".to_owned(), 1.0)])
}

fn read_numbers(file: &Path) -> Computed {
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
