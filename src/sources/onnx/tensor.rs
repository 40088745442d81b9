//! Constant tensors: initialisers as they lie in the file, and what was
//! computed from them.

#![allow(
    clippy::cast_possible_truncation,
    reason = "sizes and axes were held against their ranges where they were read"
)]

mod stored;
mod strided;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use super::external::External;
use super::proto::TensorProto;
use super::proto::tensor_proto::DataLocation;
use crate::error::{Error, Result};
use stored::{broken, held, layout};
pub(super) use strided::{strides, turn, walk};

/// The most elements that a value may have; fits a 32-bit address space.
pub(super) const MAX_ELEMENTS: usize = 1 << 29;

/// The kind of number. Widths are not kept: floats are single precision,
/// whole numbers 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Float,
    Int,
    Bool,
}

/// Where the numbers are.
#[derive(Debug, Clone)]
pub(super) enum Data<'a> {
    /// Computed.
    Float(Arc<[f32]>),
    /// Computed; truth values are 0 and 1.
    Int(Arc<[i64]>),
    /// One float everywhere; it takes memory only where it is looked at.
    Filled(f32),
    /// Still in the file: of this shape there, its axes then put into this order.
    File {
        proto: &'a TensorProto,
        dims: Vec<usize>,
        order: Option<Vec<usize>>,
    },
}

/// A constant.
#[derive(Debug, Clone)]
pub(super) struct Tensor<'a> {
    pub(super) shape: Vec<usize>,
    pub(super) kind: Kind,
    pub(super) data: Data<'a>,
    /// The initialiser that it is, through transposing and reshaping.
    pub(super) name: Option<&'a str>,
    /// The value of the graph that it is, where a node computed it.
    pub(super) computed: Option<&'a str>,
}

impl<'a> Tensor<'a> {
    /// What it is in the file's graph: a tensor, or a node's result.
    pub(super) fn source(&self) -> Option<&'a str> {
        self.name.or(self.computed)
    }
}

/// The number of elements, if it can be had at all.
pub(super) fn elements(shape: &[usize]) -> Option<usize> {
    let product = shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d))?;
    (product <= MAX_ELEMENTS).then_some(product)
}

/// What computing constants may still take.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    /// Memory, in bytes; it comes back with what is freed.
    memory: Rc<Cell<usize>>,
    /// Numbers and products that are computed.
    work: Rc<Cell<u64>>,
}

impl Budget {
    /// Four times the file, and 64 MiB for small files with large ranges; and
    /// some seconds.
    pub(super) fn of_file(bytes: usize) -> Self {
        let memory = bytes.saturating_mul(4).saturating_add(64 << 20);
        let work = (bytes as u64).saturating_mul(64).saturating_add(1 << 31);
        Self {
            memory: Rc::new(Cell::new(memory)),
            work: Rc::new(Cell::new(work)),
        }
    }

    /// For files that are trusted.
    pub(super) fn unlimited() -> Self {
        Self {
            memory: Rc::new(Cell::new(usize::MAX)),
            work: Rc::new(Cell::new(u64::MAX)),
        }
    }

    /// The memory that is left, in bytes.
    pub(super) fn left(&self) -> usize {
        self.memory.get()
    }

    /// After a node: what it took since `before` is free again, but for what
    /// its results hold.
    pub(super) fn settle(&self, before: usize, results: usize) {
        self.memory.set(before.saturating_sub(results));
    }

    /// What a value held is free again.
    pub(super) fn give(&self, bytes: usize) {
        self.memory.set(self.memory.get().saturating_add(bytes));
    }

    /// Takes what `n` numbers of 8 bytes need.
    pub(super) fn take(&self, n: usize) -> Result<()> {
        self.work(n as u64)?;
        match self.memory.get().checked_sub(n.saturating_mul(8)) {
            Some(left) => {
                self.memory.set(left);
                Ok(())
            }
            None => Err(too_large("memory")),
        }
    }

    /// Takes what `n` products need.
    pub(super) fn work(&self, n: u64) -> Result<()> {
        match self.work.get().checked_sub(n) {
            Some(left) => {
                self.work.set(left);
                Ok(())
            }
            None => Err(too_large("time")),
        }
    }
}

fn too_large(what: &str) -> Error {
    Error::Model {
        code: "too-large",
        place: "file".to_owned(),
        message: format!(
            "its constants, computed, would need far more {what} than a file of its size should"
        ),
        cure: "export with constant folding, or simplify the file with onnxsim".to_owned(),
    }
}

