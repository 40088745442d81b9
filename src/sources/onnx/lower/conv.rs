//! Convolutions.

use super::context::Lowering;
use super::window::{Sliding, map_shape};
use crate::error::Result;
use crate::network::Op;
use crate::sources::onnx::operator::{Call, Live, Value};
use crate::sources::onnx::tensor::{Tensor, turn};

/// The weight of a convolution, and its kernel's sides.
fn weight<'a>(call: &Call<'a>, x: &Live) -> Result<(Tensor<'a>, Vec<usize>)> {
    let Value::Const(weight) = call.value(1)?.clone() else {
        return Err(call.unsupported("with a kernel that is computed from the image"));
    };
    if weight.shape.len() < 3 || weight.shape.len() != x.shape.len() {
        return Err(call.broken(format!(
            "has a weight {:?} on a map {:?}",
            weight.shape, x.shape
        )));
    }
    if x.shape[0] != 1 {
        return Err(call.unsupported(format_args!("with a batch of {}", x.shape[0])));
    }
    let kernel = weight.shape[2..].to_vec();
    if let Some(given) = call.list("kernel_shape")
        && !given
            .iter()
            .map(|&n| usize::try_from(n).ok())
            .eq(kernel.iter().map(|&n| Some(n)))
    {
        return Err(call.broken(format!(
            "kernel_shape {given:?} does not fit the weight {:?}",
            weight.shape
        )));
    }
    Ok((weight, kernel))
}

/// The bias, if there is one.
fn bias<'a>(cx: &Lowering<'a>, call: &Call<'a>, out: usize) -> Result<Option<Tensor<'a>>> {
    match call.optional(2) {
        None => Ok(None),
        Some(Value::Const(bias)) if bias.len() == out => {
            let filler = cx.is_filler(bias, 0.0)?;
            Ok(Some(bias.clone()).filter(|_| !filler))
        }
        Some(_) => Err(call.broken(format!("its bias is not a constant of {out} numbers"))),
    }
}

/// The shape of a map in the file's graph: `[1, C, H, W]` or `[1, C, L]`.
fn outer(own: &[usize], rank: usize) -> Vec<usize> {
    let mut shape = vec![1];
    shape.extend(&own[..=rank]);
    shape
}

pub(super) fn conv<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = cx.live(call, 0)?;
    let (weight, kernel) = weight(call, &x)?;
    let window = Sliding::of(call, &x, &kernel, false)?;
    let out = weight.shape[0];
    let groups = call.size("group", call.int("group", 1))?;
    if groups.checked_mul(weight.shape[1]) != Some(x.shape[1]) {
        return Err(call.fail(
            format!(
                "its weight {:?} in {groups} groups does not fit {} channels",
                weight.shape, x.shape[1]
            ),
            "give an image with the channels that the network takes",
        ));
    }
    let bias = bias(cx, call, out)?;
    let op = Op::Conv2d {
        out,
        kernel: window.kernel,
        stride: window.stride,
        padding: window.padding,
        dilation: window.dilation,
        groups,
        bias: bias.is_some(),
    };
    place(cx, call, op, &x, &weight, bias.as_ref(), window.rank)
}

pub(super) fn transposed<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = cx.live(call, 0)?;
    let (weight, kernel) = weight(call, &x)?;
    let groups = call.size("group", call.int("group", 1))?;
    let out = weight.shape[1].saturating_mul(groups);
    let rank = kernel.len();
    let mut window = Sliding::of(call, &x, &kernel, false)?;
    let extra = call.sizes("output_padding", rank, 0)?;
    let mut extra = [extra[0], extra.get(1).copied().unwrap_or(0)];
    let automatic = call.text("auto_pad", "NOTSET");
    if call.has("output_shape") || automatic.starts_with("SAME") {
        // The padding that gives the shape asked for.
        let wanted = match call.has("output_shape") {
            true => call.sizes("output_shape", rank, 1)?,
            false => (0..rank)
                .map(|i| x.shape[2 + i].saturating_mul(window.stride[i]))
                .collect(),
        };
        for (i, &wanted) in wanted.iter().enumerate() {
            let reach = window.kernel[i]
                .saturating_sub(1)
                .saturating_mul(window.dilation[i]);
            let full = x.shape[2 + i]
                .saturating_sub(1)
                .saturating_mul(window.stride[i]);
            let full = full
                .saturating_add(reach)
                .saturating_add(extra[i])
                .saturating_add(1);
            let total = full.saturating_sub(wanted);
            if wanted > full {
                extra[i] = extra[i].saturating_add(wanted - full);
            }
            let small = total / 2;
            let upper = automatic == "SAME_UPPER";
            window.padding[i] = if upper { small } else { total - small };
            window.padding[2 + i] = if upper { total - small } else { small };
        }
    }
    if weight.shape[0] != x.shape[1] {
        return Err(call.fail(
            format!(
                "its weight {:?} does not fit {} channels",
                weight.shape, x.shape[1]
            ),
            "give an image with the channels that the network takes",
        ));
    }
    let bias = bias(cx, call, out)?;
    let op = Op::ConvTranspose2d {
        out,
        kernel: window.kernel,
        stride: window.stride,
        padding: window.padding,
        output_padding: extra,
        dilation: window.dilation,
        groups,
        bias: bias.is_some(),
    };
    place(cx, call, op, &x, &weight, bias.as_ref(), window.rank)
}

fn place<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    op: Op,
    x: &Live,
    weight: &Tensor<'a>,
    bias: Option<&Tensor<'a>>,
    rank: usize,
) -> Result<Live> {
    let view = cx.view(&call.name, x.node, &map_shape(&x.shape))?;
    let node = cx.layer(call, op, view, weight, bias, false)?;
    let shape = outer(cx.own(node), rank);
    Ok(Live::new(node, shape))
}

/// A layer's name: its weight's without `.weight`, as PyTorch calls it, or
/// else the node's.
pub(super) fn layer_name(call: &Call<'_>, weight: Option<&str>) -> String {
    let torch = weight.and_then(|n| n.strip_suffix(".weight"));
    torch
        .filter(|n| !n.is_empty())
        .map_or_else(|| call.name.clone(), str::to_owned)
}

/// A matrix with its axes swapped.
pub(super) fn swapped(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    turn(values, &[rows, columns], &[1, 0])
}
