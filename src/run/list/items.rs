//! The rows of a list as what is to be scored.

use serde_json::Value;

use super::guess::{self, is_arch};
use super::table::text;
use super::{List, TableRow};
use crate::sources::Source;

/// What is to be scored.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Item {
    /// What its row is called: `line 3`, `row 3`.
    pub place: String,
    /// The text of its architecture.
    pub arch: String,
    /// The space it is of: the row's own, the list's, or else one that has it.
    pub space: String,
    /// Whether the text means several architectures.
    pub ambiguous: bool,
    /// What is wrong with the row.
    pub problem: Option<String>,
    /// Its cells, a value for each column: text, number, or null.
    pub cells: Vec<Value>,
}

impl List {
    /// Its rows as what is to be scored.
    #[must_use]
    pub fn items(&self, source: Source) -> Vec<Item> {
        self.table
            .rows
            .iter()
            .map(|row| self.item(row, source))
            .collect()
    }

    fn item(&self, row: &TableRow, source: Source) -> Item {
        let (arch, problem) = self.architecture(row);
        let named = self.layout.space.map(|c| text(&row.cells[c]));
        let named = named.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty());
        let space = named.unwrap_or_else(|| space_of(&arch, source).name().to_owned());
        let ambiguous = Source::by_name(&space)
            .and_then(|s| s.parse(&arch, None))
            .is_ok_and(|parsed| parsed.readings.len() > 1);
        Item {
            place: self.place(row),
            ambiguous,
            space,
            problem,
            cells: row.cells.iter().map(plain).collect(),
            arch,
        }
    }
}

/// The source, or the first of the other spaces that a text is of where it is
/// not the source's.
fn space_of(text: &str, source: Source) -> Source {
    if is_arch(source, text) {
        return source;
    }
    let mut others = guess::others(source);
    others.find(|s| is_arch(*s, text)).unwrap_or(source)
}

/// A cell as a text or a number; an empty one is null.
fn plain(cell: &Value) -> Value {
    match cell {
        Value::String(text) if text.is_empty() => Value::Null,
        Value::Null | Value::String(_) | Value::Number(_) => cell.clone(),
        other => Value::from(text(other)),
    }
}
