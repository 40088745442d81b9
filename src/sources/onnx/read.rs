//! Bytes → [`Model`], and what is no ONNX file by name.

use std::collections::BTreeSet;

use prost::Message;
use prost::bytes::Bytes;

use super::external::{External, base, location};
use super::inline;
use super::proto::tensor_proto::DataLocation;
use super::proto::{GraphProto, ModelProto, TensorProto};
use crate::error::{Error, Result};

/// The oldest set of operators that is read.
const OLDEST_OPSET: i64 = 7;

/// A model file, read but not yet understood.
#[derive(Debug, Clone)]
pub struct Model {
    pub(super) proto: ModelProto,
    pub(super) graph: GraphProto,
    pub(super) opset: i64,
    pub(super) external: External,
    /// Size of the file; what is allocated is held against it.
    pub(super) bytes: usize,
}

impl Model {
    /// Reads a file's bytes.
    ///
    /// # Errors
    /// [`Error::Model`] when it is another kind of file (which is named), is
    /// damaged, holds no graph, or uses operators older than opset 7.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        Self::from_vec(bytes.to_vec())
    }

    /// The same without a copy: weights stay where they are.
    ///
    /// # Errors
    /// Those of [`Model::read`].
    pub fn from_vec(bytes: Vec<u8>) -> Result<Self> {
        check_format(&bytes)?;
        let length = bytes.len();
        let mut proto = ModelProto::decode(Bytes::from(bytes)).map_err(|e| {
            fail(
                "not-onnx",
                format!("cannot be read as an ONNX model ({e})"),
                "give an .onnx file, whole and uncompressed",
            )
        })?;
        let graph = proto
            .graph
            .take()
            .filter(|g| !g.node.is_empty() || !g.output.is_empty());
        let mut graph = graph.ok_or_else(|| {
            fail(
                "not-onnx",
                "holds no graph".to_owned(),
                "give an .onnx file, whole and uncompressed",
            )
        })?;
        let opset = opset(&proto)?;
        inline::functions(&proto, &mut graph, opset, length)?;
        Ok(Self {
            proto,
            graph,
            opset,
            external: External::default(),
            bytes: length,
        })
    }

    /// The names of the data files that weights lie in, without folders. Their
    /// numbers are needed only for `weights=file`, and for constants other
    /// than layers' weights.
    pub fn data_files(&self) -> Vec<String> {
        let outside = |t: &&TensorProto| t.data_location() == DataLocation::External;
        let names = self.graph.initializer.iter().filter(outside);
        let names: BTreeSet<&str> = names.filter_map(location).map(base).collect();
        names.into_iter().map(str::to_owned).collect()
    }

    /// Gives a data file.
    pub fn attach(&mut self, name: &str, bytes: &[u8]) {
        self.attach_vec(name, bytes.to_vec());
    }

    /// The same without a copy.
    pub fn attach_vec(&mut self, name: &str, bytes: Vec<u8>) {
        self.bytes = self.bytes.saturating_add(bytes.len());
        self.external.add(name, Bytes::from(bytes));
    }
}

/// Refuses another known format, which the first 4 KiB of a file are enough for.
///
/// # Errors
/// [`Error::Model`] with the format's name and what to do about it.
pub fn check_format(head: &[u8]) -> Result<()> {
    match other_format(head) {
        Some((what, cure)) => Err(fail(
            "not-onnx",
            format!("is {what}, not an ONNX model"),
            cure,
        )),
        None => Ok(()),
    }
}

/// Whether bytes may be an ONNX model: not another known format, and a first
/// field of the right kind.
#[must_use]
pub fn looks_like_onnx(bytes: &[u8]) -> bool {
    other_format(bytes).is_none() && matches!(bytes.first(), Some(0x08 | 0x12 | 0x3a | 0x42))
}

/// Whether a file is a model by its first bytes, whatever it is called: an ONNX
/// model, or another format that networks are kept in, which is refused by name.
/// Texts are none.
#[must_use]
pub fn is_model_head(head: &[u8]) -> bool {
    // The version of the format, then any other field of a model: what weights
    // begin with is not so.
    let onnx = matches!(head, [0x08, version, 0x12 | 0x1a | 0x22 | 0x28 | 0x32 | 0x3a | 0x42, ..] if *version < 64);
    onnx && other_format(head).is_none() || is_other_model(head)
}

/// PyTorch, pickles, HDF5, TensorFlow Lite, ONNX Runtime, safetensors.
fn is_other_model(head: &[u8]) -> bool {
    other_format(head).is_some_and(|(what, _)| {
        let names = [
            "PyTorch",
            "Keras",
            "pickle",
            "TensorFlow",
            "ONNX Runtime",
            "safetensors",
        ];
        names.iter().any(|name| what.contains(name))
    })
}

fn opset(proto: &ModelProto) -> Result<i64> {
    let mut own = proto
        .opset_import
        .iter()
        .filter(|o| o.domain.is_empty() || o.domain == "ai.onnx");
    let version = own.next().map_or(1, |o| o.version);
    if version < OLDEST_OPSET {
        return Err(fail(
            "bad-model",
            format!("uses opset {version}; {OLDEST_OPSET} is the oldest that is read"),
            "convert it with onnx.version_converter, or export it again",
        ));
    }
    Ok(version)
}

