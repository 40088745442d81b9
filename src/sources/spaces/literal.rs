//! Values as people write them in JSON or in Python: one reader for
//! `{"normal": [["skip_connect", 0]]}` and `Genotype(normal=[('skip_connect', 0)])`.
//!
//! A JSON library does not read the second form, and says only of broken
//! syntax where it is; here every value keeps its place.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are far below the types' ranges"
)]

use super::scan::{Scanner, quoted};
use crate::error::{Error, Result};

/// Deepest nesting of brackets; no notation needs more than four.
const DEEPEST: usize = 8;
/// Most values in a text; a longer one is refused before it fills the memory.
const MOST: usize = 20_000;

/// A value and the character where it begins, from 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Literal {
    /// The place of its first character.
    pub(super) position: usize,
    /// The value.
    pub(super) value: Value,
}

/// What is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// A number, as written.
    Number(String),
    /// A text in quotation marks of either kind (its content), or a bare word.
    Text(String),
    /// `[…]` or `(…)`, and `range(a, b)` as its whole numbers.
    List(Vec<Literal>),
    /// `{"key": value}` or `Name(key=value)`; keys as they come.
    Record(Vec<(Literal, Literal)>),
}

impl Literal {
    /// Reads a text that is one value. `NAME = value` is that value.
    ///
    /// # Errors
    /// [`Error::Architecture`] with the character where it goes wrong.
    pub(super) fn read(text: &str) -> Result<Self> {
        let mut reader = Reader {
            scanner: Scanner::new(text),
            values: 0,
        };
        reader.skip_assignment();
        let value = reader.value(0)?;
        reader.scanner.end("the end of the architecture")?;
        Ok(value)
    }

    /// Reads values that are separated by commas, without brackets around them: a
    /// row of a table.
    ///
    /// # Errors
    /// [`Error::Architecture`] with the character where it goes wrong.
    pub(super) fn read_columns(text: &str) -> Result<Vec<Self>> {
        let mut reader = Reader {
            scanner: Scanner::new(text),
            values: 0,
        };
        let mut all = vec![reader.value(0)?];
        while reader.scanner.take(',') {
            all.push(reader.value(0)?);
        }
        reader.scanner.end("',' or the end of the columns")?;
        Ok(all)
    }

    /// The error that something else was expected in this value's place.
    pub(super) fn fail<T>(&self, expected: impl Into<String>) -> Result<T> {
        self.fail_near(expected, &[])
    }

    /// The same, with the nearest of the `known` words.
    pub(super) fn fail_near<T>(&self, expected: impl Into<String>, known: &[&str]) -> Result<T> {
        let (found, word) = match &self.value {
            Value::Number(number) => (quoted(number), number.as_str()),
            Value::Text(text) => (quoted(text), text.as_str()),
            Value::List(list) => (format!("a list of {}", list.len()), ""),
            Value::Record(fields) => (format!("{} named values", fields.len()), ""),
        };
        Err(Error::Architecture {
            position: self.position,
            found,
            expected: expected.into(),
            nearest: crate::spelling::nearest(word, known),
        })
    }

    /// The same place with a part of its text, for an error about that part.
    pub(super) fn named(&self, part: &str) -> Self {
        Self {
            position: self.position,
            value: Value::Text(part.to_owned()),
        }
    }

    /// The text.
    pub(super) fn text(&self, expected: &str) -> Result<&str> {
        match &self.value {
            Value::Text(text) => Ok(text),
            _ => self.fail(expected),
        }
    }

