//! Batch norm in train mode, group norm, layer norm and RMS norm,
//! differentiated twice.
//!
//! With centred c = x − mean(x), s = mean(c²) + ε and r = s^(−½):
//! s′ = 2·mean(c c′), s″ = 2·mean(c′² + c c″), r′ = −½ r³ s′,
//! r″ = ¾ r⁵ s′² − ½ r³ s″, and (c r)″ = c″ r + 2 c′ r′ + c r″. RMS norm is the
//! same without centring. Statistics are those of each row of the batch by
//! itself, or of all images together ([`Statistics`]).

pub(super) mod adjoint;
mod cpu;
mod gpu;
#[cfg(test)]
pub(super) mod tests;

use burn::tensor::Tensor;

use crate::engine::jet::{Jets, Layout, Statistics};
use crate::error::{Error, Result};
use crate::network::{Norm, Over};

/// What is normalised together in a row, and how.
#[derive(Debug, Clone, Copy)]
struct Groups {
    /// Runs of elements with statistics of their own.
    groups: usize,
    /// Elements of a group.
    elements: usize,
    /// Neighbouring elements that share a scale and a shift; these start over
    /// when they are used up.
    run: usize,
    /// Added to the variance.
    eps: f64,
    /// Whether the mean is taken off first.
    centred: bool,
    /// Whether the value cannot depend on the input. A constant must come out
    /// as exactly zero then, not as rounding noise blown up by 1/√ε.
    dead: bool,
}

impl Groups {
    fn of(norm: &Norm, axes: &[usize], live: bool) -> Self {
        let elements = norm.elements(axes);
        let (run, centred) = match norm.over {
            Over::Channel => (elements, true),
            Over::Groups(_) => (axes[1..].iter().product(), true),
            Over::Last(_) => (1, true),
            Over::LastSquares(_) => (1, false),
        };
        Self {
            groups: axes.iter().product::<usize>() / elements,
            elements,
            run,
            eps: norm.eps,
            centred,
            dead: !live,
        }
    }
}

/// Scale and shift.
type Affine = [Tensor<1>; 2];

/// Normalises each group of each row; `live` is whether the value can depend
/// on the input. Without a shift the scale alone is applied.
///
/// # Errors
/// [`Error::Usage`] for statistics of the batch where there are curves.
pub(crate) fn normalise(
    x: Jets,
    axes: &[usize],
    norm: &Norm,
    [scale, shift]: [Option<Tensor<1>>; 2],
    live: bool,
) -> Result<Jets> {
    let affine = scale.map(|scale| {
        let shift = shift.unwrap_or_else(|| scale.zeros_like());
        [scale, shift]
    });
    let groups = Groups::of(norm, axes, live);
    let form = if x.layout.host {
        cpu::normalise
    } else {
        gpu::normalise
    };
    if x.layout.statistics == Statistics::Batch && norm.over == Over::Channel {
        if x.layout.host && x.layout.curves == 0 {
            return cpu::together(x, groups, affine);
        }
        return over_images(x, groups, |x, groups| form(x, groups, affine));
    }
    form(x, groups, affine)
}

/// The same with statistics over all images: as one row, in which a channel's
/// elements are those of all images.
#[expect(clippy::needless_pass_by_value, reason = "its memory is given up")]
fn over_images(
    x: Jets,
    groups: Groups,
    form: impl FnOnce(Jets, Groups) -> Result<Jets>,
) -> Result<Jets> {
    let layout = x.layout;
    if layout.curves > 0 {
        return Err(Error::Usage {
            message: "the statistics of a batch have no curves".to_owned(),
            cure: "take the statistics of each row, or images alone".to_owned(),
        });
    }
    let Groups {
        groups: channels,
        elements,
        ..
    } = groups;
    let together = elements * layout.images;
    let turned = x.view::<3>(&[channels, elements]).permute([1, 0, 2]);
    let row = Jets {
        data: turned.reshape([1, channels * together]),
        layout: Layout {
            images: 1,
            ..layout
        },
    };
    let groups = Groups {
        elements: together,
        run: together,
        ..groups
    };
    let y = form(row, groups)?.data;
    let y = y.reshape([channels, layout.images, elements]);
    Ok(x.with(y.permute([1, 0, 2])))
}
