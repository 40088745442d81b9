//! Which dense layers belong to an attention.

use super::graph::Network;
use super::op::Op;

impl Network {
    /// For each node whether it is a dense layer of an attention: one that a
    /// product of two matrices which depend on the input is made of, with no other
    /// layer between (queries, keys, values), or that is made of such a product.
    #[must_use]
    pub fn attention(&self) -> Vec<bool> {
        let live = self.live();
        let count = self.nodes().len();
        let is_product = |id: usize| {
            let node = self.node(id);
            node.op == Op::MatMul && node.inputs.iter().all(|&i| live[i])
        };
        // Layers stop what comes from a product, and what leads to one.
        let stops = |id: usize| self.node(id).op.is_layer() && self.node(id).op != Op::Identity;
        let mut behind = vec![false; count];
        for (id, node) in self.nodes().iter().enumerate() {
            let reached = node.inputs.iter().any(|&i| behind[i] && !stops(i));
            behind[id] = is_product(id) || reached;
        }
        let mut before = vec![false; count];
        for (id, node) in self.nodes().iter().enumerate().rev() {
            if is_product(id) || before[id] && !stops(id) {
                node.inputs.iter().for_each(|&i| before[i] = true);
            }
        }
        let dense = |id: usize| matches!(self.node(id).op, Op::Dense { .. });
        (0..count)
            .map(|id| dense(id) && (before[id] || behind[id]))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Builder, Input};

    #[test]
    fn queries_keys_values_and_the_projection_are_an_attentions() {
        let mut b = Builder::new(Input::Tokens([5, 4])).unwrap();
        let dense = || Op::Dense { out: 4, bias: true };
        let [q, k, v] = ["q", "k", "v"].map(|name| b.add(name, dense(), &[0]).unwrap());
        let across = b.add("across", Op::Permute(vec![1, 0]), &[k]).unwrap();
        let logits = b.add("logits", Op::MatMul, &[q, across]).unwrap();
        let weights = b.add("weights", Op::Softmax, &[logits]).unwrap();
        let mixed = b.add("mixed", Op::MatMul, &[weights, v]).unwrap();
        let out = b.add("out", dense(), &[mixed]).unwrap();
        let sum = b.add("sum", Op::Sum, &[0, out]).unwrap();
        let up = b.add("up", dense(), &[sum]).unwrap();
        let act = b.add("act", Op::relu(), &[up]).unwrap();
        let down = b.add("down", dense(), &[act]).unwrap();
        let network = b.finish(&[down]);
        let found = network.attention();
        let names = network.nodes().iter().zip(found);
        let own: Vec<&str> = names
            .filter(|(_, own)| *own)
            .map(|(node, _)| node.name.as_str())
            .collect();
        assert_eq!(own, ["q", "k", "v", "out"]);
    }
}
