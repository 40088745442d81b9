//! Where rows go: standard output, or a file.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::failure::Failure;

/// Where rows go. Every write is handed on at once, whole.
#[derive(Debug)]
pub(crate) enum Output {
    /// Standard output.
    Standard,
    /// A file, with its path.
    File(File, String),
}

impl Output {
    /// Writes and flushes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match self {
            Self::Standard => {
                let mut out = std::io::stdout().lock();
                let written = out.write_all(bytes).and_then(|()| out.flush());
                written.map_err(|e| Failure::standard_output(&e))
            }
            Self::File(file, path) => file
                .write_all(bytes)
                .map_err(|e| Failure::file("write to", path, &e)),
        }
    }
}

/// A temporary file in the folder of a path, to take its place once it is whole.
pub(crate) fn beside(path: &str) -> std::io::Result<NamedTempFile> {
    let folder = Path::new(path).parent();
    let folder = folder.filter(|p| !p.as_os_str().is_empty());
    NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))
}

/// A CSV record as it is written.
pub(crate) fn csv_line<S: AsRef<str>>(cells: &[S]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail.
    let _ = writer.write_record(cells.iter().map(S::as_ref));
    writer.into_inner().unwrap_or_default()
}

/// A value as a line of JSON.
pub(crate) fn json_line(value: &impl serde::Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}
