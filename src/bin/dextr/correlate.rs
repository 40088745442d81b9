//! `dextr correlate`: how a score column ranks known accuracies.

use serde::Serialize;
use serde_json::Value;

use crate::End;
use crate::args::{CorrelateArgs, Format};
use crate::columns::FAILED;
use crate::failure::{Failure, say};
use crate::output::{Output, json_line};
use crate::report::Report;
use crate::table::{self, Table, text};

/// Prints the correlations that the arguments ask for.
pub(crate) fn run(args: &CorrelateArgs) -> Result<End, Failure> {
    let table = read(args)?;
    let score = column(&table, "score", &args.score)?;
    let truth = column(&table, "truth", &args.truth)?;
    let usable = Usable::of(&table, score, truth);
    if usable.rows.is_empty() {
        return Err(Failure::new(
            format!(
                "no row has a number for both: {}",
                usable.left_out.describe(args)
            ),
            "take columns of numbers, and rows without the status error",
        ));
    }
    let report = Report::new(args, &table, &usable);
    let mut output = Output::Standard;
    output.write(&match args.format {
        Format::Table => report.table().into_bytes(),
        Format::Csv => report.csv(),
        Format::Json => json_line(&report),
    })?;
    if args.format == Format::Csv && usable.rows.len() < table.rows.len() {
        say(usable.left_out.describe(args));
    }
    Ok(End::Done)
}

fn read(args: &CorrelateArgs) -> Result<Table, Failure> {
    let text = table::read(&args.file)?;
    let mut table = if table::is_json(&text) {
        Table::from_json(&text)?
    } else {
        let wanted = |header: &[String]| header.contains(&args.score);
        let delimiter = table::delimiter(&text, wanted).unwrap_or(b',');
        Table::from_csv(&text, delimiter)?
    };
    if table.rows.is_empty() {
        return Err(Failure::new(
            format!("{} has no rows", args.file),
            "give a result file of `dextr score`",
        ));
    }
    table.filter(&args.filters)?;
    Ok(table)
}

fn column(table: &Table, what: &str, name: &str) -> Result<usize, Failure> {
    table.column(name).ok_or_else(|| {
        let renamed = format!("input_{name}");
        let mut hint = table.has_columns();
        if table.column(&renamed).is_some() {
            hint = format!("the input's column {name} was saved as {renamed}; {hint}");
        }
        Failure::new(format!("--{what}: no column '{name}'"), hint)
    })
}

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
    fn of(table: &Table, score: usize, truth: usize) -> Self {
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

/// A cell as a finite number.
pub(crate) fn number(cell: &Value) -> Option<f64> {
    let number = match cell {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|n: &f64| n.is_finite())
}
