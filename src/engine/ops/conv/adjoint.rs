//! Adjoints of convolutions, on the CPU: by input and by weight.
//!
//! A convolution is a matrix product with the *columns* of its map, each of which
//! holds a window's numbers: y = W·columns(x); a transposed one is the adjoint of
//! that, y = columnsᵀ(Wᵀ·x). So both gradients of both are one product with
//! columns, or are put back from columns.

use std::ops::Range;

use burn::tensor::Tensor;

use super::columns::Columns;
use super::cpu;
use crate::engine::jet::Jets;
use crate::engine::ops::library::multiplied;
use crate::error::Result;
use crate::network::{Conv, Window};

/// The gradient by a convolution's input `axes`.
pub(crate) fn conv(
    gradient: &Jets,
    axes: &[usize],
    conv: &Conv,
    weight: Tensor<1>,
) -> Result<Jets> {
    if let Some((back, sides)) = turned(conv, axes)
        && cpu::is_direct(gradient, &sides, &back)
    {
        let weight = weight.reshape(conv.weight(axes[0]));
        let weight = weight.swap_dims(0, 1).flip([2, 3]);
        return cpu::conv(gradient.clone(), &sides, &back, weight, None);
    }
    let columns = Columns::of(conv, axes, gradient.layout.rows());
    let [groups, few, length, places] = columns.sides();
    let weight = weight.reshape([1, groups, few, length]);
    if conv.transposed.is_some() {
        let parts = columns.each(gradient, |_, taken| multiplied(weight.clone(), taken))?;
        return Ok(gradient.with(Tensor::cat(parts, 0)));
    }
    let turned = weight.swap_dims(2, 3);
    let made = |range: Range<usize>| {
        let rows = range.len();
        let part = gradient.data.clone().slice_dim(0, range);
        multiplied(turned.clone(), part.reshape([rows, groups, few, places]))
    };
    Ok(gradient.with(columns.put_back(&gradient.data, made)?))
}

/// The convolution that gives the gradient by the input of one whose windows are
/// one step apart: ins and outs exchanged, the taps in the opposite order; and the
/// sides of its map.
fn turned(conv: &Conv, axes: &[usize]) -> Option<(Conv, [usize; 3])> {
    let (window, &[channels, h, w]) = (conv.window, axes) else {
        return None;
    };
    let steps = window.stride == [1, 1] && conv.groups == 1 && conv.transposed.is_none();
    let [rows, columns] = window.counts([h, w], false)?;
    let [tall, wide] = [0, 1].map(|side| (window.kernel[side] - 1) * window.dilation[side]);
    let [top, left, bottom, right] = window.padding;
    let padding = [
        tall.checked_sub(top)?,
        wide.checked_sub(left)?,
        tall.checked_sub(bottom)?,
        wide.checked_sub(right)?,
    ];
    let back = Conv {
        out: channels,
        window: Window { padding, ..window },
        ..*conv
    };
    steps.then_some((back, [conv.out, rows, columns]))
}

/// The gradient by a convolution's weight, in the weight's order.
pub(crate) fn conv_weight(
    x: &Jets,
    gradient: &Jets,
    axes: &[usize],
    conv: &Conv,
) -> Result<Tensor<1>> {
    let columns = Columns::of(conv, axes, gradient.layout.rows());
    let [groups, few, length, places] = columns.sides();
    let (map, values) = match conv.transposed {
        None => (x, gradient),
        Some(_) => (gradient, x),
    };
    let parts = columns.each(map, |range, taken| {
        let rows = range.len();
        let part = values.data.clone().slice_dim(0, range);
        let part = part.reshape([rows, groups, few, places]);
        // Turned, as the library need not copy the columns then.
        multiplied(taken, part.swap_dims(2, 3)).sum_dim(0)
    })?;
    let sum = Tensor::cat(parts, 0).sum_dim(0).swap_dims(2, 3);
    Ok(sum.reshape([groups * few * length]))
}
