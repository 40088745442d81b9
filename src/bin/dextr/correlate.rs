//! `dextr correlate`: how a score column ranks known accuracies.

use dextr::run::list::{self, Table};

use crate::End;
use crate::args::{CorrelateArgs, Format};
use crate::failure::{Failure, say};
use crate::output::{Output, json_line};
use crate::report::Report;
use crate::table;
use crate::usable::{Usable, pooled};

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
    let mut table = list::read_table(&table::read(&args.file)?, &args.score)?;
    if table.rows.is_empty() {
        return Err(Failure::new(
            format!("{} has no rows", args.file),
            "give a result file of `dextr score`",
        ));
    }
    let any = table::filter(&mut table, &args.filters)?;
    table::found_any(&args.filters, any)?;
    pooled(&mut table);
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
