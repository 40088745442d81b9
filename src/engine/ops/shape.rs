//! Sums, concatenations and changes of shape: linear, on every row alike.

use burn::tensor::Tensor;

use crate::engine::jet::Jets;

/// Sum of all operands.
pub(crate) fn sum(operands: Vec<Jets>) -> Option<Jets> {
    operands.into_iter().reduce(|x, y| Jets {
        data: x.data + y.data,
        layout: x.layout,
    })
}

/// Concatenation along the sample's first axis.
pub(crate) fn concat(operands: Vec<Jets>) -> Option<Jets> {
    let layout = operands.first()?.layout;
    let data = Tensor::cat(operands.into_iter().map(|x| x.data).collect(), 1);
    Some(Jets { data, layout })
}

/// Zeros: also where the input is not finite.
pub(crate) fn zero(x: &Jets) -> Jets {
    x.with(x.data.zeros_like())
}

/// The sample's axes in another order (up to five axes).
pub(crate) fn permute(x: &Jets, axes: &[usize], order: &[usize]) -> Jets {
    match axes.len() {
        0 | 1 => x.clone(),
        2 => permute_ranked::<3>(x, axes, order),
        3 => permute_ranked::<4>(x, axes, order),
        4 => permute_ranked::<5>(x, axes, order),
        _ => permute_ranked::<6>(x, axes, order),
    }
}

fn permute_ranked<const D: usize>(x: &Jets, axes: &[usize], order: &[usize]) -> Jets {
    let mut full = [0isize; D];
    for (to, from) in full[1..].iter_mut().zip(order) {
        *to = *from as isize + 1;
    }
    x.with(x.view::<D>(axes).permute(full))
}

/// Rows `start..end` of the sample's first axis.
pub(crate) fn slice(x: &Jets, axes: &[usize], start: usize, end: usize) -> Jets {
    let rest = axes[1..].iter().product();
    x.with(x.view::<3>(&[axes[0], rest]).slice_dim(1, start..end))
}
