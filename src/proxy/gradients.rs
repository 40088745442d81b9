//! What the proxies of gradients share: the batch, its pass, the weights.

use std::sync::Arc;

use super::experiment::{Experiment, Findings, Origin, Trial, Verdict};
use super::{Settings, Status};
use crate::architecture::Architecture;
use crate::array::Array;
use crate::engine::{Found, Loss, Watch, WeightGradient, most_images};
use crate::network::{Arrange, Family, Merge, Network, Over, Reduce, Reduction};
use crate::stimulus::noise_batch;

/// Noise images in a batch. The papers have 64; between 32 and 64 the ranks
/// agree to .97 and more, and it takes half the time.
pub(super) const BATCH: usize = 32;

/// Noise images for `batches` of [`BATCH`], or of as many as fit into memory, and
/// what there is to say of that.
pub(super) fn noise(
    network: &Network,
    settings: &Settings,
    batches: usize,
) -> (Vec<Vec<Array>>, String) {
    let size = most_images(network, BATCH, true);
    let mut all = noise_batch(network.input(), settings.image_seed, size * batches);
    let take = |_| {
        let rest = all.split_off(size.min(all.len()));
        std::mem::replace(&mut all, rest)
    };
    let images = (0..batches).map(take).collect();
    let note = match size {
        BATCH => String::new(),
        _ => format!("batches of {size} images: {BATCH} do not fit into memory"),
    };
    (images, note)
}

/// The trial of one batch of noise, with the network's own weights.
pub(super) fn on_noise(
    arch: &Architecture,
    settings: &Settings,
    seed: u64,
    trial: impl FnOnce(&Origin, Vec<Array>) -> Trial,
) -> Trial {
    on_batches(arch, settings, seed, 1, |origin, mut batches| {
        trial(origin, batches.pop().unwrap_or_default())
    })
}

/// The same of several batches.
pub(super) fn on_batches(
    arch: &Architecture,
    settings: &Settings,
    seed: u64,
    batches: usize,
    trial: impl FnOnce(&Origin, Vec<Vec<Array>>) -> Trial,
) -> Trial {
    let (images, note) = noise(&arch.network, settings, batches);
    trial(&Origin::Drawn(arch.start.clone(), seed), images).noting(note)
}

/// Whether the network has a weight of a convolution or a dense layer; if not,
/// or where none leads to the output, the trial that says so; likewise where the outputs
/// [add up](adds_up) to the same whatever the weights.
pub(super) fn refused(network: &Network, origin: &Origin) -> Option<Trial> {
    let mut parameters = network.named_parameters();
    if !parameters.any(|(_, parameter)| parameter.role.is_weight()) {
        return Some(Trial::unsuited(
            "the network has no convolution or dense layer, whose weights are what counts",
        ));
    }
    if !network.is_connected() {
        let why = "the output does not depend on the input: the value is 0";
        return Some(Trial::decided(Verdict {
            value: Some(0.0),
            ..Verdict::without(Status::Disconnected, why)
        }));
    }
    let drawn = matches!(origin, Origin::Drawn(start, _) if !start.is_given(network));
    let same = adds_up(network);
    if drawn && network.outputs().iter().all(|&id| same[id]) {
        return Some(Trial::unsuited(
            "the network ends in a norm, or in sums and means of such, and its outputs add up to the same whatever the weights: there is no gradient; score outputs behind a dense layer, such as logits",
        ));
    }
    None
}

/// For each node, whether its numbers add up to the same whatever the weights: those
/// of a norm that takes the mean and begins with equal scales do, and those made of
/// such by what treats all alike.
fn adds_up(network: &Network) -> Vec<bool> {
    let mut same: Vec<bool> = Vec::with_capacity(network.nodes().len());
    for node in network.nodes() {
        let all = node.inputs.iter().all(|&input| same[input]);
        same.push(match node.op.family() {
            Family::Source(_) | Family::Arrange(Arrange::Zero) => true,
            // What divides by squares alone leaves the mean.
            Family::Norm(norm) => !matches!(norm.over, Over::LastSquares(_)),
            Family::Merge(Merge::Sum | Merge::Concat(_))
            | Family::Reduce(
                Reduce::Pixels
                | Reduce::Tokens
                | Reduce::Axes {
                    kind: Reduction::Mean | Reduction::Sum,
                    ..
                },
            )
            | Family::Arrange(
                Arrange::Identity | Arrange::Expand(_) | Arrange::Reshape(_) | Arrange::Permute(_),
            ) => all,
            Family::Merge(_)
            | Family::Reduce(_)
            | Family::Arrange(_)
            | Family::Conv(_)
            | Family::Dense(_)
            | Family::Pool(_)
            | Family::Pointwise(_)
            | Family::Product(_)
            | Family::Softmax(_) => false,
        });
    }
    same
}

