//! The report in Markdown.

use std::fmt::Write as _;

use dextr::stats::{Correlation, Interval, correlate, paired_difference, spearman, within_best};

use crate::compute::{Computed, Numbers};
use crate::sets::{Rows, Set};

const PUBLISHED: &str = "`published`";
/// What correlations are over.
const PARTS: [(&str, f64); 3] = [("all rows", 1.0), ("best half", 0.5), ("best tenth", 0.1)];
/// The fewest rows that a correlation is reported of.
const FEWEST: usize = 5;

/// A set with what was computed for it.
pub(crate) struct Report<'a> {
    pub(crate) set: &'a Set,
    pub(crate) rows: &'a Rows,
    pub(crate) computed: &'a Computed,
    pub(crate) seeds: u64,
    /// The policies' names.
    pub(crate) policies: Vec<&'static str>,
    /// Whether the published protocol was run too.
    pub(crate) published: bool,
    /// The image and the options.
    pub(crate) how: String,
}

impl Report<'_> {
    fn row(&self, i: usize, seed: u64) -> &Numbers {
        &self.computed[&(self.rows.archs[i].clone(), seed)]
    }

    /// The rows that every seed could score.
    pub(crate) fn scored(&self) -> Vec<usize> {
        let scored =
            |&i: &usize| (0..self.seeds).all(|seed| !self.row(i, seed).contains_key("error"));
        (0..self.rows.archs.len()).filter(scored).collect()
    }

    /// A number's mean over the first seeds, for some rows.
    pub(crate) fn column(&self, rows: &[usize], name: &str, seeds: u64) -> Vec<f64> {
        let mean =
            |&i: &usize| (0..seeds).map(|s| self.row(i, s)[name]).sum::<f64>() / seeds as f64;
        rows.iter().map(mean).collect()
    }

    /// Mean seconds of a row; none in reports of versions that kept no times.
    pub(crate) fn seconds(&self, rows: &[usize]) -> String {
        let times = rows.iter().filter_map(|&i| self.row(i, 0).get("seconds"));
        let times: Vec<f64> = times.copied().collect();
        match times.len() {
            0 => "–".to_owned(),
            n => format!("{:.2}", times.iter().sum::<f64>() / n as f64),
        }
    }

    /// The rows whose accuracy is known.
    pub(crate) fn known(&self, rows: &[usize], truth: &[f64]) -> Vec<usize> {
        let known = rows.iter().copied().filter(|&i| !truth[i].is_nan());
        known.collect()
    }

    /// Labels and the names of their numbers.
    fn proxies(&self) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for (label, name) in [("Dextr", "score"), ("S", "s")] {
            for policy in &self.policies {
                all.push((format!("{label}, `{policy}`"), format!("{name}.{policy}")));
            }
        }
        for (label, name) in [("K", "k"), ("#params", "params"), ("MACs", "macs")] {
            all.push((label.to_owned(), name.to_owned()));
        }
        all
    }

    /// Spearman and Kendall with intervals for each accuracy and proxy.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        let scored = self.scored();
        let left_out = self.rows.archs.len() - scored.len();
        let mean = self.seconds(&scored);
        writeln!(text, "### {}\n", self.set.name).unwrap();
        write!(
            text,
            "{} rows ({left_out} could not be scored), {} seed{}, {}, {mean} s each on one thread. ",
            self.rows.archs.len(),
            self.seeds,
            if self.seeds == 1 { "" } else { "s" },
            self.how,
        )
        .unwrap();
        write!(text, "Accuracies: {}.", self.set.source).unwrap();
        if !self.set.paper.is_empty() {
            write!(text, " The paper reports {}.", self.set.paper).unwrap();
        }
        text.push_str(" Spearman, below it Kendall, with 95 % bootstrap intervals.\n\n");
        let parts = PARTS.map(|(part, _)| part).join(" | ");
        writeln!(text, "| accuracy | proxy | {parts} |").unwrap();
        writeln!(text, "|---|---|---|---|---|").unwrap();
        for ((truth, _), all) in self.set.truths.iter().zip(&self.rows.truths) {
            let with = self.known(&scored, all);
            let values: Vec<f64> = with.iter().map(|&i| all[i]).collect();
            for (label, name) in self.proxies() {
                let score = self.column(&with, &name, self.seeds);
                write!(text, "| {truth} ({}) | {label} |", with.len()).unwrap();
                for (_, fraction) in PARTS {
                    write!(text, " {} |", cell(&score, &values, fraction)).unwrap();
                }
                text.push('\n');
            }
        }
        text.push('\n');
        if self.published {
            text.push_str(&self.against_published(&scored));
        }
        text
    }

    /// Differences to the published protocol, paired over the rows.
    fn against_published(&self, scored: &[usize]) -> String {
        let mut proxies = vec![
            (PUBLISHED.to_owned(), "score.published".to_owned(), 1),
            (format!("{PUBLISHED}, S alone"), "s.published".to_owned(), 1),
        ];
        for (label, name) in self.proxies() {
            proxies.push((label.clone(), name.clone(), 1));
            if self.seeds > 1 && name.contains('.') {
                proxies.push((format!("{label}, {} seeds", self.seeds), name, self.seeds));
            }
        }
        let mut text = "Spearman over all rows (within the best half), one seed where no other number is given; below it the difference to `published` with its 95 % paired bootstrap interval.\n\n".to_owned();
        let labels: Vec<&str> = self.set.truths.iter().map(|(label, _)| *label).collect();
        writeln!(text, "| proxy | {} |", labels.join(" | ")).unwrap();
        writeln!(text, "|---|{}", "---|".repeat(labels.len())).unwrap();
        let published = self.column(scored, "score.published", 1);
        for (label, name, seeds) in &proxies {
            let score = self.column(scored, name, *seeds);
            write!(text, "| {label} |").unwrap();
            for truth in &self.rows.truths {
                let truth: Vec<f64> = scored.iter().map(|&i| truth[i]).collect();
                let best = within_best(&truth, 0.5);
                let pick = |v: &[f64]| best.iter().map(|&i| v[i]).collect::<Vec<_>>();
                let all = number(spearman(&score, &truth));
                let half = number(spearman(&pick(&score), &pick(&truth)));
                write!(text, " {all} ({half})").unwrap();
                let difference = paired_difference(&score, &published, &truth);
                if let Some(d) = difference.filter(|_| label != PUBLISHED) {
                    let interval = d.interval.map_or_else(String::new, brackets);
                    write!(text, "<br>{:+.3}{interval}", d.spearman).unwrap();
                }
                text.push_str(" |");
            }
            text.push('\n');
        }
        text.push('\n');
        text
    }
}

fn cell(score: &[f64], truth: &[f64], fraction: f64) -> String {
    let best = within_best(truth, fraction);
    let pick = |v: &[f64]| best.iter().map(|&i| v[i]).collect::<Vec<_>>();
    if best.len() < FEWEST {
        return format!("{} rows", best.len());
    }
    let Some(Correlation {
        spearman,
        spearman_interval,
        kendall,
        kendall_interval,
        ..
    }) = correlate(&pick(score), &pick(truth))
    else {
        return "undefined".to_owned();
    };
    let both = |value: f64, interval: Option<Interval>| {
        format!("{value:.3}{}", interval.map_or_else(String::new, brackets))
    };
    format!(
        "{}<br>{}",
        both(spearman, spearman_interval),
        both(kendall, kendall_interval)
    )
}

fn brackets(interval: Interval) -> String {
    format!(" [{:.3}, {:.3}]", interval.low, interval.high)
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "undefined".to_owned(), |v| format!("{v:.3}"))
}
