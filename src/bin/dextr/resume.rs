//! Going on with a file that an earlier run has begun.

#![allow(
    clippy::cast_possible_truncation,
    reason = "counts are far below the types' ranges"
)]

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};

use serde_json::Value;

use dextr::run::list::{Object, text};
use dextr::run::{EVIDENCE, Row};

use crate::args::Format;
use crate::failure::Failure;
use crate::input::Candidate;
use crate::output::{Output, beside, csv_line};
use crate::render::Render;

/// A result file, ready for the next row.
pub(crate) struct Begun {
    file: File,
    path: String,
    /// Whether it has nothing yet, not even a header.
    pub(crate) fresh: bool,
    /// How many rows it has.
    pub(crate) rows: usize,
    /// How many of them have the status `error`.
    pub(crate) failed: usize,
}

impl From<Begun> for Output {
    fn from(begun: Begun) -> Self {
        Self::File(begun.file, begun.path)
    }
}

/// What a file holds already.
struct Existing {
    /// The cells of its rows.
    rows: Vec<Vec<Value>>,
    /// Where its last whole row ends, in bytes; 0 when not even the header is whole.
    end: usize,
}

/// Opens a result file, new or begun. A last row that was cut off is dropped.
///
/// Fails when the file's columns are not this run's, or `compare` says that its
/// rows are not; else that says how many of them failed, and may fill cells in.
/// A file that is `edited` by people between two runs is put in order.
pub(crate) fn open(
    path: &str,
    render: &Render,
    edited: bool,
    compare: impl FnOnce(&mut [Vec<Value>]) -> Result<usize, String>,
) -> Result<Begun, Failure> {
    let unusable = |e: std::io::Error| Failure::file("open", path, &e);
    let options = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path);
    let mut file = options.map_err(unusable)?;
    lock(&file, path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(unusable)?;
    let existing = match render.format {
        Format::Json => json_rows(&bytes, render),
        _ => csv_rows(&bytes, render, edited),
    };
    let checked = existing.and_then(|mut e| compare(&mut e.rows).map(|failed| (e, failed)));
    let (mut existing, failed) = checked.map_err(|difference| {
        Failure::new(
            format!("this run cannot go on with {path}: {difference}"),
            "give the settings and the input it was begun with, or another --out",
        )
    })?;
    if edited && existing.end > 0 {
        let rows = existing.rows.iter().map(|row| render.cells(row, None));
        let whole = [vec![render.header()], rows.collect()].concat().concat();
        existing.end = whole.len();
        if whole != bytes {
            file = replaced(path, &whole)?;
        }
    }
    let end = existing.end as u64;
    let cut = file.set_len(end);
    cut.and_then(|()| file.seek(SeekFrom::Start(end)))
        .map_err(unusable)?;
    Ok(Begun {
        file,
        path: path.to_owned(),
        fresh: end == 0,
        rows: existing.rows.len(),
        failed,
    })
}

/// Keeps other runs from a file.
fn lock(file: &File, path: &str) -> Result<(), Failure> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(Failure::new(
            format!("{path} is being written by another run"),
            "wait for that run to end, or give another --out",
        )),
        // Where a file system cannot lock, nothing is guarded.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

/// A file with other bytes, all of them or none.
fn replaced(path: &str, bytes: &[u8]) -> Result<File, Failure> {
    let unusable = |e: std::io::Error| Failure::file("write to", path, &e);
    let mut temporary = beside(path).map_err(unusable)?;
    temporary.write_all(bytes).map_err(unusable)?;
    temporary.as_file().sync_all().map_err(unusable)?;
    let file = temporary.persist(path).map_err(|e| unusable(e.error))?;
    lock(&file, path)?;
    Ok(file)
}

/// Checks the rows against the input, and counts those that failed.
pub(crate) fn compare(
    rows: &[Vec<Value>],
    columns: &[String],
    base: &Row,
    candidates: &[Candidate],
) -> Result<usize, String> {
    let mut failed = 0;
    for (i, cells) in rows.iter().enumerate() {
        let number = i + 1;
        let candidate = candidates.get(i).ok_or_else(|| {
            let (has, have) = (rows.len(), candidates.len());
            format!("it has {has} rows, the input has {have} architectures")
        })?;
        let row = check(
            number,
            cells,
            columns,
            &candidate.row(base),
            &candidate.extras,
        )?;
        failed += usize::from(row.is_failed());
    }
    Ok(failed)
}

