//! Lists of architectures as people have them: plain text, CSV, JSON.
//!
//! What is not said is guessed, the guess is told as a [`Layout`], and each
//! part of it can be set by [`Wishes`]. Every face reads lists by this.
//!
//! ```text
//! table ←─ separated, json, decimal ←─ list ─→ guess, statements, items
//! ```

mod decimal;
mod guess;
mod items;
mod json;
mod separated;
mod statements;
mod table;

pub use decimal::Decimal;
pub use items::Item;
pub use json::{Object, is_json};
pub use table::{Table, TableRow, text};

use crate::error::{Error, Result};
use crate::sources::Source;
use guess::{ARCH, SAMPLE, SPACE, is_arch};
use separated::DELIMITERS;

/// What a list is to be read as; what is none is guessed.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Wishes {
    /// The sign between cells.
    pub delimiter: Option<char>,
    /// Whether the first row names the columns.
    pub header: Option<bool>,
    /// The column of architectures, by name or by number from 1.
    pub arch: Option<String>,
    /// The column of known accuracies, by name or by number; empty for none.
    pub truth: Option<String>,
    /// How decimals are written.
    pub decimal: Option<Decimal>,
}

/// How a list is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// One architecture a line.
    Lines,
    /// Cells with a sign between them.
    Separated,
    /// JSON in any form.
    Json,
}

/// What a list was read as. Columns are numbers from 0.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Layout {
    /// How it is written.
    pub form: Form,
    /// The sign between cells.
    pub delimiter: Option<char>,
    /// Whether the first row names the columns.
    pub header: bool,
    /// The columns that an architecture is read from.
    pub arch: Vec<usize>,
    /// The columns that count rows.
    pub index: Vec<usize>,
    /// The column that names each row's space.
    pub space: Option<usize>,
    /// The column of known accuracies.
    pub truth: Option<usize>,
    /// The columns whose decimal commas became points.
    pub commas: Vec<usize>,
    /// Whether anything of it had to be guessed: it is not as documented.
    pub guessed: bool,
}

/// A list that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    /// Its rows.
    pub table: Table,
    /// What it was read as.
    pub layout: Layout,
    /// What there is to know about it, in sentences.
    pub notes: Vec<String>,
}

/// Reads a list of a source's architectures.
///
/// # Errors
/// [`Error::List`] when it cannot be read, when no column has architectures,
/// and for a wish that it does not have.
pub fn read(text: &str, source: Source, wishes: &Wishes) -> Result<List> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let any = |text: &str| {
        let mut all = std::iter::once(source).chain(guess::others(source));
        all.any(|s| is_arch(s, text))
    };
    let plain = wishes.delimiter.is_none() && wishes.header.is_none() && wishes.arch.is_none();
    if plain && let Some(list) = lines(text, source) {
        return Ok(list);
    }
    if wishes.delimiter.is_none() && is_json(text) {
        let (table, own) = json::read(text, &any)?;
        let mut list = columns(table, Form::Json, None, true, source, wishes)?;
        list.layout.guessed |= !own;
        return Ok(list);
    }
    match delimiter(text, source, wishes) {
        Some((delimiter, header)) => {
            let table = separated::read(text, delimiter, header)?;
            columns(
                table,
                Form::Separated,
                Some(delimiter),
                header,
                source,
                wishes,
            )
        }
        None => Ok(of_lines(statements::statements(text))),
    }
}

/// Reads a table alone, for a column that it must have.
///
/// # Errors
/// [`Error::List`] when it cannot be read.
pub fn read_table(text: &str, column: &str) -> Result<Table> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if is_json(text) {
        return Ok(json::read(text, &|_| false)?.0);
    }
    let has = |d: &char| {
        let first = separated::sample(text, *d, 1);
        first.first().is_some_and(|h| h.iter().any(|n| n == column))
    };
    let delimiter = DELIMITERS.into_iter().find(has).unwrap_or(',');
    let mut table = separated::read(text, delimiter, true)?;
    decimal::convert(&mut table, delimiter, None, &[]);
    Ok(table)
}

