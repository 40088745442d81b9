//! The correlations of one result file, and how they are printed.

use serde::Serialize;

use dextr::run::list::{Table, text};
use dextr::run::{PROXY, Role, number, of_role, proxy_columns};
use dextr::stats::{Correlation, Interval, correlate, within_best};

use crate::args::CorrelateArgs;
use crate::output::csv_line;
use crate::readable;
use crate::usable::{LeftOut, Usable};

/// The parts of the rows that are looked at: the best of this fraction by truth.
const PARTS: [(&str, f64); 3] = [("all rows", 1.0), ("best half", 0.5), ("best tenth", 0.1)];

/// All that is printed; the fields are the keys of the JSON object.
#[derive(Serialize)]
pub(crate) struct Report {
    score: String,
    truth: String,
    rows: usize,
    used: usize,
    left_out: LeftOut,
    missing_columns: Vec<&'static str>,
    correlations: Vec<Entry>,
    #[serde(skip)]
    left_out_text: String,
}

/// One column over one part of the rows.
#[derive(Serialize)]
struct Entry {
    rows: &'static str,
    column: String,
    n: usize,
    spearman: Option<f64>,
    spearman_interval: Option<Interval>,
    kendall: Option<f64>,
    kendall_interval: Option<Interval>,
    message: String,
}

impl Report {
    /// Works everything out.
    pub(crate) fn new(args: &CorrelateArgs, table: &Table, usable: &Usable) -> Self {
        let proxies = proxies(table);
        let mut columns = vec![(args.score.as_str(), table.column(&args.score))];
        let mut parts: Vec<&str> = of_role(Role::Part).collect();
        parts.extend(proxy_columns(&proxies));
        parts.retain(|c| table.column(c).is_some());
        of_role(Role::Size).for_each(|size| parts.push(size));
        for name in parts {
            if name != args.score {
                columns.push((name, table.column(name)));
            }
        }
        let mut correlations = Vec::new();
        for (part, fraction) in PARTS {
            let best = within_best(&usable.truth, fraction);
            for &(name, column) in &columns {
                correlations.push(Entry::new(part, name, column, table, usable, &best));
            }
        }
        let missing = of_role(Role::Size).filter(|c| table.column(c).is_none());
        Self {
            score: args.score.clone(),
            truth: args.truth.clone(),
            rows: table.rows.len(),
            used: usable.rows.len(),
            left_out: usable.left_out,
            missing_columns: missing.collect(),
            correlations,
            left_out_text: usable.left_out.describe(args),
        }
    }

    /// For reading.
    pub(crate) fn table(&self) -> String {
        let rows: Vec<Vec<String>> = self.correlations.iter().map(Entry::cells).collect();
        let header = [
            "rows", "column", "n", "Spearman", "95 %", "Kendall", "95 %", "",
        ];
        let mut text = format!(
            "{} against {}: {} of {} rows\n",
            self.score, self.truth, self.used, self.rows
        );
        if self.used < self.rows {
            text.push_str(&format!("{}\n", self.left_out_text));
        }
        text.push_str(&readable::aligned(&header, &rows, 2));
        text
    }

    /// One row a correlation.
    pub(crate) fn csv(&self) -> Vec<u8> {
        let header = csv_line(&[
            "rows",
            "column",
            "n",
            "spearman",
            "spearman_low",
            "spearman_high",
            "kendall",
            "kendall_low",
            "kendall_high",
            "message",
        ]);
        let lines = self.correlations.iter().map(|entry| {
            let number = |n: Option<f64>| n.map_or_else(String::new, |n| n.to_string());
            let low = |interval: Option<Interval>| number(interval.map(|i| i.low));
            let high = |interval: Option<Interval>| number(interval.map(|i| i.high));
            csv_line(&[
                entry.rows.to_owned(),
                entry.column.clone(),
                entry.n.to_string(),
                number(entry.spearman),
                low(entry.spearman_interval),
                high(entry.spearman_interval),
                number(entry.kendall),
                low(entry.kendall_interval),
                high(entry.kendall_interval),
                entry.message.clone(),
            ])
        });
        std::iter::once(header).chain(lines).flatten().collect()
    }
}

/// The proxies that a result file was asked for; those of its first row, since
/// a run has the same in all.
fn proxies(table: &Table) -> String {
    let cell = table.column("proxies").zip(table.rows.first());
    cell.map_or_else(
        || PROXY.to_owned(),
        |(column, row)| text(&row.cells[column]),
    )
}

impl Entry {
    fn new(
        rows: &'static str,
        name: &str,
        column: Option<usize>,
        table: &Table,
        usable: &Usable,
        best: &[usize],
    ) -> Self {
        let mut entry = Self {
            rows,
            column: name.to_owned(),
            n: 0,
            spearman: None,
            spearman_interval: None,
            kendall: None,
            kendall_interval: None,
            message: String::new(),
        };
        let Some(column) = column else {
            entry.message = "the file has no such column".to_owned();
            return entry;
        };
        let values = best.iter().filter_map(|&i| {
            let value = number(&table.rows[usable.rows[i]].cells[column])?;
            Some((value, usable.truth[i]))
        });
        let (values, truth): (Vec<f64>, Vec<f64>) = values.unzip();
        entry.n = values.len();
        match correlate(&values, &truth) {
            Some(found) => entry.fill(&found),
            None => entry.message = "too few rows, or all values are equal".to_owned(),
        }
        if entry.n < best.len() {
            let without = best.len() - entry.n;
            entry.message = format!("{without} rows without a number; {}", entry.message);
            entry.message = entry.message.trim_end_matches("; ").to_owned();
        }
        entry
    }

    fn fill(&mut self, found: &Correlation) {
        self.spearman = Some(found.spearman);
        self.spearman_interval = found.spearman_interval;
        self.kendall = Some(found.kendall);
        self.kendall_interval = found.kendall_interval;
    }

    fn cells(&self) -> Vec<String> {
        let number = |n: Option<f64>| n.map_or_else(|| "–".to_owned(), |n| format!("{n:.3}"));
        let interval = |ends: Option<Interval>| {
            ends.map_or_else(String::new, |Interval { low, high }| {
                format!("{low:.3} … {high:.3}")
            })
        };
        vec![
            self.rows.to_owned(),
            self.column.clone(),
            self.n.to_string(),
            number(self.spearman),
            interval(self.spearman_interval),
            number(self.kendall),
            interval(self.kendall_interval),
            self.message.clone(),
        ]
    }
}
