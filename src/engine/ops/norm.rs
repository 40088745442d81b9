//! Batch norm in train mode, group norm, layer norm and RMS norm,
//! differentiated twice.
//!
//! With centred c = x − mean(x), s = mean(c²) + ε and r = s^(−½):
//! s′ = 2·mean(c c′), s″ = 2·mean(c′² + c c″), r′ = −½ r³ s′,
//! r″ = ¾ r⁵ s′² − ½ r³ s″, and (c r)″ = c″ r + 2 c′ r′ + c r″. RMS norm is the
//! same without centring. Statistics are those of each row of the batch by
//! itself. `norm_host` has the loops for the CPU, `kernel` the GPU's.

use burn::tensor::Tensor;

use super::conv::with_bias;
use super::kernel;
use super::norm_host::{Affine, Norm};
use crate::engine::jet::Jets;
use crate::engine::read::host;
use crate::error::Result;

/// What is normalised, and how.
pub(crate) struct Normalised {
    /// `[groups, elements]` of one sample: statistics are over the elements.
    pub(crate) groups: usize,
    /// Elements of a group.
    pub(crate) elements: usize,
    /// Added to the variance.
    pub(crate) eps: f64,
    /// Scale and shift; each number serves `affine_run` neighbours, and they
    /// start over when they are used up.
    pub(crate) affine: Option<(Tensor<1>, Tensor<1>)>,
    /// Elements that share a number: those of a group (batch norm), of a
    /// channel (group norm), or 1 (layer norm).
    pub(crate) affine_run: usize,
    /// Whether the value cannot depend on the input. A constant must come out
    /// as exactly zero then, not as rounding noise blown up by 1/√ε.
    pub(crate) dead: bool,
    /// Whether the mean is taken off first.
    pub(crate) centred: bool,
}

/// Normalises each group of each row.
pub(crate) fn normalise(x: Jets, how: Normalised) -> Result<Jets> {
    if x.layout.host {
        return on_host(x, how);
    }
    let mut norm = kernel::Norm {
        layout: x.layout,
        groups: how.groups,
        elements: how.elements,
        eps: how.eps,
        by_group: false,
        dead: how.dead,
        centred: how.centred,
    };
    let run = how.affine_run;
    match how.affine {
        None => Ok(kernel::normalise(x, None, norm)),
        // The kernel knows a number for each element and one for each group.
        Some(affine) if run == 1 && affine.0.dims() == [how.elements] => {
            Ok(kernel::normalise(x, Some(affine), norm))
        }
        Some(affine) if run == how.elements => {
            norm.by_group = true;
            Ok(kernel::normalise(x, Some(affine), norm))
        }
        Some((scale, shift)) => {
            let y = kernel::normalise(x, None, norm);
            let [numbers] = scale.dims();
            let scaled = y.view::<3>(&[numbers, run]) * scale.reshape([1, numbers, 1]);
            with_bias(y.with(scaled), Some(shift), run)
        }
    }
}

fn on_host(x: Jets, how: Normalised) -> Result<Jets> {
    let affine = match how.affine {
        Some((scale, shift)) => Some(Affine {
            run: how.affine_run,
            scale: host(scale.try_into_data())?,
            shift: host(shift.try_into_data())?,
        }),
        None => None,
    };
    Norm {
        groups: how.groups,
        elements: how.elements,
        eps: how.eps,
        affine,
        dead: how.dead,
        centred: how.centred,
    }
    .apply(x)
}
