//! Tiles of eight windows by four channels, for WebAssembly's vectors of four.
//!
//! Here instructions are named, as for machines with vectors of sixteen: what a
//! compiler makes of the loops in WebAssembly takes three times as long.

use std::arch::wasm32::{
    f32x4_add, f32x4_mul, f32x4_splat, v128, v128_load, v128_load32_splat, v128_store,
};

use super::{Block, LANES, Windows};

/// Channels that are computed together: with two vectors each they leave room for
/// what is added to them in the sixteen that a machine has.
pub(super) const TOGETHER: usize = 4;

/// As for other machines: all channels' sums over all taps of all input channels.
pub(super) fn channels(block: Block<'_>, y: &mut [f32]) {
    for (weights, y) in block.channels::<TOGETHER>(y) {
        tiles(&block, weights, y);
    }
}

fn tiles(block: &Block<'_>, weights: &[f32], y: &mut [f32]) {
    let weights = weights.as_chunks::<TOGETHER>().0;
    for &Windows { from, to, count } in block.windows {
        let map = &block.map[from..][..block.taps.reach];
        let mut sums = [[f32x4_splat(0.0); 2]; TOGETHER];
        for (&tap, weights) in block.taps.places.iter().zip(weights) {
            // SAFETY: from every tap there are eight numbers within the reach.
            let x = unsafe {
                let x = map.as_ptr().add(tap).cast::<v128>();
                [v128_load(x), v128_load(x.add(1))]
            };
            for m in 0..TOGETHER {
                // SAFETY: it is one of the weights.
                let weight = unsafe { v128_load32_splat((&raw const weights[m]).cast()) };
                sums[m][0] = f32x4_add(f32x4_mul(weight, x[0]), sums[m][0]);
                sums[m][1] = f32x4_add(f32x4_mul(weight, x[1]), sums[m][1]);
            }
        }
        for (y, &sums) in y.chunks_exact_mut(block.plane).zip(&sums) {
            if count == LANES {
                store(sums, &mut y[to..to + LANES]);
            } else {
                let mut numbers = [0.0; LANES];
                store(sums, &mut numbers);
                y[to..to + count].copy_from_slice(&numbers[..count]);
            }
        }
    }
}

#[inline(always)]
fn store(sums: [v128; 2], y: &mut [f32]) {
    assert!(y.len() == LANES);
    let y = y.as_mut_ptr().cast::<v128>();
    // SAFETY: there are eight numbers.
    unsafe {
        v128_store(y, sums[0]);
        v128_store(y.add(1), sums[1]);
    }
}
