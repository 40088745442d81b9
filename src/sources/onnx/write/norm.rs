//! Normalisations.

#![allow(
    clippy::cast_possible_wrap,
    reason = "sizes were checked when the network was built"
)]

use super::graph::{Attribute, Graph, batched};
use super::layer::parameters;
use crate::error::Result;
use crate::network::{NodeId, Op};

use Attribute::{Float, Int};

/// A norm's scale and shift: its parameters, or ones and zeros that are part of
/// the graph.
fn affine(graph: &mut Graph<'_>, id: NodeId, shape: &[usize]) -> Result<[String; 2]> {
    let name = &graph.network.node(id).name;
    let there = parameters(graph, id, false)?;
    let mut parts = there.into_iter();
    let mut part = |graph: &mut Graph<'_>, suffix: &str, number: f32| {
        let fixed = || graph.uniform(&format!("{name}.{suffix}"), shape, number);
        parts.next().unwrap_or_else(fixed)
    };
    Ok([part(graph, "ones", 1.0), part(graph, "zeros", 0.0)])
}

pub(super) fn norm(graph: &mut Graph<'_>, id: NodeId, x: &str) -> Result<String> {
    let node = graph.network.node(id);
    let (name, shape) = (&node.name, &node.shape);
    let channels = shape.first().copied().unwrap_or(0);
    match node.op {
        Op::BatchNorm { eps, .. } => {
            let [scale, shift] = affine(graph, id, &[channels])?;
            let mean = graph.filled(&format!("{name}.running_mean"), &[channels], 0.0);
            let spread = graph.filled(&format!("{name}.running_var"), &[channels], 1.0);
            let inputs = [x, &scale, &shift, &mean, &spread];
            let told = vec![Float("epsilon", eps)];
            Ok(graph.push(name, "BatchNormalization", &inputs, told))
        }
        Op::LayerNorm { eps, axes, .. } => {
            let [scale, shift] = affine(graph, id, &shape[shape.len().saturating_sub(axes)..])?;
            let told = vec![Int("axis", -(axes as i64)), Float("epsilon", eps)];
            Ok(graph.push(name, "LayerNormalization", &[x, &scale, &shift], told))
        }
        // An instance norm of the groups as channels, as PyTorch writes it.
        Op::GroupNorm {
            groups,
            eps,
            affine: scaled,
        } => {
            let part = |part: &str| format!("{name}.{part}");
            let inside = shape.iter().product::<usize>() / groups.max(1);
            let grouped = graph.list(batched(&[groups, inside]));
            let view = graph.push(&part("groups"), "Reshape", &[x, &grouped], Vec::new());
            let ones = graph.uniform(&part("ones"), &[groups], 1.0);
            let zeros = graph.uniform(&part("zeros"), &[groups], 0.0);
            let told = vec![Float("epsilon", eps)];
            let normal = "InstanceNormalization";
            let plain = graph.push(&part("plain"), normal, &[&view, &ones, &zeros], told);
            let whole = graph.list(batched(shape));
            let last = if scaled { part("norm") } else { name.clone() };
            let plain = graph.push(&last, "Reshape", &[&plain, &whole], Vec::new());
            if !scaled {
                return Ok(plain);
            }
            let mut each = vec![1; shape.len()];
            each[0] = channels;
            let scale = graph.parameter(id, "weight", &each, false)?;
            let shift = graph.parameter(id, "bias", &each, false)?;
            let scaled = graph.push(&part("scaled"), "Mul", &[&plain, &scale], Vec::new());
            Ok(graph.push(name, "Add", &[&scaled, &shift], Vec::new()))
        }
        _ => Ok(x.to_owned()),
    }
}
