//! The correlations of one result file, and how they are printed.

use serde::Serialize;

use dextr::run::list::{Table, text};
use dextr::run::{PROXY, Role, number, of_role, proxy_columns};
use dextr::stats::{Correlation, Difference, Interval, correlate, paired_difference, within_best};

use crate::args::CorrelateArgs;
use crate::output::csv_line;
use crate::readable;
use crate::usable::{LeftOut, Usable};

/// The parts of the rows that are looked at: the best of this fraction by truth.
const PARTS: [(&str, f64); 3] = [("all rows", 1.0), ("best half", 0.5), ("best tenth", 0.1)];

/// The rival that costs nothing.
const BASELINE: &str = "params";

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
    /// How much better it ranks than the number of parameters, and than the score.
    against_params: Option<Difference>,
    against_score: Option<Difference>,
    message: String,
}

/// A column of the file: its name, and where it is.
type Place<'a> = (&'a str, Option<usize>);

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
            let rows = Rows {
                part,
                table,
                usable,
                best: &best,
            };
            for &place in &columns {
                correlations.push(Entry::new(place, &columns, &rows));
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
            "rows",
            "column",
            "n",
            "Spearman",
            "95 %",
            "Kendall",
            "95 %",
            "against #params",
            "against the score",
            "",
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
            "against_params",
            "against_params_low",
            "against_params_high",
            "against_score",
            "against_score_low",
            "against_score_high",
            "message",
        ]);
        let lines = self.correlations.iter().map(|entry| {
            let number = |n: Option<f64>| n.map_or_else(String::new, |n| n.to_string());
            let low = |interval: Option<Interval>| number(interval.map(|i| i.low));
            let high = |interval: Option<Interval>| number(interval.map(|i| i.high));
            let less = |d: &Option<Difference>| {
                let interval = d.as_ref().and_then(|d| d.interval);
                let by = number(d.as_ref().map(|d| d.spearman));
                [by, low(interval), high(interval)]
            };
            let [params, params_low, params_high] = less(&entry.against_params);
            let [score, score_low, score_high] = less(&entry.against_score);
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
                params,
                params_low,
                params_high,
                score,
                score_low,
                score_high,
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

/// A part of the rows.
struct Rows<'a> {
    part: &'static str,
    table: &'a Table,
    usable: &'a Usable,
    best: &'a [usize],
}

impl Rows<'_> {
    /// The numbers of some columns and the truth, of the rows that have them all.
    fn numbers(&self, columns: &[usize]) -> (Vec<Vec<f64>>, Vec<f64>) {
        let mut values = vec![Vec::new(); columns.len()];
        let mut truth = Vec::new();
        for &i in self.best {
            let cells = &self.table.rows[self.usable.rows[i]].cells;
            let all: Option<Vec<f64>> = columns.iter().map(|&c| number(&cells[c])).collect();
            if let Some(all) = all {
                values.iter_mut().zip(all).for_each(|(v, x)| v.push(x));
                truth.push(self.usable.truth[i]);
            }
        }
        (values, truth)
    }

    /// How much better one column ranks than another.
    fn less(&self, column: usize, other: Option<usize>) -> Option<Difference> {
        let other = other.filter(|&other| other != column)?;
        let (values, truth) = self.numbers(&[column, other]);
        paired_difference(&values[0], &values[1], &truth)
    }
}

impl Entry {
    fn new((name, column): Place<'_>, all: &[Place<'_>], rows: &Rows<'_>) -> Self {
        let mut entry = Self {
            rows: rows.part,
            column: name.to_owned(),
            n: 0,
            spearman: None,
            spearman_interval: None,
            kendall: None,
            kendall_interval: None,
            against_params: None,
            against_score: None,
            message: String::new(),
        };
        let Some(column) = column else {
            entry.message = "the file has no such column".to_owned();
            return entry;
        };
        let (values, truth) = rows.numbers(&[column]);
        entry.n = truth.len();
        match correlate(&values[0], &truth) {
            Some(found) => entry.fill(&found),
            None => entry.message = "too few rows, or all values are equal".to_owned(),
        }
        // The first column is the score.
        let score = all.first().and_then(|(_, column)| *column);
        let params = all.iter().find(|(name, _)| *name == BASELINE);
        entry.against_params = rows.less(column, params.and_then(|(_, column)| *column));
        entry.against_score = rows.less(column, score);
        if entry.n < rows.best.len() {
            let without = rows.best.len() - entry.n;
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
        let less = |difference: &Option<Difference>| {
            difference.as_ref().map_or_else(String::new, |d| {
                let ends = d
                    .interval
                    .map(|i| format!(" [{:+.3}, {:+.3}]", i.low, i.high));
                format!("{:+.3}{}", d.spearman, ends.unwrap_or_default())
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
            less(&self.against_params),
            less(&self.against_score),
            self.message.clone(),
        ]
    }
}
