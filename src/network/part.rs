//! What a layer is to a network of tokens: part of what mixes them (an attention),
//! of what makes word vectors wider, or neither.

use super::graph::{Input, Network, NodeId};
use super::op::{Conv, Dense, Family, Op};

/// What a layer belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The dense layer that makes word vectors as wide as the network's tokens,
    /// where they are narrower (ELECTRA, ALBERT).
    Embedding,
    /// What tokens are mixed by: queries, keys, values, what leads back from
    /// them, and whatever else lies between.
    Mixing,
    /// Anything else: feed-forward layers, convolutions, heads.
    Other,
}

impl Network {
    /// For each node what it belongs to.
    ///
    /// Norms, activations and sums of branches cut a network into pieces, and so
    /// does what a branch begins with. A piece in which tokens meet (in a product
    /// of two values that depend on the input, or under a fixed matrix along the
    /// tokens) mixes them.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let live = self.live();
        let embedding = self.embedding(&live);
        let mut pieces = Pieces::new(self.nodes().len());
        let cuts = self.cuts(&live, embedding);
        for (id, node) in self.nodes().iter().enumerate() {
            if cuts[id] == Cut::Both {
                continue;
            }
            let open = |i: &&NodeId| live[**i] && cuts[**i] == Cut::None;
            for &i in node.inputs.iter().filter(open) {
                pieces.join(i, id);
            }
        }
        let mut mixing = vec![false; self.nodes().len()];
        for id in 0..self.nodes().len() {
            if self.mixes_tokens(id, &live) {
                mixing[pieces.of(id)] = true;
            }
        }
        let part = |id| match () {
            () if embedding == Some(id) => Part::Embedding,
            () if live[id] && mixing[pieces.of(id)] => Part::Mixing,
            () => Part::Other,
        };
        (0..self.nodes().len()).map(part).collect()
    }

    /// Whether tokens meet in a node.
    fn mixes_tokens(&self, id: NodeId, live: &[bool]) -> bool {
        let node = self.node(id);
        match node.op.family() {
            Family::Product(_) => node.inputs.iter().all(|&i| live[i]),
            // Of a map [C, H, W] it resizes, or sums channels.
            Family::Dense(Dense::Fixed(0, ..)) => node.shape.len() == 2 && live[id],
            _ => false,
        }
    }

    /// Where pieces end.
    fn cuts(&self, live: &[bool], embedding: Option<NodeId>) -> Vec<Cut> {
        let products = self.products(live);
        let mut cuts = vec![Cut::None; self.nodes().len()];
        for (id, node) in self.nodes().iter().enumerate() {
            let branches = || node.inputs.iter().filter(|&&i| live[i]);
            let joins = node.op.is_merge()
                && branches().count() > 1
                && !node.inputs.iter().any(|&i| products[i]);
            if joins {
                // What goes into a sum goes on elsewhere as a branch of its own.
                for &i in branches() {
                    cuts[i] = cuts[i].max(Cut::After);
                }
            }
            if joins || node.op.is_norm() || node.op.is_activation() || node.op == Op::Input {
                cuts[id] = Cut::Both;
            }
        }
        if let Some(id) = embedding {
            cuts[id] = Cut::Both;
        }
        cuts
    }

    /// The first dense layer behind word vectors, where nothing goes around it and
    /// it makes them wider or narrower.
    fn embedding(&self, live: &[bool]) -> Option<NodeId> {
        if !matches!(self.input(), Input::Words { .. }) {
            return None;
        }
        let mut id = 0;
        loop {
            let behind = |n: &NodeId| self.node(*n).inputs.contains(&id);
            let mut behind = (id + 1..self.nodes().len()).filter(behind);
            let (next, None) = (behind.next()?, behind.next()) else {
                return None;
            };
            let node = self.node(next);
            if node.inputs.iter().filter(|&&i| live[i]).count() != 1 {
                return None;
            }
            match node.op.family() {
                Family::Dense(Dense::Learned(out, _)) => {
                    let width = self.node(id).shape.last();
                    return (width != Some(&out)).then_some(next);
                }
                Family::Merge(_) | Family::Norm(_) | Family::Arrange(_) => id = next,
                _ => return None,
            }
        }
    }

    /// Whether a node is a convolution with a kernel for each channel.
    #[must_use]
    pub fn is_depthwise(&self, id: NodeId) -> bool {
        let channels = self.input_shapes(id).first().map(|shape| shape[0]);
        match self.node(id).op.family() {
            Family::Conv(Conv { groups, .. }) => groups > 1 && channels == Some(groups),
            _ => false,
        }
    }
}