/// A plain list, where most of what stands in its lines is an architecture.
fn lines(text: &str, source: Source) -> Option<List> {
    let all = statements::statements(text);
    let header = all.first().is_some_and(|(_, first)| {
        guess::by_name(std::slice::from_ref(first), source).is_some() || guess::is_arch_name(first)
    });
    let tried = &all[..all.len().min(SAMPLE)];
    let share = |s: Source| tried.iter().filter(|(_, t)| is_arch(s, t)).count();
    let good = share(source);
    let first = tried.first().is_some_and(|(_, t)| is_arch(source, t));
    let fits = first || 2 * good >= tried.len() && good > 0;
    // Rows of other spaces are found by whoever gets the list.
    let elsewhere = || guess::others(source).any(|s| 2 * share(s) > tried.len());
    (!tried.is_empty() && !header && (fits || elsewhere())).then(|| of_lines(all))
}

fn of_lines(statements: Vec<(usize, String)>) -> List {
    List {
        table: Table::of_texts(ARCH, statements.into_iter()),
        layout: Layout {
            form: Form::Lines,
            delimiter: None,
            header: false,
            arch: vec![0],
            index: Vec::new(),
            space: None,
            truth: None,
            commas: Vec::new(),
            guessed: false,
        },
        notes: Vec::new(),
    }
}

/// The sign between cells and whether there is a header; none where the text
/// has no cells.
fn delimiter(text: &str, source: Source, wishes: &Wishes) -> Option<(char, bool)> {
    let asked = wishes.delimiter.map(|d| [d; 1].to_vec());
    let candidates = asked.clone().unwrap_or_else(|| DELIMITERS.to_vec());
    let mut best: Option<(usize, (char, bool))> = None;
    for delimiter in candidates {
        let rows = separated::sample(text, delimiter, SAMPLE + 1);
        let Some((first, rest)) = rows.split_first() else {
            continue;
        };
        let header = wishes
            .header
            .unwrap_or_else(|| guess::is_header(first, rest, source));
        let named = header && guess::by_name(first, source).is_some();
        let body = if header { rest } else { &rows[..] };
        let content = guess::by_any_content(body, source).is_some();
        let called = header && first.iter().any(|n| guess::is_arch_name(n));
        let wide = first.len() > 1;
        let worth = match () {
            () if named => 4,
            () if content && (wide || header) => 3,
            () if called => 2,
            // A header, and nothing known in it: its columns are told.
            () if header && wide => 1,
            () if asked.is_some() || wishes.arch.is_some() || wishes.header.is_some() => 1,
            () => 0,
        };
        if worth > best.map_or(0, |b| b.0) {
            best = Some((worth, (delimiter, header)));
        }
    }
    best.map(|(_, found)| found)
}

/// Finds what the columns of a table are for.
fn columns(
    mut table: Table,
    form: Form,
    delimiter: Option<char>,
    header: bool,
    source: Source,
    wishes: &Wishes,
) -> Result<List> {
    let rows: Vec<Vec<String>> = table
        .rows
        .iter()
        .take(SAMPLE)
        .map(|row| row.cells.iter().map(text).collect())
        .collect();
    let named = |name: &str, what: &str| {
        let number = || {
            name.parse()
                .ok()
                .filter(|n| (1..=table.columns.len()).contains(n))
        };
        let place = table
            .column(name)
            .or_else(|| number().map(|n: usize| n - 1));
        place.ok_or_else(|| Error::List {
            code: "no-column",
            message: format!("there is no column '{name}' for the {what}"),
            cure: table.has_columns(),
        })
    };
    let arch = match &wishes.arch {
        Some(name) => vec![named(name, "architectures")?],
        None => match guess::arch_columns(&table.columns, &rows, source) {
            Some(arch) => arch,
            None if table.rows.is_empty() => Vec::new(),
            None => return Err(no_architecture(&table, source)),
        },
    };
    let truth = match wishes.truth.as_deref() {
        Some("") => Some(None),
        Some(name) => Some(Some(named(name, "accuracies")?)),
        None => None,
    };
    let (commas, unsure) = match delimiter {
        Some(delimiter) => decimal::convert(&mut table, delimiter, wishes.decimal, &arch),
        None => (Vec::new(), Vec::new()),
    };
    let space = table.column(SPACE).filter(|c| !arch.contains(c));
    let mut skip: Vec<usize> = arch.iter().copied().chain(space).collect();
    let index = guess::index_columns(&table, &skip);
    skip.extend(&index);
    let truth = truth.unwrap_or_else(|| guess::truth_column(&table, &skip));
    let documented = guess::by_name(&table.columns, source) == Some(arch.clone())
        && header
        && matches!(delimiter, None | Some(','))
        && commas.is_empty();
    let notes = unsure.iter().map(|&c| {
        format!(
            "{}: the commas may be decimal ones or separate thousands; the numbers are left as they are",
            table.columns[c]
        )
    });
    let notes = notes.collect();
    Ok(List {
        layout: Layout {
            form,
            delimiter,
            header,
            arch,
            index,
            space,
            truth,
            commas,
            guessed: !documented,
        },
        table,
        notes,
    })
}

