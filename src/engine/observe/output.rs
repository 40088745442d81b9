//! The outputs: of each image, and along each curve with two derivatives.

use std::collections::BTreeMap;

use burn::tensor::{DType, Tensor};

use super::{Found, Observer, Watch};
use crate::engine::jet::{Jets, Layout};
use crate::engine::ops;
use crate::error::Result;
use crate::network::{Network, Node, NodeId};

/// The outputs along one curve at θ = 0, concatenated in graph order.
///
/// Where a GPU would give more than 64 KiB and they are not asked for whole, two
/// coordinates in the curve's own frame, which has the same lengths and angles:
/// along y′, and along the rest of y″; y is its length alone. Outputs of more
/// than 2²⁰ numbers are whole.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputJet {
    /// y.
    pub y: Vec<f64>,
    /// y′.
    pub dy: Vec<f64>,
    /// y″.
    pub ddy: Vec<f64>,
    /// Unit roundoff of the arithmetic that computed them: 2⁻²⁴, or 2⁻⁵³ in
    /// double precision.
    pub rounding: f64,
}

/// Numbers that a pass reads back from a GPU where it can: 64 KiB.
const READ_BACK: usize = 1 << 14;

/// Keeps the outputs' values until the end.
pub(super) struct Outputs {
    nodes: Vec<NodeId>,
    values: BTreeMap<NodeId, Jets>,
    layout: Option<Layout>,
    rounding: f64,
    whole: bool,
    /// Watches of the images' outputs, and of the curves'.
    images: Vec<usize>,
    curves: Vec<usize>,
}

impl Outputs {
    pub(super) fn new(watches: &[Watch], originals: &[NodeId], network: &Network) -> Self {
        let places = |is: fn(&Watch) -> bool| {
            let all = watches.iter().enumerate();
            all.filter(|(_, w)| is(w)).map(|(i, _)| i).collect()
        };
        let images: Vec<usize> = places(|w| matches!(w, Watch::Values));
        let curves: Vec<usize> = places(|w| matches!(w, Watch::Jets { .. }));
        let nodes = network.outputs().iter().map(|&id| originals[id]);
        let wanted = !images.is_empty() || !curves.is_empty();
        Self {
            nodes: nodes.filter(|_| wanted).collect(),
            values: BTreeMap::new(),
            layout: None,
            rounding: 0.0,
            whole: !images.is_empty() || watches.contains(&Watch::Jets { whole: true }),
            images,
            curves,
        }
    }
}

impl Observer for Outputs {
    fn nodes(&self) -> Vec<NodeId> {
        self.nodes.clone()
    }

    fn take(&mut self, id: NodeId, _: &Node, value: &Jets) -> Result<()> {
        if self.nodes.contains(&id) {
            self.layout = Some(value.layout);
            let double = value.data.dtype() == DType::F64;
            self.rounding = if double {
                f64::EPSILON
            } else {
                f64::from(f32::EPSILON)
            } / 2.0;
            self.values.insert(id, value.clone());
        }
        Ok(())
    }

    /// Where they are not wanted whole, those along curves in their own frames
    /// if they are long.
    fn finish(&mut self, others: usize) -> Option<Tensor<1>> {
        let outputs = self.nodes.iter().filter_map(|id| self.values.get(id));
        let all = ops::flat(outputs.cloned().collect())?;
        self.values.clear();
        let numbers = all.data.shape().num_elements() + others;
        let framed = !self.whole && !all.layout.host && numbers > READ_BACK;
        let rows = framed.then(|| ops::framed(&all)).flatten().unwrap_or(all);
        Some(rows.data.flatten::<1>(0, 1))
    }

    fn found(&self, rows: &[f64], _: &Network) -> Result<Vec<(usize, Found)>> {
        let Some(layout) = self.layout else {
            return Ok(Vec::new());
        };
        let n = rows.len() / layout.rows().max(1);
        let row = |i: usize| rows[i * n..(i + 1) * n].to_vec();
        let (first, m) = (layout.images, layout.curves);
        let jet = |j| OutputJet {
            y: row(first + j),
            dy: row(first + m + j),
            ddy: row(first + 2 * m + j),
            rounding: self.rounding,
        };
        let images = self.images.iter();
        let images = images.map(|&i| (i, Found::Values((0..first).map(row).collect())));
        let curves = self.curves.iter();
        let curves = curves.map(|&i| (i, Found::Jets((0..m).map(jet).collect())));
        Ok(images.chain(curves).collect())
    }
}
