//! `dextr merge`: files of rows → one, each architecture once.
//!
//! ```text
//! files ─→ entries (hash, what, where) ─sort→ the best of each ─sort→ rows in order
//! list  ─→ entries ──────────────────────┘
//! ```

mod files;
mod order;
mod settings;

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};

use serde_json::Value;
use twox_hash::XxHash3_128;

use dextr::run::{FAILED, Scored, all_columns, number};
use dextr::sources::Source;

use crate::End;
use crate::args::{Format, MergeArgs};
use crate::failure::{Failure, say};
use crate::input;
use crate::parquet::temporary;
use crate::render::Render;
use crate::target::Target;
use files::{Cells, Rows, cell, cell_text};
use order::{Chosen, Entry, Place, Sorter, What, sorter};
use settings::Settings;

/// Equal rows whose scores differ by more than this share are told.
const SAME: f64 = 1e-4;
/// Missing architectures that are named.
const NAMED: u64 = 3;

/// Joins the files that the arguments name.
pub(crate) fn run(args: &MergeArgs) -> Result<End, Failure> {
    let target = Target::of(args.format, Some(&args.out), false)?;
    if target.format == Format::Table {
        return Err(Failure::new(
            "a merge is a file of rows, not a table",
            "use --format csv, json or parquet",
        ));
    }
    let mut merge = Merge::read(args)?;
    let list = List::read(args, &mut merge.entries)?;
    let (mut chosen, told) = merge.choose(list.is_some())?;
    let columns = {
        let others = list.as_ref().map_or(&merge.others, |list| &list.columns);
        let proxies = merge.settings.proxies.clone().unwrap_or_default();
        all_columns(&proxies, others)
    };
    let render = Render::new(target.format, columns, false, 0, 1);
    let mut written = Written::new(args, list)?;
    written.all(&mut merge, &mut chosen, &render, &target)?;
    told.say(&merge);
    written.end(args)
}

/// The files, and where each of their rows stands.
struct Merge {
    files: Vec<Rows>,
    settings: Settings,
    /// The names of columns that are no row's own.
    others: Vec<String>,
    entries: Sorter<Entry>,
}

