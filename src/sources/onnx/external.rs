//! Weights that lie in a file of their own, beside the model.

use std::collections::HashMap;

use prost::bytes::Bytes;

use super::proto::TensorProto;
use crate::error::{Error, Result};

/// The data files that were given, by name without folders.
#[derive(Debug, Clone, Default)]
pub(super) struct External {
    files: HashMap<String, Bytes>,
}

impl External {
    /// Adds a file.
    pub(super) fn add(&mut self, name: &str, bytes: Bytes) {
        self.files.insert(base(name).to_owned(), bytes);
    }

    /// The bytes of a tensor that lies outside.
    pub(super) fn bytes(&self, proto: &TensorProto) -> Result<&[u8]> {
        let fail = |message: String, cure: String| Error::Weights {
            tensor: proto.name.clone(),
            message,
            cure,
        };
        let file = base(location(proto).unwrap_or_default());
        let bytes = self.files.get(file).ok_or_else(|| {
            fail(
                format!("lies in the file '{file}', which was not given"),
                format!("give '{file}' together with the model, or save the model as one file"),
            )
        })?;
        let number = |key: &str| -> Option<usize> { entry(proto, key)?.trim().parse().ok() };
        let start = number("offset").unwrap_or(0);
        let end = match entry(proto, "length") {
            Some(_) => number("length").and_then(|l| start.checked_add(l)),
            None => Some(bytes.len()),
        };
        end.and_then(|end| bytes.get(start..end)).ok_or_else(|| {
            fail(
                format!("lies outside the file '{file}' of {} bytes", bytes.len()),
                "give the data file that was saved together with the model".to_owned(),
            )
        })
    }
}

/// The file that a tensor lies in.
pub(super) fn location(proto: &TensorProto) -> Option<&str> {
    entry(proto, "location")
}

fn entry<'p>(proto: &'p TensorProto, key: &str) -> Option<&'p str> {
    let found = proto.external_data.iter().find(|e| e.key == key);
    found.map(|e| e.value.as_str())
}

/// A path's last part.
pub(super) fn base(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
