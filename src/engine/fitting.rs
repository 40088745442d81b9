//! How many images fit.

use super::device::{Device, Reason};
use super::jet::{Layout, Statistics};
use super::memory::{check_memory, uses};
use super::sweep::kept_for_weights;
use crate::network::Network;

/// The largest number of images, `wanted` or a half, a quarter … of it, for which
/// a pass on the CPU fits into memory; with `gradients`, one that goes back by
/// all weights. At least 1: whether that fits is for the pass to say.
#[must_use]
pub fn most_images(network: &Network, wanted: usize, gradients: bool) -> usize {
    let device = Device::cpu(Reason::Asked);
    let originals = network.originals();
    let mut uses = uses(network, &originals);
    if gradients {
        let kept = kept_for_weights(network, &originals);
        kept.into_iter().for_each(|id| uses[id] += 1);
    }
    let fits = |images: usize| {
        let layout = Layout {
            images,
            curves: 0,
            host: true,
            statistics: Statistics::Batch,
        };
        check_memory(network, &originals, uses.clone(), layout, &device).is_ok()
    };
    let mut images = wanted;
    while images > 1 && !fits(images) {
        images /= 2;
    }
    images.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{Builder, Op};

    #[test]
    fn a_large_network_takes_fewer_images() {
        let mut b = Builder::new([3, 512, 512]).unwrap();
        let mut x = b.input();
        for i in 0..4 {
            let conv = Op::conv(64, 3, 1, 1, false);
            x = b.add(&format!("conv{i}"), conv, &[x]).unwrap();
        }
        let network = b.finish(&[x]);
        let with = most_images(&network, 64, true);
        let without = most_images(&network, 64, false);
        assert!(
            1 < with && with < without && without <= 64,
            "{with} {without}"
        );
        let mut b = Builder::new([3, 8, 8]).unwrap();
        let x = b.add("conv", Op::conv(4, 3, 1, 1, false), &[0]).unwrap();
        assert_eq!(most_images(&b.finish(&[x]), 64, true), 64);
    }
}
