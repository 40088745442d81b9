//! Model files.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::JsResult;
use super::convert::{thrown, to_js};
use crate::Error;
use crate::sources::onnx;

/// A file's bytes, which come in parts: JavaScript never holds all of them.
#[wasm_bindgen]
pub struct FileBytes {
    bytes: Vec<u8>,
}

#[wasm_bindgen]
impl FileBytes {
    /// Makes room for a file; fails where there is none, before it is read.
    #[wasm_bindgen(constructor)]
    pub fn new(length: f64) -> JsResult<FileBytes> {
        let mut bytes = Vec::new();
        // Numbers too large for an address become the largest one.
        bytes.try_reserve_exact(length as usize).map_err(|_| {
            thrown(Error::Model {
                code: "file-too-large",
                place: "file".to_owned(),
                message: format!(
                    "has {:.0} MB, more than there is room for in WebAssembly's memory",
                    length / 1e6
                ),
                cure: "score it with the command line".to_owned(),
            })
        })?;
        Ok(Self { bytes })
    }

    /// Adds a part.
    pub fn push(&mut self, part: &[u8]) {
        self.bytes.extend_from_slice(part);
    }
}

/// A model file that was read. A call takes a handle of its own, so that the
/// file can be let go of while it runs.
#[wasm_bindgen(js_name = Model)]
pub struct OpenModel {
    read: Rc<onnx::Model>,
}

#[wasm_bindgen(js_class = Model)]
impl OpenModel {
    /// Reads an ONNX file.
    #[wasm_bindgen(constructor)]
    pub fn new(file: FileBytes) -> JsResult<OpenModel> {
        let read = onnx::Model::from_vec(file.bytes).map_err(thrown)?;
        Ok(Self {
            read: Rc::new(read),
        })
    }

    /// Gives a data file that the model names.
    pub fn attach(&mut self, name: &str, file: FileBytes) {
        Rc::make_mut(&mut self.read).attach_vec(name, file.bytes);
    }

    /// What the file says of itself.
    pub fn info(&self) -> JsResult {
        to_js(&self.read.info())
    }

    /// One more handle of the same file.
    pub fn share(&self) -> OpenModel {
        Self {
            read: Rc::clone(&self.read),
        }
    }
}

/// Refuses what is no ONNX file, by its first 4 KiB.
#[wasm_bindgen]
pub fn check_format(head: &[u8]) -> JsResult<()> {
    onnx::check_format(head).map_err(thrown)
}

/// Whether a file is a model by its first bytes, whatever it is called.
#[wasm_bindgen]
pub fn is_model(head: &[u8]) -> bool {
    onnx::is_model_head(head)
}

/// The options of model files: `{ name, default, help }`.
#[wasm_bindgen]
pub fn model_options() -> JsResult {
    to_js(&onnx::ABOUT.options)
}

/// The file that came with a request, if one did.
pub(super) fn read(model: &Option<OpenModel>) -> Option<&onnx::Model> {
    model.as_ref().map(|model| model.read.as_ref())
}
