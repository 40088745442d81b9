//! The maps whose singular values are wanted, as they are and standardised.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::tensor::Tensor;

use super::correlation::{smallest_eigenvalue, standardised, standardised_on_device};
use super::{Found, Observer, Watch};
use crate::engine::device::{Device, Kind};
use crate::engine::jet::Jets;
use crate::engine::read::Lent;
use crate::error::{Error, Result};
use crate::network::{Network, Node, NodeId};
use crate::svd::{self, Batch};

/// The largest and the smallest singular value of an observed map.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MapRange {
    /// σ_min, of min(C, HW) values.
    pub min: f64,
    /// σ_max.
    pub max: f64,
}

impl MapRange {
    fn of(ends: std::result::Result<(f64, f64), String>, node: &Node) -> Result<Self> {
        let (min, max) = ends.map_err(|message| Error::SingularValues {
            map: node.name.clone(),
            message,
        })?;
        Ok(Self { min, max })
    }
}

/// What is decomposed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Matrix {
    node: NodeId,
    form: Form,
}

/// A map, or what is made of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    /// As it is.
    Map,
    /// Its rows, or some of them, each with its mean taken off and of length 1.
    Standardised(Option<Arc<[usize]>>),
}

/// Takes the maps as they are produced; equal wishes are one.
pub(super) struct Matrices {
    /// What is wanted, sorted.
    wanted: Vec<Matrix>,
    /// The watch and the number of what it wants.
    watches: Vec<(usize, usize)>,
    place: Place,
}

/// Where the maps are decomposed.
enum Place {
    /// On the CPU, one at a time, as they come.
    Host(BTreeMap<usize, MapRange>),
    /// On the GPU, all together at the end.
    Gpu(Option<Batch>),
}

impl Matrices {
    pub(super) fn new(
        watches: &[Watch],
        originals: &[NodeId],
        network: &Network,
        device: &Device,
    ) -> Result<Self> {
        let wishes = watches.iter().enumerate().filter_map(|(i, watch)| {
            let mut matrix = Matrix::of(watch)?;
            matrix.node = originals[matrix.node];
            Some((i, matrix))
        });
        let wishes: Vec<(usize, Matrix)> = wishes.collect();
        let mut wanted: Vec<Matrix> = wishes.iter().map(|(_, matrix)| matrix.clone()).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let number = |matrix: &Matrix| wanted.binary_search(matrix).unwrap_or_default();
        let watches = wishes.iter().map(|(i, matrix)| (*i, number(matrix)));
        let watches = watches.collect();
        let place = match device.kind() {
            Kind::Cpu => Place::Host(BTreeMap::new()),
            Kind::WebGpu => {
                let shapes: Result<Vec<_>> = wanted.iter().map(|m| m.fits(network)).collect();
                Place::Gpu(Some(Batch::new(&shapes?, device.burn())))
            }
        };
        Ok(Self {
            wanted,
            watches,
            place,
        })
    }
}

impl Observer for Matrices {
    fn nodes(&self) -> Vec<NodeId> {
        self.wanted.iter().map(|m| m.node).collect()
    }

