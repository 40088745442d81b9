//! Numbers along axes, or of several operands, joined into one. An extreme
//! takes its derivatives from where the value is.

use burn::tensor::Tensor;

use super::shape::permute;
use crate::engine::jet::{Jets, join, of_curves, parts, values};
use crate::network::Reduction;

/// Joins the numbers along axes.
pub(crate) fn reduce(x: &Jets, axes: &[usize], along: &[usize], kind: Reduction) -> Jets {
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
            let value = v.gather(2, places.clone());
            if layout.curves == 0 {
                return x.with(value);
            }
            let places = places.slice_dim(0, layout.images..layout.values());
            let c = parts(&batch, layout);
            x.with(join(
                value,
                c.d.gather(2, places.clone()),
                c.a.gather(2, places),
            ))
        }
        Reduction::L2 => {
            // n = √s with s = ⟨x, x⟩: n n′ = ⟨x, x′⟩ and
            // n n″ = ⟨x′, x′⟩ + ⟨x, x″⟩ − n′².
            let dot = |p: &Tensor<3>, q: &Tensor<3>| (p.clone() * q.clone()).sum_dim(2);
            let v = values(&batch, layout);
            let value = dot(&v, &v).sqrt();
            if layout.curves == 0 {
                return x.with(value);
            }
            let c = parts(&batch, layout);
            let n = of_curves(&value, layout);
            let still = n.clone().equal_elem(0.0);
            let n = n.mask_fill(still.clone(), 1.0);
            let d = dot(&c.v, &c.d) / n.clone();
            let a = (dot(&c.d, &c.d) + dot(&c.v, &c.a) - d.clone() * d.clone()) / n;
            x.with(join(
                value,
                d.mask_fill(still.clone(), 0.0),
                a.mask_fill(still, 0.0),
            ))
        }
    }
}

/// The largest or the smallest of several operands, number by number; the
/// first of equal ones.
pub(crate) fn extreme(operands: Vec<Jets>, largest: bool) -> Option<Jets> {
    operands.into_iter().reduce(|x, y| {
        let layout = x.layout;
        let better = |x: &Tensor<2>, y: &Tensor<2>| {
            if largest {
                y.clone().greater(x.clone())
            } else {
                y.clone().lower(x.clone())
            }
        };
        let (p, q) = (values(&x.data, layout), values(&y.data, layout));
        let value = p.clone().mask_where(better(&p, &q), q);
        if layout.curves == 0 {
            return x.with(value);
        }
        let (p, q) = (parts(&x.data, layout), parts(&y.data, layout));
        let second = better(&p.v, &q.v);
        let d = p.d.mask_where(second.clone(), q.d);
        let a = p.a.mask_where(second, q.a);
        x.with(join(value, d, a))
    })
}
