//! One line for each accuracy: the table of benches/RESULTS.md.

use std::fmt::Write as _;

use dextr::stats::{correlate, spearman, within_best};

use crate::table::Report;

/// The lines' head, for spaces with the two policies that all have.
pub(crate) const HEAD: &str = "\
| table, accuracy | rows | Dextr, `flow` | Dextr, `layers` | S, `flow` | S, `layers` | K | #params | MACs | s each | paper | source |
|---|---|---|---|---|---|---|---|---|---|---|---|
";

/// The numbers in a line.
const NUMBERS: [&str; 7] = [
    "score.flow",
    "score.layers",
    "s.flow",
    "s.layers",
    "k",
    "params",
    "macs",
];

impl Report<'_> {
    /// Spearman over all rows with its interval, in brackets within the best half.
    pub(crate) fn summary(&self) -> String {
        let mut text = String::new();
        let scored = self.scored();
        let seconds = self.seconds(&scored);
        for ((truth, _), all) in self.set.truths.iter().zip(&self.rows.truths) {
            let with = self.known(&scored, all);
            let values: Vec<f64> = with.iter().map(|&i| all[i]).collect();
            write!(text, "| {}, {truth} | {} |", self.set.name, with.len()).unwrap();
            for name in NUMBERS {
                let score = self.column(&with, name, self.seeds);
                write!(text, " {} |", cell(&score, &values)).unwrap();
            }
            let Report { set, .. } = self;
            writeln!(text, " {seconds} | {} | {} |", set.paper, set.source).unwrap();
        }
        text
    }
}

fn cell(score: &[f64], truth: &[f64]) -> String {
    let best = within_best(truth, 0.5);
    let pick = |v: &[f64]| best.iter().map(|&i| v[i]).collect::<Vec<_>>();
    let half = spearman(&pick(score), &pick(truth));
    let half = half.map_or_else(String::new, |half| format!(" ({half:.2})"));
    match correlate(score, truth) {
        Some(all) => {
            let interval = all.spearman_interval;
            let interval =
                interval.map_or_else(String::new, |i| format!(" [{:.2}, {:.2}]", i.low, i.high));
            format!("{:.2}{interval}{half}", all.spearman)
        }
        None => "undefined".to_owned(),
    }
}
