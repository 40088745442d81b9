//! The house: what the sources take from each other, held against the table of
//! arrows in `src/ARCHITECTURE.md`. No arrow that is not in it, no circle
//! between files or folders but of a parent and what lies below it, and no
//! room that only one of the two knows.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "house/arrows.rs"]
mod arrows;
#[path = "house/fixtures.rs"]
mod fixtures;
#[path = "house/javascript.rs"]
mod javascript;
#[path = "house/rust.rs"]
mod rust;
#[path = "house/tokens.rs"]
mod tokens;
#[path = "house/walk.rs"]
mod walk;

use std::collections::BTreeMap;
use std::path::Path;

use arrows::{Table, check_circles};
use rust::Crates;

/// The crates' names and their root files; a program's name cannot be written in code.
const ROOTS: [(&str, &str); 3] = [
    ("dextr", "src/lib.rs"),
    ("dextr_loops", "src/loops/lib.rs"),
    ("bin dextr", "src/bin/dextr/main.rs"),
];

/// Sources by their path from the root of the repository.
type Files = BTreeMap<String, String>;

#[test]
fn the_house_is_as_its_table_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Files::new();
    read(root, "src", &mut files);
    read(root, "www", &mut files);
    assert!(files.len() > 100, "{} files", files.len());
    let table = std::fs::read_to_string(root.join("src/ARCHITECTURE.md")).unwrap();
    let wrong = check(&files, &table);
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// All that is wrong, a line each.
fn check(files: &Files, table: &str) -> Vec<String> {
    let table = Table::read(table);
    let crates = Crates::read(files, &ROOTS);
    let rust = crates.uses();
    let scripts = javascript::uses(files);
    let uses = [rust, scripts].concat();
    let mut wrong = crates.strays(files, "src/");
    wrong.extend(table.check_rooms(files));
    wrong.extend(table.check_arrows(&uses));
    wrong.extend(check_circles(&uses));
    wrong
}

/// Reads the sources of a folder.
fn read(root: &Path, folder: &str, files: &mut Files) {
    for entry in std::fs::read_dir(root.join(folder)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let path = format!("{folder}/{name}");
        if root.join(&path).is_dir() {
            if name != "node_modules" {
                read(root, &path, files);
            }
        } else if path.ends_with(".rs") || javascript::is_script(&path) {
            files.insert(
                path.clone(),
                std::fs::read_to_string(root.join(&path)).unwrap(),
            );
        }
    }
}
