//! Constant tensors: initialisers as they lie in the file, and what was
//! computed from them.

use std::sync::Arc;

use super::external::External;
use super::proto::TensorProto;
use super::proto::tensor_proto::{DataLocation, DataType};
use crate::error::{Error, Result};

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
}

/// The number of elements, if it can be had at all.
pub(super) fn elements(shape: &[usize]) -> Option<usize> {
    let product = shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d))?;
    (product <= MAX_ELEMENTS).then_some(product)
}

/// What computing constants may still allocate, in bytes.
#[derive(Debug)]
pub(super) struct Budget(std::cell::Cell<usize>);

impl Budget {
    /// Four times the file, and 64 MiB for small files with large ranges.
    pub(super) fn of_file(bytes: usize) -> Self {
        let bytes = bytes.saturating_mul(4).saturating_add(64 << 20);
        Self(std::cell::Cell::new(bytes))
    }

    /// Takes what `n` numbers of 8 bytes need.
    pub(super) fn take(&self, n: usize) -> Result<()> {
        let bytes = n.saturating_mul(8);
        match self.0.get().checked_sub(bytes) {
            Some(left) => {
                self.0.set(left);
                Ok(())
            }
            None => Err(Error::Model {
                code: "too-large",
                place: "file".to_owned(),
                message: "its constants, computed, would need far more memory than the file itself"
                    .to_owned(),
                cure: "export with constant folding, or simplify the file with onnxsim".to_owned(),
            }),
        }
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
        }
    }

    pub(super) fn int(shape: Vec<usize>, values: Vec<i64>) -> Self {
        debug_assert_eq!(elements(&shape), Some(values.len()));
        Self {
            shape,
            kind: Kind::Int,
            data: Data::Int(values.into()),
            name: None,
        }
    }

    pub(super) fn bool(shape: Vec<usize>, values: Vec<i64>) -> Self {
        Self {
            kind: Kind::Bool,
            ..Self::int(shape, values)
        }
    }

    /// Number of elements.
    pub(super) fn len(&self) -> usize {
        self.shape.iter().product()
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
            Data::File { proto, dims, order } => {
                budget.take(self.len())?;
                let values = file_floats(proto, self.len(), external)?;
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
            Data::File { proto, dims, order } => {
                budget.take(self.len())?;
                let values = file_ints(proto, self.len(), external)?;
                match order {
                    Some(order) => turn(&values, dims, order).into(),
                    None => values.into(),
                }
            }
        })
    }
}

/// Axes in another order, on the host.
pub(super) fn turn<T: Copy>(values: &[T], dims: &[usize], order: &[usize]) -> Vec<T> {
    let strides = strides(dims);
    let shape: Vec<usize> = order.iter().map(|&a| dims[a]).collect();
    let steps: Vec<usize> = order.iter().map(|&a| strides[a]).collect();
    walk(&shape, &steps).map(|i| values[i]).collect()
}

/// Row-major strides.
pub(super) fn strides(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for i in (1..shape.len()).rev() {
        strides[i - 1] = strides[i] * shape[i];
    }
    strides
}

/// The places of a strided array in row-major order.
pub(super) fn walk<'s>(shape: &'s [usize], steps: &'s [usize]) -> impl Iterator<Item = usize> + 's {
    let n: usize = shape.iter().product();
    let mut index = vec![0usize; shape.len()];
    let mut place = 0;
    (0..n).map(move |_| {
        let here = place;
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            place += steps[axis];
            if index[axis] < shape[axis] {
                break;
            }
            place -= steps[axis] * shape[axis];
            index[axis] = 0;
        }
        here
    })
}

/// The type of the numbers; of an unknown one, undefined.
fn data_type(proto: &TensorProto) -> DataType {
    DataType::try_from(proto.data_type).unwrap_or(DataType::Undefined)
}

/// Bytes of an element, and the kind of number.
fn layout(proto: &TensorProto) -> Result<(usize, Kind)> {
    Ok(match data_type(proto) {
        DataType::Float => (4, Kind::Float),
        DataType::Float16 | DataType::Bfloat16 => (2, Kind::Float),
        DataType::Double => (8, Kind::Float),
        DataType::Int8 | DataType::Uint8 => (1, Kind::Int),
        DataType::Int16 | DataType::Uint16 => (2, Kind::Int),
        DataType::Int32 | DataType::Uint32 => (4, Kind::Int),
        DataType::Int64 | DataType::Uint64 => (8, Kind::Int),
        DataType::Bool => (1, Kind::Bool),
        other => {
            return Err(broken(
                &proto.name,
                format!("has the type {}", other.as_str_name()),
                "export the network in float32 (float16, bfloat16 and float64 are read too)",
            ));
        }
    })
}

/// How many numbers a tensor holds in the file.
fn held(proto: &TensorProto, width: usize) -> usize {
    if !proto.raw_data.is_empty() {
        // A rest of a number is not a number: let the count be wrong then.
        let whole = proto.raw_data.len().is_multiple_of(width);
        return if whole {
            proto.raw_data.len() / width
        } else {
            usize::MAX
        };
    }
    match data_type(proto) {
        DataType::Float => proto.float_data.len(),
        DataType::Double => proto.double_data.len(),
        DataType::Int64 => proto.int64_data.len(),
        DataType::Uint32 | DataType::Uint64 => proto.uint64_data.len(),
        _ => proto.int32_data.len(),
    }
}

