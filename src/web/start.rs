//! What runs once when the module is instantiated.

use wasm_bindgen::prelude::*;

unsafe extern "C" {
    /// Made by the linker: runs all static constructors.
    fn __wasm_call_ctors();
}

/// Runs the static constructors. A module whose code never refers to them is
/// linked as a command, and every exported call would run them all again.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&panic.to_string().into());
    }));
    // SAFETY: called once, before anything that relies on the constructors.
    unsafe { __wasm_call_ctors() };
}
