//! What is drawn from random words: uniform numbers, and normal ones by Box and
//! Muller, many at once, with the bits that `libm`'s functions give one by one.

#![allow(
    clippy::excessive_precision,
    reason = "the constants stand as FreeBSD's functions have them"
)]

use crate::wide::wide;

/// Pairs of normal numbers that are made together.
const LANES: usize = 8;
/// What they are made of.
const BYTES: usize = 16 * LANES;

/// Uniform in ±`bound`: from each word of four bytes a multiple of 2⁻²³ in [-1, 1),
/// times it.
///
/// # Panics
/// Where there are not as many words as numbers.
pub fn uniform(bytes: &[u8], bound: f32, out: &mut [f32]) {
    assert_eq!(bytes.len(), 4 * out.len(), "four bytes for each number");
    spread(bytes, bound, out);
}

wide!(fn spread(bytes: &[u8], bound: f32, out: &mut [f32]) -> () = spread_form);

#[inline(always)]
fn spread_form(bytes: &[u8], bound: f32, out: &mut [f32]) {
    for (x, bytes) in out.iter_mut().zip(bytes.as_chunks().0) {
        let unit = (u32::from_le_bytes(*bytes) >> 8) as f32 * (1.0 / 16_777_216.0);
        *x = (2.0 * unit - 1.0) * bound;
    }
}

/// Standard normal numbers, from two words of eight bytes each two: radius and angle.
///
/// # Panics
/// Where there are not as many words as numbers, or an odd number of them.
pub fn normal(bytes: &[u8], out: &mut [f64]) {
    assert!(
        bytes.len() == 8 * out.len() && out.len().is_multiple_of(2),
        "two words for two numbers"
    );
    let mut whole = bytes.chunks_exact(BYTES);
    let mut made = out.chunks_exact_mut(2 * LANES);
    for (bytes, out) in whole.by_ref().zip(made.by_ref()) {
        pairs(bytes, out);
    }
    let (bytes, out) = (whole.remainder(), made.into_remainder());
    let (mut padded, mut numbers) = ([0; BYTES], [0.0; 2 * LANES]);
    padded[..bytes.len()].copy_from_slice(bytes);
    pairs(&padded, &mut numbers);
    out.copy_from_slice(&numbers[..out.len()]);
}

wide!(fn pairs(bytes: &[u8], out: &mut [f64]) -> () = pairs_form);

#[inline(always)]
fn pairs_form(bytes: &[u8], out: &mut [f64]) {
    let words = bytes.as_chunks().0;
    let (mut first, mut angle) = ([0.0; LANES], [0.0; LANES]);
    for l in 0..LANES {
        // 1 − u is in (0, 1]: its logarithm is finite.
        first[l] = 1.0 - unit(u64::from_le_bytes(words[2 * l]));
        angle[l] = std::f64::consts::TAU * unit(u64::from_le_bytes(words[2 * l + 1]));
    }
    let mut radius = [0.0; LANES];
    for l in 0..LANES {
        radius[l] = (-2.0 * logarithm(first[l])).sqrt();
    }
    let (mut sines, mut cosines) = ([0.0; LANES], [0.0; LANES]);
    let mut near = false;
    for l in 0..LANES {
        (sines[l], cosines[l]) = turn(angle[l]);
        near |= is_near_quarter(angle[l]);
    }
    if near {
        for l in 0..LANES {
            if is_near_quarter(angle[l]) {
                (sines[l], cosines[l]) = libm::sincos(angle[l]);
            }
        }
    }
    for l in 0..LANES {
        out[2 * l] = radius[l] * cosines[l];
        out[2 * l + 1] = radius[l] * sines[l];
    }
}

/// A word's upper 53 bits as a multiple of 2⁻⁵³ in [0, 1).
#[inline(always)]
fn unit(word: u64) -> f64 {
    // In halves that are the low bits of a number above 2⁵²: few machines convert
    // whole words many at once.
    const ABOVE: f64 = 4_503_599_627_370_496.0;
    let number = |bits: u64| f64::from_bits(0x4330_0000_0000_0000 | bits) - ABOVE;
    let (high, low) = (number(word >> 43), number(word >> 11 & 0xffff_ffff));
    (high * 4_294_967_296.0 + low) * (1.0 / 9_007_199_254_740_992.0)
}

/// ln x for a normal number x > 0: `libm::log` without its other cases (FreeBSD's
/// `e_log.c`).
#[inline(always)]
fn logarithm(x: f64) -> f64 {
    const LN2_HI: f64 = 6.93147180369123816490e-01;
    const LN2_LO: f64 = 1.90821492927058770002e-10;
    const LG: [f64; 7] = [
        6.666666666666735130e-01,
        3.999999999940941908e-01,
        2.857142874366239149e-01,
        2.222219843214978396e-01,
        1.818357216161805012e-01,
        1.531383769920937332e-01,
        1.479819860511658591e-01,
    ];
    // x = 2ᵏ·y with y in [√2/2, √2).
    let above = 0x3ff0_0000_0000_0000u64 - 0x3fe6_a09e_0000_0000;
    let bits = x.to_bits().wrapping_add(above);
    // k without a conversion from 64 bits, which few machines have: below 2⁵² the
    // number's own bits.
    let k =
        f64::from_bits(0x4330_0000_0000_0000 | (bits >> 52)) - (4_503_599_627_370_496.0 + 1023.0);
    let y = (bits & 0x000f_ffff_ffff_ffff) + 0x3fe6_a09e_0000_0000;
    let f = f64::from_bits(y) - 1.0;
    let hfsq = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let t1 = w * (LG[1] + w * (LG[3] + w * LG[5]));
    let t2 = z * (LG[0] + w * (LG[2] + w * (LG[4] + w * LG[6])));
    let r = t2 + t1;
    s * (hfsq + r) + k * LN2_LO - hfsq + f + k * LN2_HI
}

