//! Going on with a file that an earlier run has begun.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom};

use serde_json::Value;

use crate::args::Format;
use crate::columns::{DETAILS, FAILED};
use crate::failure::Failure;
use crate::input::Item;
use crate::output::{Output, csv_line};
use crate::render::Render;
use crate::table::{Object, text};

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
    /// Its rows' cells as text.
    rows: Vec<Vec<String>>,
    /// Where its last whole row ends, in bytes; 0 when not even the header is whole.
    end: usize,
}

/// Opens a result file, new or begun. A last row that was cut off is dropped.
///
/// Fails when the file's columns or settings are not this run's, or its rows
/// not those of the first architectures.
pub(crate) fn open(path: &str, render: &Render, items: &[Item]) -> Result<Begun, Failure> {
    let unusable = |e: std::io::Error| Failure::file("open", path, &e);
    let options = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path);
    let mut file = options.map_err(unusable)?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            return Err(Failure::new(
                format!("{path} is being written by another run"),
                "wait for that run to end, or give another --out",
            ));
        }
        // Where a file system cannot lock, nothing is guarded.
        Ok(()) | Err(TryLockError::Error(_)) => {}
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(unusable)?;
    let existing = match render.format {
        Format::Json => json_rows(&bytes, render),
        _ => csv_rows(&bytes, render),
    };
    let checked = existing.and_then(|e| compare(&e, render, items).map(|failed| (e, failed)));
    let (existing, failed) = checked.map_err(|difference| {
        Failure::new(
            format!("this run cannot go on with {path}: {difference}"),
            "give the settings and the input it was begun with, or another --out",
        )
    })?;
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

/// Checks the rows against the input, and counts those that failed.
fn compare(existing: &Existing, render: &Render, items: &[Item]) -> Result<usize, String> {
    let names = render.columns.names();
    let status = names.iter().position(|n| n == "status");
    let mut failures = 0;
    for (i, row) in existing.rows.iter().enumerate() {
        let number = i + 1;
        let item = items.get(i).ok_or_else(|| {
            let (has, have) = (existing.rows.len(), items.len());
            format!("it has {has} rows, the input has {have} architectures")
        })?;
        let failed = status.is_some_and(|s| row[s] == FAILED);
        failures += usize::from(failed);
        for (column, found) in row.iter().enumerate() {
            let expected = render.columns.expected(item, column, failed);
            let Some(expected) = expected.map(|e| as_written(e, render.format)) else {
                continue;
            };
            if *found != expected {
                let name = &names[column];
                return Err(format!(
                    "row {number} has '{found}' in the column {name}, this run has '{expected}'"
                ));
            }
        }
    }
    Ok(failures)
}

/// A value as text, after what writing and reading does to it.
fn as_written(value: Value, format: Format) -> String {
    let read_back = match format {
        Format::Json => serde_json::from_str(&value.to_string()).ok(),
        _ => None,
    };
    text(&read_back.unwrap_or(value))
}

fn csv_rows(bytes: &[u8], render: &Render) -> Result<Existing, String> {
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
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut starts = Vec::new();
    for record in reader.byte_records() {
        let record = record.map_err(|e| format!("it cannot be read: {e}"))?;
        let start = record.position().map_or(0, csv::Position::byte);
        starts.push(start as usize);
        let cells = record
            .iter()
            .map(|c| String::from_utf8_lossy(c).into_owned());
        rows.push(cells.collect());
    }
    let columns = rows.first().map_or(&[][..], Vec::as_slice);
    same_columns(columns, render.columns.names())?;
    let mut end = bytes.len();
    // A row was written as it would be written now, or it was cut off.
    if let (Some(last), Some(&start)) = (rows.last(), starts.last())
        && rows.len() > 1
        && csv_line(last) != bytes[start..]
    {
        rows.pop();
        end = start;
    }
    rows.remove(0);
    if let Some(i) = rows
        .iter()
        .position(|r| r.len() != render.columns.names().len())
    {
        return Err(format!("row {} has {} cells", i + 1, rows[i].len()));
    }
    Ok(Existing { rows, end })
}

fn json_rows(bytes: &[u8], render: &Render) -> Result<Existing, String> {
    let mut names = render.columns.names().to_vec();
    let columns = names.len();
    if render.details {
        names.extend(DETAILS.map(str::to_owned));
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
        let cells = pairs.iter().take(columns).map(|(_, value)| text(value));
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
