//! The table of all NAS-Bench-201 cells in which the page finds an exact rank:
//! cells drawn anew, scored by the command that it names, have its scores.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::Read;
use std::process::Command;

use dextr::sources::spaces::{self, Cell};
use flate2::read::GzDecoder;
use tempfile::TempDir;

const TABLE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/www/app/references/nasbench201.csv.gz"
);
const DRAWN: u64 = 50;
/// Another processor rounds otherwise: half of the cells agree as well as this, …
const ROUNDING: f64 = 2e-5;
/// … and all as well as this: where a unit near 0 falls on the other side of its
/// ReLU, K jumps.
const KINK: f64 = 1e-2;

#[test]
fn cells_drawn_anew_have_the_table_s_scores() {
    let mut text = String::new();
    let mut file = GzDecoder::new(File::open(TABLE).unwrap());
    file.read_to_string(&mut text).unwrap();
    let mut lines = text.lines();
    let command = lines.find_map(|l| l.strip_prefix("# command: dextr "));
    let mut reader = csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    let rows = reader.deserialize().map(Result::unwrap);
    let cells = (0..Cell::COUNT).map(|code| Cell::from_index(code).unwrap().to_string());
    let table: HashMap<String, BTreeMap<String, f64>> = cells.zip(rows).collect();

    let space = spaces::by_name("nasbench201").unwrap();
    let drawn: Vec<String> = (0..DRAWN).map(|seed| space.sample(seed)).collect();
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("cells.txt"), drawn.join("\n")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_dextr"))
        .args(command.unwrap().split(' '))
        .current_dir(&folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let scored = csv::Reader::from_path(folder.path().join("all.csv")).unwrap();
    let scored: Vec<BTreeMap<String, String>> =
        scored.into_deserialize().map(Result::unwrap).collect();
    assert_eq!(scored.len(), drawn.len());

    for (proxy, column) in [
        ("dextr", "score"),
        ("meco_opt", "meco_opt"),
        ("concord", "concord"),
    ] {
        let mut close = 0;
        for (cell, row) in drawn.iter().zip(&scored) {
            assert_eq!(&row["arch"], cell);
            let (found, kept): (f64, f64) = (row[column].parse().unwrap(), table[cell][proxy]);
            let differ = (found - kept).abs();
            assert!(
                differ <= KINK * kept.abs(),
                "{cell}: {proxy} is {found}, in the table {kept}"
            );
            close += usize::from(differ <= ROUNDING * kept.abs());
        }
        assert!(
            2 * close >= drawn.len(),
            "{proxy}: {close} of {} agree",
            drawn.len()
        );
    }
}
