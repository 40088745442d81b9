//! Values joined.

use super::context::Lowering;
use crate::error::Result;
use crate::network::Op;
use crate::sources::onnx::operator::{Call, Live, without_leading_ones};

pub(super) fn concat<'a>(cx: &mut Lowering<'a>, call: &Call<'a>) -> Result<Live> {
    let mut operands = Vec::new();
    for i in 0..call.inputs.len() {
        if call.value(i)?.shape().contains(&0) {
            continue;
        }
        operands.push(cx.live(call, i)?);
    }
    let Some(first) = operands.first().cloned() else {
        return Err(call.broken("joins nothing"));
    };
    let rank = first.shape.len();
    let axis = call.axis(call.int("axis", 1), rank)?;
    let mut shape = first.shape.clone();
    shape[axis] = 0;
    for x in &operands {
        let fits = x.shape.len() == rank && (0..rank).all(|i| i == axis || x.shape[i] == shape[i]);
        if !fits {
            return Err(call.misfit(format!(
                "joins {:?} and {:?} along axis {axis}",
                first.shape, x.shape
            )));
        }
        shape[axis] += x.shape[axis];
    }
    if let [one] = operands.as_slice() {
        return Ok(one.clone());
    }
    if let Some(rolled) = rolled(cx, call, &operands, axis, &shape)? {
        return Ok(rolled);
    }
    let lead = (rank - without_leading_ones(&shape).len()).min(axis);
    // Joined features `[1, H, W, C]` are tokens by features, as dense layers
    // have them, so that the operands that are observed are maps of tokens.
    let features = rank > 3 && axis == rank - 1;
    let axis = if features { 1 } else { axis - lead };
    let mut nodes = Vec::with_capacity(operands.len());
    for x in &operands {
        let own = match x.shape.split_last() {
            Some((&features_of_x, before)) if features => {
                vec![before.iter().product(), features_of_x]
            }
            _ => x.shape[lead..].to_vec(),
        };
        nodes.push(cx.view(&call.name, x.node, &own)?);
    }
    let node = cx.push(&call.name, Op::Concat { axis }, &nodes)?;
    Ok(Live::new(node, shape))
}

/// Slices of one value that are joined along the axis they were cut along are
/// its entries in another order (`torch.roll`), not branches that meet.
fn rolled<'a>(
    cx: &mut Lowering<'a>,
    call: &Call<'a>,
    operands: &[Live],
    axis: usize,
    shape: &[usize],
) -> Result<Option<Live>> {
    let mut source = None;
    let mut indices = Vec::new();
    for x in operands {
        let node = cx.builder.so_far().node(x.node);
        let Op::Slice {
            axis: along,
            start,
            end,
            step,
        } = node.op
        else {
            return Ok(None);
        };
        // The slice's axes are the file's, but for leading ones.
        let lead = x.shape.len() - node.shape.len().min(x.shape.len());
        let from = (node.inputs[0], along);
        if along + lead != axis || source.is_some_and(|s| s != from) {
            return Ok(None);
        }
        source = Some(from);
        indices.extend((start..end).step_by(step.max(1)));
    }
    let Some((node, along)) = source else {
        return Ok(None);
    };
    let op = Op::Gather {
        axis: along,
        indices: indices.into(),
    };
    let node = cx.push(&call.name, op, &[node])?;
    cx.settle(&call.name, node, shape.to_vec()).map(Some)
}