/// The kind of a file that is no ONNX model, and what to do about it.
fn other_format(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    let has = |needle: &[u8]| {
        let head = &bytes[..bytes.len().min(4096)];
        head.windows(needle.len()).any(|w| w == needle)
    };
    const TORCH: &str =
        "load it in PyTorch and export it: torch.onnx.export(model, image, 'model.onnx')";
    Some(if bytes.is_empty() {
        ("an empty file", "give an .onnx file")
    } else if starts(b"\x89PNG") || starts(b"\xff\xd8\xff") || starts(b"GIF8") {
        (
            "a picture",
            "give it as the input image, and the network as an .onnx file",
        )
    } else if starts(b"\x1f\x8b") {
        ("a gzip archive", "unpack it with gunzip first")
    } else if starts(b"PK\x03\x04") && (has(b"data.pkl") || has(b"/version") || has(b".data/")) {
        ("a PyTorch checkpoint (.pt)", TORCH)
    } else if starts(b"PK\x03\x04") && has(b"config.json") {
        (
            "a Keras archive (.keras)",
            "export it: model.export('model.onnx', format='onnx')",
        )
    } else if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
        ("a zip archive", "unpack it and give the .onnx file inside")
    } else if starts(b"\x80\x02") && has(b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.")
        || starts(b"\x80\x02}")
        || starts(b"\x80\x04")
    {
        ("a Python pickle, such as an old PyTorch checkpoint", TORCH)
    } else if starts(b"\x89HDF\r\n\x1a\n") {
        (
            "an HDF5 file, such as a Keras model (.h5)",
            "convert it with tf2onnx, or load it in Keras and call model.export('model.onnx', format='onnx')",
        )
    } else if bytes.get(4..8) == Some(b"TFL3") {
        (
            "a TensorFlow Lite model",
            "convert it with tf2onnx: python -m tf2onnx.convert --tflite model.tflite --output model.onnx",
        )
    } else if bytes.get(4..8) == Some(b"ORTM") {
        (
            "an ONNX Runtime model (.ort)",
            "give the .onnx file that it was made from",
        )
    } else if is_safetensors(bytes) {
        (
            "a safetensors file: weights without a network",
            "load the weights into the model in Python and export that as ONNX",
        )
    } else if starts(b"<?xml") || starts(b"<!DOCTYPE") || starts(b"<html") || starts(b"<!doctype") {
        (
            "a web page or XML file",
            "download the .onnx file itself, not the page about it",
        )
    } else if starts(b"version https://git-lfs") {
        ("a Git LFS pointer", "fetch the file itself: git lfs pull")
    } else if starts(b"\xfd7zXZ")
        || starts(b"BZh")
        || starts(b"\x28\xb5\x2f\xfd")
        || starts(b"7z\xbc\xaf")
        || starts(b"Rar!")
    {
        ("a compressed archive", "unpack it first")
    } else if starts(b"GGUF") {
        ("a GGUF file", "give the network as an .onnx file")
    } else {
        return None;
    })
}

/// Eight bytes of length, then a JSON header of that length.
fn is_safetensors(bytes: &[u8]) -> bool {
    let (Some(length), Some(b'{')) = (bytes.first_chunk::<8>(), bytes.get(8)) else {
        return false;
    };
    u64::from_le_bytes(*length) < 100 << 20
}

fn fail(code: &'static str, message: String, cure: &str) -> Error {
    Error::Model {
        code,
        place: "file".to_owned(),
        message,
        cure: cure.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_formats_are_named() {
        let cases: [(&[u8], &str); 13] = [
            (b"", "empty"),
            (b"\x89PNG\r\n\x1a\n", "picture"),
            (b"\xff\xd8\xff\xe0", "picture"),
            (b"\x1f\x8b\x08\0", "gzip"),
            (b"PK\x03\x04......archive/data.pkl", "PyTorch"),
            (b"PK\x03\x04......model.onnx", "zip"),
            (b"PK\x03\x04......config.json", "Keras"),
            (b"\x80\x02}q\0", "pickle"),
            (b"\x89HDF\r\n\x1a\n", "Keras"),
            (b"\x1c\0\0\0TFL3", "TensorFlow Lite"),
            (b"\x08\0\0\0\0\0\0\0{}      ", "safetensors"),
            (b"<!DOCTYPE html>", "web page"),
            (b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
        ];
        for (bytes, name) in cases {
            let error = Model::read(bytes).unwrap_err();
            assert!(error.to_string().contains(name), "{name}: {error}");
            assert_eq!(error.code(), "not-onnx");
            assert!(!error.hint().is_empty());
        }
    }

    #[test]
    fn noise_is_refused() {
        for bytes in [&b"hello, world"[..], &[0xff; 64], &[0x08, 0x07]] {
            assert_eq!(Model::read(bytes).unwrap_err().code(), "not-onnx");
        }
    }
}