    /// The number.
    pub(super) fn number(&self, expected: &str) -> Result<f64> {
        match &self.value {
            Value::Number(number) => match number.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(number),
                _ => self.fail(expected),
            },
            _ => self.fail(expected),
        }
    }

    /// The whole number of at least 0; `3.0` is one too.
    pub(super) fn whole(&self, expected: &str) -> Result<usize> {
        let number = self.number(expected)?;
        match number >= 0.0 && number <= f64::from(u32::MAX) && number.fract() == 0.0 {
            true => Ok(number as usize),
            false => self.fail(expected),
        }
    }

    /// The values of the list.
    pub(super) fn list(&self, expected: &str) -> Result<&[Literal]> {
        match &self.value {
            Value::List(list) => Ok(list),
            _ => self.fail(expected),
        }
    }

    /// The named values, in the order of `names`; each may be left out, none
    /// may be named twice, and there is no other.
    pub(super) fn fields<const N: usize>(
        &self,
        names: [&str; N],
        expected: &str,
    ) -> Result<[Option<&Literal>; N]> {
        let Value::Record(fields) = &self.value else {
            return self.fail(expected);
        };
        let mut found = [None; N];
        for (key, value) in fields {
            let name = key.text("a name")?;
            match names.iter().position(|n| *n == name) {
                None => return key.fail_near(format!("one of: {}", names.join(", ")), &names),
                Some(i) if found[i].is_some() => {
                    return key.fail(format!("'{name}' once only"));
                }
                Some(i) => found[i] = Some(value),
            }
        }
        Ok(found)
    }
}

struct Reader<'a> {
    scanner: Scanner<'a>,
    values: usize,
}

impl Reader<'_> {
    /// Steps over `NAME =` at the beginning of the text.
    fn skip_assignment(&mut self) {
        let mut ahead = self.scanner.clone();
        ahead.blanks();
        let name = word(ahead.rest());
        ahead.advance(name.len());
        if !name.is_empty() && ahead.take('=') {
            self.scanner = ahead;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Literal> {
        self.scanner.blanks();
        let position = self.scanner.position();
        self.values += 1;
        if depth > DEEPEST || self.values > MOST {
            return self.scanner.fail(format!(
                "at most {DEEPEST} brackets deep, and {MOST} values"
            ));
        }
        let rest = self.scanner.rest();
        let value = match rest.chars().next() {
            Some('[') => Value::List(self.list(']', depth)?),
            Some('(') => Value::List(self.list(')', depth)?),
            Some('{') => {
                self.scanner.advance(1);
                Value::Record(self.record('}', ':', depth)?)
            }
            Some('"') => Value::Text(self.quotation('"')?),
            Some('\'') => Value::Text(self.quotation('\'')?),
            Some(c) if c.is_ascii_digit() || "+-.".contains(c) => {
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c)));
                let number = &rest[..end.unwrap_or(rest.len())];
                if number.parse::<f64>().is_err() {
                    return self.scanner.fail("a number");
                }
                self.scanner.advance(number.len());
                Value::Number(number.to_owned())
            }
            Some(c) if c.is_alphanumeric() || c == '_' => self.named(depth)?,
            _ => return self.scanner.fail("a value"),
        };
        Ok(Literal { position, value })
    }

    /// A bare word, `Name(key=value)`, `range(a, b)`, or `list(value)`, `np.array(value)`.
    fn named(&mut self, depth: usize) -> Result<Value> {
        let name = word(self.scanner.rest());
        self.scanner.advance(name.len());
        let mut ahead = self.scanner.clone();
        if !ahead.take('(') {
            return Ok(Value::Text(name.to_owned()));
        }
        if name == "range" {
            self.scanner.blanks();
            return self.range(depth);
        }
        if matches!(
            name,
            "list" | "tuple" | "array" | "np.array" | "numpy.array"
        ) {
            self.scanner = ahead;
            let inner = self.value(depth + 1)?;
            let list = inner.list("a list")?.to_vec();
            self.scanner.sign(')')?;
            return Ok(Value::List(list));
        }
        self.scanner = ahead;
        Ok(Value::Record(self.record(')', '=', depth)?))
    }

    fn range(&mut self, depth: usize) -> Result<Value> {
        let position = self.scanner.position();
        let bounds = Literal {
            position,
            value: Value::List(self.list(')', depth)?),
        };
        let expected = "one or two whole numbers, the bounds of the range";
        let (start, end) = match bounds.list(expected)? {
            [end] => (0, end.whole(expected)?),
            [start, end] => (start.whole(expected)?, end.whole(expected)?),
            _ => return bounds.fail(expected),
        };
        if end.saturating_sub(start) > MOST {
            return bounds.fail(format!("a range of at most {MOST} numbers"));
        }
        let number = |n: usize| Literal {
            position,
            value: Value::Number(n.to_string()),
        };
        Ok(Value::List((start..end).map(number).collect()))
    }

    /// The values up to the closing bracket; a comma may follow the last.
    fn list(&mut self, close: char, depth: usize) -> Result<Vec<Literal>> {
        self.scanner.advance(1);
        let mut list = Vec::new();
        while !self.scanner.take(close) {
            list.push(self.value(depth + 1)?);
            if !self.scanner.take(',') {
                self.close(close)?;
                break;
            }
        }
        Ok(list)
    }

    fn record(
        &mut self,
        close: char,
        between: char,
        depth: usize,
    ) -> Result<Vec<(Literal, Literal)>> {
        let mut fields = Vec::new();
        while !self.scanner.take(close) {
            self.scanner.blanks();
            let position = self.scanner.position();
            let rest = self.scanner.rest();
            let key = match rest.chars().next() {
                Some('"') => self.quotation('"')?,
                Some('\'') => self.quotation('\'')?,
                _ => {
                    let name = word(rest);
                    if name.is_empty() {
                        return self.scanner.fail(format!("a name, or '{close}'"));
                    }
                    self.scanner.advance(name.len());
                    name.to_owned()
                }
            };
            self.scanner.sign(between)?;
            let key = Literal {
                position,
                value: Value::Text(key),
            };
            fields.push((key, self.value(depth + 1)?));
            if !self.scanner.take(',') {
                self.close(close)?;
                break;
            }
        }
        Ok(fields)
    }

    fn close(&mut self, close: char) -> Result<()> {
        match self.scanner.take(close) {
            true => Ok(()),
            false => self.scanner.fail(format!("',' or '{close}'")),
        }
    }

    /// A text in quotation marks; no name has one in it, so nothing is escaped.
    fn quotation(&mut self, mark: char) -> Result<String> {
        let inside = &self.scanner.rest()[1..];
        let Some(end) = inside.find(mark) else {
            return self.scanner.fail(format!("a text that ends with {mark}"));
        };
        self.scanner.advance(end + 2);
        Ok(inside[..end].to_owned())
    }
}

