//! Tiles of sixteen windows by sixteen channels, for machines with thirty-two
//! vectors of sixteen (AVX-512).
//!
//! Here instructions are named: of a loop over so many sums a compiler leaves the
//! sums in memory, which takes a hundred times as long.

use std::arch::x86_64::{
    __m512, _mm256_castpd_ps, _mm256_castps_pd, _mm256_loadu_ps, _mm256_storeu_ps,
    _mm512_castpd_ps, _mm512_castps_pd, _mm512_castps256_ps512, _mm512_castps512_ps256,
    _mm512_extractf64x4_pd, _mm512_fmadd_ps, _mm512_insertf64x4, _mm512_set1_ps, _mm512_setzero_ps,
};

use super::{Block, LANES};

/// Channels that are computed together.
pub(super) const TOGETHER: usize = 16;

/// As [`channels`](super::channels).
#[target_feature(enable = "avx512f")]
pub(super) fn channels(block: &Block<'_>, y: &mut [f32]) {
    for (weights, y) in block.channels::<TOGETHER>(y) {
        // Half as many sums do for half as many channels.
        if y.len() / block.plane > TOGETHER / 2 {
            tiles::<TOGETHER>(block, weights, y);
        } else {
            tiles::<{ TOGETHER / 2 }>(block, weights, y);
        }
    }
}

// Loops and no closures, which would be functions for any machine.
#[target_feature(enable = "avx512f")]
fn tiles<const CHANNELS: usize>(block: &Block<'_>, weights: &[f32], y: &mut [f32]) {
    let weights = weights.as_chunks::<TOGETHER>().0;
    for pair in block.windows.chunks(2) {
        let (first, second) = (pair[0], pair[pair.len() - 1]);
        let low = &block.map[first.from..][..block.taps.reach];
        let high = &block.map[second.from..][..block.taps.reach];
        let mut sums = [_mm512_setzero_ps(); CHANNELS];
        for (&tap, weights) in block.taps.places.iter().zip(weights) {
            // SAFETY: from every tap there are eight numbers within the reach.
            let x = unsafe { beside(low.as_ptr().add(tap), high.as_ptr().add(tap)) };
            for m in 0..CHANNELS {
                sums[m] = _mm512_fmadd_ps(_mm512_set1_ps(weights[m]), x, sums[m]);
            }
        }
        for (y, sum) in y.chunks_exact_mut(block.plane).zip(sums) {
            store(sum, &mut y[first.to..], first.count, false);
            store(sum, &mut y[second.to..], second.count, true);
        }
    }
}

/// Eight numbers and eight.
///
/// # Safety
/// There must be so many.
#[inline]
#[target_feature(enable = "avx512f")]
unsafe fn beside(low: *const f32, high: *const f32) -> __m512 {
    // SAFETY: as the caller promises.
    let (low, high) = unsafe { (_mm256_loadu_ps(low), _mm256_loadu_ps(high)) };
    let low = _mm512_castps_pd(_mm512_castps256_ps512(low));
    _mm512_castpd_ps(_mm512_insertf64x4::<1>(low, _mm256_castps_pd(high)))
}

/// The first `count` of a half's eight numbers.
#[inline]
#[target_feature(enable = "avx512f")]
fn store(sum: __m512, y: &mut [f32], count: usize, high: bool) {
    let half = if high {
        _mm256_castpd_ps(_mm512_extractf64x4_pd::<1>(_mm512_castps_pd(sum)))
    } else {
        _mm512_castps512_ps256(sum)
    };
    if count == LANES {
        let y = &mut y[..LANES];
        // SAFETY: it has eight numbers.
        unsafe { _mm256_storeu_ps(y.as_mut_ptr(), half) };
        return;
    }
    let mut numbers = [0.0; LANES];
    // SAFETY: as above.
    unsafe { _mm256_storeu_ps(numbers.as_mut_ptr(), half) };
    y[..count].copy_from_slice(&numbers[..count]);
}
