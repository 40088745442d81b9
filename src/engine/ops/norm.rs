//! Batch norm in train mode and layer norm, differentiated twice.
//!
//! With centred c = x − mean(x), s = mean(c²) + ε and r = s^(−½):
//! s′ = 2·mean(c c′), s″ = 2·mean(c′² + c c″), r′ = −½ r³ s′,
//! r″ = ¾ r⁵ s′² − ½ r³ s″, and (c r)″ = c″ r + 2 c′ r′ + c r″.
//! Statistics are those of each row of the batch by itself. `host` has the
//! loops for the CPU, `kernel` the GPU's.

use burn::tensor::Tensor;

use super::host::{Affine, Norm};
use super::kernel;
use crate::engine::data::host;
use crate::engine::jet::Jets;
use crate::error::Result;

/// What is normalised, and how.
pub(crate) struct Normalised {
    /// `[groups, elements]` of one sample: statistics are over the elements.
    pub(crate) groups: usize,
    /// Elements of a group.
    pub(crate) elements: usize,
    /// Added to the variance.
    pub(crate) eps: f64,
    /// Scale and shift, `[groups]` or `[elements]`.
    pub(crate) affine: Option<(Tensor<1>, Tensor<1>)>,
    /// Which of the two it is.
    pub(crate) affine_by_group: bool,
    /// Whether the value cannot depend on the input. A constant must come out
    /// as exactly zero then, not as rounding noise blown up by 1/√ε.
    pub(crate) dead: bool,
}

/// Normalises each group of each row.
pub(crate) fn normalise(x: Jets, how: Normalised) -> Result<Jets> {
    if x.layout.host {
        return on_host(x, how);
    }
    let norm = kernel::Norm {
        layout: x.layout,
        groups: how.groups,
        elements: how.elements,
        eps: how.eps,
        by_group: how.affine_by_group,
        dead: how.dead,
    };
    Ok(kernel::normalise(x, how.affine, norm))
}

fn on_host(x: Jets, how: Normalised) -> Result<Jets> {
    let affine = match how.affine {
        Some((scale, shift)) => Some(Affine {
            by_group: how.affine_by_group,
            scale: host(scale.try_into_data())?,
            shift: host(shift.try_into_data())?,
        }),
        None => None,
    };
    let Normalised {
        groups,
        elements,
        eps,
        dead,
        ..
    } = how;
    Norm {
        groups,
        elements,
        eps,
        affine,
        dead,
    }
    .apply(x)
}
