//! Lists of architectures.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::JsResult;
use super::convert::{only, thrown, to_js};
use crate::error::Error;
use crate::run::list::{self, Item, Layout, Wishes};
use crate::sources::Source;

/// A list as JavaScript has it.
#[derive(Serialize)]
struct ReadList {
    columns: Vec<String>,
    items: Vec<Item>,
    layout: Layout,
    /// What it was read as, in words.
    words: String,
    notes: Vec<String>,
}

/// Reads a list: `{ columns, items, layout, words, notes }`. What `wishes` does not
/// say is guessed.
#[wasm_bindgen]
pub fn read_list(text: &str, space: &str, wishes: JsValue) -> JsResult {
    let source = Source::by_name(space).map_err(thrown)?;
    only(
        &wishes,
        &["delimiter", "header", "arch", "truth", "decimal"],
    )?;
    let wishes: Wishes = if wishes.is_undefined() {
        Wishes::default()
    } else {
        serde_wasm_bindgen::from_value(wishes).map_err(|e| {
            thrown(Error::Usage {
                message: format!("what the list is to be read as cannot be read: {e}"),
                cure: "give delimiter, header, arch, truth, decimal".to_owned(),
            })
        })?
    };
    let list = list::read(text, source, &wishes).map_err(thrown)?;
    to_js(&ReadList {
        items: list.items(source),
        words: list.describe(),
        columns: list.table.columns,
        layout: list.layout,
        notes: list.notes,
    })
}
