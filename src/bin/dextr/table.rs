//! Tables as users have them: CSV or JSON → named columns.

use std::fmt;
use std::io::Read;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::failure::Failure;

/// Rows under named columns.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Table {
    /// The columns, in the order of their first appearance.
    pub(crate) columns: Vec<String>,
    /// The rows.
    pub(crate) rows: Vec<TableRow>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TableRow {
    /// Its number in the file, from 1, the header not counted.
    pub(crate) number: usize,
    /// A value for each column; null where it has none.
    pub(crate) cells: Vec<Value>,
    /// What is wrong with it.
    pub(crate) problem: Option<String>,
}

impl Table {
    /// The place of a column.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c == name)
    }

    /// Keeps the rows whose cells are exactly what `column=value` filters say.
    pub(crate) fn filter(&mut self, filters: &[String]) -> Result<(), Failure> {
        for filter in filters {
            let (name, value) = filter.split_once('=').ok_or_else(|| {
                Failure::new(
                    format!("--where {filter}: there is no '='"),
                    "write --where column=value",
                )
            })?;
            let column = self.column(name).ok_or_else(|| {
                Failure::new(format!("--where: no column '{name}'"), self.has_columns())
            })?;
            self.rows.retain(|row| text(&row.cells[column]) == value);
        }
        if self.rows.is_empty() && !filters.is_empty() {
            let filters = filters.join(", ");
            return Err(Failure::new(
                format!("no row has {filters}"),
                "values are compared as text, letter by letter",
            ));
        }
        Ok(())
    }

    /// The columns that exist, as a hint.
    pub(crate) fn has_columns(&self) -> String {
        format!("the columns are: {}", self.columns.join(", "))
    }

    /// Reads CSV with a header.
    pub(crate) fn from_csv(text: &str, delimiter: u8) -> Result<Self, Failure> {
        let broken = |e: csv::Error| {
            Failure::new(
                format!("the table cannot be read: {e}"),
                "give comma-separated values with a header",
            )
        };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .from_reader(text.as_bytes());
        let headers = reader.headers().map_err(broken)?;
        let columns: Vec<String> = headers.iter().map(|h| h.trim().to_owned()).collect();
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(broken)?;
            let problem = (record.len() != columns.len()).then(|| {
                format!(
                    "row {}: has {} cells where the header has {}; quote cells that contain a delimiter",
                    rows.len() + 1,
                    record.len(),
                    columns.len()
                )
            });
            let cells = (0..columns.len()).map(|i| record.get(i).map_or(Value::Null, Value::from));
            rows.push(TableRow {
                number: rows.len() + 1,
                cells: cells.collect(),
                problem,
            });
        }
        Ok(Self { columns, rows })
    }

    /// Reads JSON: an array, or one value a line. Values are objects, or texts
    /// that stand for `{"arch": text}`.
    pub(crate) fn from_json(text: &str) -> Result<Self, Failure> {
        let mut table = Self::default();
        if text.trim_start().starts_with('[') {
            let entries: Vec<Entry> = serde_json::from_str(text).map_err(|e| {
                Failure::new(
                    format!("the JSON array cannot be read: {e}"),
                    "give an array of objects, or one object a line",
                )
            })?;
            entries.into_iter().for_each(|e| table.push(e, None));
            return Ok(table);
        }
        for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
            match serde_json::from_str(line) {
                Ok(entry) => table.push(entry, None),
                Err(e) => {
                    let problem = format!(
                        "row {}: is not a JSON object: {e}; give one object a line",
                        table.rows.len() + 1
                    );
                    table.push(Entry::Text(line.to_owned()), Some(problem));
                }
            }
        }
        Ok(table)
    }

    fn push(&mut self, entry: Entry, problem: Option<String>) {
        let pairs = match entry {
            Entry::Object(Object(pairs)) => pairs,
            Entry::Text(arch) => vec![("arch".to_owned(), Value::from(arch))],
        };
        let mut cells = vec![Value::Null; self.columns.len()];
        for (name, value) in pairs {
            match self.column(&name) {
                Some(column) => cells[column] = value,
                None => {
                    self.columns.push(name);
                    cells.push(value);
                    self.rows.iter_mut().for_each(|r| r.cells.push(Value::Null));
                }
            }
        }
        self.rows.push(TableRow {
            number: self.rows.len() + 1,
            cells,
            problem,
        });
    }
}

/// Whether a text is JSON with objects or texts in it. (A plain list may
/// begin with `[` too: `[1, 0, 0, 2, 1, 0]`.)
pub(crate) fn is_json(text: &str) -> bool {
    let text = text.trim_start();
    let inner = text.strip_prefix('[').map(str::trim_start);
    text.starts_with('{') || inner.is_some_and(|i| i.starts_with(['{', '"', ']']))
}

/// The values of a JSON text, each as it is: those of an array, or one a line.
pub(crate) fn entries(text: &str) -> Vec<String> {
    match serde_json::from_str::<Vec<Value>>(text) {
        Ok(values) => values.iter().map(self::text).collect(),
        Err(_) => {
            let lines = text.lines().map(str::trim).filter(|l| !l.is_empty());
            lines.map(str::to_owned).collect()
        }
    }
}

/// The first line of a text that has something in it, read as a CSV header.
pub(crate) fn header(text: &str, delimiter: u8) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(text.as_bytes());
    let headers = reader.headers().map(|h| {
        h.iter()
            .map(|name| name.trim().to_owned())
            .collect::<Vec<_>>()
    });
    headers.unwrap_or_default()
}

/// The delimiter under which the header has what is looked for.
pub(crate) fn delimiter(text: &str, wanted: impl Fn(&[String]) -> bool) -> Option<u8> {
    [b',', b';', b'\t']
        .into_iter()
        .find(|&d| wanted(&header(text, d)))
}

/// A cell as text: nothing for null, floats in their shortest form.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => float.to_string(),
            None => number.to_string(),
        },
        other => other.to_string(),
    }
}

/// Reads a text file, or standard input for `-`.
pub(crate) fn read(path: &str) -> Result<String, Failure> {
    let shown = if path == "-" { "standard input" } else { path };
    let mut bytes = Vec::new();
    let read = match path {
        "-" => std::io::stdin().lock().read_to_end(&mut bytes),
        _ => std::fs::File::open(path).and_then(|mut f| f.read_to_end(&mut bytes)),
    };
    read.map_err(|e| Failure::file("read", shown, &e))?;
    let text = String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        Failure::new(
            format!("{shown} is not text: byte {} is not UTF-8", at + 1),
            "give an uncompressed text file in UTF-8",
        )
    })?;
    Ok(text
        .strip_prefix('\u{feff}')
        .map_or(text.clone(), str::to_owned))
}

/// A JSON object whose keys keep their order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Object(pub(crate) Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Object(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Entry {
    Text(String),
    Object(Object),
}
