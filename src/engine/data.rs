//! What goes into a pass and what comes out of it.

use burn::tensor::TensorData;

use super::device::Device;
use super::jet::{Jets, Layout};
use crate::array::Array;
use crate::error::{Error, Result};

/// A curve c(θ) = u cos θ + w sin θ in input space.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// u, of the input's shape.
    pub u: Array,
    /// w, of the input's shape.
    pub w: Array,
}

/// What goes into the network in one pass.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The image, `[C, H, W]`.
    pub image: Option<Array>,
    /// The curves.
    pub curves: Vec<Curve>,
    /// Whether the outputs' jets are wanted number by number, however many
    /// these are; see [`OutputJet`].
    pub whole: bool,
}

/// The outputs along one curve at θ = 0, concatenated in graph order.
///
/// Where a GPU would give more than 64 KiB and they are not wanted whole, two
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

/// The image and, for each curve at θ = 0, its value u, first derivative w and
/// second derivative −u.
pub(super) fn input_rows(
    shape: &[usize],
    inputs: &Inputs,
    layout: Layout,
    device: &Device,
) -> Result<Jets> {
    let n: usize = shape.iter().product();
    let mut rows = Vec::with_capacity(layout.rows() * n);
    let mut push = |array: &Array, sign: f64| -> Result<()> {
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
    if let Some(image) = &inputs.image {
        push(image, 1.0)?;
    }
    inputs.curves.iter().try_for_each(|c| push(&c.u, 1.0))?;
    inputs.curves.iter().try_for_each(|c| push(&c.w, 1.0))?;
    inputs.curves.iter().try_for_each(|c| push(&c.u, -1.0))?;
    Ok(Jets::from_rows(rows, layout, device))
}

/// The outputs' jets from the rows that were read back.
pub(super) fn output_jets(rows: &[f64], layout: Layout) -> Vec<OutputJet> {
    let n = rows.len() / layout.rows();
    let row = |i: usize| rows[i * n..(i + 1) * n].to_vec();
    let (first, m) = (layout.images, layout.curves);
    (0..m)
        .map(|j| OutputJet {
            y: row(first + j),
            dy: row(first + m + j),
            ddy: row(first + 2 * m + j),
        })
        .collect()
}

/// Numbers of a read-back, in double precision.
pub(super) fn host<E: std::fmt::Display>(
    data: std::result::Result<TensorData, E>,
) -> Result<Vec<f64>> {
    let data = data.map_err(unreadable)?;
    if let Ok(single) = data.as_slice::<f32>() {
        return Ok(single.iter().map(|&x| f64::from(x)).collect());
    }
    let double = data.as_slice::<f64>();
    Ok(double.map_err(|e| unreadable(format!("{e:?}")))?.to_vec())
}

/// A tensor that cannot be read: as a rule, its device is gone.
pub(super) fn unreadable(why: impl std::fmt::Display) -> Error {
    Error::Device {
        code: "device-lost",
        message: format!("a result could not be read: {why}"),
        cure: "try again; if it happens again, use the CPU (device cpu)".to_owned(),
    }
}
