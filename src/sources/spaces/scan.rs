//! Reads a text sign by sign and knows at which character it is.

use crate::error::{Error, Result};
use crate::spelling::nearest;

/// A text and how far it is read.
#[derive(Debug, Clone)]
pub(super) struct Scanner<'a> {
    rest: &'a str,
    position: usize,
}

impl<'a> Scanner<'a> {
    /// Starts at the first character.
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            position: 1,
        }
    }

    /// What is not read yet.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    /// The next character's place, from 1.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// Steps over this many bytes, which end at a character's end.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.position += self.rest[..bytes].chars().count();
        self.rest = &self.rest[bytes..];
    }

    /// Steps over white space, and over comments as Python has them.
    pub(super) fn blanks(&mut self) {
        loop {
            self.advance(self.rest.len() - self.rest.trim_start().len());
            if !self.rest.starts_with('#') {
                return;
            }
            self.advance(self.rest.find('\n').unwrap_or(self.rest.len()));
        }
    }

    /// What stands before the first of these signs, without white space at its end.
    pub(super) fn until(&self, signs: &[char]) -> &'a str {
        let end = self.rest.find(signs).unwrap_or(self.rest.len());
        self.rest[..end].trim_end()
    }

    /// Steps over white space and this sign, where it comes next.
    pub(super) fn take(&mut self, sign: char) -> bool {
        self.blanks();
        self.take_here(sign)
    }

    /// Steps over this sign, where it comes at once.
    pub(super) fn take_here(&mut self, sign: char) -> bool {
        let found = self.rest.starts_with(sign);
        if found {
            self.advance(sign.len_utf8());
        }
        found
    }

    /// Steps over white space and this sign.
    pub(super) fn sign(&mut self, sign: char) -> Result<()> {
        match self.take(sign) {
            true => Ok(()),
            false => self.fail(format!("'{sign}'")),
        }
    }

    /// Nothing but white space may follow.
    pub(super) fn end(&mut self, expected: &str) -> Result<()> {
        self.blanks();
        match self.rest.is_empty() {
            true => Ok(()),
            false => self.fail(expected),
        }
    }

    /// Steps over one digit of at most `most`, the `place`-th of six.
    pub(super) fn digit(&mut self, place: usize, most: u32) -> Result<usize> {
        let digit = self.rest.chars().next().and_then(|c| c.to_digit(10));
        match digit.filter(|d| *d <= most) {
            Some(digit) => {
                self.advance(1);
                Ok(digit as usize)
            }
            None => self.fail(format!("digit {place} of six, 0…{most}")),
        }
    }

    /// Reads the rest as a six-index form: six digits of at most `most`,
    /// separated by commas, blanks or nothing, in brackets or not.
    pub(super) fn digits(&mut self, most: u32) -> Result<[usize; 6]> {
        let close = match () {
            () if self.take('(') => Some(')'),
            () if self.take('[') => Some(']'),
            () => None,
        };
        let mut digits = [0; 6];
        for (i, digit) in digits.iter_mut().enumerate() {
            self.blanks();
            if i > 0 && self.take(',') {
                self.blanks();
            }
            *digit = self.digit(i + 1, most)?;
        }
        if let Some(sign) = close {
            self.sign(sign)?;
        }
        self.end("the end of the cell")?;
        Ok(digits)
    }

    /// The error that something else was expected here.
    pub(super) fn fail<T>(&self, expected: impl Into<String>) -> Result<T> {
        Err(Error::Architecture {
            position: self.position,
            found: self.found(),
            expected: expected.into(),
            nearest: None,
        })
    }

    /// The error that `word`, which comes next, is not one of `known`.
    pub(super) fn fail_near<T>(
        &self,
        expected: impl Into<String>,
        word: &str,
        known: &[&str],
    ) -> Result<T> {
        Err(Error::Architecture {
            position: self.position,
            found: self.found(),
            expected: expected.into(),
            nearest: nearest(word, known),
        })
    }

    /// What stands here, up to the next sign of the notations.
    fn found(&self) -> String {
        let is_sign = |c: char| "|~+,:=()[]{}\"'".contains(c) || c.is_whitespace();
        let word: String = self.rest.chars().take_while(|&c| !is_sign(c)).collect();
        match (word.is_empty(), self.rest.chars().next()) {
            (false, _) => quoted(&word),
            (true, Some(sign)) => format!("'{sign}'"),
            (true, None) => "the end of the text".to_owned(),
        }
    }
}

/// A word in quotation marks, cut where it is long.
pub(super) fn quoted(word: &str) -> String {
    format!("'{}'", word.chars().take(24).collect::<String>())
}
