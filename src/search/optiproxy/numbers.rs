//! Rows of numbers that are trained: single precision at work, double in tests.

use std::fmt::Write;

use dextr_loops::Number;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number of the surrogate.
pub(super) trait Real: Number {
    /// As a double.
    fn double(self) -> f64;
    /// The nearest to a double.
    fn of(x: f64) -> Self;
}

impl Real for f32 {
    fn double(self) -> f64 {
        self.into()
    }

    #[expect(clippy::cast_possible_truncation, reason = "rounding is what is meant")]
    fn of(x: f64) -> Self {
        x as Self
    }
}

#[cfg(test)]
impl Real for f64 {
    fn double(self) -> f64 {
        self
    }

    fn of(x: f64) -> Self {
        x
    }
}

/// The nearest number to a double.
pub(super) fn real<T: Real>(x: f64) -> T {
    T::of(x)
}

/// A count as a number.
pub(super) fn count<T: Real>(n: usize) -> T {
    T::of(n as f64)
}

/// Numbers that a state keeps bit by bit.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Numbers<T>(pub(super) Vec<T>);

/// Hexadecimal digits of a number.
const DIGITS: usize = 8;

/// As one text, eight digits a number: decimals would take twice the room.
impl Serialize for Numbers<f32> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(DIGITS * self.0.len());
        for x in &self.0 {
            // Writing to a text does not fail.
            let _ = write!(text, "{:08x}", x.to_bits());
        }
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Numbers<f32> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = |digits: &[u8]| {
            let digits = std::str::from_utf8(digits).ok();
            let digits = digits.filter(|digits| digits.len() == DIGITS)?;
            let bits = u32::from_str_radix(digits, 16).ok()?;
            Some(f32::from_bits(bits)).filter(|x| x.is_finite())
        };
        let numbers = text.as_bytes().chunks(DIGITS).map(number);
        let numbers: Option<_> = numbers.collect();
        numbers
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("the surrogate's numbers are damaged"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_and_read_bit_by_bit() {
        let numbers = Numbers(vec![0.0f32, -0.0, 1.0 / 3.0, f32::MIN_POSITIVE, -1e30]);
        let text = serde_json::to_string(&numbers).unwrap();
        let read: Numbers<f32> = serde_json::from_str(&text).unwrap();
        let bits =
            |numbers: &Numbers<f32>| numbers.0.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&read), bits(&numbers));
        for damaged in ["\"12\"", "\"7fc00000\"", "\"0000000g\"", "\"éééé\"", "3"] {
            assert!(
                serde_json::from_str::<Numbers<f32>>(damaged).is_err(),
                "{damaged}"
            );
        }
    }
}