/// A trial whose value is made of the gradients by the weights, of one batch.
pub(super) fn of_one_batch(
    network: &Arc<Network>,
    origin: &Origin,
    images: Vec<Array>,
    loss: Loss,
    value: fn(&[WeightGradient]) -> f64,
) -> Trial {
    if let Some(refused) = refused(network, origin) {
        return refused;
    }
    let watches = vec![Watch::WeightGradients(loss)];
    Trial {
        experiments: vec![Experiment::of_batch(
            network,
            origin.clone(),
            images,
            watches,
        )],
        judge: Box::new(move |found| match by_weights(found).as_slice() {
            [gradients] => Verdict::of(value(gradients)),
            _ => Verdict::without(Status::NonFinite, "nothing was found"),
        }),
    }
}

/// The gradients by weights, of each batch.
pub(super) fn by_weights(found: &[Findings]) -> Vec<&[WeightGradient]> {
    let all = found.iter().flatten();
    let gradients = all.filter_map(|found| match found {
        Found::WeightGradients(gradients) => Some(&**gradients),
        _ => None,
    });
    gradients.collect()
}

/// For each layer, over the batches: what `term` makes of each weight's mean of
/// |g| and its (population) deviations of g and of |g|, summed, and the
/// logarithm of that; layers whose sum is 0 are left out.
pub(super) fn sum_of_logarithms(
    batches: &[&[WeightGradient]],
    term: fn(f64, [f64; 2]) -> f64,
) -> f64 {
    let layers = batches.first().map_or(0, |first| first.len());
    let count = batches.len() as f64;
    let mut total = 0.0;
    for layer in 0..layers {
        let own: Vec<&[f64]> = batches
            .iter()
            .map(|b| b[layer].gradient.as_slice())
            .collect();
        let moments = |of: &dyn Fn(f64) -> f64, i: usize| {
            let mean = own.iter().map(|g| of(g[i])).sum::<f64>() / count;
            let squares = own.iter().map(|g| (of(g[i]) - mean) * (of(g[i]) - mean));
            (mean, (squares.sum::<f64>() / count).sqrt())
        };
        let sum: f64 = (0..own[0].len())
            .map(|i| {
                let (_, deviation) = moments(&|g| g, i);
                let (mean, of_magnitude) = moments(&f64::abs, i);
                term(mean, [deviation, of_magnitude])
            })
            .sum();
        // NaN is neither: it stays.
        if sum > 0.0 || sum.is_nan() {
            total += sum.ln();
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::network::{Builder, Input, Op};
    use crate::start::Start;

    #[test]
    fn only_a_norm_that_begins_with_equal_scales_and_takes_the_mean_has_no_gradient() {
        let network = |norm: Op| {
            let mut b = Builder::new(Input::Tokens([3, 4])).unwrap();
            let dense = Op::Dense {
                out: 4,
                bias: false,
            };
            let x = b.add("dense", dense, &[0]).unwrap();
            let x = b.add("norm", norm, &[x]).unwrap();
            b.finish(&[x])
        };
        let drawn = || Origin::Drawn(Start::default(), 0);
        let layer = network(Op::layer_norm(1e-5, true));
        assert!(refused(&layer, &drawn()).is_some());
        // So do sums and means of norms, but not what a pool treats unlike.
        for (last, none) in [(Op::GlobalAvgPool, true), (Op::max_pool(2, 1, 0), false)] {
            let mut b = Builder::new([3, 5, 7]).unwrap();
            let x = b.add("conv", Op::conv(4, 3, 1, 1, false), &[0]).unwrap();
            let x = b
                .add(
                    "norm",
                    Op::BatchNorm {
                        eps: 1e-5,
                        affine: true,
                    },
                    &[x],
                )
                .unwrap();
            let y = b.add("skip", Op::Identity, &[x]).unwrap();
            let sum = b.add("sum", Op::Sum, &[x, y]).unwrap();
            let last = b.add("last", last, &[sum]).unwrap();
            assert_eq!(refused(&b.finish(&[last]), &drawn()).is_some(), none);
        }
        let squares = network(Op::RmsNorm {
            eps: 1e-5,
            affine: true,
            axes: 1,
        });
        assert!(refused(&squares, &drawn()).is_none());
        let weights = Start::default().weights(&layer, 0);
        let given: BTreeMap<_, _> = layer
            .named_parameters()
            .map(|(name, _)| (name.clone(), weights.get(&name).unwrap().as_ref().clone()))
            .collect();
        let start = Start::default().with_given(&layer, given).unwrap();
        assert!(refused(&layer, &Origin::Drawn(start, 0)).is_none());
    }
}