    fn take(&mut self, id: NodeId, node: &Node, value: &Jets) -> Result<()> {
        let rows = node.shape.first().copied().unwrap_or(1);
        let own = self.wanted.iter().enumerate();
        for (number, matrix) in own.filter(|(_, m)| m.node == id) {
            match &mut self.place {
                Place::Gpu(batch) => {
                    let data = match &matrix.form {
                        Form::Map => value.data.clone(),
                        Form::Standardised(channels) => {
                            standardised_on_device(value.image_row(), rows, channels.as_deref())
                        }
                    };
                    if let Some(batch) = batch {
                        batch.take(number, &data);
                    }
                }
                Place::Host(ranges) => {
                    let map = Lent::of(&value.image_row())?;
                    let range = match map.single() {
                        Some(single) => matrix.range_of_single(single, node)?,
                        None => matrix.range(map.double()?, node)?,
                    };
                    ranges.insert(number, range);
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self, _: usize) -> Option<Tensor<1>> {
        match &mut self.place {
            Place::Host(_) => None,
            Place::Gpu(batch) => batch.take()?.finish(),
        }
    }

    fn found(&self, read: &[f64], network: &Network) -> Result<Vec<(usize, Found)>> {
        let ranges: Vec<Option<MapRange>> = match &self.place {
            Place::Host(ranges) => ranges.values().copied().map(Some).collect(),
            Place::Gpu(_) => {
                let found = self.wanted.iter().zip(Batch::read(read));
                let found = found.map(|(matrix, found)| match found {
                    svd::Found::Range { min, max } => Ok(Some(MapRange { min, max })),
                    svd::Found::Unfinished => Ok(None),
                    svd::Found::Refused(message) => Err(Error::SingularValues {
                        map: network.node(matrix.node).name.clone(),
                        message,
                    }),
                });
                found.collect::<Result<_>>()?
            }
        };
        let found = self.watches.iter().filter_map(|&(watch, number)| {
            let range = *ranges.get(number)?;
            let of = |range| self.wanted[number].found(range, network);
            Some((watch, range.map_or(Found::Unfinished, of)))
        });
        Ok(found.collect())
    }
}

/// What a watch finds in the map of its node, decomposed on the host; nothing
/// for watches of other kinds.
///
/// # Errors
/// [`Error::SingularValues`].
pub(in crate::engine) fn on_host(
    watch: &Watch,
    map: &[f64],
    network: &Network,
) -> Result<Option<Found>> {
    let Some(matrix) = Matrix::of(watch) else {
        return Ok(None);
    };
    let range = matrix.range(map, network.node(matrix.node))?;
    Ok(Some(matrix.found(range, network)))
}

impl Matrix {
    fn of(watch: &Watch) -> Option<Self> {
        let (node, form) = match watch {
            Watch::Range(node) => (*node, Form::Map),
            Watch::Correlation { node, channels } => (*node, Form::Standardised(channels.clone())),
            _ => return None,
        };
        Some(Self { node, form })
    }

    /// σ_min and σ_max, from the map of its node.
    fn range(&self, map: &[f64], node: &Node) -> Result<MapRange> {
        let rows = node.shape.first().copied().unwrap_or(1);
        let range = match &self.form {
            Form::Map => svd::extremes(rows, map),
            Form::Standardised(channels) => {
                let (rows, z) = standardised(map, rows, channels.as_deref());
                svd::extremes(rows, &z)
            }
        };
        MapRange::of(range, node)
    }

    /// The same, from a map in single precision.
    fn range_of_single(&self, map: &[f32], node: &Node) -> Result<MapRange> {
        let rows = node.shape.first().copied().unwrap_or(1);
        let range = match &self.form {
            Form::Map => svd::extremes_of_single(rows, map),
            Form::Standardised(channels) => {
                let (rows, z) = standardised(map, rows, channels.as_deref());
                svd::extremes_from_single(rows, &z)
            }
        };
        MapRange::of(range, node)
    }

    fn found(&self, range: MapRange, network: &Network) -> Found {
        match &self.form {
            Form::Map => Found::Range(range),
            Form::Standardised(_) => {
                Found::Correlation(smallest_eigenvalue(range.min, self.shape(network)))
            }
        }
    }

    /// Rows and columns.
    fn shape(&self, network: &Network) -> (usize, usize) {
        let node = network.node(self.node);
        let rows = node.shape.first().copied().unwrap_or(1);
        let columns = node.len() / rows.max(1);
        match &self.form {
            Form::Standardised(Some(channels)) => (channels.len(), columns),
            _ => (rows, columns),
        }
    }

    /// The same, where the GPU's kernels take it.
    fn fits(&self, network: &Network) -> Result<(usize, usize)> {
        let (rows, columns) = self.shape(network);
        if Batch::takes(rows, columns) {
            return Ok((rows, columns));
        }
        Err(Error::Device {
            code: "too-large",
            message: format!(
                "the map of {} is {rows}×{columns}, more than the GPU's singular-value kernels take",
                network.node(self.node).name
            ),
            cure: "lower the input size, or use the CPU (device cpu)".to_owned(),
        })
    }
}