/// Where a piece ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cut {
    /// Not here.
    None,
    /// Behind this node.
    After,
    /// On both sides: it belongs to none.
    Both,
}

/// Which nodes belong together.
struct Pieces(Vec<NodeId>);

impl Pieces {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    /// The first node of the piece.
    fn of(&mut self, mut id: NodeId) -> NodeId {
        while self.0[id] != id {
            self.0[id] = self.0[self.0[id]];
            id = self.0[id];
        }
        id
    }

    fn join(&mut self, a: NodeId, b: NodeId) {
        let (a, b) = (self.of(a), self.of(b));
        self.0[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Builder;

    fn dense(b: &mut Builder, name: &str, out: usize, x: NodeId) -> NodeId {
        b.add(name, Op::Dense { out, bias: true }, &[x]).unwrap()
    }

    fn of(network: &Network, part: Part) -> Vec<&str> {
        let names = network.nodes().iter().zip(network.parts());
        names
            .filter(|(node, p)| matches!(node.op, Op::Dense { .. }) && *p == part)
            .map(|(node, _)| node.name.as_str())
            .collect()
    }

    #[test]
    fn queries_keys_values_and_the_projection_are_an_attentions() {
        let mut b = Builder::new(Input::Tokens([5, 4])).unwrap();
        let q = dense(&mut b, "first", 4, 0);
        let [q, k, v] = [("q", q), ("k", 0), ("v", 0)].map(|(n, x)| dense(&mut b, n, 4, x));
        let across = b.add("across", Op::Permute(vec![1, 0]), &[k]).unwrap();
        let logits = b.add("logits", Op::MatMul, &[q, across]).unwrap();
        let weights = b.add("weights", Op::Softmax, &[logits]).unwrap();
        let mixed = b.add("mixed", Op::MatMul, &[weights, v]).unwrap();
        let out = dense(&mut b, "out", 4, mixed);
        let sum = b.add("sum", Op::Sum, &[0, out]).unwrap();
        let up = dense(&mut b, "up", 4, sum);
        let act = b.add("act", Op::relu(), &[up]).unwrap();
        let down = dense(&mut b, "down", 4, act);
        let network = b.finish(&[down]);
        assert_eq!(of(&network, Part::Mixing), ["first", "q", "k", "v", "out"]);
        assert_eq!(of(&network, Part::Other), ["up", "down"]);
    }

    #[test]
    fn a_fixed_matrix_along_tokens_mixes_them_up_to_what_branches() {
        let input = Input::Words {
            length: 3,
            vocabulary: 9,
            features: 2,
        };
        let mut b = Builder::new(input).unwrap();
        let norm = b.add("norm", Op::layer_norm(1e-5, true), &[0]).unwrap();
        let wide = dense(&mut b, "wider", 4, norm);
        let into = dense(&mut b, "into", 4, wide);
        let matrix = Op::LinearAlong {
            axis: 0,
            out: 3,
            matrix: vec![1.0; 9].into(),
        };
        let mixed = b.add("mixed", matrix, &[into]).unwrap();
        let up = dense(&mut b, "up", 8, mixed);
        let act = b.add("act", Op::relu(), &[up]).unwrap();
        let down = dense(&mut b, "down", 4, act);
        let sum = b.add("sum", Op::Sum, &[down, mixed]).unwrap();
        let network = b.finish(&[sum]);
        assert_eq!(of(&network, Part::Embedding), ["wider"]);
        assert_eq!(of(&network, Part::Mixing), ["into"]);
        assert_eq!(of(&network, Part::Other), ["up", "down"]);
    }

    #[test]
    fn a_layer_that_something_goes_around_makes_no_words_wider() {
        let input = Input::Words {
            length: 3,
            vocabulary: 9,
            features: 2,
        };
        let mut b = Builder::new(input).unwrap();
        let up = dense(&mut b, "up", 4, 0);
        let act = b.add("act", Op::relu(), &[up]).unwrap();
        let down = dense(&mut b, "down", 2, act);
        let sum = b.add("sum", Op::Sum, &[0, down]).unwrap();
        let network = b.finish(&[sum]);
        assert_eq!(of(&network, Part::Embedding), [""; 0]);
    }
}
