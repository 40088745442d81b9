//! The features between the parts of a network: what its cells or blocks give.

use crate::network::{Network, NodeId};

/// Outputs of the cells, blocks and the stem, in execution order, that are maps;
/// where the network names fewer than two, of live merges, and where there are
/// fewer than two of these, of activations.
pub(super) fn features(network: &Network) -> Vec<NodeId> {
    let live = network.live();
    let nodes = || 0..network.nodes().len();
    let map = |&id: &NodeId| live[id] && is_map(&network.node(id).shape);
    let named = |&id: &NodeId| {
        let mut containers = network.node(id).containers.iter();
        containers.any(|c| ["cell", "block"].contains(&c.kind))
    };
    let merges = |&id: &NodeId| {
        let node = network.node(id);
        let operands = node.inputs.iter().filter(|&&i| live[i]).count();
        node.op.is_merge() && operands >= 2
    };
    let activations = |&id: &NodeId| network.node(id).op.is_activation();
    let kinds: [&dyn Fn(&NodeId) -> bool; 3] = [&named, &merges, &activations];
    let found = kinds
        .into_iter()
        .map(|kind| -> Vec<NodeId> { nodes().filter(kind).filter(map).collect() });
    found.into_iter().find(|f| f.len() >= 2).unwrap_or_default()
}

/// A map of more than one place, or tokens.
fn is_map(shape: &[usize]) -> bool {
    match *shape {
        [_, height, width] => height * width > 1,
        [tokens, _] => tokens > 1,
        _ => false,
    }
}

/// Whether a later map can be laid over an earlier one, a place over a block of
/// the same number of pixels.
pub(super) fn lie_over(earlier: &[usize], later: &[usize]) -> bool {
    match (earlier, later) {
        ([_, height, width], [_, rows, columns]) => {
            height.is_multiple_of(*rows) && width.is_multiple_of(*columns)
        }
        ([tokens, _], [others, _]) => tokens == others,
        _ => false,
    }
}
