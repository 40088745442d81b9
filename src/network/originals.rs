//! Nodes that have the same value.

use std::collections::BTreeMap;

use super::graph::{Network, NodeId};
use super::op::Op;

impl Network {
    /// For each node the first with the same value: an identity's source, and
    /// of equal operations without parameters on the same operands (every edge
    /// of a cell has its own activation of one value) the first.
    #[must_use]
    pub fn originals(&self) -> Vec<NodeId> {
        // Computed nodes without parameters, by their first operand.
        let mut seen: BTreeMap<NodeId, Vec<NodeId>> = BTreeMap::new();
        let mut originals: Vec<NodeId> = Vec::with_capacity(self.nodes().len());
        for (id, node) in self.nodes().iter().enumerate() {
            let original = match node.inputs.first().map(|&input| originals[input]) {
                None => id,
                Some(source) if node.op == Op::Identity => source,
                Some(_) if !self.parameters(id).is_empty() => id,
                Some(first) => {
                    let same = |&other: &NodeId| {
                        let other = self.node(other);
                        let operands = node.inputs.iter().map(|&i| originals[i]);
                        other.op == node.op
                            && operands.eq(other.inputs.iter().map(|&i| originals[i]))
                    };
                    let seen = seen.entry(first).or_default();
                    seen.iter().copied().find(same).unwrap_or_else(|| {
                        seen.push(id);
                        id
                    })
                }
            };
            originals.push(original);
        }
        originals
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Builder;

    /// The originals of nodes added one after the other; node 0 is the input.
    fn originals(nodes: &[(Op, &[NodeId])]) -> Vec<NodeId> {
        let mut builder = Builder::new([2, 4, 4]).unwrap();
        for (i, (op, inputs)) in nodes.iter().enumerate() {
            builder.add(&format!("n{i}"), op.clone(), inputs).unwrap();
        }
        builder.finish(&[nodes.len()]).originals()
    }

    fn norm(affine: bool) -> Op {
        Op::BatchNorm { eps: 1e-5, affine }
    }

    #[test]
    fn equal_operations_without_parameters_on_the_same_operands_are_one() {
        let found = originals(&[
            (Op::relu(), &[0]),
            (Op::Identity, &[0]),
            (Op::Identity, &[2]),
            (Op::relu(), &[3]),
            (norm(false), &[1]),
            (norm(false), &[4]),
            (Op::Sum, &[1, 5]),
            (Op::Sum, &[4, 6]),
        ]);
        assert_eq!(found, [0, 1, 0, 0, 1, 5, 5, 7, 7]);
    }

    #[test]
    fn others_stay_apart() {
        let concat = || Op::Concat { axis: 0 };
        let fixed = || Op::Fixed {
            shape: vec![2, 4, 4],
            values: vec![1.0; 32].into(),
        };
        let nodes: [(Op, &[NodeId]); 12] = [
            (Op::conv(2, 1, 1, 0, false), &[0]),
            (Op::conv(2, 1, 1, 0, false), &[0]),
            (norm(true), &[0]),
            (norm(true), &[0]),
            (Op::Scale(2.0), &[0]),
            (Op::Scale(3.0), &[0]),
            (concat(), &[1, 2]),
            (concat(), &[2, 1]),
            (concat(), &[1, 2, 1]),
            (Op::relu(), &[1]),
            (Op::relu(), &[2]),
            (fixed(), &[]),
        ];
        assert_eq!(originals(&nodes), (0..=12).collect::<Vec<_>>());
    }
}
