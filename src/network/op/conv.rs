//! Convolutions on `[C, H, W]`, and transposed ones.

#![allow(
    clippy::cast_possible_truncation,
    reason = "counts are far below the types' ranges, and f32 is the passes' precision"
)]

use super::facts::{
    About, Class, Cost, Facts, Fit, Parameter, Phase, Role, about, map, must, size,
};
use super::window::Window;

/// A convolution; see [`Op::Conv2d`](super::Op::Conv2d) and
/// [`Op::ConvTranspose2d`](super::Op::ConvTranspose2d).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Conv {
    /// Output channels, a multiple of `groups`.
    pub(crate) out: usize,
    /// How the kernel moves over the map. In a transposed convolution, over
    /// the output, of which the padding is cut off.
    pub(crate) window: Window,
    /// Groups of channels with kernels of their own.
    pub(crate) groups: usize,
    /// Whether a bias is added.
    pub(crate) bias: bool,
    /// Of a transposed convolution, rows and columns added at the bottom and
    /// right.
    pub(crate) transposed: Option<[usize; 2]>,
}

impl Conv {
    /// The weight's shape in PyTorch's order.
    pub(crate) fn weight(&self, channels: usize) -> [usize; 4] {
        let [h, w] = self.window.kernel;
        match self.transposed {
            None => [self.out, channels / self.groups, h, w],
            Some(_) => [channels, self.out / self.groups, h, w],
        }
    }
}

impl Facts for Conv {
    fn about(&self) -> About {
        let kind = match self.transposed {
            None => "conv",
            Some(_) => "convt",
        };
        about(kind, Class::Layer, Phase::Convolution, 1..=1)
    }

    fn shape(&self, inputs: &[&[usize]]) -> Fit<Vec<usize>> {
        let [channels, h, w] = map(self.about().kind, inputs[0])?;
        let Self {
            out,
            window,
            groups,
            ..
        } = *self;
        let cut = groups != 0 && channels % groups == 0 && out % groups == 0;
        let cure = "give a number of groups that divides both, and at least one channel";
        must(cut && out != 0, cure, || {
            format!("{channels} to {out} channels cannot be split into {groups} groups")
        })?;
        let sides = match self.transposed {
            None => window.counts([h, w], false),
            Some(extra) => {
                let small = |i: usize| extra[i] < window.stride[i].max(window.dilation[i]);
                must(
                    small(0) && small(1),
                    "keep it below the stride or the dilation",
                    || format!("output padding {extra:?} is too large"),
                )?;
                window.transposed([h, w], extra)
            }
        };
        must(sides.is_some(), "give a larger input size", || {
            let [kh, kw] = window.kernel;
            format!("a {kh}×{kw} kernel does not fit a {h}×{w} map")
        })?;
        let [h, w] = sides.unwrap_or_default();
        Ok(vec![out, h, w])
    }

    fn parameters(&self, first: &[usize]) -> Vec<Parameter> {
        let weight = self.weight(first[0]);
        // PyTorch takes the second axis for the fan-in of a transposed one too.
        // Whether it fits is checked with the shape; until then it must not
        // overflow.
        let fan_in = weight[1..]
            .iter()
            .fold(1, |n: usize, &d| n.saturating_mul(d));
        let mut all = vec![Parameter::new("weight", &weight, Role::Kernel { fan_in })];
        if self.bias {
            all.push(Parameter::new(
                "bias",
                &[self.out],
                Role::KernelBias { fan_in },
            ));
        }
        all
    }

    fn cost(&self, inputs: &[&[usize]], output: &[usize]) -> Cost {
        let [channels, ..] = *inputs[0] else {
            return Cost::FREE;
        };
        let kernel = size(&self.window.kernel);
        let macs = match self.transposed {
            None => size(output) * (channels / self.groups) as u64 * kernel,
            Some(_) => size(inputs[0]) * (self.out / self.groups) as u64 * kernel,
        };
        Cost {
            macs,
            summed: channels / self.groups * kernel as usize,
            copies: 2,
        }
    }
}
