//! Convolutions in single precision, straight from the map.
//!
//! A matrix of the windows, which a matrix product would want, is k² times as
//! large as the map, and at 16 channels takes as long to fill as the product
//! itself. Here a tile of eight neighbouring windows and some channels stays in
//! registers over all taps of all input channels; the map is copied once, with
//! its margin of zeros, a band at a time.

mod alone;
#[cfg(target_arch = "wasm32")]
mod four;
#[cfg(target_arch = "x86_64")]
mod sixteen;

use std::ops::Range;

use crate::wide::{Loop, widest};

/// Neighbouring windows that are computed together.
const LANES: usize = 8;
/// Channels that are computed together, where a product is added in one step and
/// there are sixteen vectors of eight; and elsewhere.
#[cfg(not(target_arch = "wasm32"))]
const WIDE: usize = 8;
#[cfg(not(target_arch = "wasm32"))]
const NARROW: usize = 4;
/// Numbers of a band, so that it stays in the second cache.
const BAND: usize = 1 << 15;
/// Products of a window for which the weights of a tile stay near.
const LONGEST: usize = 1536;

/// A convolution of `[channels, h, w]` to `[out, …]`, without groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Convolution {
    /// Channels, height and width of the map.
    pub map: [usize; 3],
    /// Channels of the result.
    pub out: usize,
    /// Windows down and across.
    pub counts: [usize; 2],
    /// Taps of a window down and across.
    pub kernel: [usize; 2],
    /// From one window to the next.
    pub stride: [usize; 2],
    /// From one tap to the next.
    pub dilation: [usize; 2],
    /// Zeros above and left of the map.
    pub before: [usize; 2],
}

impl Convolution {
    /// Whether this is faster than a matrix product: where windows lie side by
    /// side, and are not so long that their weights would be read from far away
    /// for every tile.
    #[must_use]
    pub fn suits(&self) -> bool {
        let length = self.map[0] * self.kernel[0] * self.kernel[1];
        let across = self.flat().counts[1];
        let used = across as f64 / (across.div_ceil(LANES) * LANES) as f64;
        length <= LONGEST && used > 0.6
    }

    /// Of some images `x`, into `y`; the weights are `[out, channels, taps]`.
    ///
    /// # Panics
    /// Where `x` is no whole number of maps, or the lengths do not belong together.
    pub fn apply(&self, x: &[f32], weights: &[f32], y: &mut [f32]) {
        let convolution = self.flat();
        widest(Images {
            convolution,
            x,
            weights,
            y,
        });
    }

    /// The same windows, where each is one number in rows that are whole tiles,
    /// or in one row.
    fn flat(&self) -> Self {
        let Self {
            map: [channels, h, w],
            ..
        } = *self;
        if !self.is_map() {
            return *self;
        }
        let sides = match h * w % LANES {
            0 => [h * w / LANES, LANES],
            _ => [1, h * w],
        };
        Self {
            map: [channels, sides[0], sides[1]],
            counts: sides,
            ..*self
        }
    }

    /// Whether each window is one number of the map, and each number a window.
    fn is_map(&self) -> bool {
        let whole = self.counts == self.map[1..];
        whole && (self.kernel, self.stride, self.before) == ([1; 2], [1; 2], [0; 2])
    }

    /// Whether the map can be read as it is: no margin, and no tile over an end.
    fn in_place(&self) -> bool {
        self.is_map() && self.counts[1].is_multiple_of(LANES)
    }

    /// Numbers that lie between two windows of a row of the copy with the same
    /// remainder: so wide is each of the parts that a row falls into.
    fn part(&self) -> usize {
        let reach = (self.kernel[1] - 1) * self.dilation[1] / self.stride[1];
        self.counts[1].next_multiple_of(LANES) + reach
    }

    /// Rows of the copy that `rows` rows of windows look at.
    fn tall(&self, rows: usize) -> usize {
        (rows - 1) * self.stride[0] + (self.kernel[0] - 1) * self.dilation[0] + 1
    }

    /// Where each tap of each channel is.
    fn taps(&self, line: usize, plane: usize) -> Taps {
        let [tall, wide] = self.kernel;
        let across = |k: usize| {
            let reach = k * self.dilation[1];
            let stride = self.stride[1];
            reach % stride * self.part() + reach / stride
        };
        let taps = (0..self.map[0] * tall * wide).map(|i| {
            let (channel, row) = (i / (tall * wide), i / wide % tall);
            channel * plane + row * self.dilation[0] * line + across(i % wide)
        });
        Taps::new(taps.collect())
    }

