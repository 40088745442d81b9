//! What stands in a cell, and how it is read: numbers may come as text.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are far below the types' ranges"
)]

use serde_json::Value;

use crate::error::{Error, Result};

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Text; none is an empty one.
    Text,
    /// A whole number, 0 or above.
    Whole,
    /// A number.
    Number,
}

/// What stands in a cell, and how it is read: numbers may come as text.
pub(super) trait Cell: Sized {
    const KIND: Kind;

    fn value(&self) -> Value;
    fn read(column: &str, value: &Value) -> Result<Self>;
}

impl Cell for String {
    const KIND: Kind = Kind::Text;

    fn value(&self) -> Value {
        Value::from(self.as_str())
    }

    fn read(_: &str, value: &Value) -> Result<Self> {
        Ok(match value {
            Value::Null => Self::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    }
}

impl Cell for Option<u64> {
    const KIND: Kind = Kind::Whole;

    fn value(&self) -> Value {
        Value::from(*self)
    }

    fn read(column: &str, value: &Value) -> Result<Self> {
        let whole = |x: f64| x >= 0.0 && x.fract() == 0.0 && x <= 9_007_199_254_740_992.0;
        let parsed = match value {
            Value::Number(n) => n
                .as_u64()
                .or_else(|| n.as_f64().filter(|x| whole(*x)).map(|x| x as u64)),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        filled(column, value, parsed, "a whole number")
    }
}

impl Cell for Option<f64> {
    const KIND: Kind = Kind::Number;

    fn value(&self) -> Value {
        Value::from(*self)
    }

    fn read(column: &str, value: &Value) -> Result<Self> {
        filled(column, value, number(value), "a number")
    }
}

/// A number that was read; none where the cell is empty.
fn filled<T>(column: &str, cell: &Value, read: Option<T>, kind: &str) -> Result<Option<T>> {
    let empty = match cell {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    };
    if empty || read.is_some() {
        return Ok(read);
    }
    let found = match cell {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Err(Error::Cell {
        column: column.to_owned(),
        found,
        expected: kind.to_owned(),
    })
}

/// A cell as a finite number, which may come as text.
#[must_use]
pub fn number(cell: &Value) -> Option<f64> {
    let number = match cell {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|n: &f64| n.is_finite())
}
