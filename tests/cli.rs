//! The contract of the command line: columns, order, exit status, resuming.

#![allow(
    clippy::cast_possible_truncation,
    reason = "a test's numbers are small"
)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "cli/cluster.rs"]
mod cluster;
#[path = "cli/correlate.rs"]
mod correlate;
#[path = "cli/describe.rs"]
mod describe;
#[path = "cli/input.rs"]
mod input;
#[path = "cli/models.rs"]
mod models;
#[path = "cli/optiproxy.rs"]
mod optiproxy;
#[path = "cli/projection.rs"]
mod projection;
#[path = "cli/resume.rs"]
mod resume;
#[path = "cli/score.rs"]
mod score;
#[path = "cli/search.rs"]
mod search;
#[path = "cli/spaces.rs"]
mod spaces;
#[path = "cli/tokens.rs"]
mod tokens;
#[path = "cli/usage.rs"]
mod usage;
mod wire;

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use image::{ImageFormat, Rgb, RgbImage};
use tempfile::TempDir;

/// Cells of different cost, in canonical form.
const CELLS: [&str; 5] = [
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|",
    "|skip_connect~0|+|none~0|none~1|+|none~0|skip_connect~1|none~2|",
    "|nor_conv_1x1~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|",
    "|avg_pool_3x3~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|",
    "|nor_conv_3x3~0|+|none~0|none~1|+|nor_conv_1x1~0|none~1|none~2|",
];
/// A cell through which nothing flows.
const CUT: &str = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|";

/// The settings of a network that takes a few milliseconds.
const SMALL: [&str; 8] = [
    "--space",
    "nasbench201",
    "--set",
    "stem_width=4",
    "--set",
    "cells=1",
    "--set",
    "size=8",
];

/// How a command ended.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    /// The same, if it ended with this status.
    #[track_caller]
    fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        assert!(!self.err.contains("panicked"), "{self:#?}");
        self
    }

    /// Standard output's CSV rows by column.
    fn rows(&self) -> Vec<Row> {
        csv_rows(&self.out)
    }
}

type Row = BTreeMap<String, String>;

fn csv_rows(text: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

fn json_rows(text: &str) -> Vec<serde_json::Value> {
    let lines = text.lines();
    lines.map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn column<'a>(rows: &'a [Row], name: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[name].as_str()).collect()
}

/// Runs `dextr` with text on its standard input.
fn dextr_with(args: &[&str], input: &str) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_dextr"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may be gone by now.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

fn dextr(args: &[&str]) -> Ran {
    dextr_with(args, "")
}

/// The README's indented block that begins with a line.
fn readme_block(first: &str) -> String {
    let readme = read(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"));
    let lines = readme.lines().skip_while(|l| l.trim() != first);
    let block = lines.map_while(|l| l.strip_prefix("    "));
    block.map(|l| format!("{l}\n")).collect()
}

#[test]
fn the_readme_s_python_scores_a_module_s_export() {
    let folder = Folder::new();
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/onnx/residual.onnx");
    folder.file("model.onnx", fs::read(model).unwrap());
    let script = readme_block("import json, subprocess");
    let command = Path::new(env!("CARGO_BIN_EXE_dextr")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let output = Command::new("python3")
        .args(["-c", &script])
        .current_dir(folder.0.path())
        .env("PATH", format!("{}:{path}", command.display()))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let found: f64 = String::from_utf8(output.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    let args = [
        "score",
        model,
        "--proxy",
        "dextr,meco_opt",
        "--format",
        "json",
    ];
    let row = &json_rows(&dextr(&args).ended(0).out)[0];
    assert_eq!(row["score"].as_f64(), Some(found));
    assert!(found > 0.0);
}

/// Scores small networks on the CPU.
fn score(args: &[&str]) -> Ran {
    let fixed = [&["score", "--device", "cpu"], &SMALL[..]].concat();
    dextr(&[&fixed[..], args].concat())
}

/// Scores what a file of this name holds, as CSV.
fn score_file(name: &str, text: &str, args: &[&str]) -> Ran {
    let folder = Folder::new();
    let path = folder.file(name, text);
    score(&[&["--input", &path, "--format", "csv"], args].concat())
}

/// A temporary folder.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> String {
        let path: PathBuf = self.0.path().join(name);
        path.to_str().unwrap().to_owned()
    }

    /// Writes a file, and gives its path.
    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

/// The bytes of a PNG file, more or less red.
fn picture(red: u8) -> Vec<u8> {
    let pixels = RgbImage::from_fn(20, 10, |x, y| Rgb([red, (x * 12) as u8, (y * 25) as u8]));
    let mut png = Cursor::new(Vec::new());
    pixels.write_to(&mut png, ImageFormat::Png).unwrap();
    png.into_inner()
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

/// Rows without the one column that is never the same.
fn without_seconds(rows: Vec<Row>) -> Vec<Row> {
    let strip = |mut row: Row| {
        row.remove("seconds").unwrap();
        row
    };
    rows.into_iter().map(strip).collect()
}
