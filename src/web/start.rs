//! What runs once when the module is instantiated.

use std::sync::atomic::{AtomicU32, Ordering};

use wasm_bindgen::prelude::*;

static RUNS: AtomicU32 = AtomicU32::new(0);

extern "C" fn count_run() {
    RUNS.fetch_add(1, Ordering::Relaxed);
}

// SAFETY: a constructor like those that CubeCL registers by the thousand; it
// only counts, so that a test notices when constructors run again.
#[used]
#[unsafe(link_section = ".init_array")]
static COUNTER: extern "C" fn() = count_run;

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

/// How often the static constructors ran: once.
#[wasm_bindgen]
pub fn constructor_runs() -> u32 {
    RUNS.load(Ordering::Relaxed)
}
