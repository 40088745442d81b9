//! Limits: how large a candidate may be.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count is checked to be whole and small before it is cast"
)]

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::network::Network;

/// The largest count: above it a JavaScript number has no last digit.
const LARGEST: f64 = 9_007_199_254_740_992.0;

/// From the least to the most, both allowed; none is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Range {
    /// The least.
    pub least: Option<u64>,
    /// The most.
    pub most: Option<u64>,
}

impl Range {
    fn is_open(self) -> bool {
        self.least.is_none() && self.most.is_none()
    }

    /// How far outside a value is, as the logarithm of a ratio; 0 within.
    fn missed_by(self, value: u64) -> f64 {
        // 1 is added so that a network without parameters has a logarithm too.
        let ratio = |large: u64, small: u64| ((large as f64 + 1.0) / (small as f64 + 1.0)).ln();
        let under = self.least.filter(|least| value < *least);
        let over = self.most.filter(|most| value > *most);
        under.map_or(0.0, |least| ratio(least, value)) + over.map_or(0.0, |most| ratio(value, most))
    }
}

/// How large a candidate may be, in all respects at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Trainable parameters.
    pub params: Range,
    /// Multiply–accumulates for one image.
    pub macs: Range,
}

/// The sizes of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) params: u64,
    pub(super) macs: u64,
}

impl Sizes {
    pub(super) fn of(network: &Network) -> Self {
        Self {
            params: network.params(),
            macs: network.macs(),
        }
    }
}

impl Limits {
    /// Checks that each range has something in it.
    ///
    /// # Errors
    /// [`Error::Option`] that names the least and the most.
    pub fn check(&self) -> Result<()> {
        for (name, range) in [("params", self.params), ("macs", self.macs)] {
            if let (Some(least), Some(most)) = (range.least, range.most)
                && least > most
            {
                return Err(Error::option(
                    &format!("max-{name}"),
                    &most.to_string(),
                    format!("min-{name} ({least}) or more"),
                ));
            }
        }
        Ok(())
    }

    /// Whether nothing is limited: no network has to be built to know that it fits.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.params.is_open() && self.macs.is_open()
    }

    /// How far outside a network is; 0 where it fits.
    pub(super) fn missed_by(&self, sizes: Sizes) -> f64 {
        self.params.missed_by(sizes.params) + self.macs.missed_by(sizes.macs)
    }

    /// The error of limits that nothing was found within: the limit that the
    /// nearest network misses most, and that network's sizes.
    pub(super) fn unmet(&self, nearest: Sizes, space: &str, draws: usize) -> Error {
        let missed = |range: Range, value| range.missed_by(value);
        let by_params = missed(self.params, nearest.params);
        let (what, range, value) = match by_params >= missed(self.macs, nearest.macs) {
            true => ("params", self.params, nearest.params),
            false => ("macs", self.macs, nearest.macs),
        };
        let (side, limit) = match range.most.filter(|most| value > *most) {
            Some(most) => ("max", most),
            None => ("min", range.least.unwrap_or_default()),
        };
        let Sizes { params, macs } = nearest;
        Error::option(
            &format!("{side}-{what}"),
            &limit.to_string(),
            format!(
                "limits that {space} has networks within: of {draws} random ones and those around \
                 them the nearest has {params} parameters and {macs} MACs"
            ),
        )
    }
}

/// A count as people write it: `6M`, `1.5G`, `800k`, `6e6`, `6_000_000`.
///
/// # Errors
/// [`Error::Option`], with the name of what is counted, where it is no whole
/// number from 0 to 2⁵³.
///
/// ```
/// use dextr::search::count;
/// assert_eq!(count("max-params", "6M"), Ok(6_000_000));
/// assert_eq!(count("max-macs", "1.5G"), Ok(1_500_000_000));
/// assert!(count("max-params", "6 apples").is_err());
/// ```
pub fn count(name: &str, text: &str) -> Result<u64> {
    let wrong = || Error::option(name, text, "a count, such as 6M, 1.5G or 800000");
    let plain: String = text.trim().chars().filter(|c| *c != '_').collect();
    let units = [('k', 1e3), ('M', 1e6), ('G', 1e9), ('T', 1e12)];
    let unit = plain.chars().last().and_then(|last| {
        let same = |unit: &char| unit.eq_ignore_ascii_case(&last);
        units.into_iter().find(|(unit, _)| same(unit))
    });
    let (number, factor) = match unit {
        // A unit is one byte.
        Some((_, factor)) => (&plain[..plain.len() - 1], factor),
        None => (plain.as_str(), 1.0),
    };
    let starts = number
        .trim()
        .starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let parsed: Option<f64> = number.trim().parse().ok().filter(|_| starts);
    // 1.1M is 1100000.0000000001 before it is rounded.
    let value = parsed.map(|n| n * factor).ok_or_else(wrong)?;
    let whole = value.round();
    if !(0.0..=LARGEST).contains(&whole) || (value - whole).abs() > 1e-6 * whole.max(1.0) {
        return Err(wrong());
    }
    Ok(whole as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_as_people_write_them() {
        let good = [
            ("0", 0),
            ("6M", 6_000_000),
            ("1.1m", 1_100_000),
            ("1.5G", 1_500_000_000),
            ("6e6", 6_000_000),
            ("800k", 800_000),
            ("6_000_000", 6_000_000),
            (" .5M ", 500_000),
        ];
        for (text, value) in good {
            assert_eq!(count("max-params", text), Ok(value), "{text}");
        }
        for text in [
            "", "M", "-1", "1.5", "0.0001k", "1e30", "inf", "nan", "6MM", "6 é",
        ] {
            let error = count("max-params", text).unwrap_err();
            assert_eq!(error.place().unwrap(), "option max-params", "{text}");
        }
    }

    #[test]
    fn a_range_that_has_nothing_in_it_is_refused() {
        let mut limits = Limits::default();
        assert!(limits.is_open());
        (limits.macs.least, limits.macs.most) = (Some(5), Some(4));
        let error = limits.check().unwrap_err();
        assert_eq!(error.place().unwrap(), "option max-macs");
        limits.macs.most = Some(5);
        assert_eq!(limits.check(), Ok(()));
    }

    #[test]
    fn the_error_names_the_limit_that_is_missed_most_and_the_sizes() {
        let limits = Limits {
            params: Range {
                least: None,
                most: Some(10),
            },
            macs: Range {
                least: Some(100),
                most: None,
            },
        };
        let sizes = Sizes {
            params: 1000,
            macs: 99,
        };
        assert!(limits.missed_by(sizes) > 0.0);
        assert!(
            limits.missed_by(Sizes {
                params: 10,
                macs: 100
            }) == 0.0
        );
        let error = limits.unmet(sizes, "darts", 7);
        assert_eq!(error.place().unwrap(), "option max-params");
        assert!(
            error.hint().contains("1000 parameters and 99 MACs"),
            "{}",
            error.hint()
        );
        let sizes = Sizes {
            params: 9,
            macs: 50,
        };
        assert_eq!(
            limits.unmet(sizes, "darts", 7).place().unwrap(),
            "option min-macs"
        );
    }
}
