//! The architectures to work on: arguments, and lists of all forms.

use serde_json::Value;

use dextr::run::list::{self, Form, Layout, List, Wishes};
use dextr::run::{Row, Shard};
use dextr::sources::{Source, spaces};

use crate::args::{InputArgs, ListArgs};
use crate::failure::{Failure, row_message, say};
use crate::models;
use crate::pieces::Pieces;
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
    args.list.space.map(Source::Space).ok_or_else(|| {
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
    /// Reads everything that the arguments name, or the part of it that a shard
    /// takes.
    pub(crate) fn read(args: &InputArgs, shard: Option<Shard>) -> Result<Self, Failure> {
        let source = source(args)?;
        let reading = args.list.reading.as_deref();
        let own = |text: &str| shard.is_none_or(|shard| shard.has(text));
        let new = |text: &String| Candidate::new(text.clone(), None, source, reading);
        let mut input = Self {
            columns: Vec::new(),
            all: args.archs.iter().map(new).collect(),
        };
        let mut whole = input.all.len();
        input.all.retain(|c| own(c.text()));
        match &args.list.input {
            Some(path) => {
                let filters = args.filters.as_slice();
                each(path, &args.list, source, filters, |columns, candidate| {
                    whole += 1;
                    if own(candidate.text()) {
                        input.push(columns, candidate);
                    }
                    Ok(())
                })?;
            }
            None if args.archs.is_empty() => {
                return Err(Failure::new(
                    "there is no architecture to work on",
                    "give architectures as arguments, or a file with --input",
                ));
            }
            None => no_filters(args.filters.as_slice())?,
        }
        if whole == 0 {
            let shown = args.list.input.as_deref().unwrap_or_default();
            return Err(Failure::new(
                format!("the list of architectures is empty ({shown})"),
                "give at least one architecture, one a line",
            ));
        }
        if let Some(shard) = shard {
            let own = input.all.len();
            say(format_args!(
                "shard {shard}: {own} of {whole} architectures"
            ));
        }
        Ok(input)
    }

    /// Takes in a candidate whose other cells stand under `columns`.
    fn push(&mut self, columns: &[String], mut candidate: Candidate) {
        if self.columns != columns {
            let mut cells = vec![Value::Null; self.columns.len()];
            for (name, cell) in columns.iter().zip(candidate.extras) {
                match self.columns.iter().position(|c| c == name) {
                    Some(place) => cells[place] = cell,
                    None => {
                        self.columns.push(name.clone());
                        cells.push(cell);
                    }
                }
            }
            candidate.extras = cells;
            // Arguments, and objects without these keys, have no such cells.
            let width = self.columns.len();
            for item in &mut self.all {
                item.extras.resize(width, Value::Null);
            }
        }
        self.all.push(candidate);
    }
}

/// Shows each candidate of a list, with the names of its other columns, a piece
/// of the file at a time.
pub(crate) fn each(
    path: &str,
    args: &ListArgs,
    source: Source,
    filters: &[String],
    mut see: impl FnMut(&[String], Candidate) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut pieces = Pieces::open(path)?;
    let mut wishes = args.wishes();
    // The row of names stands in the first piece alone.
    let mut header = String::new();
    // Of a plain list the lines are counted, of others the rows.
    let (mut first, mut before, mut any) = (true, 0, false);
    while let Some(piece) = pieces.next()? {
        let text = format!("{header}{piece}");
        let mut list = list::read(&text, source, &wishes)?;
        let rows = list.table.rows.len();
        match list.layout.form {
            Form::Lines => no_filters(filters)?,
            _ if rows > 0 => any |= table::filter(&mut list.table, filters)?,
            _ => {}
        }
        if first {
            tell(path, &list);
            if list.layout.form == Form::Separated {
                wishes.delimiter = list.layout.delimiter;
                wishes.header = Some(list.layout.header);
                if list.layout.header {
                    header = piece
                        .lines()
                        .next()
                        .map(|l| format!("{l}\n"))
                        .unwrap_or_default();
                }
            }
            first = false;
        }
        let others: Vec<usize> = list.others().collect();
        let columns: Vec<String> = others
            .iter()
            .map(|&c| list.table.columns[c].clone())
            .collect();
        for row in &mut list.table.rows {
            row.number += before;
        }
        for row in &list.table.rows {
            let (text, problem) = list.architecture(row);
            let problem = problem.map(|p| format!("{}: {p}", list.place(row)));
            let candidate = Candidate {
                extras: others.iter().map(|&c| row.cells[c].clone()).collect(),
                ..Candidate::new(text, problem, source, args.reading.as_deref())
            };
            see(&columns, candidate)?;
        }
        before += match list.layout.form {
            Form::Lines => piece.lines().count(),
            _ => rows,
        };
    }
    table::found_any(filters, any || before == 0)
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

fn no_filters(filters: &[String]) -> Result<(), Failure> {
    if filters.is_empty() {
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

    /// Its canonical text; what was given where it has none.
    pub(crate) fn text(&self) -> &str {
        self.arch.as_ref().unwrap_or(&self.given)
    }

    /// One that stands in a line of a stream: an object of JSON, or plain text;
    /// with the names of its other columns. Empty lines and comments are none.
    pub(crate) fn of_line(
        line: &str,
        args: &ListArgs,
        source: Source,
    ) -> Option<(Vec<String>, Self)> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let reading = args.reading.as_deref();
        let plain = |problem| Self::new(line.to_owned(), problem, source, reading);
        if !line.starts_with('{') {
            return Some((Vec::new(), plain(None)));
        }
        let list = match list::read(line, source, &args.wishes()) {
            Ok(list) => list,
            Err(error) => return Some((Vec::new(), plain(Some(row_message(&error))))),
        };
        let row = list.table.rows.first()?;
        let (text, problem) = list.architecture(row);
        let others: Vec<usize> = list.others().collect();
        let columns = others.iter().map(|&c| list.table.columns[c].clone());
        let candidate = Self {
            extras: others.iter().map(|&c| row.cells[c].clone()).collect(),
            ..Self::new(text, problem, source, reading)
        };
        Some((columns.collect(), candidate))
    }

    /// Its row before it is scored, from what all rows of the run have.
    pub(crate) fn row(&self, base: &Row) -> Row {
        Row {
            arch: self.text().to_owned(),
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

impl ListArgs {
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
