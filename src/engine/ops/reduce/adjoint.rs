//! Adjoints of numbers along axes joined into one.

use burn::tensor::{IndexingUpdateOp, Tensor};

use crate::engine::jet::Jets;
use crate::engine::ops::arrange::{adjoint, permute};
use crate::network::{Reduce, Reduction};

/// The gradient by an operand `axes`; none where its value is asked for and
/// missing.
pub(crate) fn reduce(
    x: Option<&Jets>,
    gradient: &Jets,
    axes: &[usize],
    what: Reduce<'_>,
) -> Option<Jets> {
    let rows = gradient.layout.rows();
    match what {
        Reduce::Pixels => {
            let pixels = axes[1] * axes[2];
            let g: Tensor<3> = gradient.view(&[axes[0], 1]);
            let spread = g.expand([rows, axes[0], pixels]);
            Some(gradient.with(spread / pixels as f64))
        }
        Reduce::Tokens => {
            let features = axes[1..].iter().product();
            let g: Tensor<3> = gradient.view(&[1, features]);
            let spread = g.expand([rows, axes[0], features]);
            Some(gradient.with(spread / axes[0] as f64))
        }
        Reduce::Axes {
            kind, axes: along, ..
        } => along_axes(x, gradient, axes, along, kind),
    }
}

fn along_axes(
    x: Option<&Jets>,
    gradient: &Jets,
    axes: &[usize],
    along: &[usize],
    kind: Reduction,
) -> Option<Jets> {
    let gone = |a: &usize| along.contains(a);
    let (last, first): (Vec<usize>, Vec<usize>) = (0..axes.len()).partition(gone);
    let size = |of: &[usize]| of.iter().map(|&a| axes[a]).product::<usize>();
    let [outer, inner] = [size(&first), size(&last)];
    let order = [first, last].concat();
    let whole = [gradient.layout.rows(), outer, inner];
    let g: Tensor<3> = gradient.view(&[outer, 1]);
    let operand = || Some(permute(x?, axes, &order).view::<3>(&[outer, inner]));
    let spread = match kind {
        Reduction::Sum => g.expand(whole),
        Reduction::Mean => g.expand(whole) / inner as f64,
        Reduction::Max | Reduction::Min => {
            let x = operand()?;
            let places = match kind {
                Reduction::Max => x.clone().argmax(2),
                _ => x.clone().argmin(2),
            };
            let zeros = x.zeros_like();
            zeros.scatter(2, places, g, IndexingUpdateOp::Add)
        }
        Reduction::L2 => {
            let x = operand()?;
            let length = (x.clone() * x.clone()).sum_dim(2).sqrt();
            let still = length.clone().equal_elem(0.0);
            let g = g / length.mask_fill(still.clone(), 1.0);
            x * g.mask_fill(still, 0.0)
        }
    };
    Some(adjoint::permute(&gradient.with(spread), axes, &order))
}
