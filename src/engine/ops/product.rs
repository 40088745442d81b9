//! Products of jets: (p·q)″ = p″q + 2p′q′ + pq″; softmax and its logarithm.

use burn::tensor::Tensor;
use burn::tensor::activation;

use crate::engine::jet::{Jets, join, of_curves, parts, values};

/// Batched matrix product, `[B…, N, K] × [B…, K, M]`.
pub(crate) fn matmul(x: &Jets, x_axes: &[usize], y: &Jets, y_axes: &[usize]) -> Jets {
    let (left, right) = (matrices(x, x_axes), matrices(y, y_axes));
    let layout = x.layout;
    let value = values(&left, layout).matmul(values(&right, layout));
    if layout.curves == 0 {
        return x.with(value);
    }
    let (p, q) = (parts(&left, layout), parts(&right, layout));
    let d = p.d.clone().matmul(q.v.clone()) + p.v.clone().matmul(q.d.clone());
    let a = p.a.matmul(q.v) + p.d.matmul(q.d).mul_scalar(2.0) + p.v.matmul(q.a);
    x.with(join(value, d, a))
}

/// Product number by number of all operands.
pub(crate) fn multiply(operands: Vec<Jets>) -> Option<Jets> {
    operands.into_iter().reduce(|x, y| {
        let layout = x.layout;
        let value = values(&x.data, layout) * values(&y.data, layout);
        if layout.curves == 0 {
            return x.with(value);
        }
        let (p, q) = (parts(&x.data, layout), parts(&y.data, layout));
        let d = p.d.clone() * q.v.clone() + p.v.clone() * q.d.clone();
        let a = p.a * q.v + (p.d * q.d).mul_scalar(2.0) + p.v * q.a;
        x.with(join(value, d, a))
    })
}

fn matrices(x: &Jets, axes: &[usize]) -> Tensor<4> {
    let (batch, last) = axes.split_at(axes.len() - 2);
    x.view(&[batch.iter().product(), last[0], last[1]])
}

/// Softmax over the last axis. With e = y′ − ⟨u, y′⟩: u′ = u e and
/// u″ = u′ e + u (y″ − ⟨u′, y′⟩ − ⟨u, y″⟩).
pub(crate) fn softmax(x: &Jets, axes: &[usize]) -> Jets {
    let (before, width) = axes.split_at(axes.len() - 1);
    let batch: Tensor<3> = x.view(&[before.iter().product(), width[0]]);
    let layout = x.layout;
    let value = activation::softmax(values(&batch, layout), 2);
    if layout.curves == 0 {
        return x.with(value);
    }
    let c = parts(&batch, layout);
    let u = of_curves(&value, layout);
    let dot = |p: &Tensor<3>, q: &Tensor<3>| (p.clone() * q.clone()).sum_dim(2);
    let e = c.d.clone() - dot(&u, &c.d);
    let d = u.clone() * e.clone();
    let a = d.clone() * e + u.clone() * (c.a.clone() - dot(&d, &c.d) - dot(&u, &c.a));
    x.with(join(value, d, a))
}

/// ln softmax over the last axis: y − ln Σ eʸ. With u = softmax(y) and
/// u′ = u (y′ − ⟨u, y′⟩): y′ − ⟨u, y′⟩ and y″ − ⟨u, y″⟩ − ⟨u′, y′⟩.
pub(crate) fn log_softmax(x: &Jets, axes: &[usize]) -> Jets {
    let (before, width) = axes.split_at(axes.len() - 1);
    let batch: Tensor<3> = x.view(&[before.iter().product(), width[0]]);
    let layout = x.layout;
    let value = activation::log_softmax(values(&batch, layout), 2);
    if layout.curves == 0 {
        return x.with(value);
    }
    let c = parts(&batch, layout);
    let u = of_curves(&value, layout).exp();
    let dot = |p: &Tensor<3>, q: &Tensor<3>| (p.clone() * q.clone()).sum_dim(2);
    let d = c.d.clone() - dot(&u, &c.d);
    let du = u.clone() * d.clone();
    let a = c.a.clone() - dot(&u, &c.a) - dot(&du, &c.d);
    x.with(join(value, d, a))
}