/// Reads a row, and checks it against what is known of it before it is scored
/// and the cells of its last columns.
pub(crate) fn check(
    number: usize,
    cells: &[Value],
    columns: &[String],
    expected: &Row,
    extras: &[Value],
) -> Result<Row, String> {
    let differs = |found: &Value, name: &str, expected: &Value| {
        let (found, expected) = (text(found), text(expected));
        format!("row {number} has '{found}' in the column {name}, this run has '{expected}'")
    };
    let named = || columns.iter().map(String::as_str).zip(cells);
    let row = Row::read(named()).map_err(|e| format!("row {number}: {e}"))?;
    if let Some((name, expected)) = row.differs(expected) {
        return Err(differs(&row.cell(name), name, &expected));
    }
    let others = named().skip(cells.len().saturating_sub(extras.len()));
    for ((name, found), expected) in others.zip(extras) {
        if text(found) != text(expected) {
            return Err(differs(found, name, expected));
        }
    }
    Ok(row)
}

fn csv_rows(bytes: &[u8], render: &Render, edited: bool) -> Result<Existing, String> {
    let header = render.header();
    if header.starts_with(bytes) && header != bytes {
        return Ok(Existing {
            rows: Vec::new(),
            end: 0,
        });
    }
    if bytes.starts_with(b"{") {
        return Err("it holds JSON, this run writes CSV".to_owned());
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(bytes);
    let mut rows: Vec<Vec<Value>> = Vec::new();
    let mut starts = Vec::new();
    for record in reader.byte_records() {
        let record = record.map_err(|e| format!("it cannot be read: {e}"))?;
        let start = record.position().map_or(0, csv::Position::byte);
        starts.push(start as usize);
        let cells = record
            .iter()
            .map(|c| Value::from(String::from_utf8_lossy(c)));
        rows.push(cells.collect());
    }
    let texts = |cells: &Vec<Value>| cells.iter().map(text).collect::<Vec<_>>();
    same_columns(
        &rows.first().map(texts).unwrap_or_default(),
        &render.columns,
    )?;
    let mut end = bytes.len();
    let columns = render.columns.len();
    // A row was written as it would be written now, or it was cut off; a program of
    // others writes it otherwise, with all its cells.
    if let (Some(last), Some(&start)) = (rows.last(), starts.last())
        && rows.len() > 1
        && csv_line(&texts(last)) != bytes[start..]
        && !(edited && last.len() == columns)
    {
        rows.pop();
        end = start;
    }
    rows.remove(0);
    if edited {
        rows.retain(|row| row.iter().any(|cell| !text(cell).trim().is_empty()));
    }
    if let Some(i) = rows.iter().position(|r| r.len() != columns) {
        return Err(format!("row {} has {} cells", i + 1, rows[i].len()));
    }
    Ok(Existing { rows, end })
}

fn json_rows(bytes: &[u8], render: &Render) -> Result<Existing, String> {
    let mut names = render.columns.clone();
    let columns = names.len();
    if render.details {
        names.extend(EVIDENCE.map(str::to_owned));
    }
    let mut existing = Existing {
        rows: Vec::new(),
        end: 0,
    };
    for (i, line) in bytes.split_inclusive(|&b| b == b'\n').enumerate() {
        if line.last() != Some(&b'\n') {
            break;
        }
        let object = serde_json::from_slice(line);
        let Object(pairs) = object.map_err(|_| format!("line {} is not a JSON object", i + 1))?;
        let keys: Vec<String> = pairs.iter().map(|(key, _)| key.clone()).collect();
        same_columns(&keys, &names)?;
        let cells = pairs.into_iter().take(columns).map(|(_, value)| value);
        existing.rows.push(cells.collect());
        existing.end += line.len();
    }
    Ok(existing)
}

fn same_columns(found: &[String], expected: &[String]) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    let describe = |side: &[String], other: &[String], whose: &str| {
        let only: Vec<&str> = side
            .iter()
            .filter(|c| !other.contains(c))
            .map(String::as_str)
            .collect();
        (!only.is_empty()).then(|| format!("; only {whose}: {}", only.join(", ")))
    };
    let found_only = describe(found, expected, "the file has");
    let expected_only = describe(expected, found, "this run has");
    Err(format!(
        "its columns are not this run's{}{}",
        found_only.unwrap_or_default(),
        expected_only.unwrap_or_default()
    ))
}
