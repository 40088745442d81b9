//! Adjoints of pools, on the CPU: a mean shares its gradient among its window's
//! places, a maximum gives it to the place where it was.

use std::ops::Range;

use dextr_loops::Number;

use super::cpu::largest_place;
use crate::engine::jet::Jets;
use crate::engine::ops::host::{Back, back, number};
use crate::error::Result;
use crate::network::{Pool, Takes};

/// The gradient by a pool's operand `axes`, whose value a maximum asks for.
pub(crate) fn pool(x: Option<&Jets>, gradient: &Jets, axes: &[usize], pool: &Pool) -> Result<Jets> {
    let sides = [axes[1], axes[2]];
    match pool.takes {
        Takes::Mean { .. } => {
            let spans = [0, 1].map(|side| pool.spans(side, sides[side]));
            back(None, gradient, &Means { spans, sides })
        }
        Takes::Largest => {
            let counts = pool.counts(sides);
            let taps = |side: usize| -> Vec<Vec<usize>> {
                let taps = |i| pool.window.taps(side, i, sides[side]).collect();
                (0..counts[side]).map(taps).collect()
            };
            let taps = [taps(0), taps(1)];
            back(x, gradient, &Largest { taps, sides })
        }
    }
}

struct Means {
    /// What each window covers along both sides, and by how many it divides.
    spans: [Vec<(Range<usize>, usize)>; 2],
    sides: [usize; 2],
}

impl Back for Means {
    fn run<T: Number>(&self, _: &[T], gradient: &[T]) -> Vec<T> {
        let ([rows, columns], [h, w]) = (&self.spans, self.sides);
        let pooled = rows.len() * columns.len();
        let mut sums = vec![T::zero(); gradient.len() / pooled.max(1) * h * w];
        let mut line = vec![T::zero(); w];
        let planes = gradient.chunks_exact(pooled.max(1));
        for (plane, sums) in planes.zip(sums.chunks_exact_mut(h * w)) {
            for (gradient, (tall, height)) in plane.chunks_exact(columns.len()).zip(rows) {
                line.fill(T::zero());
                for (&g, (wide, width)) in gradient.iter().zip(columns) {
                    let share = g / number((height * width) as f64);
                    line[wide.clone()].iter_mut().for_each(|x| *x = *x + share);
                }
                let reached = sums[tall.start * w..tall.end * w].chunks_exact_mut(w);
                for sums in reached {
                    sums.iter_mut()
                        .zip(&line)
                        .for_each(|(sum, &x)| *sum = *sum + x);
                }
            }
        }
        sums
    }
}

struct Largest {
    /// The places of each window along both sides.
    taps: [Vec<Vec<usize>>; 2],
    sides: [usize; 2],
}

impl Back for Largest {
    fn run<T: Number>(&self, x: &[T], gradient: &[T]) -> Vec<T> {
        let ([rows, columns], [h, w]) = (&self.taps, self.sides);
        let mut sums = vec![T::zero(); x.len()];
        let mut gradient = gradient.iter();
        for (plane, sums) in x.chunks_exact(h * w).zip(sums.chunks_exact_mut(h * w)) {
            for rows in rows {
                for (columns, &g) in columns.iter().zip(gradient.by_ref()) {
                    let place = largest_place(plane, w, rows, columns);
                    sums[place] = sums[place] + g;
                }
            }
        }
        sums
    }
}
