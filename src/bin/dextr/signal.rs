//! SIGTERM: what is under way ends, nothing more begins.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use signal_hook::consts::SIGTERM;
use signal_hook::flag;

/// What a shell says of a process that SIGTERM ended.
pub(crate) const STATUS: u8 = 143;

/// Set once SIGTERM has come. A second one ends the process where it stands.
pub(crate) fn over() -> &'static AtomicBool {
    static OVER: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    OVER.get_or_init(|| {
        let over = Arc::new(AtomicBool::new(false));
        // Where signals cannot be heard, SIGTERM ends the process as it would have.
        let _ = flag::register_conditional_shutdown(SIGTERM, STATUS.into(), Arc::clone(&over));
        let _ = flag::register(SIGTERM, Arc::clone(&over));
        over
    })
}

/// Whether SIGTERM has come.
pub(crate) fn is_over() -> bool {
    over().load(Ordering::Relaxed)
}
