//! Every proxy on the same rows, each held against #params and against Dextr.

use std::fmt::Write as _;

use dextr::proxy::{AzNas, Proxy};
use dextr::sources::spaces;
use dextr::stats::{Difference, Interval, correlate, paired_difference, within_best};

use crate::compute::{Computed, Numbers};
use crate::sets::{Rows, Set};

/// The columns' heads.
const HEAD: &str = "\
| accuracy | proxy | all rows | to #params | to Dextr | best half | to Dextr | best tenth | ten best | s |
|---|---|---|---|---|---|---|---|---|---|
";
/// The fewest rows that a correlation is reported of.
const FEWEST: usize = 5;
/// Of how many best ranked rows the mean accuracy is given.
const BEST: usize = 10;

/// What proxies need, a line each.
pub(crate) fn needs(proxies: &[&'static dyn Proxy]) -> String {
    let about = proxies.iter().map(|proxy| proxy.about());
    let line = about.map(|about| format!("- `{}`: {}\n", about.name, about.needs));
    format!("What they need:\n\n{}", line.collect::<String>())
}

/// A set with the values of some proxies.
pub(crate) struct Contest<'a> {
    pub(crate) set: &'a Set,
    pub(crate) rows: &'a Rows,
    pub(crate) computed: &'a Computed,
    pub(crate) seeds: u64,
    pub(crate) proxies: &'a [&'static dyn Proxy],
}

/// What is compared: the rows with an accuracy, in the table's order.
struct Ground<'a> {
    label: &'a str,
    truth: Vec<f64>,
    /// The better half.
    half: Vec<usize>,
    tenth: Vec<usize>,
    params: Vec<f64>,
    dextr: Vec<f64>,
}

impl Contest<'_> {
    /// Spearman, below it Kendall, with intervals; differences are paired.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        let Set { name, source, .. } = self.set;
        let built: Vec<usize> = (0..self.rows.archs.len())
            .filter(|&i| self.built(i))
            .collect();
        let left_out = self.rows.archs.len() - built.len();
        writeln!(text, "### {name}, every proxy\n").unwrap();
        writeln!(
            text,
            "{} rows ({left_out} could not be built), {} seed{}. Accuracies: {source}. All proxies together take {} s a network on one thread.\n",
            self.rows.archs.len(),
            self.seeds,
            if self.seeds == 1 { "" } else { "s" },
            seconds(&self.times(&built, "seconds")),
        )
        .unwrap();
        text.push_str(HEAD);
        for ((label, _), truth) in self.set.truths.iter().zip(&self.rows.truths) {
            let known: Vec<usize> = built
                .iter()
                .copied()
                .filter(|&i| !truth[i].is_nan())
                .collect();
            let truth: Vec<f64> = known.iter().map(|&i| truth[i]).collect();
            let ground = Ground {
                label,
                half: within_best(&truth, 0.5),
                tenth: within_best(&truth, 0.1),
                params: self.column(&known, "params"),
                dextr: self.column(&known, "dextr"),
                truth,
            };
            for proxy in self.proxies {
                let name = proxy.about().name;
                let (own, first) = match name {
                    "az_nas" => (self.pooled(&known), AzNas::PARTS[0]),
                    _ => (self.column(&known, name), name),
                };
                let missing = known.iter().filter(|&&i| self.value(i, first).is_none());
                let mut label = format!("`{name}`");
                match missing.count() {
                    0 => {}
                    n if n == known.len() => continue,
                    n => write!(label, " ({n} without a value)").unwrap(),
                }
                let time = seconds(&self.times(&known, &format!("seconds.{name}")));
                ground.line(&mut text, &label, &own, &time);
            }
            if !self.set.baseline.is_empty() {
                let label = self.set.baseline.join(", then ");
                ground.line(&mut text, &label, &self.baseline(&known), "0");
            }
        }
        text.push('\n');
        text
    }

    fn row(&self, i: usize, seed: u64) -> &Numbers {
        &self.computed[&(self.rows.archs[i].clone(), seed)]
    }

    fn built(&self, i: usize) -> bool {
        (0..self.seeds).all(|seed| !self.row(i, seed).contains_key("error"))
    }

    /// The mean over the seeds; none where a seed has none.
    fn value(&self, i: usize, name: &str) -> Option<f64> {
        let all: Option<Vec<f64>> = (0..self.seeds)
            .map(|seed| self.row(i, seed).get(name).copied())
            .collect();
        all.map(|all| all.iter().sum::<f64>() / all.len() as f64)
    }

    /// A proxy's values; without one a row is ranked last.
    fn column(&self, rows: &[usize], name: &str) -> Vec<f64> {
        let value = |&i: &usize| self.value(i, name).unwrap_or(f64::MIN);
        rows.iter().map(value).collect()
    }

    /// The values of AZ-NAS, whose pool is these rows.
    fn pooled(&self, rows: &[usize]) -> Vec<f64> {
        let parts = |&i: &usize| AzNas::PARTS.map(|part| self.value(i, part));
        AzNas::pooled(&rows.iter().map(parts).collect::<Vec<_>>())
    }

    /// The ranking by choices alone.
    fn baseline(&self, rows: &[usize]) -> Vec<f64> {
        let space = spaces::by_name(self.set.space).unwrap();
        let value = |&i: &usize| {
            let choices = space.choices(&self.rows.archs[i]).unwrap();
            let number = |name: &&str| {
                let choice = choices.iter().find(|c| c.name == **name).unwrap();
                choice.value.parse::<f64>().unwrap()
            };
            let names = self.set.baseline.iter();
            names.fold(0.0, |rank, name| rank * 1e6 + number(name))
        };
        rows.iter().map(value).collect()
    }

    fn times(&self, rows: &[usize], name: &str) -> Vec<f64> {
        let times = rows.iter().filter_map(|&i| self.row(i, 0).get(name));
        times.copied().collect()
    }
}

