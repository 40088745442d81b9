//! The observed maps on their way to the singular values.

use std::collections::BTreeMap;

use burn::tensor::Tensor;

use super::data::host;
use super::device::{Device, Kind};
use super::jet::Jets;
use crate::error::{Error, Result};
use crate::network::{Network, Node, NodeId};
use crate::svd::{self, Batch, Found};

/// The largest and the smallest singular value of an observed map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MapRange {
    /// σ_min, of min(C, HW) values.
    pub min: f64,
    /// σ_max.
    pub max: f64,
}

/// Takes the observed maps as they are produced.
pub(super) struct Maps {
    /// The observed nodes, in order.
    wanted: Vec<NodeId>,
    place: Place,
}

/// Where the maps are decomposed.
enum Place {
    /// On the CPU, one at a time, as they come.
    Host(BTreeMap<NodeId, MapRange>),
    /// On the GPU, all together at the end.
    Gpu(Batch),
}

impl Maps {
    pub(super) fn new(mut wanted: Vec<NodeId>, network: &Network, device: &Device) -> Result<Self> {
        wanted.sort_unstable();
        wanted.dedup();
        let place = match device.kind() {
            Kind::Cpu => Place::Host(BTreeMap::new()),
            Kind::WebGpu => {
                let matrices: Result<Vec<_>> =
                    wanted.iter().map(|&id| matrix(network.node(id))).collect();
                Place::Gpu(Batch::new(&matrices?, device.burn()))
            }
        };
        Ok(Self { wanted, place })
    }

    pub(super) async fn take(&mut self, id: NodeId, node: &Node, value: &Jets) -> Result<()> {
        let Ok(index) = self.wanted.binary_search(&id) else {
            return Ok(());
        };
        match &mut self.place {
            Place::Gpu(batch) => batch.take(index, &value.data),
            Place::Host(ranges) => {
                let map = host(value.image_row().into_data_async().await)?;
                ranges.insert(id, range(node, &map)?);
            }
        }
        Ok(())
    }

    /// Starts what has waited for all maps; the numbers that must be read back
    /// for [`Decomposed::ranges`].
    pub(super) fn decompose(self) -> (Decomposed, Option<Tensor<1>>) {
        match self.place {
            Place::Host(ranges) => (Decomposed::Host(ranges), None),
            Place::Gpu(batch) => (Decomposed::Gpu(self.wanted), batch.finish()),
        }
    }
}

/// Maps whose singular values are known, here or on the device.
pub(super) enum Decomposed {
    Host(BTreeMap<NodeId, MapRange>),
    Gpu(Vec<NodeId>),
}

impl Decomposed {
    /// The ranges, from the numbers that were read back.
    pub(super) fn ranges(
        self,
        read: &[f64],
        network: &Network,
    ) -> Result<BTreeMap<NodeId, MapRange>> {
        let ids = match self {
            Self::Host(ranges) => return Ok(ranges),
            Self::Gpu(ids) => ids,
        };
        let found = ids.into_iter().zip(Batch::read(read));
        found
            .map(|(id, range)| {
                let message = match range {
                    Found::Range { min, max } => return Ok((id, MapRange { min, max })),
                    Found::Unfinished => "no convergence in the sweeps allowed".to_owned(),
                    Found::Refused(message) => message,
                };
                let map = network.node(id).name.clone();
                Err(Error::SingularValues { map, message })
            })
            .collect()
    }
}

/// A map's rows and columns, where the GPU's kernels take it.
fn matrix(node: &Node) -> Result<(usize, usize)> {
    let rows = node.shape.first().copied().unwrap_or(1);
    let columns = node.len() / rows.max(1);
    if Batch::takes(rows, columns) {
        return Ok((rows, columns));
    }
    Err(Error::Device {
        code: "too-large",
        message: format!(
            "the map of {} is {rows}×{columns}, more than the GPU's singular-value kernels take",
            node.name
        ),
        cure: "lower the input size, or use the CPU (device cpu)".to_owned(),
    })
}

/// σ_min and σ_max of a map as a matrix of its first axis by all others.
fn range(node: &Node, map: &[f64]) -> Result<MapRange> {
    let rows = node.shape.first().copied().unwrap_or(1);
    let (min, max) = svd::extremes(rows, map).map_err(|message| Error::SingularValues {
        map: node.name.clone(),
        message,
    })?;
    Ok(MapRange { min, max })
}
