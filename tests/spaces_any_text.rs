//! No text makes a space panic: it has a canonical form that stays, or an error
//! at a character.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a test's numbers are small"
)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod texts;

use dextr::Error;
use dextr::sources::spaces::{self, Space};
use proptest::prelude::*;
use texts::texts;

/// A text that is nearly right.
fn nearly() -> impl Strategy<Value = (usize, String)> {
    let space = 0..spaces::all().len();
    let edit = (
        any::<prop::sample::Index>(),
        0..6u8,
        any::<char>(),
        "[-0-9(){}\\[\\],:'\"=_|~+ .a-z]",
    );
    (space, 0..40u64, prop::collection::vec(edit, 1..4)).prop_map(|(s, seed, edits)| {
        let all = texts(spaces::all()[s]);
        let mut chars: Vec<char> = all[seed as usize % all.len()].chars().collect();
        for (at, kind, any, sign) in edits {
            if chars.is_empty() {
                break;
            }
            let at = at.index(chars.len());
            let sign = sign.chars().next().unwrap_or(' ');
            match kind {
                0 => chars.truncate(at),
                1 => chars[at] = any,
                2 => chars[at] = sign,
                3 => chars.insert(at, sign),
                4 => drop(chars.remove(at)),
                _ => {
                    let tail = chars[at..].to_vec();
                    chars.extend(tail);
                }
            }
        }
        (s, chars.into_iter().collect())
    })
}

/// What must hold for any text: a canonical form that stays, or an error at a character.
fn check(space: &dyn Space, text: &str) -> Result<(), TestCaseError> {
    match space.canonical(text) {
        Ok(canonical) => {
            prop_assert_eq!(space.canonical(&canonical), Ok(canonical.clone()));
            let choices = space.choices(text);
            prop_assert!(choices.is_ok(), "{:?}", choices);
            prop_assert_eq!(space.choices(&canonical), choices);
        }
        Err(Error::Architecture {
            position, expected, ..
        }) => {
            prop_assert!(
                (1..=text.chars().count() + 1).contains(&position),
                "{}",
                position
            );
            prop_assert!(!expected.is_empty());
        }
        Err(other) => prop_assert!(false, "{}", other),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn nearly_right_texts_never_panic((s, text) in nearly()) {
        check(spaces::all()[s], &text)?;
    }

    #[test]
    fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let text = String::from_utf8_lossy(&bytes);
        for space in spaces::all() {
            check(*space, &text)?;
        }
    }

    #[test]
    fn signs_of_the_notations_never_panic(text in "[-0-9(){}\\[\\],:'\"=_|~+ a-g]{0,60}") {
        for space in spaces::all() {
            check(*space, &text)?;
        }
    }
}
