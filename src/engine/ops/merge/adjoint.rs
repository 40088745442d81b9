//! Adjoints of several operands, number by number or one after the other.

use crate::engine::jet::Jets;
use crate::engine::ops::arrange::slice;

/// The gradients by operands that were joined along an axis to `out`.
pub(crate) fn concat(
    gradient: &Jets,
    out: &[usize],
    shapes: &[&[usize]],
    axis: usize,
) -> Vec<Jets> {
    let mut start = 0;
    let part = |shape: &&[usize]| {
        let end = start + shape[axis];
        let part = slice(gradient, out, axis, [start, end, 1]);
        start = end;
        part
    };
    shapes.iter().map(part).collect()
}

/// The gradients by the factors of a product: by each the product of the others.
pub(crate) fn multiply(operands: &[&Jets], gradient: &Jets) -> Vec<Jets> {
    let others = |own: usize| {
        let others = operands.iter().enumerate().filter(|(i, _)| *i != own);
        let product = others.fold(gradient.data.clone(), |product, (_, x)| {
            product * x.data.clone()
        });
        gradient.with(product)
    };
    (0..operands.len()).map(others).collect()
}

/// The gradients by operands of which the largest or smallest was taken, number
/// by number: the first of equal ones has all of it.
pub(crate) fn extreme(operands: &[&Jets], gradient: &Jets, largest: bool) -> Vec<Jets> {
    // What later operands leave to the earlier ones.
    let mut left = gradient.data.clone();
    let mut found = Vec::with_capacity(operands.len());
    for (last, own) in operands.iter().enumerate().rev() {
        let own = own.data.clone();
        let better = operands[..last].iter().map(|earlier| match largest {
            true => own.clone().greater(earlier.data.clone()),
            false => own.clone().lower(earlier.data.clone()),
        });
        let wins = better.reduce(|all, next| all.bool_and(next));
        found.push(match wins {
            Some(wins) => {
                let part = left.clone().mask_fill(wins.clone().bool_not(), 0.0);
                left = left.mask_fill(wins, 0.0);
                gradient.with(part)
            }
            None => gradient.with(left.clone()),
        });
    }
    found.reverse();
    found
}
