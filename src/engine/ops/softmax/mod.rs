//! Softmax over the last axis, and its logarithm.

pub(super) mod adjoint;
#[cfg(test)]
pub(super) mod tests;

use burn::tensor::{Tensor, activation};

use crate::engine::jet::{Jets, of_curves, parts, values};

/// Softmax over the last axis. With e = y′ − ⟨u, y′⟩: u′ = u e and
/// u″ = u′ e + u (y″ − ⟨u′, y′⟩ − ⟨u, y″⟩).
///
/// Its logarithm, y − ln Σ eʸ, has y′ − ⟨u, y′⟩ and y″ − ⟨u, y″⟩ − ⟨u′, y′⟩.
pub(crate) fn softmax(x: &Jets, axes: &[usize], log: bool) -> Jets {
    let (before, width) = axes.split_at(axes.len() - 1);
    let batch: Tensor<3> = x.view(&[before.iter().product(), width[0]]);
    let layout = x.layout;
    let value = match log {
        true => activation::log_softmax(values(&batch, layout), 2),
        false => activation::softmax(values(&batch, layout), 2),
    };
    x.joined(value, |value| {
        let c = parts(&batch, layout);
        let value = of_curves(value, layout);
        let dot = |p: &Tensor<3>, q: &Tensor<3>| (p.clone() * q.clone()).sum_dim(2);
        let u = if log { value.exp() } else { value };
        let e = c.d.clone() - dot(&u, &c.d);
        let d = u.clone() * e.clone();
        if log {
            let a = c.a.clone() - dot(&u, &c.a) - dot(&d, &c.d);
            return [e, a];
        }
        let a = d.clone() * e + u.clone() * (c.a.clone() - dot(&d, &c.d) - dot(&u, &c.a));
        [d, a]
    })
}
