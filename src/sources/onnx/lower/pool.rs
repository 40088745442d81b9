//! Pools.

use super::context::Lowering;
use super::window::{Sliding, map_shape};
use crate::error::Result;
use crate::network::{Op, Reduction};
use crate::sources::onnx::operator::{Call, Live};

fn window<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<(Live, Sliding)> {
    let x = cx.live(call, 0)?;
    let kernel = match call.list("kernel_shape") {
        Some(list) => list
            .iter()
            .map(|&n| call.size("kernel_shape", n))
            .collect::<Result<Vec<_>>>()?,
        None => return Err(call.broken("has no kernel_shape")),
    };
    let window = Sliding::of(call, &x, &kernel, call.flag("ceil_mode"))?;
    Ok((x, window))
}

fn place<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    op: Op,
    x: &Live,
    rank: usize,
) -> Result<Live> {
    let view = cx.view(&call.name, x.node, &map_shape(&x.shape))?;
    let node = cx.push(&call.name, op, &[view])?;
    let mut shape = x.shape[..2].to_vec();
    shape.extend(&cx.own(node)[1..=rank]);
    Ok(Live::new(node, shape))
}

pub(super) fn average<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let (x, window) = window(cx, call)?;
    if window.dilation != [1, 1] {
        return Err(call.unsupported("with dilation"));
    }
    let op = Op::AvgPool {
        kernel: window.kernel,
        stride: window.stride,
        padding: window.padding,
        count_padding: call.flag("count_include_pad"),
        ceil: call.flag("ceil_mode"),
    };
    place(cx, call, op, &x, window.rank)
}

pub(super) fn max<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let (x, window) = window(cx, call)?;
    let op = Op::MaxPool {
        kernel: window.kernel,
        stride: window.stride,
        padding: window.padding,
        dilation: window.dilation,
        ceil: call.flag("ceil_mode"),
    };
    place(cx, call, op, &x, window.rank)
}

/// Over all of a map.
pub(super) fn global<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let x = cx.live(call, 0)?;
    if x.shape.len() < 3 {
        return Err(call.broken(format!(
            "pools {:?}, which has no height and width",
            x.shape
        )));
    }
    let mut shape = x.shape.clone();
    shape[2..].fill(1);
    let sides: usize = x.shape[3..].iter().product();
    let own = [x.shape[0] * x.shape[1], x.shape[2], sides];
    let view = cx.view(&call.name, x.node, &own)?;
    let op = match call.node.op_type.as_str() {
        "GlobalAveragePool" => Op::GlobalAvgPool,
        _ => Op::Reduce {
            kind: Reduction::Max,
            axes: vec![1, 2],
            keep: true,
        },
    };
    let node = cx.push(&call.name, op, &[view])?;
    Ok(Live::new(node, shape))
}
