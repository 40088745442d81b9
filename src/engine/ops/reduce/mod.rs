//! Numbers along axes joined into one. An extreme takes its derivatives from
//! where the value is.

pub(super) mod adjoint;
#[cfg(test)]
pub(super) mod tests;

use burn::tensor::Tensor;

use super::arrange::permute;
use crate::engine::jet::{Jets, of_curves, parts, values};
use crate::network::{Reduce, Reduction};

/// Joins the numbers along axes.
pub(crate) fn reduce(x: &Jets, axes: &[usize], what: Reduce<'_>) -> Jets {
    match what {
        Reduce::Pixels => x.with(x.view::<3>(&[axes[0], axes[1] * axes[2]]).mean_dim(2)),
        Reduce::Tokens => {
            let tokens = x.view::<3>(&[axes[0], axes[1..].iter().product()]);
            x.with(tokens.mean_dim(1))
        }
        Reduce::Axes {
            kind, axes: along, ..
        } => reduce_axes(x, axes, along, kind),
    }
}

fn reduce_axes(x: &Jets, axes: &[usize], along: &[usize], kind: Reduction) -> Jets {
    let gone = |a: &usize| along.contains(a);
    let (last, first): (Vec<usize>, Vec<usize>) = (0..axes.len()).partition(gone);
    let size = |of: &[usize]| of.iter().map(|&a| axes[a]).product::<usize>();
    let sides = [size(&first), size(&last)];
    let x = permute(x, axes, &[first, last].concat());
    let batch: Tensor<3> = x.view(&sides);
    let layout = x.layout;
    match kind {
        Reduction::Mean => x.with(batch.mean_dim(2)),
        Reduction::Sum => x.with(batch.sum_dim(2)),
        Reduction::Max | Reduction::Min => {
            let v = values(&batch, layout);
            let places = match kind {
                Reduction::Max => v.clone().argmax(2),
                _ => v.clone().argmin(2),
            };
            x.joined(v.gather(2, places.clone()), |_| {
                let places = places.slice_dim(0, layout.images..layout.values());
                let c = parts(&batch, layout);
                [c.d.gather(2, places.clone()), c.a.gather(2, places)]
            })
        }
        Reduction::L2 => {
            // n = √s with s = ⟨x, x⟩: n n′ = ⟨x, x′⟩ and
            // n n″ = ⟨x′, x′⟩ + ⟨x, x″⟩ − n′².
            let dot = |p: &Tensor<3>, q: &Tensor<3>| (p.clone() * q.clone()).sum_dim(2);
            let v = values(&batch, layout);
            x.joined(dot(&v, &v).sqrt(), |value| {
                let c = parts(&batch, layout);
                let n = of_curves(value, layout);
                let still = n.clone().equal_elem(0.0);
                let n = n.mask_fill(still.clone(), 1.0);
                let d = dot(&c.v, &c.d) / n.clone();
                let a = (dot(&c.d, &c.d) + dot(&c.v, &c.a) - d.clone() * d.clone()) / n;
                [d.mask_fill(still.clone(), 0.0), a.mask_fill(still, 0.0)]
            })
        }
    }
}
