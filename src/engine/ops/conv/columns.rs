//! The windows of a map as the columns of a matrix, and back.

use std::ops::Range;

use burn::tensor::{DType, Element, Tensor, TensorData};
use num_traits::Float;

use crate::engine::jet::Jets;
use crate::engine::read::{Lent, unreadable};
use crate::error::Result;
use crate::network::{Conv, Window};

/// Numbers of columns that are in memory at once: about what a cache holds.
const AT_ONCE: usize = 1 << 18;

/// How the columns of a map are laid out.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    window: Window,
    /// The map that the windows are on: a convolution's input, or a transposed
    /// one's output.
    map: [usize; 3],
    /// Number of windows along both sides.
    counts: [usize; 2],
    groups: usize,
    /// Channels of a group on the other side.
    few: usize,
    /// Images.
    rows: usize,
}

/// The windows along one side for which one of their taps is on the map.
struct Tap {
    windows: Range<usize>,
    /// Where the tap of the first is.
    place: usize,
}

impl Columns {
    /// Of a convolution of a map `axes`, for so many images.
    pub(super) fn of(conv: &Conv, axes: &[usize], rows: usize) -> Self {
        let window = conv.window;
        let sides = [axes[1], axes[2]];
        // Both sides were found when the network was built.
        let (map, counts, other) = match conv.transposed {
            None => {
                let counts = window.counts(sides, false).unwrap_or_default();
                ([axes[0], axes[1], axes[2]], counts, conv.out)
            }
            Some(extra) => {
                let [h, w] = window.transposed(sides, extra).unwrap_or_default();
                ([conv.out, h, w], sides, axes[0])
            }
        };
        Self {
            window,
            map,
            counts,
            groups: conv.groups,
            few: other / conv.groups,
            rows,
        }
    }

    /// Groups, a group's channels on the other side, numbers of a window in a
    /// group, windows.
    pub(super) fn sides(self) -> [usize; 4] {
        let Self {
            window: Window { kernel, .. },
            map,
            counts,
            groups,
            few,
            ..
        } = self;
        let length = map[0] / groups * kernel[0] * kernel[1];
        [groups, few, length, counts[0] * counts[1]]
    }

    /// What `f` makes of a map's columns, `[images, groups, length, windows]`, of
    /// some images at a time.
    pub(super) fn each<const D: usize>(
        self,
        map: &Jets,
        mut f: impl FnMut(Range<usize>, Tensor<4>) -> Tensor<D>,
    ) -> Result<Vec<Tensor<D>>> {
        let [groups, _, length, places] = self.sides();
        if self.is_map() {
            let whole = map
                .data
                .clone()
                .reshape([self.rows, groups, length, places]);
            return Ok(vec![f(0..self.rows, whole)]);
        }
        let device = map.data.device();
        let (dtype, map) = (map.data.dtype(), Lent::of(&map.data)?);
        let part = |range: Range<usize>| {
            let taken = match map.single() {
                Some(map) => self.taken(map, range.clone()),
                None => self.taken(map.double()?, range.clone()),
            };
            let columns = Tensor::<4>::from_data(taken, (&device, dtype));
            Ok(f(range, columns))
        };
        self.ranges().map(part).collect()
    }

    /// The map whose numbers are the sums of those that `made` gives for their
    /// places in the columns; of the type of `like`.
    pub(super) fn put_back(
        self,
        like: &Tensor<2>,
        made: impl FnMut(Range<usize>) -> Tensor<4>,
    ) -> Result<Tensor<1>> {
        let (device, dtype) = (like.device(), like.dtype());
        let mut made = made;
        if self.is_map() {
            return Ok(made(0..self.rows).flatten(0, 3));
        }
        let data = match dtype {
            DType::F64 => self.summed::<f64>(made)?,
            _ => self.summed::<f32>(made)?,
        };
        Ok(Tensor::from_data(data, (&device, dtype)))
    }

    /// Images whose columns are in memory at once.
    fn ranges(self) -> impl Iterator<Item = Range<usize>> {
        let [groups, _, length, places] = self.sides();
        let step = (AT_ONCE / (groups * length * places).max(1)).max(1);
        let starts = (0..self.rows).step_by(step);
        starts.map(move |start| start..(start + step).min(self.rows))
    }

