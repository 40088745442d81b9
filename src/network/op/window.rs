//! Windows that slide over a map: a convolution's kernels, a pool's windows.

/// A window on a map: pairs are (height, width), and side 0 is the height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// Number of taps.
    pub(crate) kernel: [usize; 2],
    /// Distance from one window to the next.
    pub(crate) stride: [usize; 2],
    /// Padding: top, left, bottom, right.
    pub(crate) padding: [usize; 4],
    /// Distance of the taps.
    pub(crate) dilation: [usize; 2],
}

impl Window {
    /// One place of the map at a time.
    pub(crate) const POINT: Self = Self {
        kernel: [1; 2],
        stride: [1; 2],
        padding: [0; 4],
        dilation: [1; 2],
    };

    /// Padding before the first place.
    pub(crate) fn before(self, side: usize) -> usize {
        self.padding[side]
    }

    /// Padding after the last.
    pub(crate) fn after(self, side: usize) -> usize {
        self.padding[2 + side]
    }

    /// Whether opposite sides are padded alike.
    pub(crate) fn is_even(self) -> bool {
        self.padding[..2] == self.padding[2..]
    }

    /// From the first tap to the last; none when something is zero or too large.
    fn reach(self, side: usize) -> Option<usize> {
        let (kernel, dilation) = (self.kernel[side], self.dilation[side]);
        if kernel == 0 || self.stride[side] == 0 || dilation == 0 {
            return None;
        }
        (kernel - 1).checked_mul(dilation)
    }

    /// How far the first tap of the last window can be from the first window's.
    fn room(self, side: usize, size: usize) -> Option<usize> {
        let padded = size.checked_add(self.before(side))?;
        let padded = padded.checked_add(self.after(side))?;
        padded.checked_sub(self.reach(side)?.checked_add(1)?)
    }

    /// Number of windows along a side, or none when not even one fits; with
    /// `ceil`, a last window may reach over the edge, if it begins inside the
    /// side or the padding before it.
    pub(crate) fn count(self, side: usize, size: usize, ceil: bool) -> Option<usize> {
        let (room, stride) = (self.room(side, size)?, self.stride[side]);
        if !ceil {
            return Some(room / stride + 1);
        }
        let last = room.div_ceil(stride);
        let over = last.checked_mul(stride)? >= size.checked_add(self.before(side))?;
        Some(if over { last } else { last + 1 })
    }

    /// The same along both sides of a map.
    pub(crate) fn counts(self, size: [usize; 2], ceil: bool) -> Option<[usize; 2]> {
        Some([self.count(0, size[0], ceil)?, self.count(1, size[1], ceil)?])
    }

    /// The places that window `i` covers, without padding.
    pub(crate) fn taps(self, side: usize, i: usize, size: usize) -> impl Iterator<Item = usize> {
        let (stride, dilation) = (self.stride[side], self.dilation[side]);
        (0..self.kernel[side]).filter_map(move |k| {
            let place = (i * stride + k * dilation).checked_sub(self.before(side))?;
            (place < size).then_some(place)
        })
    }

    /// Whether each of `counts` windows covers at least one place.
    pub(crate) fn covers(self, counts: [usize; 2], size: [usize; 2]) -> bool {
        // Padding of at least a window's reach is refused first, so that no
        // absurd number of windows is walked through.
        let near = |side| self.before(side) <= self.reach(side).unwrap_or(0);
        let full = |side: usize| {
            let mut windows = 0..counts[side];
            windows.all(|i| self.taps(side, i, size[side]).next().is_some())
        };
        (0..2).all(|side| near(side) && full(side))
    }

    /// Sides of a transposed convolution's output, which has `extra` rows and
    /// columns at the bottom and right.
    pub(crate) fn transposed(self, size: [usize; 2], extra: [usize; 2]) -> Option<[usize; 2]> {
        let side = |side: usize| {
            let far = size[side].checked_sub(1)?.checked_mul(self.stride[side])?;
            let full = far.checked_add(self.reach(side)?)?;
            let full = full.checked_add(extra[side])?.checked_add(1)?;
            full.checked_sub(self.before(side).checked_add(self.after(side))?)
                .filter(|&n| n > 0)
        };
        Some([side(0)?, side(1)?])
    }
}
