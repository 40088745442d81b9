//! When a value can be freed, and whether all of them fit.

use super::device::Device;
use super::device::Kind;
use super::jet::Layout;
use super::ops::LONGEST;
use crate::error::{Error, Result};
use crate::network::{Network, NodeId};

/// How often each node's value is asked for, where those of equal nodes are
/// their original's.
pub(super) fn uses(network: &Network, originals: &[NodeId]) -> Vec<usize> {
    let mut uses = vec![0; originals.len()];
    let computed = network.nodes().iter().enumerate();
    let computed = computed.filter(|&(id, _)| originals[id] == id);
    let operands = computed.flat_map(|(_, node)| &node.inputs);
    operands
        .chain(network.outputs())
        .for_each(|&i| uses[originals[i]] += 1);
    uses
}

/// Refuses a network whose values would not fit, before anything is allocated.
/// `uses` is how often each is asked for: more often than there are operands
/// where it is kept to the end.
pub(super) fn check_memory(
    network: &Network,
    originals: &[NodeId],
    mut uses: Vec<usize>,
    layout: Layout,
    device: &Device,
) -> Result<()> {
    // A chain of tensor operations (GELU, softmax) holds its input, its output
    // and some four products at once.
    const AT_WORK: u64 = 6;
    let limit = device.memory_limit();
    let bytes = |id: NodeId| {
        let elements = network.node(id).shape.iter().map(|&d| d as u64);
        elements.fold(layout.rows() as u64 * device.width(), u64::saturating_mul)
    };
    let mut held = 0u64;
    let computed = network.nodes().iter().enumerate();
    for (id, node) in computed.filter(|&(id, _)| originals[id] == id) {
        let largest = node.inputs.iter().map(|&i| bytes(i)).max().unwrap_or(0);
        let cost = node.op.cost(&network.input_shapes(id), &node.shape);
        let copies = cost.copies.saturating_mul(largest);
        let at_work = bytes(id)
            .saturating_mul(AT_WORK)
            .max(bytes(id).saturating_add(copies));
        let needed = held.saturating_add(at_work);
        for (needed, limit) in [(needed, limit), (bytes(id), device.largest_buffer())] {
            if needed > limit {
                return Err(Error::TooLarge {
                    node: node.name.clone(),
                    needed_mib: needed >> 20,
                    limit_mib: limit >> 20,
                });
            }
        }
        for i in node.inputs.iter().map(|&i| originals[i]) {
            uses[i] -= 1;
            if uses[i] == 0 {
                held = held.saturating_sub(bytes(i));
            }
        }
        if uses[id] > 0 {
            held += bytes(id);
        }
    }
    Ok(())
}

/// Refuses a layer whose sums are longer than the GPU's kernels add up.
pub(super) fn check_sums(network: &Network, device: &Device) -> Result<()> {
    if device.kind() == Kind::Cpu {
        return Ok(());
    }
    for (id, node) in network.nodes().iter().enumerate() {
        let cost = node.op.cost(&network.input_shapes(id), &node.shape);
        let length = cost.summed;
        if length > LONGEST {
            return Err(Error::Device {
                code: "too-large",
                message: format!(
                    "{} adds up {length} products for each number, more than the GPU's kernels do ({LONGEST})",
                    node.name
                ),
                cure: "lower the input size, or use the CPU (device cpu)".to_owned(),
            });
        }
    }
    Ok(())
}