    /// The windows of some rows; the copy begins with the first of them.
    fn windows(&self, rows: Range<usize>, line: usize) -> Vec<Windows> {
        let columns = self.counts[1];
        let start = rows.start;
        let all = rows.flat_map(|row| {
            (0..columns).step_by(LANES).map(move |column| Windows {
                from: (row - start) * self.stride[0] * line + column,
                to: row * columns + column,
                count: LANES.min(columns - column),
            })
        });
        all.collect()
    }

    /// Copies what rows `first..` of windows look at, a part for each remainder by
    /// the stride, so that neighbouring windows find their taps side by side.
    #[inline(always)]
    fn copy(&self, map: &[f32], first: usize, tall: usize, copy: &mut [f32]) {
        let Self {
            map: [_, h, w],
            stride: [down, right],
            before: [above, left],
            ..
        } = *self;
        let part = self.part();
        let planes = map.chunks_exact(h * w);
        for (plane, copy) in planes.zip(copy.chunks_exact_mut(tall * right * part)) {
            for (i, line) in copy.chunks_exact_mut(right * part).enumerate() {
                let row = (first * down + i).wrapping_sub(above);
                if row >= h {
                    line.fill(0.0);
                    continue;
                }
                let row = &plane[row * w..(row + 1) * w];
                for (remainder, to) in line.chunks_exact_mut(part).enumerate() {
                    // The first place that is on the map, and what lies there.
                    let skipped = left.saturating_sub(remainder).div_ceil(right).min(part);
                    let from = (skipped * right + remainder).saturating_sub(left).min(w);
                    let count = (w - from).div_ceil(right).min(part - skipped);
                    to[..skipped].fill(0.0);
                    to[skipped + count..].fill(0.0);
                    let to = &mut to[skipped..skipped + count];
                    if right == 1 {
                        to.copy_from_slice(&row[from..from + count]);
                    } else {
                        let row = row[from..].iter().step_by(right);
                        to.iter_mut().zip(row).for_each(|(to, x)| *to = *x);
                    }
                }
            }
        }
    }
}

/// The taps of a window, from its place.
struct Taps {
    places: Vec<usize>,
    /// How many numbers eight neighbouring windows look at: no place is more than
    /// this less eight.
    reach: usize,
}

impl Taps {
    fn new(places: Vec<usize>) -> Self {
        let reach = places.iter().max().map_or(0, |&last| last + LANES);
        Self { places, reach }
    }
}

/// Some windows of all channels.
struct Block<'a> {
    map: &'a [f32],
    windows: &'a [Windows],
    taps: &'a Taps,
    /// `[blocks, taps, TOGETHER]`, as they are packed.
    weights: &'a [f32],
    /// Numbers between a channel of the result and the next.
    plane: usize,
}

impl Block<'_> {
    /// The weights and the result of `TOGETHER` channels each; the last may have
    /// fewer.
    #[inline(always)]
    fn channels<'y, const TOGETHER: usize>(
        &self,
        y: &'y mut [f32],
    ) -> impl Iterator<Item = (&[f32], &'y mut [f32])> {
        let weights = self.weights.chunks_exact(self.taps.places.len() * TOGETHER);
        weights.zip(y.chunks_mut(TOGETHER * self.plane))
    }
}

struct Images<'a> {
    convolution: Convolution,
    x: &'a [f32],
    weights: &'a [f32],
    y: &'a mut [f32],
}

impl Loop for Images<'_> {
    type Made = ();

    #[inline(always)]
    fn run<const FUSED: bool, const VECTOR: usize>(self) {
        #[cfg(target_arch = "x86_64")]
        if VECTOR == 16 {
            self.with::<{ sixteen::TOGETHER }>(|block, y| {
                // SAFETY: only a machine with AVX-512 has vectors of sixteen.
                unsafe { sixteen::channels(&block, y) }
            });
            return;
        }
        #[cfg(target_arch = "wasm32")]
        self.with::<{ four::TOGETHER }>(four::channels);
        #[cfg(not(target_arch = "wasm32"))]
        if FUSED {
            self.with::<WIDE>(channels::<FUSED, WIDE>);
        } else {
            self.with::<NARROW>(channels::<FUSED, NARROW>);
        }
    }
}

