//! Feeds any text to the parser of every space: a canonical form that parses
//! to itself and can be edited, or an error at a character of the text.

#![no_main]

use dextr::Error;
use dextr::sources::spaces;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for space in spaces::all() {
        match space.canonical(text) {
            Ok(canonical) => {
                assert_eq!(space.canonical(&canonical), Ok(canonical.clone()));
                let choices = space.choices(&canonical).expect("it parses");
                assert_eq!(space.choices(text), Ok(choices.clone()));
                for (i, choice) in choices.iter().enumerate() {
                    let chosen = space.choose(&canonical, i, &choice.value);
                    assert_eq!(chosen, Ok(canonical.clone()));
                }
            }
            Err(Error::Architecture { position, .. }) => {
                assert!((1..=text.chars().count() + 1).contains(&position));
            }
            Err(other) => panic!("{other}"),
        }
    }
});
