//! The signs of activations for several images: on how many neurons two images
//! agree, and how many different patterns the neurons have.
//!
//! A sign is one bit, set where a value is above 0, and sixty-four of an image's
//! are a word. A GPU packs a neuron's signs over the images instead, and one number
//! a neuron is read back for every [`WORD`] of them; here they are turned around.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a launch's sizes were held against the kernels' limits before"
)]

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use burn::tensor::Tensor;
use dextr_loops::{agreements, patterns, sign_words};

use super::waiting::Waiting;
use super::{Found, Observer, Watch};
use crate::engine::jet::Jets;
use crate::engine::read::Lent;
use crate::error::{Error, Result};
use crate::network::{Network, Node, NodeId};

/// Images whose signs a pattern holds.
const MOST: usize = 64;

/// Bits that a single-precision number holds exactly.
const WORD: usize = 24;

/// Images for which a bit for each pattern that there can be takes less than the
/// patterns themselves.
const FEW: usize = 20;

/// On how many neurons of a network the images of a batch agree.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// Number of images, n.
    pub images: usize,
    /// n × n, row-major: on how many neurons two images have the same sign.
    pub counts: Vec<u64>,
    /// Number of neurons.
    pub neurons: u64,
}

/// The signs of the watched nodes, packed.
pub(super) struct SignCounts {
    watches: Vec<(usize, Wish)>,
    wanted: Vec<NodeId>,
    images: usize,
    /// Packed numbers that are still on the device, by node.
    waiting: Waiting,
    /// Words that are here already, each image's after the other.
    here: BTreeMap<NodeId, Vec<u64>>,
}

/// What is asked, and of which nodes; one counts as often as it stands there.
enum Wish {
    Agreement(Vec<NodeId>),
    Patterns(Vec<NodeId>),
}

impl Wish {
    fn nodes(&self) -> &[NodeId] {
        match self {
            Self::Agreement(nodes) | Self::Patterns(nodes) => nodes,
        }
    }
}

impl SignCounts {
    pub(super) fn new(watches: &[Watch], originals: &[NodeId]) -> Self {
        let of = |nodes: &Arc<[NodeId]>| nodes.iter().map(|&id| originals[id]).collect();
        let watches = watches
            .iter()
            .enumerate()
            .filter_map(|(i, watch)| match watch {
                Watch::Agreement(nodes) => Some((i, Wish::Agreement(of(nodes)))),
                Watch::Patterns(nodes) => Some((i, Wish::Patterns(of(nodes)))),
                _ => None,
            });
        let watches: Vec<(usize, Wish)> = watches.collect();
        let all = watches.iter().flat_map(|(_, wish)| wish.nodes());
        let mut wanted: Vec<NodeId> = all.copied().collect();
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

    /// The words of a node, where they are still numbers of a GPU.
    fn unpacked(&self, id: NodeId, read: &[f64], neurons: usize) -> Option<Vec<u64>> {
        let numbers = self.waiting.of(id, read)?;
        let length = neurons.div_ceil(64);
        let mut words = vec![0u64; self.images * length];
        for (part, numbers) in numbers.chunks_exact(neurons.max(1)).enumerate() {
            for (i, &bits) in numbers.iter().enumerate() {
                let bits = bits as u64;
                let images = part * WORD..((part + 1) * WORD).min(self.images);
                for (bit, image) in images.enumerate() {
                    words[image * length + i / 64] |= ((bits >> bit) & 1) << (i % 64);
                }
            }
        }
        Some(words)
    }
}

/// Each image's signs.
fn words(images: &Tensor<2>, neurons: usize) -> Result<Vec<u64>> {
    let lent = Lent::of(images)?;
    let packed = |all: &[f32]| {
        let rows = all.chunks_exact(neurons.max(1));
        rows.flat_map(sign_words).collect()
    };
    if let Some(single) = lent.single() {
        return Ok(packed(single));
    }
    // In single precision a small number might become 0.
    let signs = lent.double()?.iter().map(|&x| f32::from(x > 0.0));
    let signs: Vec<f32> = signs.collect();
    Ok(packed(&signs))
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
            self.here.insert(id, words(&x, node.len())?);
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
        let words = |id: &NodeId| {
            let neurons = network.node(*id).len();
            let here = self.here.get(id).cloned();
            let words = here.or_else(|| self.unpacked(*id, read, neurons));
            (words.unwrap_or_default(), neurons)
        };
        let found = self.watches.iter().map(|(watch, wish)| {
            let found = match wish {
                Wish::Agreement(nodes) => {
                    Found::Agreement(agreement(nodes.iter().map(words), self.images))
                }
                Wish::Patterns(nodes) => {
                    Found::Patterns(different(nodes.iter().map(words), self.images))
                }
            };
            (*watch, found)
        });
        Ok(found.collect())
    }
}

/// Of nodes' words, with their numbers of neurons.
fn agreement(nodes: impl Iterator<Item = (Vec<u64>, usize)>, images: usize) -> Agreement {
    let mut found = Agreement {
        images,
        counts: vec![0; images * images],
        neurons: 0,
    };
    for (words, neurons) in nodes {
        found.neurons += neurons as u64;
        agreements(&words, neurons, &mut found.counts);
    }
    found
}

/// How many different patterns there are among all neurons.
fn different(nodes: impl Iterator<Item = (Vec<u64>, usize)>, images: usize) -> u64 {
    let all = nodes.flat_map(|(words, neurons)| patterns(&words, images, neurons));
    if images > FEW {
        return all.collect::<HashSet<u64>>().len() as u64;
    }
    let mut seen = vec![0u64; (1usize << images).div_ceil(64)];
    all.for_each(|pattern| seen[pattern as usize / 64] |= 1 << (pattern % 64));
    seen.iter().map(|word| u64::from(word.count_ones())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::device::{Device, Reason};

    #[test]
    fn agreements_and_patterns_are_counted_over_all_neurons() {
        // Three images; neurons with the patterns 000, 101, 101, 110, 70 times,
        // and one with 111.
        let neurons = [0b000, 0b101, 0b101, 0b110].repeat(70);
        let packed = |neurons: &[u64]| {
            let rows = (0..3).flat_map(|image| neurons.iter().map(move |p| (p >> image) & 1));
            let rows: Vec<f64> = rows.map(|bit| bit as f64 - 0.5).collect();
            let devices = [Device::cpu(Reason::Asked), Device::cpu_double()];
            let found = devices.map(|device| {
                let images = device.tensor(rows.clone(), [3, neurons.len()]);
                words(&images, neurons.len()).unwrap()
            });
            assert_eq!(found[0], found[1]);
            (found[0].clone(), neurons.len())
        };
        let nodes = [packed(&neurons), packed(&[0b111])];
        let found = agreement(nodes.iter().cloned(), 3);
        assert_eq!(found.neurons, 281);
        // Bits from the right: image 0 agrees with image 1 on 000 alone.
        assert_eq!(found.counts[1], 70 + 1);
        assert_eq!(found.counts[2], 3 * 70 + 1);
        assert_eq!(found.counts[5], 2 * 70 + 1);
        assert_eq!(found.counts[4], 281);
        for images in [3, 21] {
            assert_eq!(different(nodes.iter().map(|n| wider(n, images)), images), 4);
        }
    }

    /// The same with more images, on which no neuron is on.
    fn wider((words, neurons): &(Vec<u64>, usize), images: usize) -> (Vec<u64>, usize) {
        let mut words = words.clone();
        words.resize(images * neurons.div_ceil(64), 0);
        (words, *neurons)
    }
}