/// What there is to say of rows that were there more than once.
struct Told {
    /// How many of each file's rows stand in another place too.
    again: Vec<u64>,
    /// How many of them had another score there.
    other_scores: u64,
    /// How many rows are not in the list.
    unwanted: u64,
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
    /// Goes through all files.
    fn read(args: &MergeArgs) -> Result<Self, Failure> {
        let mut merge = Self {
            files: Vec::new(),
            settings: Settings::new(args.mixed_versions),
            others: Vec::new(),
            entries: sorter(),
        };
        let mut rows = 0u64;
        for (number, path) in (0..).zip(&args.files) {
            let mut file = Rows::open(path, number)?;
            let Self {
                settings,
                others,
                entries,
                ..
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
        Ok(merge)
    }

    /// The best row of each architecture, in the order of the list, or of their
    /// first rows.
    fn choose(
        &mut self,
        by_list: bool,
    ) -> Result<(impl Iterator<Item = Result<Chosen, Failure>> + use<>, Told), Failure> {
        let mut told = Told {
            again: vec![0; self.files.len()],
            other_scores: 0,
            unwanted: 0,
        };
        let mut chosen: Sorter<Chosen> = sorter();
        let entries = std::mem::replace(&mut self.entries, sorter());
        let mut group: Vec<Entry> = Vec::new();
        for entry in entries.done().map_err(disk)? {
            let entry = entry.map_err(disk)?;
            if group.first().is_some_and(|first| first.key != entry.key) {
                told.take(&group, by_list, &mut chosen)?;
                group.clear();
            }
            group.push(entry);
        }
        told.take(&group, by_list, &mut chosen)?;
        let chosen = chosen.done().map_err(disk)?;
        Ok((chosen.map(|chosen| chosen.map_err(disk)), told))
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

impl Told {
    /// Takes in what there is of one architecture.
    fn take(
        &mut self,
        group: &[Entry],
        by_list: bool,
        chosen: &mut Sorter<Chosen>,
    ) -> Result<(), Failure> {
        let wishes = group.iter().filter(|e| e.what == What::Wish);
        let rows: Vec<&Entry> = group.iter().filter(|e| e.what != What::Wish).collect();
        if let Some((best, rest)) = rows.split_first() {
            let score = f64::from_bits(best.score);
            for row in rest {
                self.again[row.place.file as usize] += 1;
                let other = f64::from_bits(row.score);
                let far = (score - other).abs() > SAME * score.abs().max(other.abs());
                self.other_scores += u64::from(row.what == best.what && far);
            }
        }
        let row = rows.first().map(|row| row.place);
        let mut push = |number, wish| {
            let next = Chosen { number, row, wish };
            chosen.push(next).map_err(disk)
        };
        if by_list {
            self.unwanted += u64::from(row.is_some() && group[0].what != What::Wish);
            return wishes
                .into_iter()
                .try_for_each(|w| push(w.number, Some(w.place)));
        }
        match rows.iter().map(|row| row.number).min() {
            Some(number) => push(number, None),
            None => Ok(()),
        }
    }

    fn say(&self, merge: &Merge) {
        for (file, again) in merge.files.iter().zip(&self.again) {
            if *again > 0 {
                say(format_args!(
                    "{}: {again} of its rows are there in another place too, and merged once",
                    file.path
                ));
            }
        }
        if self.other_scores > 0 {
            say(format_args!(
                "{} rows that are there more than once have other scores there; the first stands",
                self.other_scores
            ));
        }
        if self.unwanted > 0 {
            say(format_args!(
                "{} architectures with rows are not in the list, and left out",
                self.unwanted
            ));
        }
    }
}

/// The list that was scored: its architectures with their other cells, a JSON
/// array a line in a file that goes when it is closed.
struct List {
    columns: Vec<String>,
    spool: File,
}

impl List {
    /// Reads the list that the arguments name, and adds its architectures to
    /// the entries.
    fn read(args: &MergeArgs, entries: &mut Sorter<Entry>) -> Result<Option<Self>, Failure> {
        let Some(path) = &args.list.input else {
            return Ok(None);
        };
        let Some(space) = args.list.space else {
            return Err(Failure::new(
                "there is no --space for the list",
                "give the --space that it was scored with",
            ));
        };
        let source = Source::Space(space);
        let spooled = |e: std::io::Error| Failure::file("write to", "a temporary file", &e);
        let mut spool = BufWriter::new(temporary()?);
        let (mut columns, mut start, mut number) = (Vec::new(), 0u64, 0u64);
        input::each(path, &args.list, source, &[], |names, candidate| {
            // Objects may have keys that those before them had not.
            for name in names {
                if !columns.contains(name) {
                    columns.push(name.clone());
                }
            }
            let cells: HashMap<&String, &Value> = names.iter().zip(&candidate.extras).collect();
            let cells: Vec<Value> = columns
                .iter()
                .map(|c| cells.get(c).map_or(Value::Null, |v| (*v).clone()))
                .collect();
            let line = crate::output::json_line(&(candidate.text(), cells));
            spool.write_all(&line).map_err(spooled)?;
            let length = u32::try_from(line.len()).unwrap_or(u32::MAX);
            let place = Place {
                file: u32::MAX,
                start,
                length,
            };
            entries
                .push(Entry {
                    key: key(source.name(), candidate.text(), "", ""),
                    what: What::Wish,
                    number,
                    place,
                    score: 0,
                })
                .map_err(disk)?;
            start += u64::from(length);
            number += 1;
            Ok(())
        })?;
        let spool = spool.into_inner().map_err(|e| spooled(e.into_error()))?;
        Ok(Some(Self { columns, spool }))
    }

    /// An architecture of the list, and its cells.
    fn at(&mut self, place: Place) -> Result<(String, Vec<Value>), Failure> {
        let failed = |e: &dyn std::fmt::Display| disk(e);
        let mut bytes = vec![0; place.length as usize];
        let sought = self.spool.seek(SeekFrom::Start(place.start));
        let read = sought.and_then(|_| self.spool.read_exact(&mut bytes));
        read.map_err(|e| failed(&e))?;
        let (arch, mut cells): (String, Vec<Value>) =
            serde_json::from_slice(&bytes).map_err(|e| failed(&e))?;
        cells.resize(self.columns.len(), Value::Null);
        Ok((arch, cells))
    }
}

/// Writes the result, and counts.
struct Written {
    list: Option<List>,
    missing_to: Option<BufWriter<File>>,
    rows: u64,
    failed: u64,
    missing: u64,
    named: Vec<String>,
}

impl Written {
    fn new(args: &MergeArgs, list: Option<List>) -> Result<Self, Failure> {
        let missing_to = match (&args.missing, &list) {
            (Some(_), None) => {
                return Err(Failure::new(
                    "--missing needs the list that was scored",
                    "add --input, and its --space",
                ));
            }
            (Some(path), Some(_)) => {
                let file = File::create(path).map_err(|e| Failure::file("write to", path, &e))?;
                Some(BufWriter::new(file))
            }
            (None, _) => None,
        };
        Ok(Self {
            list,
            missing_to,
            rows: 0,
            failed: 0,
            missing: 0,
            named: Vec::new(),
        })
    }

    /// Writes all rows; the file is there when it is whole, and not before.
    fn all(
        &mut self,
        merge: &mut Merge,
        chosen: &mut impl Iterator<Item = Result<Chosen, Failure>>,
        render: &Render,
        target: &Target,
    ) -> Result<(), Failure> {
        let Some(path) = &target.out else {
            let mut out = std::io::stdout().lock();
            return self.rows(merge, chosen, render, &mut out);
        };
        let failed = |e: &std::io::Error| Failure::file("write to", path, e);
        let folder = std::path::Path::new(path).parent();
        let folder = folder.filter(|p| !p.as_os_str().is_empty());
        let part = tempfile::NamedTempFile::new_in(folder.unwrap_or(std::path::Path::new(".")));
        let mut part = part.map_err(|e| failed(&e))?;
        self.rows(merge, chosen, render, part.as_file_mut())?;
        part.persist(path).map_err(|e| failed(&e.error))?;
        target.finish(&render.columns)
    }

    fn rows(
        &mut self,
        merge: &mut Merge,
        chosen: &mut impl Iterator<Item = Result<Chosen, Failure>>,
        render: &Render,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        let mut out = BufWriter::new(out);
        let standard = |e: std::io::Error| Failure::standard_output(&e);
        out.write_all(&render.header()).map_err(standard)?;
        for chosen in chosen {
            let chosen = chosen?;
            let wish = match (&mut self.list, chosen.wish) {
                (Some(list), Some(place)) => Some(list.at(place)?),
                _ => None,
            };
            let Some(place) = chosen.row else {
                self.miss(wish)?;
                continue;
            };
            let cells = merge.files[place.file as usize].at(place)?;
            let row = files::row(&cells)?;
            self.rows += 1;
            self.failed += u64::from(row.is_failed());
            let extras = match wish {
                Some((_, cells)) => cells,
                None => {
                    let of = |name: &String| cell(&cells, name).cloned();
                    let extras = merge
                        .others
                        .iter()
                        .map(|name| of(name).unwrap_or(Value::Null));
                    extras.collect()
                }
            };
            let line = render.row(&extras, &Scored::from(row));
            out.write_all(&line).map_err(standard)?;
        }
        out.flush().map_err(standard)
    }

    fn miss(&mut self, wish: Option<(String, Vec<Value>)>) -> Result<(), Failure> {
        let (arch, _) = wish.unwrap_or_default();
        self.missing += 1;
        if let Some(file) = &mut self.missing_to {
            let written = writeln!(file, "{arch}");
            written.map_err(|e| Failure::file("write to", "the file of --missing", &e))?;
        }
        if self.missing <= NAMED {
            self.named.push(arch);
        }
        Ok(())
    }

    fn end(mut self, args: &MergeArgs) -> Result<End, Failure> {
        if let Some(file) = &mut self.missing_to {
            let flushed = file.flush();
            flushed.map_err(|e| Failure::file("write to", "the file of --missing", &e))?;
        }
        let Self {
            rows,
            failed,
            missing,
            ..
        } = self;
        let shown = match args.out.as_str() {
            "-" => "standard output",
            path => path,
        };
        say(format_args!(
            "{shown}: {rows} rows, {failed} of them with an error"
        ));
        if missing > 0 {
            let more = if missing > NAMED { ", …" } else { "" };
            say(format_args!(
                "{missing} architectures of the list are missing: {}{more}",
                self.named.join(", ")
            ));
        }
        Ok(match missing + failed {
            0 => End::Done,
            _ => End::RowsFailed,
        })
    }
}