    /// Whether a window is one number, so that the columns are the map itself.
    fn is_map(self) -> bool {
        let Window {
            kernel,
            stride,
            padding,
            ..
        } = self.window;
        (kernel, stride, padding) == ([1; 2], [1; 2], [0; 4])
    }

    fn taken<T: Element + Float>(self, all: &[T], rows: Range<usize>) -> TensorData {
        let [groups, _, length, places] = self.sides();
        let (map, columns) = (self.map.iter().product::<usize>(), groups * length * places);
        let mut taken = vec![T::zero(); rows.len() * columns];
        let shape = [rows.len(), groups, length, places];
        for (row, taken) in rows.zip(taken.chunks_exact_mut(columns.max(1))) {
            let map = &all[row * map..(row + 1) * map];
            self.runs(|column, place, count, step| {
                let to = &mut taken[column..column + count];
                if step == 1 {
                    to.copy_from_slice(&map[place..place + count]);
                } else {
                    let from = map[place..].iter().step_by(step);
                    to.iter_mut().zip(from).for_each(|(to, &x)| *to = x);
                }
            });
        }
        TensorData::new(taken, shape)
    }

    fn summed<T: Element + Float>(
        self,
        mut made: impl FnMut(Range<usize>) -> Tensor<4>,
    ) -> Result<TensorData> {
        let [groups, _, length, places] = self.sides();
        let (map, columns) = (self.map.iter().product::<usize>(), groups * length * places);
        let mut sums = vec![T::zero(); self.rows * map];
        for rows in self.ranges() {
            let data = made(rows.clone()).try_into_data().map_err(unreadable)?;
            let all: &[T] = data.as_slice().map_err(|e| unreadable(format!("{e:?}")))?;
            for (row, all) in rows.zip(all.chunks_exact(columns.max(1))) {
                let sums = &mut sums[row * map..(row + 1) * map];
                self.runs(|column, place, count, step| {
                    let from = &all[column..column + count];
                    if step == 1 {
                        let to = sums[place..place + count].iter_mut();
                        to.zip(from).for_each(|(to, &x)| *to = *to + x);
                    } else {
                        let to = sums[place..].iter_mut().step_by(step);
                        to.zip(from).for_each(|(to, &x)| *to = *to + x);
                    }
                });
            }
        }
        let count = sums.len();
        Ok(TensorData::new(sums, [count]))
    }

    /// Every run of windows along a row of the map, for each tap: its place among
    /// the columns' numbers, the first tap's place on the map, how many windows
    /// there are, and how far apart their taps are.
    fn runs(self, mut at: impl FnMut(usize, usize, usize, usize)) {
        let [channels, h, w] = self.map;
        let [rows, columns] = self.counts;
        let [down, right] = self.window.stride;
        let (tall, wide) = (self.taps(0, h), self.taps(1, w));
        let mut column = 0;
        for channel in 0..channels {
            for tall in &tall {
                for wide in &wide {
                    for (i, row) in tall.windows.clone().enumerate() {
                        let line = (channel * h + tall.place + i * down) * w;
                        let (first, count) = (wide.windows.start, wide.windows.len());
                        if count == 0 {
                            continue;
                        }
                        at(
                            column + row * columns + first,
                            line + wide.place,
                            count,
                            right,
                        );
                    }
                    column += rows * columns;
                }
            }
        }
    }

    /// For each tap along a side the windows for which it is on the map.
    fn taps(self, side: usize, size: usize) -> Vec<Tap> {
        let Window {
            kernel,
            stride,
            dilation,
            ..
        } = self.window;
        let (stride, before) = (stride[side], self.window.before(side));
        let tap = |k: usize| {
            let reach = k * dilation[side];
            let first = before.saturating_sub(reach).div_ceil(stride);
            let end = (size + before).saturating_sub(reach).div_ceil(stride);
            let end = end.min(self.counts[side]).max(first);
            Tap {
                windows: first..end,
                place: (first * stride + reach).saturating_sub(before),
            }
        };
        (0..kernel[side]).map(tap).collect()
    }
}