impl<'a> Tensor<'a> {
    pub(super) fn float(shape: Vec<usize>, values: Vec<f32>) -> Self {
        debug_assert_eq!(elements(&shape), Some(values.len()));
        Self {
            shape,
            kind: Kind::Float,
            data: Data::Float(values.into()),
            name: None,
            computed: None,
        }
    }

    pub(super) fn int(shape: Vec<usize>, values: Vec<i64>) -> Self {
        debug_assert_eq!(elements(&shape), Some(values.len()));
        Self {
            shape,
            kind: Kind::Int,
            data: Data::Int(values.into()),
            name: None,
            computed: None,
        }
    }

    pub(super) fn bool(shape: Vec<usize>, values: Vec<i64>) -> Self {
        Self {
            kind: Kind::Bool,
            ..Self::int(shape, values)
        }
    }

    /// The same float everywhere.
    pub(super) fn filled(shape: Vec<usize>, value: f32) -> Self {
        Self {
            shape,
            kind: Kind::Float,
            data: Data::Filled(value),
            name: None,
            computed: None,
        }
    }

    /// Number of elements.
    pub(super) fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// The bytes that are held for it alone.
    pub(super) fn held(&self) -> usize {
        let alone = match &self.data {
            Data::Float(v) => Arc::strong_count(v) == 1,
            Data::Int(v) => Arc::strong_count(v) == 1,
            Data::Filled(_) | Data::File { .. } => false,
        };
        if alone { self.len() * 8 } else { 0 }
    }

    /// A tensor of the file, its size held against the bytes that are there.
    pub(super) fn from_proto(proto: &'a TensorProto) -> Result<Self> {
        let fail = |message: String, cure: &str| broken(&proto.name, message, cure);
        let shape: Option<Vec<usize>> = proto
            .dims
            .iter()
            .map(|&d| usize::try_from(d).ok())
            .collect();
        let shape = shape.ok_or_else(|| {
            fail(
                format!("has the shape {:?}", proto.dims),
                "dimensions are at least 0: export the file again",
            )
        })?;
        let n = elements(&shape).ok_or_else(|| {
            fail(
                format!("claims the shape {shape:?}"),
                "export the file again; no tensor may have that many elements",
            )
        })?;
        let (width, kind) = layout(proto)?;
        if proto.data_location() != DataLocation::External {
            let there = held(proto, width);
            if there != n {
                return Err(fail(
                    format!("has the shape {shape:?}, {n} numbers, but holds {there}"),
                    "the file is cut off or damaged: download or export it again",
                ));
            }
        }
        Ok(Self {
            data: Data::File {
                proto,
                dims: shape.clone(),
                order: None,
            },
            shape,
            kind,
            name: Some(&proto.name)
                .filter(|n| !n.is_empty())
                .map(|n| n.as_str()),
            computed: None,
        })
    }

    /// The numbers as floats.
    pub(super) fn floats(&self, budget: &Budget, external: &External) -> Result<Arc<[f32]>> {
        Ok(match &self.data {
            Data::Float(values) => values.clone(),
            Data::Int(values) => {
                budget.take(values.len())?;
                values.iter().map(|&v| v as f32).collect()
            }
            Data::Filled(value) => {
                budget.take(self.len())?;
                vec![*value; self.len()].into()
            }
            Data::File { proto, dims, order } => {
                budget.take(self.len())?;
                let values = stored::floats(proto, self.len(), external)?;
                match order {
                    Some(order) => turn(&values, dims, order).into(),
                    None => values.into(),
                }
            }
        })
    }

    /// The numbers as whole numbers; floats are cut off.
    pub(super) fn ints(&self, budget: &Budget, external: &External) -> Result<Arc<[i64]>> {
        Ok(match &self.data {
            Data::Int(values) => values.clone(),
            Data::Float(values) => {
                budget.take(values.len())?;
                values.iter().map(|&v| v as i64).collect()
            }
            Data::Filled(value) => {
                budget.take(self.len())?;
                vec![*value as i64; self.len()].into()
            }
            Data::File { proto, dims, order } => {
                budget.take(self.len())?;
                let values = stored::ints(proto, self.len(), external)?;
                match order {
                    Some(order) => turn(&values, dims, order).into(),
                    None => values.into(),
                }
            }
        })
    }
}
