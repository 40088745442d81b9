//! Convolutions in single precision, straight from the map.
//!
//! A matrix of the windows, which a matrix product would want, is k² times as
//! large as the map, and at 16 channels takes as long to fill as the product
//! itself. Here a tile of eight neighbouring windows and some channels stays in
//! registers over all taps of all input channels; the map is copied once, with
//! its margin of zeros, a band at a time.

mod alone;

use crate::wide::{Loop, widest};

/// Neighbouring windows that are computed together.
const LANES: usize = 8;
/// Channels that are computed together, where a product is added in one step and
/// there are sixteen vectors of eight; and elsewhere.
const WIDE: usize = 8;
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

    /// Where each tap of each channel is, from its window's place.
    fn taps(&self, line: usize, plane: usize) -> Vec<usize> {
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
        taps.collect()
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

struct Images<'a> {
    convolution: Convolution,
    x: &'a [f32],
    weights: &'a [f32],
    y: &'a mut [f32],
}

impl Loop for Images<'_> {
    type Made = ();

    #[inline(always)]
    fn run<const FUSED: bool>(self) {
        if FUSED {
            self.with::<FUSED, WIDE>();
        } else {
            self.with::<FUSED, NARROW>();
        }
    }
}

impl Images<'_> {
    #[inline(always)]
    fn with<const FUSED: bool, const TOGETHER: usize>(self) {
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
                let blocks = packed.chunks_exact(length * TOGETHER);
                for (weights, y) in blocks.zip(y.chunks_mut(TOGETHER * rows * columns)) {
                    for row in first..last {
                        for column in (0..columns).step_by(LANES) {
                            let at = (row - first) * c.stride[0] * line + column;
                            let tile = tile::<FUSED, TOGETHER>(&map[at..], &taps, weights);
                            let count = LANES.min(columns - column);
                            let place = row * columns + column;
                            for (y, tile) in y.chunks_exact_mut(rows * columns).zip(&tile) {
                                if count == LANES {
                                    y[place..place + LANES].copy_from_slice(tile);
                                } else {
                                    y[place..place + count].copy_from_slice(&tile[..count]);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Eight windows of some channels: the sums over all taps of all input channels.
#[inline(always)]
fn tile<const FUSED: bool, const TOGETHER: usize>(
    map: &[f32],
    taps: &[usize],
    weights: &[f32],
) -> [[f32; LANES]; TOGETHER] {
    let mut sums = [[0.0f32; LANES]; TOGETHER];
    for (&tap, weights) in taps.iter().zip(weights.chunks_exact(TOGETHER)) {
        let mut x = [0.0f32; LANES];
        x.copy_from_slice(&map[tap..][..LANES]);
        sums = std::array::from_fn(|m| added::<FUSED>(weights[m], &x, sums[m]));
    }
    sums
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
