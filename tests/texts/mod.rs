//! Right texts of a space.

use dextr::sources::spaces::{Set, Space, Supernet};

/// Examples, supernets and a few samples of a space.
pub(crate) fn texts(space: &dyn Space) -> Vec<String> {
    let examples = space.about().examples.iter().map(|e| e.arch.to_owned());
    let supernets = space.layout().into_iter().flat_map(|layout| {
        let whole = Supernet::whole(layout);
        let place = whole.places().last();
        let some = place.map(|at| whole.with(at, whole.set(at).without(1)));
        let one = place.map(|at| whole.with(at, Set::one(2)));
        [Some(whole.clone()), some, one].into_iter().flatten()
    });
    examples
        .chain(supernets.map(|supernet| supernet.to_string()))
        .chain((0..20).map(|seed| space.sample(seed)))
        .collect()
}
