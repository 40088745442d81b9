//! What can be chosen in an architecture, for an editor on a page.

use wasm_bindgen::prelude::*;

use super::JsResult;
use super::convert::{self, thrown, to_js};
use crate::sources::spaces;

/// The choices of an architecture: `{ name, group, value, values, edge }` each.
#[wasm_bindgen]
pub fn choices(space: &str, arch: &str) -> JsResult {
    let space = spaces::by_name(space).map_err(thrown)?;
    to_js(&space.choices(arch).map_err(thrown)?)
}

/// The architecture with one choice changed.
#[wasm_bindgen]
pub fn choose(space: &str, arch: &str, index: usize, value: &str) -> JsResult<String> {
    let space = spaces::by_name(space).map_err(thrown)?;
    space.choose(arch, index, value).map_err(thrown)
}

/// All architectures one choice away.
#[wasm_bindgen]
pub fn neighbours(space: &str, arch: &str) -> JsResult {
    let space = spaces::by_name(space).map_err(thrown)?;
    to_js(&space.neighbours(arch).map_err(thrown)?)
}

/// A random architecture.
#[wasm_bindgen]
pub fn sample(space: &str, seed: f64) -> JsResult<String> {
    let seed = convert::seed(seed).map_err(thrown)?;
    Ok(spaces::by_name(space).map_err(thrown)?.sample(seed))
}
