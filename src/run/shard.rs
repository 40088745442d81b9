//! A part of a list, for one of several machines.

use std::fmt;
use std::str::FromStr;

use twox_hash::XxHash3_64;

use crate::error::Error;

/// One of several parts of a list, as `3/16`.
///
/// Which part an architecture is in is decided by its canonical text alone
/// (`XXH3`, 64 bits, seed 0), and so by neither the list's order nor what else
/// is in it; equal ones are in the same part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 1.
    part: u32,
    /// Of how many.
    of: u32,
}

impl Shard {
    /// Whether an architecture is in this part, by its canonical text (any text
    /// where it cannot be read).
    #[must_use]
    pub fn has(self, canonical: &str) -> bool {
        let hash = XxHash3_64::oneshot(canonical.trim().as_bytes());
        hash % u64::from(self.of) == u64::from(self.part - 1)
    }
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::Option {
            name: "shard".to_owned(),
            value: text.to_owned(),
            expected: "a part and the number of parts, as in 3/16, the part from 1".to_owned(),
        };
        let (part, of) = text.split_once('/').ok_or_else(wrong)?;
        let number = |text: &str| text.trim().parse().map_err(|_| wrong());
        let (part, of) = (number(part)?, number(of)?);
        match (1..=of).contains(&part) {
            true => Ok(Self { part, of }),
            false => Err(wrong()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn each_architecture_is_in_one_part() {
        let parts: Vec<Shard> = (1..=7).map(|i| format!("{i}/7").parse().unwrap()).collect();
        let mut sizes = [0; 7];
        for number in 0..7000 {
            let arch = format!("|nor_conv_3x3~{number}|");
            let own: Vec<usize> = (0..7).filter(|&i| parts[i].has(&arch)).collect();
            assert_eq!(own.len(), 1, "{arch}");
            sizes[own[0]] += 1;
        }
        assert!(sizes.iter().all(|s| (850..1150).contains(s)), "{sizes:?}");
    }

    #[test]
    fn the_parts_are_the_same_on_every_machine_and_in_every_version() {
        let of = |arch: &str| {
            let part = |i: &u32| format!("{i}/1000").parse::<Shard>().unwrap().has(arch);
            (1..=1000).find(part).unwrap()
        };
        // The published value for no bytes, 0x2d06_8005_38d3_94c2, modulo 1,000, plus 1.
        assert_eq!(of(""), 139);
    }

    #[test]
    fn what_is_no_part_is_said() {
        for text in ["0/4", "5/4", "1/0", "3", "a/b", "", "1/2/3", "-1/4"] {
            let error = text.parse::<Shard>().unwrap_err();
            assert!(error.hint().contains("3/16"), "{text}: {error}");
        }
        assert_eq!("3/16".parse::<Shard>().unwrap().to_string(), "3/16");
    }
}
