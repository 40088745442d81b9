//! Products of a panel's rows with each other, by vectors along the rows.
//!
//! Instructions are named here: of so many sums a compiler leaves some in memory.

/// Rows that each row of a tile is multiplied with.
const OTHERS: usize = 4;

/// A function `name` for one kind of vectors, which adds the products of a panel's
/// `width` rows of `long` numbers, on and below the diagonal, to `sums`
/// `[width, width]`. `width` is a multiple of a tile's rows, `$rows`, and of
/// [`OTHERS`], and `long` one of the numbers of a vector.
macro_rules! products_of_rows {
    ($(#[$attribute:meta])? $name:ident, $rows:literal, $lanes:literal,
     $zero:expr, $load:path, $added:path, $total:path) => {
        $(#[$attribute])?
        pub(in crate::gram) fn $name(panel: &[f64], long: usize, width: usize, sums: &mut [f64]) {
            assert!(
                panel.len() == long * width
                    && long.is_multiple_of($lanes)
                    && width.is_multiple_of($rows)
                    && width.is_multiple_of(OTHERS)
            );
            for i in (0..width).step_by($rows) {
                for j in (0..i + $rows).step_by(OTHERS) {
                    let mut tile = [[$zero; OTHERS]; $rows];
                    for at in (0..long).step_by($lanes) {
                        let mut y = [$zero; OTHERS];
                        for k in 0..OTHERS {
                            // SAFETY: `at` and what follows is within row j + k, which
                            // the panel has.
                            y[k] = unsafe { $load(panel.as_ptr().add((j + k) * long + at).cast()) };
                        }
                        for k in 0..$rows {
                            // SAFETY: the same of row i + k.
                            let x = unsafe { $load(panel.as_ptr().add((i + k) * long + at).cast()) };
                            for l in 0..OTHERS {
                                tile[k][l] = $added(x, y[l], tile[k][l]);
                            }
                        }
                    }
                    for k in 0..$rows {
                        for l in 0..OTHERS {
                            sums[(i + k) * width + j + l] += $total(tile[k][l]);
                        }
                    }
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256d, _mm_add_pd, _mm_cvtsd_f64, _mm_unpackhi_pd, _mm256_castpd256_pd128,
        _mm256_extractf128_pd, _mm256_fmadd_pd, _mm256_loadu_pd, _mm256_setzero_pd,
        _mm512_fmadd_pd, _mm512_loadu_pd, _mm512_reduce_add_pd, _mm512_setzero_pd,
    };

    use super::OTHERS;

    products_of_rows!(
        #[target_feature(enable = "avx512f")]
        avx512,
        4,
        8,
        _mm512_setzero_pd(),
        _mm512_loadu_pd,
        _mm512_fmadd_pd,
        _mm512_reduce_add_pd
    );
    products_of_rows!(
        #[target_feature(enable = "avx2,fma")]
        avx2,
        2,
        4,
        _mm256_setzero_pd(),
        _mm256_loadu_pd,
        _mm256_fmadd_pd,
        total
    );

    #[inline]
    #[target_feature(enable = "avx2")]
    fn total(x: __m256d) -> f64 {
        let halves = _mm_add_pd(_mm256_castpd256_pd128(x), _mm256_extractf128_pd::<1>(x));
        _mm_cvtsd_f64(_mm_add_pd(halves, _mm_unpackhi_pd(halves, halves)))
    }
}
#[cfg(target_arch = "x86_64")]
pub(super) use x86::{avx2, avx512};

#[cfg(target_arch = "wasm32")]
mod wasm {
    use std::arch::wasm32::{
        f64x2_add, f64x2_extract_lane, f64x2_mul, f64x2_splat, v128, v128_load,
    };

    use super::OTHERS;

    products_of_rows!(simd128, 2, 2, f64x2_splat(0.0), v128_load, added, total);

    #[inline(always)]
    fn added(x: v128, y: v128, sum: v128) -> v128 {
        f64x2_add(f64x2_mul(x, y), sum)
    }

    #[inline(always)]
    fn total(x: v128) -> f64 {
        f64x2_extract_lane::<0>(x) + f64x2_extract_lane::<1>(x)
    }
}
#[cfg(target_arch = "wasm32")]
pub(super) use wasm::simd128;
