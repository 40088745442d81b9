//! Batch norm in train mode and layer norm, differentiated twice.
//!
//! With centred c = x − mean(x), s = mean(c²) + ε and r = s^(−½):
//! s′ = 2·mean(c c′), s″ = 2·mean(c′² + c c″), r′ = −½ r³ s′,
//! r″ = ¾ r⁵ s′² − ½ r³ s″, and (c r)″ = c″ r + 2 c′ r′ + c r″.
//! Statistics are those of each row of the batch by itself.

use burn::tensor::Tensor;

use super::add_bias;
use super::host::{Affine, Norm};
use crate::engine::data::host;
use crate::engine::jet::{Jets, Layout, Parts, join, of_curves, parts, values};
use crate::error::Result;

/// What is normalised, and how.
pub(crate) struct Normalised {
    /// `[groups, elements]` of one sample: statistics are over the elements.
    pub(crate) groups: usize,
    /// Elements of a group.
    pub(crate) elements: usize,
    /// Added to the variance.
    pub(crate) eps: f64,
    /// Scale and shift, `[1, groups, 1]` or `[1, 1, elements]`.
    pub(crate) affine: Option<(Tensor<3>, Tensor<3>)>,
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
    let layout = x.layout;
    let mut batch: Tensor<3> = x.view(&[how.groups, how.elements]);
    if how.dead {
        let first = batch.clone().slice_dim(2, 0..1);
        batch = batch - first;
    }
    let mean = batch.clone().mean_dim(2);
    let y = differentiate(batch - mean, how.eps, layout);
    Ok(x.with(match how.affine {
        Some((scale, shift)) => add_bias(y * scale, shift, layout),
        None => y,
    }))
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

fn differentiate(centred: Tensor<3>, eps: f64, layout: Layout) -> Tensor<3> {
    // Centred once more: a single-precision mean over thousands of pixels is
    // off by enough to flip the sign of a value near zero before a ReLU, which
    // moves y′ and y″ by a part in a hundred.
    let value = values(&centred, layout);
    let value = value.clone() - value.mean_dim(2);
    let s = (value.clone() * value.clone()).mean_dim(2).add_scalar(eps);
    let r = s.sqrt().recip();
    if layout.curves == 0 {
        return value * r;
    }
    let c = Parts {
        v: of_curves(&value, layout),
        ..parts(&centred, layout)
    };
    let r_curves = of_curves(&r, layout);
    let square = r_curves.clone() * r_curves.clone();
    let cube = square.clone() * r_curves.clone();
    let s1 = (c.v.clone() * c.d.clone()).mean_dim(2).mul_scalar(2.0);
    let s2 = (c.d.clone() * c.d.clone() + c.v.clone() * c.a.clone())
        .mean_dim(2)
        .mul_scalar(2.0);
    let r1 = cube.clone() * s1.clone() * -0.5;
    let r2 = cube.clone() * square * s1.clone() * s1 * 0.75 - cube * s2 * 0.5;
    let d = c.d.clone() * r_curves.clone() + c.v.clone() * r1.clone();
    let a = c.a * r_curves + c.d * r1.mul_scalar(2.0) + c.v * r2;
    join(value * r, d, a)
}