impl Ground<'_> {
    fn line(&self, text: &mut String, name: &str, own: &[f64], time: &str) {
        let Self { truth, half, .. } = self;
        // A proxy is not held against itself.
        let compare = |own: &[f64], other: &[f64], truth: &[f64]| match own == other {
            true => "–".to_owned(),
            false => number(paired_difference(own, other, truth)),
        };
        let better = |other: &[f64]| compare(own, other, truth);
        let among = |rows: &[usize], values: &[f64]| -> Vec<f64> {
            rows.iter().map(|&i| values[i]).collect()
        };
        let of_half = compare(
            &among(half, own),
            &among(half, &self.dextr),
            &among(half, truth),
        );
        writeln!(
            text,
            "| {} ({}) | {name} | {} | {} | {} | {} | {of_half} | {} | {:.2} | {time} |",
            self.label,
            truth.len(),
            both(own, truth),
            better(&self.params),
            better(&self.dextr),
            both(&among(half, own), &among(half, truth)),
            both(&among(&self.tenth, own), &among(&self.tenth, truth)),
            self.best_ranked(own),
        )
        .unwrap();
    }

    /// The mean accuracy of the best ranked rows; equal values in the table's
    /// order.
    fn best_ranked(&self, own: &[f64]) -> f64 {
        let best = within_best(own, BEST as f64 / own.len().max(BEST) as f64);
        best.iter().map(|&i| self.truth[i]).sum::<f64>() / best.len() as f64
    }
}

/// Spearman, below it Kendall.
fn both(own: &[f64], truth: &[f64]) -> String {
    let enough = truth.len() >= FEWEST;
    let Some(found) = correlate(own, truth).filter(|_| enough) else {
        return "–".to_owned();
    };
    let part = |value: f64, interval| format!("{value:.3}{}", brackets(interval));
    let above = part(found.spearman, found.spearman_interval);
    let below = part(found.kendall, found.kendall_interval);
    format!("{above}<br>{below}")
}

fn number(difference: Option<Difference>) -> String {
    let some = |d: Difference| format!("{:+.3}{}", d.spearman, brackets(d.interval));
    difference.map_or_else(|| "–".to_owned(), some)
}

fn brackets(interval: Option<Interval>) -> String {
    interval.map_or_else(String::new, |i| format!(" [{:.3}, {:.3}]", i.low, i.high))
}

fn seconds(all: &[f64]) -> String {
    match all.len() {
        0 => "–".to_owned(),
        n => format!("{:.2}", all.iter().sum::<f64>() / n as f64),
    }
}
