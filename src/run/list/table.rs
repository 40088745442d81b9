//! Rows under named columns.

use serde_json::Value;

/// Rows under named columns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// The columns, in the order of their first appearance.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<TableRow>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRow {
    /// Its number from 1: of the row, the header not counted, or of the line.
    pub number: usize,
    /// A value for each column; null where it has none.
    pub cells: Vec<Value>,
    /// What is wrong with it.
    pub problem: Option<String>,
}

impl Table {
    /// The place of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c == name)
    }

    /// The columns that exist, as a hint.
    #[must_use]
    pub fn has_columns(&self) -> String {
        format!("the columns are: {}", self.columns.join(", "))
    }

    /// Adds a row of named values; columns that are new come last.
    pub(super) fn push(&mut self, pairs: Vec<(String, Value)>, problem: Option<String>) {
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

    /// A table of one column.
    pub(super) fn of_texts(column: &str, texts: impl Iterator<Item = (usize, String)>) -> Self {
        let row = |(number, text)| TableRow {
            number,
            cells: vec![Value::String(text)],
            problem: None,
        };
        Self {
            columns: vec![column.to_owned()],
            rows: texts.map(row).collect(),
        }
    }
}

/// A cell as text: nothing for null, floats in their shortest form.
#[must_use]
pub fn text(value: &Value) -> String {
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
