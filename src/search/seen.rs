//! Which architectures were proposed: their hashes alone, so that a search of
//! any length stays small.

use std::collections::HashSet;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::random::fnv1a;

/// Hexadecimal digits of a hash.
const DIGITS: usize = 16;

/// A set of texts by 64-bit hashes. Two texts among 100,000 have the same hash
/// with a probability of 3·10⁻¹⁰; then one of them is not proposed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen(HashSet<u64>);

impl Seen {
    pub(super) fn has(&self, arch: &str) -> bool {
        self.0.contains(&fnv1a(arch.bytes()))
    }

    pub(super) fn add(&mut self, arch: &str) {
        self.0.insert(fnv1a(arch.bytes()));
    }
}

/// As one text, in order: numbers of this size are not exact in JavaScript.
impl Serialize for Seen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut hashes: Vec<u64> = self.0.iter().copied().collect();
        hashes.sort_unstable();
        let digits = hashes.iter().map(|hash| format!("{hash:016x}"));
        serializer.serialize_str(&digits.collect::<String>())
    }
}

impl<'de> Deserialize<'de> for Seen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let hash = |digits: &[u8]| {
            let digits = std::str::from_utf8(digits)
                .ok()
                .filter(|d| d.len() == DIGITS)?;
            u64::from_str_radix(digits, 16).ok()
        };
        let hashes = text.as_bytes().chunks(DIGITS).map(hash);
        let hashes: Option<_> = hashes.collect();
        hashes
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("the hashes of what was seen are damaged"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_written_and_read() {
        let mut seen = Seen::default();
        (0..50).for_each(|i| seen.add(&format!("cell {i}")));
        let text = serde_json::to_string(&seen).unwrap();
        assert_eq!(serde_json::from_str::<Seen>(&text).unwrap(), seen);
        assert!(seen.has("cell 7") && !seen.has("cell 50"));
        for damaged in ["\"12\"", "\"000000000000000g\"", "\"éééééééé\"", "3"] {
            assert!(serde_json::from_str::<Seen>(damaged).is_err(), "{damaged}");
        }
    }
}