/// The bytes of a tensor that is stored as bytes.
fn bytes<'p>(
    proto: &'p TensorProto,
    width: usize,
    n: usize,
    external: &'p External,
) -> Result<&'p [u8]> {
    let bytes = match proto.data_location() {
        DataLocation::External => external.bytes(proto)?,
        DataLocation::Default => &proto.raw_data,
    };
    if bytes.len() != n * width {
        return Err(broken(
            &proto.name,
            format!("needs {} bytes, there are {}", n * width, bytes.len()),
            "the data is cut off or belongs to another file: export it again",
        ));
    }
    Ok(bytes)
}

fn is_raw(proto: &TensorProto) -> bool {
    !proto.raw_data.is_empty() || proto.data_location() == DataLocation::External
}

fn file_floats(proto: &TensorProto, n: usize, external: &External) -> Result<Vec<f32>> {
    let raw = is_raw(proto);
    let get = |width| bytes(proto, width, n, external);
    Ok(match data_type(proto) {
        DataType::Float if raw => words::<4>(get(4)?).map(f32::from_le_bytes).collect(),
        DataType::Float => proto.float_data.clone(),
        DataType::Double if raw => words::<8>(get(8)?)
            .map(|b| f64::from_le_bytes(b) as f32)
            .collect(),
        DataType::Double => proto.double_data.iter().map(|&v| v as f32).collect(),
        DataType::Float16 if raw => words::<2>(get(2)?)
            .map(|b| half(u16::from_le_bytes(b)))
            .collect(),
        DataType::Float16 => proto.int32_data.iter().map(|&v| half(v as u16)).collect(),
        DataType::Bfloat16 if raw => words::<2>(get(2)?)
            .map(|b| brain(u16::from_le_bytes(b)))
            .collect(),
        DataType::Bfloat16 => proto.int32_data.iter().map(|&v| brain(v as u16)).collect(),
        _ => file_ints(proto, n, external)?
            .into_iter()
            .map(|v| v as f32)
            .collect(),
    })
}

fn file_ints(proto: &TensorProto, n: usize, external: &External) -> Result<Vec<i64>> {
    let raw = is_raw(proto);
    let get = |width| bytes(proto, width, n, external);
    Ok(match data_type(proto) {
        DataType::Int64 | DataType::Uint64 if raw => {
            words::<8>(get(8)?).map(i64::from_le_bytes).collect()
        }
        DataType::Int64 => proto.int64_data.clone(),
        DataType::Uint64 => proto.uint64_data.iter().map(|&v| v as i64).collect(),
        DataType::Int32 if raw => words::<4>(get(4)?)
            .map(|b| i64::from(i32::from_le_bytes(b)))
            .collect(),
        DataType::Uint32 if raw => words::<4>(get(4)?)
            .map(|b| i64::from(u32::from_le_bytes(b)))
            .collect(),
        DataType::Uint32 => proto.uint64_data.iter().map(|&v| v as i64).collect(),
        DataType::Int16 if raw => words::<2>(get(2)?)
            .map(|b| i64::from(i16::from_le_bytes(b)))
            .collect(),
        DataType::Uint16 if raw => words::<2>(get(2)?)
            .map(|b| i64::from(u16::from_le_bytes(b)))
            .collect(),
        DataType::Int8 if raw => get(1)?.iter().map(|&b| i64::from(b as i8)).collect(),
        DataType::Uint8 | DataType::Bool if raw => get(1)?.iter().map(|&b| i64::from(b)).collect(),
        DataType::Float | DataType::Double | DataType::Float16 | DataType::Bfloat16 => {
            file_floats(proto, n, external)?
                .into_iter()
                .map(|v| v as i64)
                .collect()
        }
        _ => proto.int32_data.iter().map(|&v| i64::from(v)).collect(),
    })
}

fn words<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> + '_ {
    bytes.as_chunks::<N>().0.iter().copied()
}

/// A half-precision number.
fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from((bits >> 10) & 0x1f);
    let fraction = f32::from(bits & 0x3ff);
    sign * match exponent {
        0 => fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f32.powi(exponent - 15),
    }
}

/// A bfloat16 number.
fn brain(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

fn broken(name: &str, message: String, cure: &str) -> Error {
    let tensor = if name.is_empty() {
        "of a constant"
    } else {
        name
    };
    Error::Weights {
        tensor: tensor.to_owned(),
        message,
        cure: cure.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision() {
        let cases = [
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x0001, 2f32.powi(-24)),
            (0x7bff, 65504.0),
            (0x3555, 0.333_251_95),
        ];
        for (bits, value) in cases {
            assert_eq!(half(bits), value);
        }
        assert!(half(0x7c01).is_nan() && half(0xfc00) == f32::NEG_INFINITY);
        assert_eq!(brain(0x3fc0), 1.5);
    }

    #[test]
    fn axes_are_turned() {
        let values: Vec<i32> = (0..6).collect();
        assert_eq!(turn(&values, &[2, 3], &[1, 0]), [0, 3, 1, 4, 2, 5]);
        assert_eq!(turn(&[7], &[], &[]), [7]);
    }
}
