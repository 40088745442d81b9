//! Text whose cells are separated by a sign: CSV, and what spreadsheets save.

use csv::{ReaderBuilder, StringRecord};
use serde_json::Value;

use super::table::{Table, TableRow};
use crate::error::{Error, Result};

/// The signs that separate cells, the likeliest first.
pub(super) const DELIMITERS: [char; 3] = [',', ';', '\t'];

/// The first records of a text.
pub(super) fn sample(text: &str, delimiter: char, most: usize) -> Vec<Vec<String>> {
    let cells = |record: StringRecord| record.iter().map(|c| c.trim().to_owned()).collect();
    let records = reader(text, delimiter).into_records().take(most);
    // What is not UTF-8 was refused before; nothing else can fail.
    records.filter_map(|r| r.ok().map(cells)).collect()
}

/// Reads a table; without a header its columns are numbered.
pub(super) fn read(text: &str, delimiter: char, header: bool) -> Result<Table> {
    let mut records = reader(text, delimiter).into_records();
    let broken = |e: csv::Error| Error::List {
        code: "bad-list",
        message: format!("the table cannot be read: {e}"),
        cure: "give comma-separated values with a header".to_owned(),
    };
    let mut columns: Vec<String> = Vec::new();
    if header && let Some(first) = records.next() {
        let first = first.map_err(broken)?;
        columns = first.iter().map(|h| h.trim().to_owned()).collect();
    }
    let mut rows = Vec::new();
    for record in records {
        let record = record.map_err(broken)?;
        if columns.is_empty() {
            columns = (1..=record.len()).map(numbered).collect();
        }
        rows.push(row(&record, rows.len() + 1, columns.len(), header));
    }
    if let Some(last) = rows.last_mut()
        && (last.problem.is_some() || last.cells.iter().any(is_of_lines))
        && is_open(text)
    {
        last.problem = Some(
            "has a quotation mark that is not closed; write a quotation mark within a cell twice"
                .to_owned(),
        );
    }
    Ok(Table { columns, rows })
}

/// The name of a column that has none.
pub(super) fn numbered(number: usize) -> String {
    format!("column {number}")
}

fn row(record: &StringRecord, number: usize, columns: usize, header: bool) -> TableRow {
    let whose = if header {
        "the header"
    } else {
        "the first row"
    };
    let problem = (record.len() != columns).then(|| {
        format!(
            "has {} cells where {whose} has {columns}; quote cells that contain a delimiter",
            record.len()
        )
    });
    let cells = (0..columns).map(|i| record.get(i).map_or(Value::Null, Value::from));
    TableRow {
        number,
        cells: cells.collect(),
        problem,
    }
}

fn is_of_lines(cell: &Value) -> bool {
    cell.as_str().is_some_and(|text| text.contains('\n'))
}

/// Whether a quotation mark is still open at the end.
fn is_open(text: &str) -> bool {
    text.bytes().filter(|b| *b == b'"').count() % 2 == 1
}

fn reader(text: &str, delimiter: char) -> csv::Reader<&[u8]> {
    ReaderBuilder::new()
        .delimiter(u8::try_from(delimiter).unwrap_or(b','))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
}
