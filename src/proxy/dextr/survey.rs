//! Every layer's rank and ratio, and where rank is lost: evidence beside the
//! score, which sees the observed maps alone.

use serde::Serialize;

use super::conditioning::{RATIO_FLOOR, random_ratio, ratio};
use super::plan::Plan;
use crate::architecture::Architecture;
use crate::engine::{Device, Inputs, MapRange, Monitor, Pass, Run};
use crate::error::{Error, Result};
use crate::network::{Network, NodeId, Policy};
use crate::proxy::Settings;
use crate::svd;

/// One layer's map under the first weight seed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Surveyed {
    /// The layer's name in the network.
    pub name: String,
    /// The kind of operation.
    pub kind: &'static str,
    /// Its shape, `[C, H, W]` or `[T, D]`.
    pub shape: Vec<usize>,
    /// Whether the score's policy observes it.
    pub observed: bool,
    /// σ_min/σ_max; 0 below [`RATIO_FLOOR`].
    pub ratio: f64,
    /// The ratio over that of a random matrix of this shape.
    pub relative: f64,
    /// How many singular values are above [`RATIO_FLOOR`] of the largest.
    pub rank: usize,
    /// The largest rank that the shape has room for, min(C, HW).
    pub room: usize,
    /// Why the rank is smaller than its room; none where it is not.
    pub loss: Option<Loss>,
}

/// Why a map has not the rank that its shape has room for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "cause", rename_all = "kebab-case")]
pub enum Loss {
    /// All its numbers are zero.
    Zero,
    /// Each of its numbers is made of `inputs` of those before: channels times
    /// the kernel's taps, fewer than its channels.
    Narrow {
        /// How many numbers one is made of.
        inputs: usize,
    },
    /// Channels that are one number everywhere, with those that are zero.
    Dead {
        /// How many.
        channels: usize,
    },
    /// A norm takes each channel's mean off: one direction less where there are
    /// no more pixels than channels.
    Centred,
    /// It is what an earlier layer, named here, had lost already.
    Inherited {
        /// The first layer that lost it.
        from: String,
    },
    /// Nothing before it lacks rank, and it has numbers enough: its channels
    /// became dependent by their values.
    Dependent,
}

/// Looks at the maps of all layers: those of the policy `layers`, under the
/// settings' image and first weight seed. Singular values are computed in
/// double precision on the host, wherever the maps were.
///
/// # Errors
/// Those of [`Plan::new`] and [`Pass::run`].
pub async fn survey(
    arch: &Architecture,
    settings: &Settings,
    device: &Device,
    monitor: &dyn Monitor,
) -> Result<Vec<Surveyed>> {
    let plan = Plan::new(arch, settings)?;
    let network = &plan.network;
    let layers = network.observed(Policy::Layers, false);
    let nodes: Vec<NodeId> = layers.iter().filter(|l| l.live).map(|l| l.node).collect();
    let weights = arch.start.weights(network, settings.seed);
    let inputs = Inputs {
        images: vec![plan.image],
        ..Inputs::default()
    };
    let run = Run {
        network,
        weights: &weights,
        inputs: &inputs,
    };
    let mut facts: Vec<Option<Facts>> = vec![None; network.nodes().len()];
    let see = &mut |node: NodeId, map: Vec<f64>| {
        facts[node] = Some(Facts::of(network, node, &map)?);
        Ok(())
    };
    Pass::maps(run, &nodes, device, monitor, see).await?;
    let losses = losses(network, &facts);
    let row = |(node, loss): (NodeId, Option<Loss>)| {
        let facts = facts[node].as_ref()?;
        let of = network.node(node);
        let (rows, columns) = sides(network, node);
        let ratio = facts.ratio;
        Some(Surveyed {
            name: of.name.clone(),
            kind: of.op.kind(),
            shape: of.shape.clone(),
            observed: plan.observed.iter().any(|o| o.node == node),
            ratio,
            relative: ratio / random_ratio(rows, columns),
            rank: facts.rank,
            room: rows.min(columns),
            loss,
        })
    };
    Ok(losses.into_iter().enumerate().filter_map(row).collect())
}

/// What is found of a map.
#[derive(Debug, Clone)]
struct Facts {
    ratio: f64,
    rank: usize,
    /// Channels that are one number everywhere.
    constant: usize,
    zero: bool,
}

impl Facts {
    fn of(network: &Network, node: NodeId, map: &[f64]) -> Result<Self> {
        let (rows, columns) = sides(network, node);
        let sigma = svd::values(rows, map).map_err(|message| Error::SingularValues {
            map: network.node(node).name.clone(),
            message,
        })?;
        let most = sigma.first().copied().unwrap_or(0.0);
        let least = sigma.last().copied().unwrap_or(0.0);
        // NaN has no rank.
        let above = |s: &&f64| most > 0.0 && **s >= RATIO_FLOOR * most;
        let rank = sigma.iter().filter(above).count();
        let flat = |row: &&[f64]| row.iter().all(|x| *x == row[0]);
        let channels = network.node(node).shape.len() == 3;
        let constant = map.chunks_exact(columns.max(1)).filter(flat);
        let constant = if channels { constant.count() } else { 0 };
        Ok(Self {
            ratio: ratio(MapRange {
                min: least,
                max: most,
            }),
            rank,
            constant,
            zero: map.iter().all(|x| *x == 0.0),
        })
    }
}

