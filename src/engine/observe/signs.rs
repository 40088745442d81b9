//! The signs of activations for several images: which images agree on how many
//! neurons, and how many different patterns the neurons have.
//!
//! A neuron's pattern is one bit an image, set where its value is above 0. On
//! a GPU the bits are packed there, and one number a neuron is read back for
//! every [`WORD`] images.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a launch's sizes were held against the kernels' limits before"
)]

use std::collections::{BTreeMap, HashSet};

use burn::tensor::Tensor;

use super::waiting::Waiting;
use super::{Found, Observer, Watch};
use crate::engine::jet::Jets;
use crate::engine::read::host;
use crate::error::{Error, Result};
use crate::network::{Network, Node, NodeId};

/// Images whose signs a pattern holds.
const MOST: usize = 64;

/// Bits that a single-precision number holds exactly.
const WORD: usize = 24;

/// What the signs of a network's activations say, for n images.
#[derive(Debug, Clone, PartialEq)]
pub struct Signs {
    /// Number of images, n.
    pub images: usize,
    /// n × n, row-major: on how many neurons two images have the same sign.
    pub agreement: Vec<u64>,
    /// How many different patterns there are among all neurons.
    pub patterns: u64,
    /// Number of neurons.
    pub neurons: u64,
}

/// The signs of the watched nodes, packed.
pub(super) struct SignCounts {
    /// The watch and its nodes; a node counts as often as it stands there.
    watches: Vec<(usize, Vec<NodeId>)>,
    wanted: Vec<NodeId>,
    images: usize,
    /// Packed words that are still on the device, by node.
    waiting: Waiting,
    /// Patterns that are here already.
    here: BTreeMap<NodeId, Vec<u64>>,
}

impl SignCounts {
    pub(super) fn new(watches: &[Watch], originals: &[NodeId]) -> Self {
        let watches = watches
            .iter()
            .enumerate()
            .filter_map(|(i, watch)| match watch {
                Watch::Signs(nodes) => Some((i, nodes.iter().map(|&id| originals[id]).collect())),
                _ => None,
            });
        let watches: Vec<(usize, Vec<NodeId>)> = watches.collect();
        let mut wanted: Vec<NodeId> = watches.iter().flat_map(|(_, ids)| ids).copied().collect();
        wanted.sort_unstable();
        wanted.dedup();
        Self {
            watches,
            wanted,
            images: 0,
            waiting: Waiting::default(),
            here: BTreeMap::new(),
        }
    }
}

impl Observer for SignCounts {
    fn nodes(&self) -> Vec<NodeId> {
        self.wanted.clone()
    }

    fn take(&mut self, id: NodeId, node: &Node, value: &Jets) -> Result<()> {
        if self.wanted.binary_search(&id).is_err() {
            return Ok(());
        }
        self.images = value.layout.images;
        if self.images > MOST {
            return Err(Error::Usage {
                message: format!("the signs of {} images do not fit", self.images),
                cure: format!("take at most {MOST} images"),
            });
        }
        let x = value.images();
        if value.layout.host {
            let numbers = host(x.try_into_data())?;
            let mut patterns = vec![0u64; node.len()];
            for (image, row) in numbers.chunks_exact(node.len().max(1)).enumerate() {
                for (pattern, value) in patterns.iter_mut().zip(row) {
                    *pattern |= u64::from(*value > 0.0) << image;
                }
            }
            self.here.insert(id, patterns);
            return Ok(());
        }
        let words = (0..self.images).step_by(WORD).map(|first| {
            let count = WORD.min(self.images - first);
            // 1 above 0, else 0: GPUs take what is nearer to 0 than 1e-38 as 0.
            let bits = x.clone().slice_dim(0, first..first + count);
            let bits = (bits * f32::MAX).clamp(0.0, 1.0);
            let weights: Vec<f32> = (0..count).map(|i| (1u32 << i) as f32).collect();
            let weights = Tensor::<1>::from_floats(weights.as_slice(), &x.device());
            (bits * weights.reshape([count, 1]))
                .sum_dim(0)
                .reshape([node.len()])
        });
        self.waiting.insert(id, Tensor::cat(words.collect(), 0));
        Ok(())
    }

    fn finish(&mut self, _: usize) -> Option<Tensor<1>> {
        self.waiting.joined()
    }

    fn found(&self, read: &[f64], network: &Network) -> Result<Vec<(usize, Found)>> {
        let unpacked = |id: &NodeId| -> Option<Vec<u64>> {
            let words = self.waiting.of(*id, read)?;
            let neurons = network.node(*id).len();
            let mut patterns = vec![0u64; neurons];
            for (word, numbers) in words.chunks_exact(neurons.max(1)).enumerate() {
                for (pattern, bits) in patterns.iter_mut().zip(numbers) {
                    *pattern |= (*bits as u64) << (word * WORD);
                }
            }
            Some(patterns)
        };
        let mut found = Vec::new();
        for (watch, nodes) in &self.watches {
            let mut counts = Counts::new(self.images);
            for id in nodes {
                match self.here.get(id) {
                    Some(patterns) => counts.add(patterns),
                    None => counts.add(&unpacked(id).unwrap_or_default()),
                }
            }
            found.push((*watch, Found::Signs(counts.signs())));
        }
        Ok(found)
    }
}

/// Counts patterns.
struct Counts {
    images: usize,
    agreement: Vec<u64>,
    seen: HashSet<u64>,
    neurons: u64,
}

impl Counts {
    fn new(images: usize) -> Self {
        Self {
            images,
            agreement: vec![0; images * images],
            seen: HashSet::new(),
            neurons: 0,
        }
    }

    fn add(&mut self, patterns: &[u64]) {
        self.neurons += patterns.len() as u64;
        self.seen.extend(patterns);
        // Sixty-four neurons at a time: one word an image, so that two images
        // are compared by one exclusive or.
        for block in patterns.chunks(64) {
            let unused = 64 - block.len() as u32;
            let words: Vec<u64> = (0..self.images)
                .map(|image| {
                    let bits = block.iter().enumerate();
                    bits.fold(0, |word, (i, p)| word | ((p >> image) & 1) << i)
                })
                .collect();
            for i in 0..self.images {
                for j in 0..self.images {
                    let differ = (words[i] ^ words[j]).count_ones();
                    self.agreement[i * self.images + j] += u64::from(64 - unused - differ);
                }
            }
        }
    }

    fn signs(self) -> Signs {
        Signs {
            images: self.images,
            agreement: self.agreement,
            patterns: self.seen.len() as u64,
            neurons: self.neurons,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agreements_and_patterns_are_counted_over_all_neurons() {
        // Three images; neurons with the patterns 000, 101, 101, 110, 70 times.
        let mut counts = Counts::new(3);
        let patterns: Vec<u64> = [0b000, 0b101, 0b101, 0b110].repeat(70);
        counts.add(&patterns);
        counts.add(&[0b111]);
        let found = counts.signs();
        assert_eq!((found.patterns, found.neurons), (4, 281));
        // Bits from the right: image 0 agrees with image 1 on 000 alone.
        assert_eq!(found.agreement[1], 70 + 1);
        assert_eq!(found.agreement[2], 3 * 70 + 1);
        assert_eq!(found.agreement[5], 2 * 70 + 1);
        assert_eq!(found.agreement[4], 281);
    }
}