/// The letters, digits, `_` and `.` at the beginning of a text.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || "_.×".contains(c)));
    &text[..end.unwrap_or(text.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_and_python_are_the_same_values() {
        let plain = |text: &str| {
            fn strip(literal: &Literal) -> String {
                match &literal.value {
                    Value::Number(n) => n.clone(),
                    Value::Text(t) => format!("'{t}'"),
                    Value::List(l) => {
                        l.iter()
                            .map(strip)
                            .fold("[".to_owned(), |a, b| a + &b + ",")
                            + "]"
                    }
                    Value::Record(r) => r.iter().fold("{".to_owned(), |a, (k, v)| {
                        a + &strip(k) + ":" + &strip(v) + ","
                    }),
                }
            }
            strip(&Literal::read(text).unwrap())
        };
        let json = plain(r#" {"a": [["x", 0], ["y", 1]], "b": [2, 3], "c": 1.5} "#);
        for python in [
            "G(a=[('x', 0), ('y', 1)], b=[2, 3], c=1.5)",
            "BEST = genotypes.G(a=[('x',0,),('y',1),],b=range(2, 4),c=1.5,)",
            "{'a': (('x', 0), ('y', 1)), 'b': list(range(2, 4)), 'c': 1.5}",
        ] {
            assert_eq!(plain(python), json, "{python}");
        }
    }

    #[test]
    fn errors_name_the_character() {
        for (text, place, what) in [
            ("", 1, "a value"),
            ("[1, 2", 6, "',' or ']'"),
            ("{\"a\" 1}", 6, "':'"),
            ("{\"a: 1}", 2, "ends with \""),
            ("[1, *]", 5, "a value"),
            ("[1] 2", 5, "the end"),
            ("G(1)", 4, "'='"),
            ("[1.2.3]", 2, "a number"),
            ("range(1, 2, 3)", 6, "bounds"),
            ("range(0, 4000000000)", 6, "at most"),
        ] {
            match Literal::read(text) {
                Err(Error::Architecture {
                    position, expected, ..
                }) => assert!(
                    position == place && expected.contains(what),
                    "{text}: {position} {expected}"
                ),
                other => panic!("{text}: {other:?}"),
            }
        }
        let deep = "[".repeat(100_000);
        assert!(Literal::read(&deep).is_err());
    }
}