fn no_architecture(table: &Table, source: Source) -> Error {
    let own: Vec<&str> = source.about().columns.to_vec();
    let own: Vec<&str> = own.into_iter().filter(|c| *c != ARCH).collect();
    let nor = if own.is_empty() {
        String::new()
    } else {
        format!(" (nor {})", own.join(", "))
    };
    let fitting = guess::spaces_of(&table.columns, source);
    let cure = match (fitting.as_slice(), guess::nearest_column(&table.columns)) {
        ([], Some(near)) => format!("if '{near}' has the architectures, name it '{ARCH}'"),
        ([], None) => format!("name the column with the architectures '{ARCH}'"),
        (fitting, _) => format!(
            "these columns are those of {}: choose that search space",
            fitting.join(", ")
        ),
    };
    let mut columns = table.columns.join(", ");
    if columns.is_empty() {
        columns.push_str("none");
    }
    Error::List {
        code: "no-arch-column",
        message: format!(
            "the list has no column '{ARCH}'{nor}, and none that has architectures in it; its columns are: {columns}"
        ),
        cure,
    }
}

impl List {
    /// What a row is called: `line 3`, `row 3`.
    #[must_use]
    pub fn place(&self, row: &TableRow) -> String {
        let what = if self.layout.form == Form::Lines {
            "line"
        } else {
            "row"
        };
        format!("{what} {}", row.number)
    }

    /// The text of a row's architecture, and what is wrong with the row.
    #[must_use]
    pub fn architecture(&self, row: &TableRow) -> (String, Option<String>) {
        let part = |&c: &usize| text(&row.cells[c]).trim().to_owned();
        let parts: Vec<String> = self.layout.arch.iter().map(part).collect();
        let missing = || {
            let place = parts.iter().position(String::is_empty)?;
            let column = &self.table.columns[*self.layout.arch.get(place)?];
            Some(format!("has no '{column}'; give an architecture there"))
        };
        let problem = row.problem.clone().or_else(missing);
        (parts.join(","), problem)
    }

    /// The columns that are neither the architecture nor the space.
    pub fn others(&self) -> impl Iterator<Item = usize> {
        let own = |c: &usize| !self.layout.arch.contains(c);
        (0..self.table.columns.len()).filter(own)
    }

    /// What it was read as, in words.
    #[must_use]
    pub fn describe(&self) -> String {
        let name = |c: &usize| format!("'{}'", self.table.columns[*c]);
        let names = |all: &[usize]| all.iter().map(name).collect::<Vec<_>>().join(", ");
        let mut parts = Vec::new();
        match self.layout.delimiter {
            Some(';') => parts.push("semicolons between cells".to_owned()),
            Some('\t') => parts.push("tabs between cells".to_owned()),
            Some(',') => parts.push("commas between cells".to_owned()),
            Some(other) => parts.push(format!("'{other}' between cells")),
            None => {}
        }
        if self.layout.form == Form::Separated && !self.layout.header {
            parts.push("no header".to_owned());
        }
        parts.push(format!("architectures in {}", names(&self.layout.arch)));
        if let Some(truth) = self.layout.truth {
            parts.push(format!("accuracies in {}", name(&truth)));
        }
        if !self.layout.commas.is_empty() {
            let commas = names(&self.layout.commas);
            parts.push(format!("decimal commas in {commas}"));
        }
        if !self.layout.index.is_empty() {
            parts.push(format!("row numbers in {}", names(&self.layout.index)));
        }
        parts.join(", ")
    }
}

/// The spaces that a text is an architecture of, the given one first.
pub fn spaces_of(text: &str, source: Source) -> impl Iterator<Item = Source> {
    let all = std::iter::once(source).chain(guess::others(source));
    all.filter(move |s| is_arch(*s, text))
}
