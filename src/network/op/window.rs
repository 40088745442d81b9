//! Sliding windows along one side of a map.

/// A window sliding along one side.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Along {
    /// Number of taps.
    pub(crate) kernel: usize,
    /// Distance from one window to the next.
    pub(crate) stride: usize,
    /// Padding before the first element.
    pub(crate) before: usize,
    /// Padding after the last.
    pub(crate) after: usize,
    /// Distance of the taps.
    pub(crate) dilation: usize,
}

impl Along {
    /// From the first tap to the last; none when something is zero or too large.
    fn reach(self) -> Option<usize> {
        if self.kernel == 0 || self.stride == 0 || self.dilation == 0 {
            return None;
        }
        (self.kernel - 1).checked_mul(self.dilation)
    }

    /// How far the first tap of the last window can be from the first window's.
    fn room(self, size: usize) -> Option<usize> {
        let padded = size.checked_add(self.before)?.checked_add(self.after)?;
        padded.checked_sub(self.reach()?.checked_add(1)?)
    }

    /// Number of windows, or none when not even one fits.
    pub(crate) fn count(self, size: usize) -> Option<usize> {
        Some(self.room(size)? / self.stride + 1)
    }

    /// The same where a last window may reach over the edge, if it begins
    /// inside the side or the padding before it.
    pub(crate) fn count_ceil(self, size: usize) -> Option<usize> {
        let count = self.room(size)?.div_ceil(self.stride) + 1;
        if (count - 1).checked_mul(self.stride)? >= size.checked_add(self.before)? {
            return Some(count - 1);
        }
        Some(count)
    }

    /// The places that window `i` covers, without padding.
    pub(crate) fn taps(self, i: usize, size: usize) -> impl Iterator<Item = usize> {
        (0..self.kernel).filter_map(move |k| {
            let place = (i * self.stride + k * self.dilation).checked_sub(self.before)?;
            (place < size).then_some(place)
        })
    }

    /// Whether each of `count` windows covers at least one place.
    pub(crate) fn covers(self, count: usize, size: usize) -> bool {
        // Padding of at least a window's reach is refused first, so that no
        // absurd number of windows is walked through.
        let reach = self.reach().unwrap_or(0);
        self.before <= reach && (0..count).all(|i| self.taps(i, size).next().is_some())
    }

    /// Side of a transposed convolution's output.
    pub(crate) fn transposed(self, size: usize, extra: usize) -> Option<usize> {
        let far = size.checked_sub(1)?.checked_mul(self.stride)?;
        let full = far
            .checked_add(self.reach()?)?
            .checked_add(extra)?
            .checked_add(1)?;
        full.checked_sub(self.before.checked_add(self.after)?)
            .filter(|&n| n > 0)
    }
}

/// The windows along height and width.
pub(crate) fn sides(
    kernel: [usize; 2],
    stride: [usize; 2],
    [top, left, bottom, right]: [usize; 4],
    dilation: [usize; 2],
) -> [Along; 2] {
    let padding = [(top, bottom), (left, right)];
    [0, 1].map(|i| Along {
        kernel: kernel[i],
        stride: stride[i],
        before: padding[i].0,
        after: padding[i].1,
        dilation: dilation[i],
    })
}
