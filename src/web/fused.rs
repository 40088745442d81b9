//! The convolutions' tiles for engines with relaxed SIMD: a module beside this one,
//! on its memory.

use std::cell::RefCell;

use js_sys::{Function, Object, Reflect, Uint8Array, WebAssembly};
use wasm_bindgen::prelude::*;

use super::JsResult;

thread_local! {
    static CHANNELS: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Takes the module where the engine knows its instructions; elsewhere all stays
/// as it is.
pub(super) fn use_where_known() {
    let module = Uint8Array::from(dextr_loops::FUSED);
    let known = WebAssembly::validate(&module).unwrap_or(false);
    if known && let Ok(channels) = instantiate(&module) {
        CHANNELS.set(Some(channels));
        dextr_loops::use_fused(call);
    }
}

/// Whether it was taken.
#[cfg(feature = "probe")]
pub(super) fn is_fused() -> bool {
    CHANNELS.with_borrow(Option::is_some)
}

fn instantiate(module: &Uint8Array) -> JsResult<Function> {
    let (imports, env) = (Object::new(), Object::new());
    Reflect::set(&env, &"memory".into(), &wasm_bindgen::memory())?;
    Reflect::set(&imports, &"env".into(), &env)?;
    let module = WebAssembly::Module::new(module)?;
    let instance = WebAssembly::Instance::new(&module, &imports)?;
    Reflect::get(&instance.exports(), &"channels".into())?.dyn_into()
}

fn call(address: usize) -> bool {
    CHANNELS.with_borrow(|channels| {
        let called = channels
            .as_ref()
            .map(|f| f.call1(&JsValue::UNDEFINED, &address.into()));
        matches!(called, Some(Ok(_)))
    })
}
