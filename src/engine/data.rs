//! What goes into a pass and what comes out of it.

use super::device::Device;
use super::jet::{Jets, Layout, Statistics};
use super::words::Table;
use crate::array::Array;
use crate::error::{Error, Result};
use crate::network::{Input, Network};
use crate::start::Weights;

/// A curve c(θ) = u cos θ + w sin θ in input space.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// u, of the input's shape.
    pub u: Array,
    /// w, of the input's shape.
    pub w: Array,
}

/// What the curves' parameter moves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Along {
    /// The input, along each curve.
    #[default]
    Input,
    /// The weights of convolutions and dense layers, all of them as (1 + θ)·w;
    /// the input stands still at each curve's u.
    Weights,
}

/// What goes into the network in one pass.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inputs {
    /// The images, each of the input's shape; of a network of
    /// [words](Input::Words) the ids of the tokens, `[T]`, or their vectors.
    pub images: Vec<Array>,
    /// The curves.
    pub curves: Vec<Curve>,
    /// What their parameter moves.
    pub along: Along,
    /// Over what norms take their statistics.
    pub statistics: Statistics,
}

/// Seconds by kind of work. On a GPU the work is queued: only the sum, and
/// what the host does, mean something there.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Phases {
    /// Convolutions, dense layers and matrix products.
    pub convolution: f64,
    /// Norms, activations, pools, sums.
    pub pointwise: f64,
    /// Singular values.
    pub singular_values: f64,
    /// Everything else: weights, uploads, read-backs.
    pub rest: f64,
}

impl std::ops::AddAssign for Phases {
    fn add_assign(&mut self, other: Self) {
        self.convolution += other.convolution;
        self.pointwise += other.pointwise;
        self.singular_values += other.singular_values;
        self.rest += other.rest;
    }
}

/// The images and, for each curve at θ = 0, its value u, first derivative w and
/// second derivative −u (no derivatives where the input stands still).
///
/// # Errors
/// [`Error::Image`] for another shape, and ids that the table has no row of;
/// [`Error::Weights`] where the table is missing.
pub(super) fn input_rows(
    network: &Network,
    weights: &Weights,
    inputs: &Inputs,
    layout: Layout,
    device: &Device,
) -> Result<Jets> {
    let shape = network.input_shape();
    let n: usize = shape.iter().product();
    let table = match *network.input() {
        Input::Words { length, .. } => Some((
            length,
            Table::of(weights.get(&network.node(0).tensor("weight"))?),
        )),
        _ => None,
    };
    let mut rows = Vec::with_capacity(layout.rows() * n);
    let mut push = |array: &Array, sign: f64| -> Result<()> {
        if let Some((length, table)) = &table
            && array.shape == [*length]
        {
            return table.look_up(array, &mut rows);
        }
        if array.shape.iter().product::<usize>() != n {
            return Err(Error::Image {
                message: format!(
                    "has the shape {:?}, the network takes {shape:?}",
                    array.shape
                ),
                cure: "give an input of the network's size".to_owned(),
            });
        }
        rows.extend(array.to_f64().into_iter().map(|x| sign * x));
        Ok(())
    };
    let moves = match inputs.along {
        Along::Input => 1.0,
        Along::Weights => 0.0,
    };
    inputs.images.iter().try_for_each(|x| push(x, 1.0))?;
    inputs.curves.iter().try_for_each(|c| push(&c.u, 1.0))?;
    inputs.curves.iter().try_for_each(|c| push(&c.w, moves))?;
    inputs.curves.iter().try_for_each(|c| push(&c.u, -moves))?;
    Ok(Jets::from_rows(rows, layout, device))
}
