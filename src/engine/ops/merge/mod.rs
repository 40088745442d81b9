//! Several operands, number by number or one after the other. An extreme takes
//! its derivatives from where the value is; (p·q)″ = p″q + 2p′q′ + pq″.

pub(super) mod adjoint;
mod gpu;
#[cfg(test)]
pub(super) mod tests;

use burn::tensor::Tensor;

use crate::engine::jet::{Jets, parts, values};
use crate::engine::ops::arrange::around;

/// Sum of all operands.
pub(crate) fn sum(operands: Vec<Jets>) -> Option<Jets> {
    let mut operands = operands.into_iter();
    let Jets { data, layout } = operands.next()?;
    let others = operands.map(|x| x.data);
    let data = match layout.host {
        true => others.fold(data, |sum, next| sum + next),
        false => gpu::sum(data, others),
    };
    Some(Jets { data, layout })
}

/// Concatenation along one of the sample's axes.
pub(crate) fn concat(operands: Vec<Jets>, shapes: &[&[usize]], axis: usize) -> Option<Jets> {
    let first = operands.first()?.clone();
    let parts = operands.into_iter().zip(shapes).map(|(x, axes)| {
        let [outer, n, inner] = around(axes, axis);
        x.view::<3>(&[outer, n * inner])
    });
    Some(first.with(Tensor::cat(parts.collect(), 2)))
}

/// Product number by number of all operands.
pub(crate) fn multiply(operands: Vec<Jets>) -> Option<Jets> {
    operands.into_iter().reduce(|x, y| {
        let layout = x.layout;
        let value = values(&x.data, layout) * values(&y.data, layout);
        x.joined(value, |_| {
            let (p, q) = (parts(&x.data, layout), parts(&y.data, layout));
            [
                p.d.clone() * q.v.clone() + p.v.clone() * q.d.clone(),
                p.a * q.v + (p.d * q.d).mul_scalar(2.0) + p.v * q.a,
            ]
        })
    })
}

/// The largest or the smallest of several operands, number by number; the
/// first of equal ones.
pub(crate) fn extreme(operands: Vec<Jets>, largest: bool) -> Option<Jets> {
    operands.into_iter().reduce(|x, y| {
        let layout = x.layout;
        let better = |x: &Tensor<2>, y: &Tensor<2>| match largest {
            true => y.clone().greater(x.clone()),
            false => y.clone().lower(x.clone()),
        };
        let (p, q) = (values(&x.data, layout), values(&y.data, layout));
        x.joined(p.clone().mask_where(better(&p, &q), q), |_| {
            let (p, q) = (parts(&x.data, layout), parts(&y.data, layout));
            let second = better(&p.v, &q.v);
            [
                p.d.mask_where(second.clone(), q.d),
                p.a.mask_where(second, q.a),
            ]
        })
    })
}
