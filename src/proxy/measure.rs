//! Several proxies, several seeds, one architecture: each experiment once.

use super::experiment::{Experiment, Findings, Trial, Verdict};
use super::{Proxy, Settings, Status};
use crate::architecture::Architecture;
use crate::engine::{Device, Monitor, Phases, Step, Watch};
use crate::error::{Error, Result};
use crate::proxy::dextr::MapRatio;

/// What one proxy says over all seeds.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// Its name.
    pub name: &'static str,
    /// What the value means.
    pub status: Status,
    /// The mean over the seeds.
    pub value: Option<f64>,
    /// Sample standard deviation over the seeds; none for one seed.
    pub deviation: Option<f64>,
    /// Its parts, means over the seeds.
    pub parts: Vec<(&'static str, f64)>,
    /// What else there is to know; empty where there is nothing.
    pub message: String,
}

/// What all proxies say.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// One a proxy, in the order asked for.
    pub proxies: Vec<Measurement>,
    /// The observed maps under the first seed.
    pub layers: Vec<MapRatio>,
    /// Where the time went.
    pub phases: Phases,
}

impl Measured {
    /// Of one proxy under one seed.
    pub(super) fn of_one(proxy: &'static dyn Proxy, mut verdict: Verdict) -> Self {
        let layers = std::mem::take(&mut verdict.layers);
        Self {
            proxies: vec![joined(proxy, &[verdict])],
            layers,
            phases: Phases::default(),
        }
    }
}

/// Runs the settings' proxies over all weight seeds.
///
/// A proxy that fails leaves the others standing; where the first one fails,
/// that is the error.
///
/// # Errors
/// Those of [`Settings::check`]; [`Error::Usage`] for several seeds of weights
/// that are all given; those of the first proxy's [`Proxy::trial`] and of its
/// passes; [`Error::Cancelled`] and a lost device whosever pass it was.
pub async fn measure(
    arch: &Architecture,
    settings: &Settings,
    device: &Device,
    monitor: &dyn Monitor,
) -> Result<Measured> {
    settings.check()?;
    // Whatever the proxy, the same weights would be measured again and again.
    if settings.seeds > 1 && arch.start.is_given(&arch.network) {
        return Err(Error::Usage {
            message: format!(
                "all weights of {} are given: seeds change nothing",
                arch.arch
            ),
            cure: "take one seed, or draw the weights by seed".to_owned(),
        });
    }
    let mut verdicts: Vec<Vec<Verdict>> = vec![Vec::new(); settings.proxies.len()];
    let mut phases = Phases::default();
    for i in 0..settings.seeds {
        let seed = settings.seed + u64::from(i);
        let trials = settings
            .proxies
            .iter()
            .map(|p| p.trial(arch, settings, seed));
        let part = Part {
            of: monitor,
            index: i as usize,
            parts: settings.seeds as usize,
        };
        let (found, spent) = run_all(trials.collect(), device, &part).await?;
        phases += spent;
        for (all, verdict) in verdicts.iter_mut().zip(found) {
            all.push(verdict);
        }
    }
    let first = |v: &mut Vec<Verdict>| v.first_mut().map(|v| std::mem::take(&mut v.layers));
    let layers = verdicts
        .iter_mut()
        .filter_map(first)
        .find(|l| !l.is_empty());
    let proxies = settings.proxies.iter().zip(&verdicts);
    Ok(Measured {
        proxies: proxies.map(|(proxy, all)| joined(*proxy, all)).collect(),
        layers: layers.unwrap_or_default(),
        phases,
    })
}

