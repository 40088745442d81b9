//! Pools on `[C, H, W]`.

use std::ops::Range;

use super::facts::{About, Class, Cost, Facts, Fit, Parameter, Phase, about, map, must};
use super::window::Window;

/// A pool.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pool {
    /// Its windows.
    pub(crate) window: Window,
    /// Whether a last window may reach over the edge.
    pub(crate) ceil: bool,
    /// What becomes of a window.
    pub(crate) takes: Takes,
}

/// What a pool takes of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// The mean.
    Mean {
        /// Whether padding counts.
        count_padding: bool,
    },
    /// The largest.
    Largest,
}

impl Pool {
    /// Number of windows along both sides of a map, which they fit.
    pub(crate) fn counts(&self, size: [usize; 2]) -> [usize; 2] {
        self.window.counts(size, self.ceil).unwrap_or_default()
    }

    /// The places inside a side that each window of a mean covers, and by how
    /// many it divides along it.
    pub(crate) fn spans(&self, side: usize, size: usize) -> Vec<(Range<usize>, usize)> {
        let window = self.window;
        let padding = matches!(
            self.takes,
            Takes::Mean {
                count_padding: true
            }
        );
        let before = window.before(side);
        let edge = size + before + window.after(side);
        let span = |i: usize| {
            let first = i * window.stride[side];
            let last = first + window.kernel[side];
            let places = first.saturating_sub(before)..last.saturating_sub(before).min(size);
            let count = match padding {
                true => last.min(edge) - first,
                false => places.len(),
            };
            (places, count)
        };
        let count = window.count(side, size, self.ceil);
        (0..count.unwrap_or(0)).map(span).collect()
    }
}

impl Facts for Pool {
    fn about(&self) -> About {
        about("pool", Class::Layer, Phase::Pointwise, 1..=1)
    }

    fn shape(&self, inputs: &[&[usize]]) -> Fit<Vec<usize>> {
        let [channels, h, w] = map(self.about().kind, inputs[0])?;
        let window = self.window;
        let counts = window.counts([h, w], self.ceil);
        must(counts.is_some(), "give a larger input size", || {
            let [kh, kw] = window.kernel;
            format!("a {kh}×{kw} window does not fit a {h}×{w} map")
        })?;
        let counts = counts.unwrap_or_default();
        let covers = window.covers(counts, [h, w]);
        must(covers, "pad by less than the window", || {
            let padding = window.padding;
            format!("padding {padding:?} puts a whole window outside the {h}×{w} map")
        })?;
        Ok(vec![channels, counts[0], counts[1]])
    }

    fn parameters(&self, _: &[usize]) -> Vec<Parameter> {
        Vec::new()
    }

    fn cost(&self, _: &[&[usize]], _: &[usize]) -> Cost {
        let copies = match self.takes {
            Takes::Mean { .. } => 1,
            Takes::Largest => 2,
        };
        Cost {
            copies,
            ..Cost::FREE
        }
    }
}
