//! The observed maps on their way to the singular values.

use std::collections::BTreeMap;

use burn::tensor::Tensor;

use super::data::host;
use super::device::{Device, Kind};
use super::jet::Jets;
use crate::error::{Error, Result};
use crate::network::{Network, NodeId};
use crate::svd;

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
    wanted: Vec<NodeId>,
    ranges: BTreeMap<NodeId, MapRange>,
    /// On a GPU the maps wait on the device and come back in one read.
    waiting: Option<Vec<(NodeId, Tensor<1>)>>,
}

impl Maps {
    pub(super) fn new(observed: &[NodeId], device: &Device) -> Self {
        let mut wanted = observed.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        let waiting = (device.kind() == Kind::WebGpu).then(Vec::new);
        Self {
            wanted,
            ranges: BTreeMap::new(),
            waiting,
        }
    }

    pub(super) async fn take(
        &mut self,
        id: NodeId,
        name: &str,
        shape: &[usize],
        value: &Jets,
    ) -> Result<()> {
        if self.wanted.binary_search(&id).is_err() {
            return Ok(());
        }
        let row = value.image_row();
        match &mut self.waiting {
            Some(waiting) => waiting.push((id, row)),
            None => {
                let map = host(row.into_data_async().await)?;
                self.ranges.insert(id, range(name, shape, &map)?);
            }
        }
        Ok(())
    }

    pub(super) async fn finish(mut self, network: &Network) -> Result<BTreeMap<NodeId, MapRange>> {
        let (ids, rows): (Vec<NodeId>, Vec<Tensor<1>>) =
            self.waiting.take().unwrap_or_default().into_iter().unzip();
        if !rows.is_empty() {
            let all = host(Tensor::cat(rows, 0).into_data_async().await)?;
            let mut rest = all.as_slice();
            for id in ids {
                let node = network.node(id);
                let (map, after) = rest.split_at(node.len());
                self.ranges.insert(id, range(&node.name, &node.shape, map)?);
                rest = after;
            }
        }
        Ok(self.ranges)
    }
}

/// σ_min and σ_max of a map as a matrix of its first axis by all others.
fn range(name: &str, shape: &[usize], map: &[f64]) -> Result<MapRange> {
    let rows = shape.first().copied().unwrap_or(1);
    let (min, max) = svd::extremes(rows, map).map_err(|message| Error::SingularValues {
        map: name.to_owned(),
        message,
    })?;
    Ok(MapRange { min, max })
}
