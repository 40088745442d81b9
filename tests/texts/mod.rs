//! Right texts of a space.

use dextr::sources::spaces::Space;

/// Examples and a few samples of a space.
pub(crate) fn texts(space: &dyn Space) -> Vec<String> {
    let examples = space.about().examples.iter().map(|e| e.arch.to_owned());
    examples
        .chain((0..20).map(|seed| space.sample(seed)))
        .collect()
}
