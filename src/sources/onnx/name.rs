//! What a node is called in messages.

use super::proto::NodeProto;

/// Its own name, or its operator and place in the file.
pub(super) fn node_name(node: &NodeProto, index: usize) -> String {
    if node.name.is_empty() {
        format!("{}_{index}", node.op_type)
    } else {
        node.name.clone()
    }
}
