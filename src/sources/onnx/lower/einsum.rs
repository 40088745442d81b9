//! `Einsum` of one or two operands: orders of axes, sums and matrix products.

#![allow(
    clippy::cast_possible_truncation,
    reason = "sizes and axes were held against their ranges where they were read"
)]

use super::context::Lowering;
use crate::error::Result;
use crate::network::{Op, Reduction};
use crate::sources::onnx::operator::{Call, Live};
use crate::sources::onnx::tensor::elements;

/// The letters of each operand and of the result.
fn parse(call: &Call<'_>, operands: &[Live]) -> Result<(Vec<Vec<char>>, Vec<char>)> {
    let equation = call.text("equation", "");
    let text: String = equation.chars().filter(|c| !c.is_whitespace()).collect();
    let no = || call.unsupported(format_args!("of the form '{equation}'"));
    let (left, right) = match text.split_once("->") {
        Some((left, right)) => (left, Some(right)),
        None => (text.as_str(), None),
    };
    let terms: Vec<&str> = left.split(',').collect();
    if terms.len() != operands.len() {
        return Err(no());
    }
    let mut dots = 0;
    let mut split = Vec::new();
    for (term, x) in terms.iter().zip(operands) {
        let named = term.replace("...", "").chars().count();
        let rest = x.shape.len().checked_sub(named).ok_or_else(no)?;
        if term.contains("...") {
            dots = dots.max(rest);
        } else if rest != 0 {
            return Err(no());
        }
        split.push((*term, rest));
    }
    // The axes of `...` get capital letters of their own, the last ones first.
    let spelled = |term: &str, rest: usize| -> Option<Vec<char>> {
        let dotted: String = (0..rest)
            .map(|i| char::from_u32(0x1_0000 + (dots - rest + i) as u32).unwrap_or('?'))
            .collect();
        let letters: Vec<char> = term.replace("...", &dotted).chars().collect();
        letters
            .iter()
            .all(|c| c.is_ascii_alphabetic() || *c as u32 >= 0x1_0000)
            .then_some(letters)
    };
    let mut letters = Vec::new();
    for (term, rest) in split {
        let found = spelled(term, rest).ok_or_else(no)?;
        let mut sorted = found.clone();
        sorted.sort_unstable();
        if sorted.windows(2).any(|w| w[0] == w[1]) {
            return Err(no());
        }
        letters.push(found);
    }
    let result = match right {
        Some(right) => {
            spelled(right, if right.contains("...") { dots } else { 0 }).ok_or_else(no)?
        }
        None => {
            let mut all: Vec<char> = letters.concat();
            all.sort_unstable();
            let once = |c: &char| all.iter().filter(|x| *x == c).count() == 1;
            let dotted = all.iter().copied().filter(|&c| c as u32 >= 0x1_0000);
            let mut result: Vec<char> = dotted.collect();
            result.dedup();
            result.extend(all.iter().copied().filter(|c| c.is_ascii() && once(c)));
            result
        }
    };
    Ok((letters, result))
}

pub(super) fn einsum<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let operands = (0..call.inputs.len())
        .map(|i| cx.live(call, i))
        .collect::<Result<Vec<_>>>()?;
    let (letters, result) = parse(call, &operands)?;
    let no = || call.unsupported(format_args!("of the form '{}'", call.text("equation", "")));
    let (product, found) = match (operands.as_slice(), letters.as_slice()) {
        ([x], [own]) => sum_out(cx, call, x, own, &result)?,
        ([a, b], [left, right]) => {
            let keep_a: Vec<char> = [right.as_slice(), &result].concat();
            let keep_b: Vec<char> = [left.as_slice(), &result].concat();
            let (a, left) = sum_out(cx, call, a, left, &keep_a)?;
            let (b, right) = sum_out(cx, call, b, right, &keep_b)?;
            pair(cx, call, (&a, &left), (&b, &right), &result)?
        }
        _ => return Err(no()),
    };
    let order: Option<Vec<usize>> = result
        .iter()
        .map(|c| found.iter().position(|f| f == c))
        .collect();
    let order = order.filter(|o| o.len() == found.len()).ok_or_else(no)?;
    super::shape::permute(cx, &call.name, &product, &order)
}

/// Sums the axes whose letters are nowhere else.
fn sum_out<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    x: &Live,
    own: &[char],
    keep: &[char],
) -> Result<(Live, Vec<char>)> {
    let axes: Vec<usize> = (0..own.len())
        .filter(|&i| !keep.contains(&own[i]))
        .collect();
    if axes.is_empty() {
        return Ok((x.clone(), own.to_vec()));
    }
    let left: Vec<usize> = (0..own.len()).filter(|i| !axes.contains(i)).collect();
    let view = cx.view(&call.name, x.node, &x.shape)?;
    let op = Op::Reduce {
        kind: Reduction::Sum,
        axes,
        keep: false,
    };
    let node = cx.push(&call.name, op, &[view])?;
    let shape = left.iter().map(|&i| x.shape[i]).collect();
    Ok((
        Live::new(node, shape),
        left.iter().map(|&i| own[i]).collect(),
    ))
}

/// A product of two: `[both, left, summed] × [both, summed, right]`.
fn pair<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    (a, left): (&Live, &[char]),
    (b, right): (&Live, &[char]),
    result: &[char],
) -> Result<(Live, Vec<char>)> {
    let shared = |c: &&char| right.contains(c);
    let both: Vec<char> = left
        .iter()
        .filter(shared)
        .filter(|c| result.contains(c))
        .copied()
        .collect();
    let summed: Vec<char> = left
        .iter()
        .filter(shared)
        .filter(|c| !result.contains(c))
        .copied()
        .collect();
    let only = |own: &[char], other: &[char]| -> Vec<char> {
        own.iter().filter(|c| !other.contains(c)).copied().collect()
    };
    let (rows, columns) = (only(left, right), only(right, left));
    let mut arrange =
        |x: &Live, own: &[char], groups: [&[char]; 3]| -> Result<(Live, Vec<usize>)> {
            let wanted = groups.concat();
            let order: Vec<usize> = wanted
                .iter()
                .filter_map(|c| own.iter().position(|o| o == c))
                .collect();
            let turned = super::shape::permute(cx, &call.name, x, &order)?;
            let sizes: Vec<usize> = order.iter().map(|&i| x.shape[i]).collect();
            let mut at = 0;
            let mut shape = Vec::new();
            for group in groups {
                shape.push(sizes[at..at + group.len()].iter().product());
                at += group.len();
            }
            Ok((turned.shaped(shape), sizes))
        };
    let (x, left_sizes) = arrange(a, left, [&both, &rows, &summed])?;
    let (y, right_sizes) = arrange(b, right, [&both, &summed, &columns])?;
    let product = super::dense::product(cx, call, &x, &y)?;
    let letters = [both.as_slice(), &rows, &columns].concat();
    let shape = [
        &left_sizes[..both.len() + rows.len()],
        &right_sizes[both.len() + summed.len()..],
    ]
    .concat();
    if elements(&shape) != Some(product.len()) {
        return Err(call.unsupported("with broadcasting between its operands"));
    }
    Ok((product.shaped(shape), letters))
}