/// Whether `libm` reduces an angle in [0, 2π] in more steps: close to a quarter
/// turn but 0.
#[inline(always)]
fn is_near_quarter(angle: f64) -> bool {
    let high = angle.to_bits() >> 32;
    high == 0x3ff9_21fb || high == 0x4009_21fb || high == 0x4012_d97c || high == 0x4019_21fb
}

/// Sine and cosine of an angle in [0, 2π] that is not close to a quarter turn:
/// `libm::sincos` without its other cases (FreeBSD's `e_rem_pio2.c`, `k_sin.c`,
/// `k_cos.c`).
#[inline(always)]
fn turn(angle: f64) -> (f64, f64) {
    const PIO2_1: f64 = 1.57079632673412561417e+00;
    const PIO2_1T: f64 = 6.07710050650619224932e-11;
    const S: [f64; 6] = [
        -1.66666666666666324348e-01,
        8.33333333332248946124e-03,
        -1.98412698298579493134e-04,
        2.75573137070700676789e-06,
        -2.50507602534068634195e-08,
        1.58969099521155010221e-10,
    ];
    const C: [f64; 6] = [
        4.16666666666666019037e-02,
        -1.38888888888741095749e-03,
        2.48015872894767294178e-05,
        -2.75573143513906633035e-07,
        2.08757232129817482790e-09,
        -1.13596475577881948265e-11,
    ];
    let high = angle.to_bits() >> 32;
    let step = |above: u64| if high > above { 1.0 } else { 0.0 };
    let quarters = step(0x3fe9_21fb) + step(0x4002_d97c) + step(0x400f_6a7a) + step(0x4015_fdbc);
    let z = angle - quarters * PIO2_1;
    let tail = quarters * PIO2_1T;
    let x = z - tail;
    let y = (z - x) - tail;

    let z = x * x;
    let w = z * z;
    let r = S[1] + z * (S[2] + z * S[3]) + z * w * (S[4] + z * S[5]);
    let v = z * x;
    let sine = if quarters == 0.0 {
        x + v * (S[0] + z * r)
    } else {
        x - ((z * (0.5 * y - v * r) - y) - v * S[0])
    };
    let r = z * (C[0] + z * (C[1] + z * C[2])) + w * w * (C[3] + z * (C[4] + z * C[5]));
    let hz = 0.5 * z;
    let w = 1.0 - hz;
    let cosine = w + (((1.0 - w) - hz) + (z * r - x * y));

    let odd = quarters == 1.0 || quarters == 3.0;
    let (a, b) = if odd { (cosine, sine) } else { (sine, cosine) };
    let a = if quarters == 2.0 || quarters == 3.0 {
        -a
    } else {
        a
    };
    let b = if quarters == 1.0 || quarters == 2.0 {
        -b
    } else {
        b
    };
    (a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words all over, with those of the ends and of quarter turns among them.
    fn words(count: usize) -> Vec<u64> {
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        let mut words: Vec<u64> = (0..count)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state
            })
            .collect();
        for eighth in 0..=8u64 {
            for off in 0..200u64 {
                let centre = (eighth << 50).min((1 << 53) - 1);
                for near in [
                    centre.saturating_sub(off * off * off),
                    centre + off * off * off,
                ] {
                    words.push(near.min((1 << 53) - 1) << 11);
                    // Each as a radius and as an angle.
                    words.push(near.min((1 << 53) - 1) << 11);
                }
            }
        }
        words
    }

    #[test]
    fn normal_numbers_have_the_bits_that_libm_gives_one_by_one() {
        let words = words(2_000_000);
        let mut found = vec![0.0; words.len()];
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        normal(&bytes, &mut found);
        let unit = |word: u64| (word >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0);
        for (pair, found) in words.chunks_exact(2).zip(found.chunks_exact(2)) {
            let radius = libm::sqrt(-2.0 * libm::log(1.0 - unit(pair[0])));
            let angle = std::f64::consts::TAU * unit(pair[1]);
            let right = [radius * libm::cos(angle), radius * libm::sin(angle)];
            assert_eq!(
                [found[0].to_bits(), found[1].to_bits()],
                right.map(f64::to_bits),
                "{pair:?}: {found:?}, not {right:?}"
            );
        }
        for few in [0, 2, 14, 18] {
            let mut some = vec![0.0; few];
            normal(&bytes[..8 * few], &mut some);
            assert_eq!(some, found[..few]);
        }
    }

    #[test]
    fn uniform_numbers_are_within_the_bound() {
        let mut found = [0.0; 3];
        let words = [0, u32::MAX, 1 << 31].map(u32::to_le_bytes);
        uniform(words.as_flattened(), 0.5, &mut found);
        assert_eq!(found, [-0.5, 0.5 - 1.0 / 16_777_216.0, 0.0]);
    }
}
