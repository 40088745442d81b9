//! A configuration of numbers and lists of numbers, as an object (JSON,
//! Python) or as the columns of a table: `192,12,3 3 4,3.5 4.0 4.0`.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are far below the types' ranges"
)]

use crate::error::{Error, Result};
use crate::sources::spaces::literal::{Literal, Value};
use crate::sources::spaces::scan::Scanner;

/// Reads either form; `columns` are the names of the second's, in order.
///
/// # Errors
/// [`Error::Architecture`] with the character where it goes wrong.
pub(in crate::sources::spaces) fn read(text: &str, columns: &[&str]) -> Result<Literal> {
    let first = text.trim_start().chars().next();
    match first {
        Some(c) if c.is_ascii_digit() => read_columns(text, columns),
        _ => Literal::read(text),
    }
}

/// Columns are separated by commas, the numbers of a list by blanks.
fn read_columns(text: &str, columns: &[&str]) -> Result<Literal> {
    let mut scanner = Scanner::new(text);
    let position = scanner.position();
    let mut fields = Vec::with_capacity(columns.len());
    for (i, &column) in columns.iter().enumerate() {
        if i > 0 && !scanner.take(',') {
            return scanner.fail(format!("',' and then {column}"));
        }
        scanner.blanks();
        let position = scanner.position();
        let mut numbers = Vec::new();
        loop {
            scanner.blanks();
            let place = scanner.position();
            let word = scanner.until(&[',', ' ', '\t']);
            if word.is_empty() {
                break;
            }
            if word.parse::<f64>().is_err() {
                return scanner.fail(format!("a number ({column})"));
            }
            scanner.advance(word.len());
            numbers.push(at(place, Value::Number(word.to_owned())));
        }
        let value = match numbers.len() {
            0 => return scanner.fail(format!("a number ({column})")),
            1 => numbers.remove(0),
            _ => at(position, Value::List(numbers)),
        };
        fields.push((at(position, Value::Text(column.to_owned())), value));
    }
    scanner.end("the end of the columns")?;
    Ok(at(position, Value::Record(fields)))
}

fn at(position: usize, value: Value) -> Literal {
    Literal { position, value }
}

/// A number that must be one of `known`; `what` says which number it is.
///
/// # Errors
/// [`Error::Architecture`] with the numbers that exist and the nearest.
pub(in crate::sources::spaces) fn one_of(
    literal: &Literal,
    what: &str,
    known: &[f64],
) -> Result<f64> {
    let words: Vec<String> = known.iter().map(f64::to_string).collect();
    let expected = format!("{what}, one of: {}", words.join(", "));
    let number = literal.number(&expected)?;
    if known.contains(&number) {
        return Ok(number);
    }
    let distance = |k: &&f64| (**k - number).abs();
    let near = known
        .iter()
        .min_by(|a, b| distance(a).total_cmp(&distance(b)));
    literal.fail(expected).map_err(|error| match error {
        Error::Architecture {
            position,
            found,
            expected,
            ..
        } => Error::Architecture {
            position,
            found,
            expected,
            nearest: near.map(f64::to_string),
        },
        other => other,
    })
}

/// The same for whole numbers.
///
/// # Errors
/// Those of [`one_of`].
pub(in crate::sources::spaces) fn whole_of(
    literal: &Literal,
    what: &str,
    known: &[usize],
) -> Result<usize> {
    let numbers: Vec<f64> = known.iter().map(|&k| k as f64).collect();
    Ok(one_of(literal, what, &numbers)? as usize)
}

/// Numbers in brackets, separated by commas.
pub(in crate::sources::spaces) fn list<T: ToString>(
    numbers: impl IntoIterator<Item = T>,
) -> String {
    let words: Vec<String> = numbers.into_iter().map(|n| n.to_string()).collect();
    format!("[{}]", words.join(", "))
}

/// What may be chosen: the space's own values, and the one that is there.
pub(in crate::sources::spaces) fn offered<T: PartialOrd + Copy + ToString>(
    own: &[T],
    now: T,
) -> Vec<String> {
    let mut all = own.to_vec();
    if !own.contains(&now) {
        let place = own.iter().position(|o| *o > now).unwrap_or(own.len());
        all.insert(place, now);
    }
    all.iter().map(T::to_string).collect()
}
