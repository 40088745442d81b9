//! The numbers of a tensor as they lie in the file: types, widths, halves.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "sizes and axes were held against their ranges where they were read"
)]

use super::Kind;
use crate::error::{Error, Result};
use crate::sources::onnx::external::External;
use crate::sources::onnx::proto::TensorProto;
use crate::sources::onnx::proto::tensor_proto::{DataLocation, DataType};

/// The type of the numbers; of an unknown one, undefined.
fn data_type(proto: &TensorProto) -> DataType {
    DataType::try_from(proto.data_type).unwrap_or(DataType::Undefined)
}

/// Bytes of an element, and the kind of number.
pub(super) fn layout(proto: &TensorProto) -> Result<(usize, Kind)> {
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
pub(super) fn held(proto: &TensorProto, width: usize) -> usize {
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

/// A tensor's numbers as floats, in the file's order.
pub(super) fn floats(proto: &TensorProto, n: usize, external: &External) -> Result<Vec<f32>> {
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
        _ => ints(proto, n, external)?
            .into_iter()
            .map(|v| v as f32)
            .collect(),
    })
}

/// A tensor's numbers as whole numbers, in the file's order.
pub(super) fn ints(proto: &TensorProto, n: usize, external: &External) -> Result<Vec<i64>> {
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
            floats(proto, n, external)?
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

/// What is wrong with a tensor of the file.
pub(super) fn broken(name: &str, message: String, cure: &str) -> Error {
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
}
