//! Zero-shot proxies: what each needs of a network, and what it makes of it.

pub mod dextr;
