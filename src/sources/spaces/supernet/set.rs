//! The operations that an edge still has, and how they are written.

/// A set of a space's operations, by their places in its list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Set(u32);

impl Set {
    /// No operation: the edge is not there.
    pub const EMPTY: Self = Self(0);
    /// What an edge without operations is called, where that is no operation.
    pub(in crate::sources::spaces) const ABSENT: &'static str = "none";

    /// The first `count` operations.
    #[must_use]
    pub fn all(count: usize) -> Self {
        (0..count).fold(Self::EMPTY, Self::with)
    }

    /// One operation.
    #[must_use]
    pub fn one(operation: usize) -> Self {
        Self::EMPTY.with(operation)
    }

    #[must_use]
    fn with(self, operation: usize) -> Self {
        Self(self.0 | bit(operation))
    }

    /// The same without one operation.
    #[must_use]
    pub fn without(self, operation: usize) -> Self {
        Self(self.0 & !bit(operation))
    }

    /// Whether an operation is among them.
    #[must_use]
    pub fn has(self, operation: usize) -> bool {
        self.0 & bit(operation) != 0
    }

    /// How many there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Their places, ascending.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..32).filter(move |&operation| self.has(operation))
    }

    /// The only operation; none where there are others or none.
    #[must_use]
    pub fn only(self) -> Option<usize> {
        self.iter().next().filter(|_| self.len() == 1)
    }

    /// As text: `*` for all of `names`, `*-a-b` for most, `a/b` for few, the
    /// shorter one of the two.
    pub(in crate::sources::spaces) fn text(self, names: &[&str]) -> String {
        let named = |of: Self| of.iter().filter_map(|i| names.get(i).copied());
        if self.is_empty() {
            return Self::ABSENT.to_owned();
        }
        if 2 * self.len() <= names.len() {
            return named(self).collect::<Vec<_>>().join("/");
        }
        let missing = Self(Self::all(names.len()).0 & !self.0);
        named(missing).fold("*".to_owned(), |text, name| text + "-" + name)
    }

    /// Reads such a text, whichever form it has.
    ///
    /// # Errors
    /// The part that is no operation.
    pub(in crate::sources::spaces) fn read<'a>(
        text: &'a str,
        names: &[&str],
    ) -> Result<Self, &'a str> {
        let text = text.trim();
        let place = |word: &'a str| {
            let word = word.trim();
            names.iter().position(|name| *name == word).ok_or(word)
        };
        if text == Self::ABSENT && !names.contains(&text) {
            return Ok(Self::EMPTY);
        }
        if let Some(missing) = text.strip_prefix('*') {
            let missing = missing.trim_start();
            let all = Self::all(names.len());
            return match missing.strip_prefix(['-', '−']) {
                Some(missing) => missing
                    .split(['-', '−'])
                    .try_fold(all, |set, word| Ok(set.without(place(word)?))),
                None if missing.is_empty() => Ok(all),
                None => Err(missing),
            };
        }
        let mut words = text.split('/');
        words.try_fold(Self::EMPTY, |set, word| Ok(set.with(place(word)?)))
    }
}

/// An operation beyond the 32nd is none that any space has.
fn bit(operation: usize) -> u32 {
    u32::try_from(operation)
        .ok()
        .and_then(|place| 1u32.checked_shl(place))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["a_1", "b", "c", "d", "e"];

    #[test]
    fn every_set_has_one_text_and_is_read_from_both_forms() {
        for bits in 0..32u32 {
            let set = Set(bits);
            let text = set.text(&NAMES);
            assert_eq!(Set::read(&text, &NAMES), Ok(set), "{text}");
        }
        let text = |text: &'static str| Set::read(text, &NAMES).map(|set| set.text(&NAMES));
        assert_eq!(text("a_1/b/c/d/e"), Ok("*".to_owned()));
        assert_eq!(text("* - b"), Ok("*-b".to_owned()));
        assert_eq!(text("*-a_1-c-d"), Ok("b/e".to_owned()));
        assert_eq!(text("e/b"), Ok("b/e".to_owned()));
        assert_eq!(text("none"), Ok("none".to_owned()));
        for (wrong, part) in [("f", "f"), ("*-", ""), ("*b", "b"), ("a_1/", ""), ("", "")] {
            assert_eq!(text(wrong), Err(part), "{wrong}");
        }
    }
}