/// Runs trials, equal experiments once.
async fn run_all(
    trials: Vec<Result<Trial>>,
    device: &Device,
    monitor: &Part<'_>,
) -> Result<(Vec<Verdict>, Phases)> {
    // Each group is one pass; a trial's experiment is a range of its watches.
    let mut groups: Vec<Experiment> = Vec::new();
    let mut places = Vec::with_capacity(trials.len());
    for trial in &trials {
        let experiments = trial.iter().flat_map(|t| &t.experiments);
        let of_trial: Vec<_> = experiments.map(|e| place(&mut groups, e)).collect();
        places.push(of_trial);
    }
    let mut phases = Phases::default();
    let mut found: Vec<Result<(Findings, Vec<String>)>> = Vec::with_capacity(groups.len());
    for (index, group) in groups.iter().enumerate() {
        let part = Part {
            of: monitor,
            index,
            parts: groups.len(),
        };
        found.push(match group.run(device, &part).await {
            Ok(pass) => {
                phases += pass.phases;
                Ok((pass.found, pass.notes))
            }
            Err(error) if ends_all(&error) => return Err(error),
            Err(error) => Err(error),
        });
    }
    let mut verdicts = Vec::with_capacity(trials.len());
    for (i, (trial, places)) in trials.into_iter().zip(places).enumerate() {
        let judged = trial.and_then(|trial| {
            let mut own: Vec<Findings> = Vec::with_capacity(places.len());
            let mut messages = Vec::new();
            for (group, watches) in &places {
                let (all, notes) = found[*group].as_ref().map_err(Clone::clone)?;
                own.push(watches.iter().map(|&w| all[w].clone()).collect());
                messages.extend(notes.iter().cloned());
            }
            let mut verdict = (trial.judge)(&own);
            messages.insert(0, std::mem::take(&mut verdict.message));
            messages.retain(|m| !m.is_empty());
            verdict.message = messages.join("; ");
            Ok(verdict)
        });
        verdicts.push(match judged {
            Ok(verdict) => verdict,
            Err(error) if i == 0 => return Err(error),
            Err(error) => {
                let why = format!("{error}; {}", error.hint());
                Verdict::without(Status::Unsuited, &why)
            }
        });
    }
    Ok((verdicts, phases))
}

/// Puts an experiment into a group that it shares a pass with, or its own: the
/// group, and where its watches are there.
fn place(groups: &mut Vec<Experiment>, experiment: &Experiment) -> (usize, Vec<usize>) {
    let group = groups.iter().position(|g| g.shares(experiment));
    let group = group.unwrap_or_else(|| {
        groups.push(Experiment {
            watches: Vec::new(),
            ..experiment.clone()
        });
        groups.len() - 1
    });
    let all = &mut groups[group].watches;
    let mut place = |watch: &Watch| {
        let there = all.iter().position(|w| w == watch);
        there.unwrap_or_else(|| {
            all.push(watch.clone());
            all.len() - 1
        })
    };
    (group, experiment.watches.iter().map(&mut place).collect())
}

/// Whether an error ends more than one proxy.
fn ends_all(error: &Error) -> bool {
    matches!(error, Error::Cancelled) || error.code() == "device-lost"
}

/// A monitor's view of one part among several.
struct Part<'a> {
    of: &'a dyn Monitor,
    index: usize,
    parts: usize,
}

impl Monitor for Part<'_> {
    fn step(&self, done: usize, total: usize) -> Step<'_> {
        self.of.step(self.index * total + done, self.parts * total)
    }
}

/// Joins the verdicts of all seeds.
fn joined(proxy: &'static dyn Proxy, all: &[Verdict]) -> Measurement {
    let statuses: Vec<Status> = all.iter().map(|v| v.status).collect();
    let status = Status::of_all(&statuses);
    let usable = status != Status::NonFinite;
    let values: Vec<f64> = all
        .iter()
        .filter_map(|v| v.value)
        .filter(|_| usable)
        .collect();
    let mut names: Vec<&'static str> = Vec::new();
    let mut messages: Vec<&str> = Vec::new();
    for verdict in all {
        for (name, _) in &verdict.parts {
            if !names.contains(name) {
                names.push(name);
            }
        }
        let message = verdict.message.as_str();
        if !message.is_empty() && !messages.contains(&message) {
            messages.push(message);
        }
    }
    let part = |name| {
        let own = all
            .iter()
            .flat_map(|v| &v.parts)
            .filter(|(n, _)| *n == name);
        mean(own.map(|(_, value)| *value)).map(|value| (name, value))
    };
    Measurement {
        name: proxy.about().name,
        status,
        value: mean(values.iter().copied()),
        deviation: deviation(&values),
        parts: names.into_iter().filter_map(part).collect(),
        message: messages.join("; "),
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut n) = (0.0, 0usize);
    for value in values {
        sum += value;
        n += 1;
    }
    (n > 0).then(|| sum / n as f64)
}

/// Sample standard deviation (n − 1).
fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values.iter().copied()).filter(|_| values.len() > 1)?;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}
