//! Convolutions on `[C, H, W]`, and transposed ones.

use super::facts::{
    About, Class, Cost, Facts, Fit, Parameter, Phase, Role, about, map, size, wrong,
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
        if groups == 0 || out == 0 || channels % groups != 0 || out % groups != 0 {
            return wrong(
                format!("{channels} to {out} channels cannot be split into {groups} groups"),
                "give a number of groups that divides both, and at least one channel",
            );
        }
        let sides = match self.transposed {
            None => window.counts([h, w], false),
            Some(extra) => {
                if (0..2).any(|i| extra[i] >= window.stride[i].max(window.dilation[i])) {
                    return wrong(
                        format!("output padding {extra:?} is too large"),
                        "keep it below the stride or the dilation",
                    );
                }
                window.transposed([h, w], extra)
            }
        };
        match sides {
            Some([h, w]) => Ok(vec![out, h, w]),
            None => wrong(
                format!(
                    "a {}×{} kernel does not fit a {h}×{w} map",
                    window.kernel[0], window.kernel[1]
                ),
                "give a larger input size",
            ),
        }
    }

    fn parameters(&self, first: &[usize]) -> Vec<Parameter> {
        let weight = self.weight(first[0]);
        // PyTorch takes the second axis for the fan-in of a transposed one too.
        // Whether it fits is checked with the shape; until then it must not
        // overflow.
        let fan_in = weight[1..]
            .iter()
            .fold(1, |n: usize, &d| n.saturating_mul(d));
        let mut all = vec![Parameter::weight(&weight, Role::Kernel { fan_in })];
        if self.bias {
            all.push(Parameter::bias(&[self.out], Role::KernelBias { fan_in }));
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
