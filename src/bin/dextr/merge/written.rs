//! The result, as it is written.

use std::fs::File;
use std::io::{BufWriter, Error, Write};

use serde_json::Value;

use dextr::run::Scored;

use super::Merge;
use super::files::{self, cell};
use super::list::List;
use super::order::Chosen;
use crate::End;
use crate::args::MergeArgs;
use crate::failure::{Failure, say};
use crate::output::beside;
use crate::parquet::{self, temporary};
use crate::render::Render;
use crate::target::Target;

/// Missing architectures that are named.
const NAMED: u64 = 3;

/// Writes the result, and counts.
pub(super) struct Written {
    list: Option<List>,
    missing_to: Option<BufWriter<File>>,
    rows: u64,
    failed: u64,
    missing: u64,
    named: Vec<String>,
}

impl Written {
    pub(super) fn new(args: &MergeArgs, list: Option<List>) -> Result<Self, Failure> {
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
    pub(super) fn all(
        &mut self,
        merge: &mut Merge,
        chosen: &mut impl Iterator<Item = Result<Chosen, Failure>>,
        render: &Render,
        target: &Target,
    ) -> Result<(), Failure> {
        let mut rows = |out: &mut dyn Write, failed: &dyn Fn(&Error) -> Failure| {
            self.rows(merge, chosen, render, out, failed)
        };
        let temporary_failed = |e: &Error| Failure::file("write to", "a temporary file", e);
        match (&target.out, &target.parquet) {
            (_, Some(path)) => {
                let mut lines = temporary()?;
                rows(&mut lines, &temporary_failed)?;
                parquet::from_json_lines(&mut lines, &render.columns, path)
            }
            (Some(path), None) => {
                let failed = |e: &Error| Failure::file("write to", path, e);
                let mut part = beside(path).map_err(|e| failed(&e))?;
                rows(part.as_file_mut(), &failed)?;
                part.persist(path).map_err(|e| failed(&e.error))?;
                Ok(())
            }
            (None, None) => rows(&mut std::io::stdout().lock(), &Failure::standard_output),
        }
    }

    fn rows(
        &mut self,
        merge: &mut Merge,
        chosen: &mut impl Iterator<Item = Result<Chosen, Failure>>,
        render: &Render,
        out: &mut dyn Write,
        failed: &dyn Fn(&Error) -> Failure,
    ) -> Result<(), Failure> {
        let mut out = BufWriter::new(out);
        let failed = |e: Error| failed(&e);
        out.write_all(&render.header()).map_err(failed)?;
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
            out.write_all(&line).map_err(failed)?;
        }
        out.flush().map_err(failed)
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

    pub(super) fn end(mut self, args: &MergeArgs) -> Result<End, Failure> {
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
