//! The architectures to work on: arguments, and lists of all forms.

use serde_json::Value;

use dextr::run::Row;
use dextr::run::list::{self, Form, Layout, List, Wishes};
use dextr::sources::{Source, spaces};

use crate::args::InputArgs;
use crate::failure::{Failure, row_message, say};
use crate::models;
use crate::table;

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
    /// What there is to know about how its text was understood.
    pub(crate) note: Option<String>,
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
        let known = format!("give --space with one of: {}", known.join(", "));
        let first = args.archs.first();
        let fits = first.and_then(|arch| {
            let fits = |s: &&&dyn spaces::Space| s.canonical(arch).is_ok();
            spaces::all().iter().find(fits)
        });
        let hint = match fits {
            Some(space) => format!(
                "the first architecture is one of {0}: give --space {0}",
                space.name()
            ),
            None => known,
        };
        Failure::new("there is no --space", hint)
    })
}

impl Candidates {
    /// Reads everything that the arguments name.
    pub(crate) fn read(args: &InputArgs) -> Result<Self, Failure> {
        let source = source(args)?;
        let reading = args.reading.as_deref();
        let new = |text: &String| Candidate::new(text.clone(), None, source, reading);
        let mut input = Self {
            columns: Vec::new(),
            all: args.archs.iter().map(new).collect(),
        };
        match &args.input {
            Some(path) => {
                let list = list::read(&table::read(path)?, source, &args.wishes())?;
                tell(path, &list);
                input.take(list, args, source)?;
            }
            None if args.archs.is_empty() => {
                return Err(Failure::new(
                    "there is no architecture to work on",
                    "give architectures as arguments, or a file with --input",
                ));
            }
            None => no_filters(args)?,
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

    fn take(&mut self, mut list: List, args: &InputArgs, source: Source) -> Result<(), Failure> {
        match list.layout.form {
            Form::Lines => no_filters(args)?,
            _ => table::filter(&mut list.table, &args.filters)?,
        }
        if list.table.rows.is_empty() {
            return Ok(());
        }
        let others: Vec<usize> = list.others().collect();
        self.columns = others
            .iter()
            .map(|&c| list.table.columns[c].clone())
            .collect();
        // Arguments before the table have no cells in its columns.
        for item in &mut self.all {
            item.extras = vec![Value::Null; others.len()];
        }
        for row in &list.table.rows {
            let (text, problem) = list.architecture(row);
            let problem = problem.map(|p| format!("{}: {p}", list.place(row)));
            self.all.push(Candidate {
                extras: others.iter().map(|&c| row.cells[c].clone()).collect(),
                ..Candidate::new(text, problem, source, args.reading.as_deref())
            });
        }
        Ok(())
    }
}

/// Says what a list was read as where that had to be guessed.
fn tell(path: &str, list: &List) {
    let Layout { guessed, .. } = list.layout;
    let shown = if path == "-" { "standard input" } else { path };
    if guessed && !list.table.rows.is_empty() {
        say(format_args!(
            "{shown}: read as {} (--column, --delimiter, --header and --decimal say it otherwise)",
            list.describe()
        ));
    }
    for note in &list.notes {
        say(format_args!("{shown}: {note} (--decimal says it)"));
    }
}

fn no_filters(args: &InputArgs) -> Result<(), Failure> {
    if args.filters.is_empty() {
        return Ok(());
    }
    Err(Failure::new(
        "--where needs an input with columns, and this is a plain list",
        "give a CSV or JSON file, or leave --where out",
    ))
}

impl Candidate {
    fn new(given: String, problem: Option<String>, source: Source, reading: Option<&str>) -> Self {
        let (arch, note) = match problem {
            Some(problem) => (Err(problem), None),
            None => match source.parse(&given, reading) {
                Ok(parsed) => (Ok(parsed.arch), parsed.note),
                Err(error) => (Err(wrong(&error, &given, source)), None),
            },
        };
        Self {
            given,
            arch,
            note,
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

/// What is wrong with a text, and where it would be right.
fn wrong(error: &dextr::Error, text: &str, source: Source) -> String {
    let message = row_message(error);
    match list::spaces_of(text, source).next() {
        Some(other) => format!("{message}; it is an architecture of {}", other.name()),
        None => message,
    }
}

impl InputArgs {
    /// What the input is to be read as.
    fn wishes(&self) -> Wishes {
        Wishes {
            delimiter: self.delimiter,
            header: self.header,
            arch: self.column.clone(),
            decimal: self.decimal,
            ..Wishes::default()
        }
    }
}
