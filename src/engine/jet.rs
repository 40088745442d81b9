//! The batch: n image rows, and m curves with two derivatives each.
//!
//! A jet is (y, y′, y″) along θ. All values of a network are one tensor of
//! `[rows, elements]` whose rows are, in this order: the n images'
//! values, the m curves' values, their first derivatives, their
//! second derivatives. A linear operation is then one ordinary call on the
//! whole batch, and the values are its first rows.

use std::ops::Range;

use burn::tensor::Tensor;

use super::device::Device;

/// Over what norms take their statistics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Statistics {
    /// Over each row by itself.
    #[default]
    Row,
    /// Over all images together, as in training with a batch. There must be no
    /// curves then.
    Batch,
}

/// How many rows of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Number of images, n.
    pub(crate) images: usize,
    /// Number of curves, m.
    pub(crate) curves: usize,
    /// Whether tensors are host memory, where fused loops work in place.
    pub(crate) host: bool,
    /// Over what norms take their statistics.
    pub(crate) statistics: Statistics,
}

impl Layout {
    /// Rows in all, `n + 3m`.
    pub(crate) fn rows(self) -> usize {
        self.images + 3 * self.curves
    }

    /// Rows that are values, `n + m`.
    pub(crate) fn values(self) -> usize {
        self.images + self.curves
    }
}

/// The curves' three parts, each `[m, …]`.
pub(crate) struct Parts<const D: usize> {
    /// Values y.
    pub(crate) v: Tensor<D>,
    /// First derivatives y′.
    pub(crate) d: Tensor<D>,
    /// Second derivatives y″.
    pub(crate) a: Tensor<D>,
}

/// A value of the network for the whole batch.
#[derive(Clone)]
pub(crate) struct Jets {
    /// `[rows, elements]`, see the module's documentation for the rows.
    pub(crate) data: Tensor<2>,
    pub(crate) layout: Layout,
}

impl Jets {
    /// Uploads rows given on the host.
    pub(crate) fn from_rows(rows: Vec<f64>, layout: Layout, device: &Device) -> Self {
        let elements = rows.len() / layout.rows().max(1);
        let data = device.tensor(rows, [layout.rows(), elements]);
        Self { data, layout }
    }

    /// A constant: the same in every value row, without derivatives.
    pub(crate) fn constant(values: Tensor<1>, layout: Layout) -> Self {
        let [n] = values.dims();
        let row = values.reshape([1, n]);
        let values = row.clone().expand([layout.values(), n]);
        if layout.curves == 0 {
            return Self {
                data: values,
                layout,
            };
        }
        let zeros = row.zeros_like().expand([2 * layout.curves, n]);
        Self {
            data: Tensor::cat(vec![values, zeros], 0),
            layout,
        }
    }

    /// The same layout with other data.
    pub(crate) fn with<const D: usize>(&self, data: Tensor<D>) -> Self {
        let rows = self.layout.rows();
        let elements = data.shape().num_elements() / rows.max(1);
        Self {
            data: data.reshape([rows, elements]),
            layout: self.layout,
        }
    }

    /// Value rows and, where there are curves, their two derivatives, which
    /// are made from the value rows.
    pub(crate) fn joined<const D: usize>(
        &self,
        value: Tensor<D>,
        derivatives: impl FnOnce(&Tensor<D>) -> [Tensor<D>; 2],
    ) -> Self {
        if self.layout.curves == 0 {
            return self.with(value);
        }
        let [d, a] = derivatives(&value);
        self.with(Tensor::cat(vec![value, d, a], 0))
    }

    /// The batch with the sample's axes spelled out: `[rows, axes…]`.
    pub(crate) fn view<const D: usize>(&self, axes: &[usize]) -> Tensor<D> {
        let mut shape = [1usize; D];
        shape[0] = self.layout.rows();
        shape[1..=axes.len()].copy_from_slice(axes);
        self.data.clone().reshape(shape)
    }

    /// The images' values, `[n, elements]`.
    pub(crate) fn images(&self) -> Tensor<2> {
        rows(&self.data, 0, self.layout.images)
    }

    /// Some rows as a batch of images, which they are to a linear operation.
    pub(crate) fn rows_as_images(&self, range: Range<usize>) -> Self {
        let layout = Layout {
            images: range.len(),
            curves: 0,
            ..self.layout
        };
        Self {
            data: rows(&self.data, range.start, range.end),
            layout,
        }
    }

    /// A batch of the images alone, with other data.
    pub(crate) fn with_images<const D: usize>(&self, data: Tensor<D>) -> Self {
        let layout = Layout {
            curves: 0,
            ..self.layout
        };
        let elements = data.shape().num_elements() / layout.images.max(1);
        Self {
            data: data.reshape([layout.images, elements]),
            layout,
        }
    }

    /// The first image's value, `[elements]`.
    pub(crate) fn image_row(&self) -> Tensor<1> {
        let [_, n] = self.data.dims();
        self.data.clone().slice([0..1, 0..n]).reshape([n])
    }
}

/// The value rows of a batch tensor.
pub(crate) fn values<const D: usize>(x: &Tensor<D>, layout: Layout) -> Tensor<D> {
    rows(x, 0, layout.values())
}

/// The curves' three parts of a batch tensor.
pub(crate) fn parts<const D: usize>(x: &Tensor<D>, layout: Layout) -> Parts<D> {
    let (first, m) = (layout.images, layout.curves);
    Parts {
        v: rows(x, first, first + m),
        d: rows(x, first + m, first + 2 * m),
        a: rows(x, first + 2 * m, first + 3 * m),
    }
}

/// The curves' rows of a tensor of value rows, `[images + m, …]`.
pub(crate) fn of_curves<const D: usize>(values: &Tensor<D>, layout: Layout) -> Tensor<D> {
    rows(values, layout.images, layout.values())
}

fn rows<const D: usize>(x: &Tensor<D>, start: usize, end: usize) -> Tensor<D> {
    x.clone().slice_dim(0, start..end)
}
