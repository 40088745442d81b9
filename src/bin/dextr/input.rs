//! The architectures to work on: arguments, plain lists, tables.

use serde_json::Value;

use dextr::run::Row;
use dextr::sources::{Source, spaces};

use crate::args::InputArgs;
use crate::failure::{Failure, row_message};
use crate::models;
use crate::table::{self, Table};

/// The column that always wins.
const ARCH: &str = "arch";

/// The architectures of a run, in order.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    /// The names of the input's other columns.
    pub(crate) columns: Vec<String>,
    /// The architectures.
    pub(crate) all: Vec<Candidate>,
}

/// One architecture as the user gave it.
#[derive(Debug)]
pub(crate) struct Candidate {
    /// Its text.
    pub(crate) given: String,
    /// Its canonical form, or what is wrong with the row.
    pub(crate) arch: Result<String, String>,
    /// Its cells in the input's other columns.
    pub(crate) extras: Vec<Value>,
}

/// What the arguments' architectures are read by.
pub(crate) fn source(args: &InputArgs) -> Result<Source, Failure> {
    if models::asked(args)? {
        return Ok(Source::Models);
    }
    args.space.map(Source::Space).ok_or_else(|| {
        let known: Vec<&str> = spaces::all().iter().map(|s| s.name()).collect();
        Failure::new(
            "there is no --space",
            format!("give --space with one of: {}", known.join(", ")),
        )
    })
}

impl Candidates {
    /// Reads everything that the arguments name.
    pub(crate) fn read(args: &InputArgs) -> Result<Self, Failure> {
        let source = source(args)?;
        let mut input = Self::default();
        input.list(args.archs.iter().map(String::as_str), source);
        match &args.input {
            Some(path) => input.file(&table::read(path)?, args, source)?,
            None if args.archs.is_empty() => {
                return Err(Failure::new(
                    "there is no architecture to work on",
                    "give architectures as arguments, or a file with --input",
                ));
            }
            None => input.no_filters(args)?,
        }
        if input.all.is_empty() {
            let shown = args.input.as_deref().unwrap_or_default();
            return Err(Failure::new(
                format!("the list of architectures is empty ({shown})"),
                "give at least one architecture, one a line",
            ));
        }
        Ok(input)
    }

    fn list<'a>(&mut self, texts: impl Iterator<Item = &'a str>, source: Source) {
        self.all
            .extend(texts.map(|t| Candidate::new(t.to_owned(), None, source)));
    }

    fn file(&mut self, text: &str, args: &InputArgs, source: Source) -> Result<(), Failure> {
        if table::is_json(text) {
            let table = Table::from_json(text)?;
            // Objects without a column that is known are architectures
            // themselves, where the space's are written so.
            if arch_columns(&table.columns, source).is_none() && takes_json(source) {
                self.no_filters(args)?;
                let entries = table::entries(text);
                self.list(entries.iter().map(String::as_str), source);
                return Ok(());
            }
            return self.table(table, args, source);
        }
        let wanted = |header: &[String]| arch_columns(header, source).is_some();
        if let Some(delimiter) = table::delimiter(text, wanted) {
            return self.table(Table::from_csv(text, delimiter)?, args, source);
        }
        self.no_filters(args)?;
        let lines = text.lines().map(str::trim);
        self.list(
            lines.filter(|l| !l.is_empty() && !l.starts_with('#')),
            source,
        );
        Ok(())
    }

    fn table(&mut self, mut table: Table, args: &InputArgs, source: Source) -> Result<(), Failure> {
        table.filter(&args.filters)?;
        if table.rows.is_empty() {
            return Ok(());
        }
        let from = arch_columns(&table.columns, source).ok_or_else(|| {
            let own = source.about().columns.join(", ");
            Failure::new(
                format!("the input has no column '{ARCH}' (nor {own})"),
                table.has_columns(),
            )
        })?;
        let others: Vec<usize> = (0..table.columns.len())
            .filter(|c| !from.contains(c))
            .collect();
        let pick = |cells: &[Value]| others.iter().map(|&c| cells[c].clone()).collect();
        self.columns = others.iter().map(|&c| table.columns[c].clone()).collect();
        // Arguments before the table have no cells in its columns.
        for item in &mut self.all {
            item.extras = vec![Value::Null; others.len()];
        }
        for row in table.rows {
            let parts: Vec<String> = from
                .iter()
                .map(|&c| table::text(&row.cells[c]).trim().to_owned())
                .collect();
            let problem = row.problem.or_else(|| {
                let missing = from.iter().zip(&parts).find(|(_, p)| p.is_empty());
                missing.map(|(&c, _)| {
                    let column = &table.columns[c];
                    format!(
                        "row {}: has no '{column}'; give an architecture there",
                        row.number
                    )
                })
            });
            self.all.push(Candidate {
                extras: pick(&row.cells),
                ..Candidate::new(parts.join(","), problem, source)
            });
        }
        Ok(())
    }

    fn no_filters(&self, args: &InputArgs) -> Result<(), Failure> {
        if args.filters.is_empty() {
            return Ok(());
        }
        Err(Failure::new(
            "--where needs an input with columns, and this is a plain list",
            "give a CSV or JSON file, or leave --where out",
        ))
    }
}

impl Candidate {
    fn new(given: String, problem: Option<String>, source: Source) -> Self {
        let arch = match problem {
            Some(problem) => Err(problem),
            None => source.canonical(&given).map_err(|e| row_message(&e)),
        };
        Self {
            given,
            arch,
            extras: Vec::new(),
        }
    }

    /// Its row before it is scored, from what all rows of the run have.
    pub(crate) fn row(&self, base: &Row) -> Row {
        Row {
            arch: self.arch.as_ref().unwrap_or(&self.given).clone(),
            ..base.clone()
        }
    }
}

/// Whether an architecture of the space can be a JSON object.
fn takes_json(source: Source) -> bool {
    source
        .about()
        .examples
        .iter()
        .any(|e| e.arch.starts_with('{'))
}

/// The columns an architecture is read from, if a header has them.
fn arch_columns(header: &[String], source: Source) -> Option<Vec<usize>> {
    let find = |name: &str| header.iter().position(|h| h == name);
    let own = || {
        source
            .about()
            .columns
            .iter()
            .map(|name| find(name))
            .collect()
    };
    find(ARCH).map(|c| vec![c]).or_else(own)
}
