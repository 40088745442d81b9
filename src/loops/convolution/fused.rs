//! The tiles of `four.rs` where a machine adds a product in one step, which takes
//! three quarters of the time: relaxed SIMD, which not every browser has.
//!
//! An engine refuses a module with an instruction that it does not know, so that
//! they are a module of their own (`fused.wat`, a thousand bytes) on the same
//! memory, which whoever knows the engine instantiates. `fused.wasm` is what WABT
//! makes of it; `tests/node/tiles.test.mjs` holds the two against each other.

use std::sync::RwLock;

use super::{Block, LANES, Windows};

/// Channels that are computed together: with two vectors each they leave room for
/// what is added to them in the sixteen that a machine has.
pub(super) const TOGETHER: usize = 4;

/// The module: it imports `env.memory`, and exports `channels`, which takes the
/// address of a call.
pub static FUSED: &[u8] = include_bytes!("fused.wasm");

/// What calls the module's function with an address, and says whether it ran.
type Caller = fn(usize) -> bool;

static CALLER: RwLock<Option<Caller>> = RwLock::new(None);

/// From now on convolutions are done by the module. `caller` must call the
/// `channels` that an instance of [`FUSED`] on this module's own
/// memory exports, with what it is given, and return whether that has ended
/// well.
pub fn use_fused(caller: Caller) {
    if let Ok(mut own) = CALLER.write() {
        *own = Some(caller);
    }
}

/// As the module reads it.
#[repr(C)]
struct Call {
    map: *const f32,
    windows: *const Windows,
    windows_count: usize,
    taps: *const usize,
    taps_count: usize,
    weights: *const f32,
    y: *mut f32,
    plane: usize,
    out: usize,
    scratch: *mut f32,
}

/// All channels' sums over all taps of all input channels, into `y`, where there
/// is such a module; whether they were made.
pub(super) fn channels(block: &Block<'_>, y: &mut [f32]) -> bool {
    let Some(caller) = CALLER.read().ok().and_then(|own| *own) else {
        return false;
    };
    let out = y.len() / block.plane;
    let (taps, windows) = (&block.taps.places, block.windows);
    // The module checks nothing: what it would read and write lies within these.
    let ends = windows.iter().all(|one| {
        one.from + block.taps.reach <= block.map.len()
            && one.count <= LANES
            && one.to + one.count <= block.plane
    });
    let whole = block.weights.len() == out.next_multiple_of(TOGETHER) * taps.len();
    assert!(ends && whole, "windows, taps and weights of another map");
    if windows.is_empty() || taps.is_empty() || out == 0 {
        return true;
    }
    let mut scratch = [0.0; LANES];
    let call = Call {
        map: block.map.as_ptr(),
        windows: windows.as_ptr(),
        windows_count: windows.len(),
        taps: taps.as_ptr(),
        taps_count: taps.len(),
        weights: block.weights.as_ptr(),
        y: y.as_mut_ptr(),
        plane: block.plane,
        out,
        scratch: scratch.as_mut_ptr(),
    };
    caller((&raw const call).addr())
}