/// Rows and columns of a node's map.
fn sides(network: &Network, node: NodeId) -> (usize, usize) {
    let node = network.node(node);
    let rows = node.shape.first().copied().unwrap_or(1).max(1);
    (rows, node.len() / rows)
}

/// For each node, why its rank is lost; none where it is full or unknown.
fn losses(network: &Network, facts: &[Option<Facts>]) -> Vec<Option<Loss>> {
    // For each node the first layer whose loss it may carry on.
    let mut carried: Vec<Option<String>> = Vec::with_capacity(facts.len());
    let mut losses = Vec::with_capacity(facts.len());
    for (node, found) in facts.iter().enumerate() {
        let of = network.node(node);
        let mut before = of.inputs.iter().filter_map(|&i| carried[i].clone());
        let from = before.next();
        let Some(found) = found else {
            // Between layers: a sum or a view carries on what it is made of.
            carried.push(from);
            losses.push(None);
            continue;
        };
        let (rows, columns) = sides(network, node);
        let room = rows.min(columns);
        let loss = (found.rank < room).then(|| {
            let narrow = made_of(network, node).filter(|&inputs| inputs < room);
            match (narrow, from) {
                _ if found.zero => Loss::Zero,
                (Some(inputs), _) => Loss::Narrow { inputs },
                _ if of.op.is_norm() && columns <= rows && found.rank + 1 >= columns => {
                    Loss::Centred
                }
                (None, Some(from)) => Loss::Inherited { from },
                (None, None) if found.constant > 0 => Loss::Dead {
                    channels: found.constant,
                },
                (None, None) => Loss::Dependent,
            }
        });
        carried.push(match &loss {
            None => None,
            // Of the shape alone; what follows has room for it.
            Some(Loss::Centred) => None,
            Some(Loss::Inherited { from }) => Some(from.clone()),
            Some(_) => Some(of.name.clone()),
        });
        losses.push(loss);
    }
    losses
}

/// Of a layer with a kernel, how many numbers each of its own is made of, over
/// all groups: channels times taps.
fn made_of(network: &Network, node: NodeId) -> Option<usize> {
    let parameters = network.parameters(node);
    let weight = &parameters.iter().find(|p| p.suffix == "weight")?.shape;
    let shapes = network.input_shapes(node);
    let input = shapes.first()?;
    match weight.as_slice() {
        // A convolution, transposed or not: the kernel's sides come last.
        [_, _, h, w] => Some(input.first()? * h * w),
        [_, inputs] => Some(*inputs),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Reason, Silent};
    use crate::network::{Builder, Op};
    use crate::sources::spaces;

    fn look(network: Network) -> Vec<Surveyed> {
        let space = spaces::by_name("nasbench201").unwrap();
        let cell = space.about().examples[0].arch;
        let mut arch = space
            .build(cell, &crate::architecture::Options::new())
            .unwrap();
        arch.network = std::sync::Arc::new(network);
        arch.observe = Policy::Flow;
        let settings = Settings::default();
        let device = Device::cpu(Reason::Asked);
        pollster::block_on(survey(&arch, &settings, &device, &Silent)).unwrap()
    }

    #[test]
    fn a_bottleneck_is_the_culprit_and_what_follows_inherits() {
        // 16 channels, then 2, then 64 by a kernel of one tap.
        let mut b = Builder::new([3, 16, 16]).unwrap();
        let wide = b.add("wide", Op::conv(16, 3, 1, 1, false), &[0]).unwrap();
        let a = b.add("a", Op::relu(), &[wide]).unwrap();
        let two = b.add("two", Op::conv(2, 1, 1, 0, false), &[a]).unwrap();
        let many = b.add("many", Op::conv(64, 1, 1, 0, false), &[two]).unwrap();
        let same = b.add("same", Op::Identity, &[many]).unwrap();
        let relu = b.add("relu", Op::relu(), &[same]).unwrap();
        let network = b.finish(&[relu]);
        let layers = look(network);
        let of = |name: &str| layers.iter().find(|l| l.name == name).unwrap();
        assert_eq!(
            (of("wide").rank, of("wide").room, &of("wide").loss),
            (16, 16, &None)
        );
        assert_eq!((of("two").rank, &of("two").loss), (2, &None));
        assert_eq!(of("many").rank, 2);
        assert_eq!(of("many").ratio, 0.0);
        assert_eq!(of("many").loss, Some(Loss::Narrow { inputs: 2 }));
        let from = "many".to_owned();
        assert_eq!(of("same").loss, Some(Loss::Inherited { from }));
        assert!(of("relu").rank > 2, "{:?}", of("relu"));
        assert!(of("relu").observed && !of("many").observed);
    }
}
