//! The rows of a table that a correlation can be taken over.

use serde::Serialize;
use serde_json::Value;

use dextr::proxy::{AzNas, Proxy};
use dextr::run::list::{Table, TableRow, text};
use dextr::run::{FAILED, number};

use crate::args::CorrelateArgs;

/// The rows that have a score and a truth.
pub(crate) struct Usable {
    /// Their places in the table.
    pub(crate) rows: Vec<usize>,
    /// Their truths.
    pub(crate) truth: Vec<f64>,
    /// The other rows.
    pub(crate) left_out: LeftOut,
}

/// How many rows cannot be used, and why.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct LeftOut {
    /// Rows with the status `error`, and rows that are broken.
    errors: usize,
    /// Rows without a number for the score.
    no_score: usize,
    /// Rows without a number for the truth alone.
    no_truth: usize,
}

impl Usable {
    /// Of a table's columns of scores and truths.
    pub(crate) fn of(table: &Table, score: usize, truth: usize) -> Self {
        let status = table.column("status");
        let (mut rows, mut truths, mut left_out) = (Vec::new(), Vec::new(), LeftOut::default());
        for (i, row) in table.rows.iter().enumerate() {
            let failed = status.is_some_and(|s| text(&row.cells[s]) == FAILED);
            match (number(&row.cells[score]), number(&row.cells[truth])) {
                _ if failed || row.problem.is_some() => left_out.errors += 1,
                (None, _) => left_out.no_score += 1,
                (_, None) => left_out.no_truth += 1,
                (Some(_), Some(truth)) => {
                    rows.push(i);
                    truths.push(truth);
                }
            }
        }
        Self {
            rows,
            truth: truths,
            left_out,
        }
    }
}

impl LeftOut {
    /// The same in words.
    pub(crate) fn describe(&self, args: &CorrelateArgs) -> String {
        let Self {
            errors,
            no_score,
            no_truth,
        } = self;
        format!(
            "left out: {errors} with the status error or broken, {no_score} without a number for {}, {no_truth} for {}",
            args.score, args.truth
        )
    }
}

/// Gives the rows that have the parts of AZ-NAS its value, which is a sum of
/// ranks among them.
pub(crate) fn pooled(table: &mut Table) {
    let parts = AzNas::PARTS.map(|part| table.column(part));
    let name = AzNas.about().name;
    let ([Some(a), Some(b), Some(c), Some(d)], Some(value)) = (parts, table.column(name)) else {
        return;
    };
    let parts = |row: &TableRow| [a, b, c, d].map(|part| number(&row.cells[part]));
    let has = |row: &&mut TableRow| parts(row).iter().any(Option::is_some);
    let pool: Vec<[Option<f64>; 4]> = table
        .rows
        .iter()
        .map(parts)
        .filter(|own| own.iter().any(Option::is_some))
        .collect();
    let values = AzNas::pooled(&pool);
    for (row, sum) in table.rows.iter_mut().filter(has).zip(values) {
        row.cells[value] = Value::from(sum);
    }
}
