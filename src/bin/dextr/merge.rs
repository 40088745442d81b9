//! `dextr merge`: files of rows → one, each architecture once.
//!
//! ```text
//! files ─→ entries (hash, what, where) ─sort→ the best of each ─sort→ rows in order
//! list  ─→ entries ──────────────────────┘
//! ```

mod choice;
mod files;
mod list;
mod order;
mod settings;
mod written;

use twox_hash::XxHash3_128;

use dextr::run::{FAILED, all_columns, number};
use dextr::sources::Source;

use crate::End;
use crate::args::{Format, MergeArgs};
use crate::failure::Failure;
use crate::render::Render;
use crate::target::Target;
use files::{Cells, Rows, cell, cell_text};
use list::List;
use order::{Entry, Place, Sorter, What, sorter};
use settings::Settings;
use written::Written;

/// Joins the files that the arguments name.
pub(crate) fn run(args: &MergeArgs) -> Result<End, Failure> {
    let target = Target::of(args.format, Some(&args.out), false)?;
    if target.format == Format::Table {
        return Err(Failure::new(
            "a merge is a file of rows, not a table",
            "use --format csv, json or parquet",
        ));
    }
    let (mut merge, mut entries) = Merge::read(args)?;
    let list = List::read(args, merge.settings.only_space(), &mut entries)?;
    let (mut chosen, told) = choice::choose(entries, merge.files.len(), list.is_some())?;
    let columns = {
        let others = list.as_ref().map_or(&merge.others, |list| &list.columns);
        let proxies = merge.settings.proxies.clone().unwrap_or_default();
        all_columns(&proxies, others)
    };
    let render = Render::new(target.format, columns, false, 0, 1);
    let mut written = Written::new(args, list)?;
    written.all(&mut merge, &mut chosen, &render, &target)?;
    told.say(&merge.files);
    written.end(args)
}

/// The files, and what their rows have in common.
struct Merge {
    files: Vec<Rows>,
    settings: Settings,
    /// The names of columns that are no row's own.
    others: Vec<String>,
}

fn disk(error: impl std::fmt::Display) -> Failure {
    Failure::new(
        format!("cannot sort on the disk: {error}"),
        "make room in the folder for temporary files (TMPDIR names another)",
    )
}

/// What a row is of: its space and architecture, and for a file what it was read by.
fn key(space: &str, arch: &str, options: &str, curves: &str) -> u128 {
    XxHash3_128::oneshot([space, arch, options, curves].join("\u{1f}").as_bytes())
}

impl Merge {
    /// Goes through all files: where each of their rows stands.
    fn read(args: &MergeArgs) -> Result<(Self, Sorter<Entry>), Failure> {
        let mut merge = Self {
            files: Vec::new(),
            settings: Settings::new(args.mixed_versions),
            others: Vec::new(),
        };
        let mut entries = sorter();
        let mut rows = 0u64;
        for (number, path) in (0..).zip(&args.files) {
            let mut file = Rows::open(path, number)?;
            let Self {
                settings, others, ..
            } = &mut merge;
            file.each(|number, cells, place| {
                settings.take(path, number, &cells)?;
                let proxies = settings.proxies.as_deref().unwrap_or_default();
                for (name, _) in files::others(&cells, proxies) {
                    if !others.contains(name) {
                        others.push(name.clone());
                    }
                }
                entries.push(entry(&cells, rows, place)).map_err(disk)?;
                rows += 1;
                Ok(())
            })?;
            merge.files.push(file);
        }
        // Of a list all may be missing.
        if rows == 0 && args.list.input.is_none() {
            return Err(Failure::new(
                "the files have no rows",
                "give files that `dextr score` or the page has saved",
            ));
        }
        Ok((merge, entries))
    }
}

fn entry(cells: &Cells, number_of: u64, place: Place) -> Entry {
    let space = cell_text(cells, "space");
    let of_file = space == Source::Models.name();
    let own = |name: &str| {
        if of_file {
            cell_text(cells, name)
        } else {
            String::new()
        }
    };
    let score = cell(cells, "score").and_then(number);
    let failed = cell_text(cells, "status") == FAILED;
    Entry {
        key: key(
            &space,
            &cell_text(cells, "arch"),
            &own("options"),
            &own("curves"),
        ),
        what: if failed { What::Failed } else { What::Good },
        number: number_of,
        place,
        score: score.unwrap_or(f64::NAN).to_bits(),
    }
}
