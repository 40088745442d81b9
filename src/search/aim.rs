//! What a search looks for: a proxy, a product of several, or accuracies that
//! somebody tells it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::proxy;
use crate::run::Row;

/// A number that is to be as large as possible: a proxy, a product of several
/// (`meco_opt*swap`), or one of these turned round (`-params`); or `accuracy`, which
/// no row has: it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Aim {
    negated: bool,
    factors: Vec<&'static str>,
}

/// What is trained for and told, not measured.
pub(super) const ACCURACY: &str = "accuracy";

/// The sizes that every row has, asked for or not.
const SIZES: [&str; 2] = ["params", "macs"];

impl Aim {
    /// Accuracies that are told.
    #[must_use]
    pub fn accuracy() -> Self {
        Self {
            negated: false,
            factors: vec![ACCURACY],
        }
    }

    /// Whether its values are told, and not measured.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.factors == [ACCURACY]
    }

    /// Its value in a row; none where a factor has none there or is not finite, and
    /// where it is told.
    #[must_use]
    pub fn of(&self, row: &Row) -> Option<f64> {
        if row.is_failed() || self.is_told() {
            return None;
        }
        let factors = self.factors.iter().map(|name| row.value(name));
        let product = factors.product::<Option<f64>>()?;
        let value = if self.negated { -product } else { product };
        value.is_finite().then_some(value)
    }

    /// The proxies that have to be measured for it, separated by commas, with
    /// `more` behind them, each once. Where it is told, the size is.
    ///
    /// # Errors
    /// Those of [`proxy::by_names`] for `more`.
    pub fn proxies(&self, more: &str) -> Result<String> {
        // A size beside a proxy is in the row anyway, and would cost a column.
        let measured = self.factors.iter().filter(|name| !SIZES.contains(name));
        let mut names: Vec<&str> = measured.copied().collect();
        if self.is_told() {
            names = vec![SIZES[0]];
        } else if names.is_empty() {
            names.clone_from(&self.factors);
        }
        if !more.trim().is_empty() {
            names.extend(proxy::by_names(more)?.iter().map(|p| p.about().name));
        }
        let all = proxy::by_names(&names.join(","))?;
        let all: Vec<&str> = all.iter().map(|p| p.about().name).collect();
        Ok(all.join(","))
    }

    /// Whether no pass is run for it: the graph alone decides it, or it is told.
    #[must_use]
    pub fn is_without_pass(&self) -> bool {
        self.is_told() || self.factors.iter().all(|name| SIZES.contains(name))
    }
}

impl FromStr for Aim {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let trimmed = text.trim();
        if trimmed == ACCURACY {
            return Ok(Self::accuracy());
        }
        let unsigned = trimmed.strip_prefix(['-', '−']);
        let factors = unsigned.unwrap_or(trimmed).split('*').map(|name| {
            let mut found = proxy::by_names(name)?.into_iter();
            match (found.next(), found.next()) {
                (Some(one), None) => Ok(one.about().name),
                _ => Err(Error::option(
                    "aim",
                    text,
                    "a proxy, or several with * between them",
                )),
            }
        });
        Ok(Self {
            negated: unsigned.is_some(),
            factors: factors.collect::<Result<_>>()?,
        })
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.negated { "-" } else { "" };
        write!(f, "{sign}{}", self.factors.join("*"))
    }
}

impl TryFrom<String> for Aim {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Aim> for String {
    fn from(aim: Aim) -> Self {
        aim.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aim(text: &str) -> Aim {
        text.parse().unwrap()
    }

    #[test]
    fn aims_are_read_and_printed() {
        for text in ["dextr", "-params", "meco_opt*swap", "-s*k*macs", "accuracy"] {
            assert_eq!(aim(text).to_string(), text);
        }
        assert_eq!(aim(" - meco_opt * swap ").to_string(), "-meco_opt*swap");
        for text in [
            "",
            "*",
            "dextr*",
            "dextr,s",
            "dexter",
            "--params",
            "-accuracy",
            "accuracy*s",
        ] {
            let error = text.parse::<Aim>().unwrap_err();
            assert!(
                ["bad-option", "unknown-name"].contains(&error.code()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_measured_is_what_rows_lack() {
        assert_eq!(aim("dextr").proxies(""), Ok("dextr".to_owned()));
        assert_eq!(aim("params*naswot").proxies("s"), Ok("naswot,s".to_owned()));
        assert_eq!(aim("-params").proxies(""), Ok("params".to_owned()));
        assert!(aim("-params*macs").is_without_pass() && !aim("params*s").is_without_pass());
        let told = aim("accuracy");
        assert!(told.is_told() && told.is_without_pass() && !aim("params").is_told());
        assert_eq!(told.proxies("s"), Ok("params,s".to_owned()));
        assert_eq!(told.of(&Row::default()), None);
        assert!(aim("dextr").proxies("dexter").is_err());
    }

    #[test]
    fn a_value_is_the_product_or_none() {
        let row = Row {
            status: "ok".to_owned(),
            proxies: "naswot,swap".to_owned(),
            score: Some(2.0),
            s: Some(3.0),
            params: Some(10),
            values: vec![
                ("swap".to_owned(), Some(5.0)),
                ("naswot".to_owned(), Some(2.0)),
            ],
            ..Row::default()
        };
        assert_eq!(aim("naswot*swap").of(&row), Some(10.0));
        assert_eq!(aim("-params").of(&row), Some(-10.0));
        assert_eq!(aim("s*swap").of(&row), Some(15.0));
        assert_eq!(aim("zen").of(&row), None);
        assert_eq!(aim("params").of(&row.failed("broken")), None);
    }
}
