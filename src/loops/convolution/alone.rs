//! Convolutions of each channel by itself ("depthwise").
//!
//! There is one sum a window and no channel beside it, so that a tile is eight
//! windows times as many as there are registers for.

use super::{Convolution, LANES, Windows, added};
use crate::wide::{Loop, widest};

/// Times eight windows that are computed together, where there are sixteen
/// vectors of eight; and elsewhere.
const WIDE: usize = 8;
const NARROW: usize = 4;

impl Convolution {
    /// Of some images `x`, into `y`, where each channel of `y` sees one channel of
    /// `x` alone: with m times as many, the first m see the first one. The weights
    /// are `[out, taps]`.
    ///
    /// # Panics
    /// Where `x` is no whole number of maps, or the lengths do not belong together.
    pub fn apply_alone(&self, x: &[f32], weights: &[f32], y: &mut [f32]) {
        widest(Planes {
            convolution: *self,
            x,
            weights,
            y,
        });
    }
}

pub(super) struct Planes<'a> {
    pub(super) convolution: Convolution,
    pub(super) x: &'a [f32],
    pub(super) weights: &'a [f32],
    pub(super) y: &'a mut [f32],
}

impl Loop for Planes<'_> {
    type Made = ();

    #[inline(always)]
    fn run<const FUSED: bool, const VECTOR: usize>(self) {
        if FUSED {
            self.with::<FUSED, WIDE>();
        } else {
            self.with::<FUSED, NARROW>();
        }
    }
}

impl Planes<'_> {
    #[inline(always)]
    fn with<const FUSED: bool, const BESIDE: usize>(self) {
        let ([channels, h, w], [rows, columns]) = (self.convolution.map, self.convolution.counts);
        let c = Convolution {
            map: [1, h, w],
            out: 1,
            ..self.convolution
        };
        let out = self.convolution.out;
        if [out, rows, columns, channels, h, w].contains(&0) {
            return;
        }
        let (line, tall) = (c.stride[1] * c.part(), c.tall(rows));
        let taps = c.taps(line, 0);
        let length = taps.places.len();
        let tiles = tiles::<BESIDE>(&c, line);
        let mut copy = vec![0.0; tall * line];
        let times = out / channels;
        for (i, y) in self.y.chunks_exact_mut(rows * columns).enumerate() {
            if i % times == 0 {
                let plane = &self.x[i / times * h * w..][..h * w];
                if c.stride[1] == 1 {
                    c.refill(plane, &mut copy);
                } else {
                    c.copy(plane, 0, tall, &mut copy);
                }
            }
            let weights = &self.weights[i % out * length..][..length];
            for tile in &tiles {
                let sums = sums::<FUSED, BESIDE>(&copy, tile, &taps.places, weights);
                for (windows, sums) in tile.iter().zip(&sums) {
                    let Windows { to, count, .. } = *windows;
                    if count == LANES {
                        y[to..to + LANES].copy_from_slice(sums);
                    } else {
                        y[to..to + count].copy_from_slice(&sums[..count]);
                    }
                }
            }
        }
    }
}

impl Convolution {
    /// Copies a plane between its margins, which are zeros already and stay so, for
    /// windows that lie side by side.
    #[inline(always)]
    fn refill(&self, plane: &[f32], copy: &mut [f32]) {
        let ([_, _, w], [above, left], line) = (self.map, self.before, self.part());
        let left = left.min(line);
        let wide = w.min(line - left);
        let lines = copy.chunks_exact_mut(line).skip(above);
        for (row, line) in plane.chunks_exact(w).zip(lines) {
            line[left..left + wide].copy_from_slice(&row[..wide]);
        }
    }
}

/// All windows of a plane. The last tile is filled up with none, of the first.
fn tiles<const BESIDE: usize>(c: &Convolution, line: usize) -> Vec<[Windows; BESIDE]> {
    let all = c.windows(0..c.counts[0], line);
    let tile = |few: &[Windows]| {
        let mut tile = [Windows::default(); BESIDE];
        tile[..few.len()].copy_from_slice(few);
        tile
    };
    all.chunks(BESIDE).map(tile).collect()
}

/// The windows' sums over all taps.
#[inline(always)]
fn sums<const FUSED: bool, const BESIDE: usize>(
    copy: &[f32],
    tile: &[Windows; BESIDE],
    taps: &[usize],
    weights: &[f32],
) -> [[f32; LANES]; BESIDE] {
    let mut sums = [[0.0f32; LANES]; BESIDE];
    for (&tap, &weight) in taps.iter().zip(weights) {
        sums = std::array::from_fn(|i| {
            let mut x = [0.0f32; LANES];
            x.copy_from_slice(&copy[tile[i].from + tap..][..LANES]);
            added::<FUSED>(weight, &x, sums[i])
        });
    }
    sums
}