impl Images<'_> {
    #[inline(always)]
    fn with<const TOGETHER: usize>(self, of: impl Fn(Block<'_>, &mut [f32])) {
        let c = self.convolution;
        let ([channels, h, w], [rows, columns]) = (c.map, c.counts);
        // One by one: their product is 2³² for some layers, which is 0 in WebAssembly.
        if [c.out, rows, columns, channels, h, w].contains(&0) {
            return;
        }
        let length = channels * c.kernel[0] * c.kernel[1];
        let packed = packed::<TOGETHER>(self.weights, length);
        let line = if c.in_place() {
            w
        } else {
            c.stride[1] * c.part()
        };
        let band = (BAND / (channels * c.stride[0] * line)).clamp(1, rows);
        let tall = c.tall(band);
        let plane = if c.in_place() { h * w } else { tall * line };
        let taps = c.taps(line, plane);
        let mut copy = vec![0.0; if c.in_place() { 0 } else { channels * plane }];
        let images = self.x.chunks_exact(channels * h * w);
        for (x, y) in images.zip(self.y.chunks_exact_mut(c.out * rows * columns)) {
            for first in (0..rows).step_by(band) {
                let last = (first + band).min(rows);
                let map = if c.in_place() {
                    &x[first * w..]
                } else {
                    c.copy(x, first, tall, &mut copy);
                    &copy
                };
                let windows = c.windows(first..last, line);
                let block = Block {
                    map,
                    windows: &windows,
                    taps: &taps,
                    weights: &packed,
                    plane: rows * columns,
                };
                of(block, y);
            }
        }
    }
}

/// Eight windows side by side, or those that are left of a row.
#[derive(Debug, Clone, Copy, Default)]
struct Windows {
    /// Where the first tap of the first is on the copy.
    from: usize,
    /// Where the first is on the result.
    to: usize,
    /// How many they are.
    count: usize,
}

/// All channels' sums over all taps of all input channels, into `y`.
#[cfg(not(target_arch = "wasm32"))]
#[inline(always)]
fn channels<const FUSED: bool, const TOGETHER: usize>(block: Block<'_>, y: &mut [f32]) {
    for (weights, y) in block.channels::<TOGETHER>(y) {
        for &Windows { from, to, count } in block.windows {
            let map = &block.map[from..][..block.taps.reach];
            let mut sums = [[0.0f32; LANES]; TOGETHER];
            let weights = weights.chunks_exact(TOGETHER);
            for (&tap, weights) in block.taps.places.iter().zip(weights) {
                let mut x = [0.0f32; LANES];
                x.copy_from_slice(&map[tap..][..LANES]);
                sums = std::array::from_fn(|m| added::<FUSED>(weights[m], &x, sums[m]));
            }
            for (y, sums) in y.chunks_exact_mut(block.plane).zip(&sums) {
                if count == LANES {
                    y[to..to + LANES].copy_from_slice(sums);
                } else {
                    y[to..to + count].copy_from_slice(&sums[..count]);
                }
            }
        }
    }
}

#[inline(always)]
fn added<const FUSED: bool>(weight: f32, x: &[f32; LANES], mut sums: [f32; LANES]) -> [f32; LANES] {
    for l in 0..LANES {
        sums[l] = if FUSED {
            weight.mul_add(x[l], sums[l])
        } else {
            weight * x[l] + sums[l]
        };
    }
    sums
}

/// Weights `[out, length]` as `[out / TOGETHER, length, TOGETHER]`, filled up with
/// zeros.
fn packed<const TOGETHER: usize>(weights: &[f32], length: usize) -> Vec<f32> {
    let out = weights.len() / length;
    let mut packed = vec![0.0; out.next_multiple_of(TOGETHER) * length];
    for (i, weights) in weights.chunks_exact(length).enumerate() {
        let block = &mut packed[i / TOGETHER * TOGETHER * length..];
        let places = block[i % TOGETHER..].iter_mut().step_by(TOGETHER);
        places.zip(weights).for_each(|(to, &weight)| *to = weight);
    }
    packed
}

#[cfg(test)]
mod tests;
