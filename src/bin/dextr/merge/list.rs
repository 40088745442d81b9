//! The list that was scored, for the order of the rows and for what is missing.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};

use serde_json::Value;

use dextr::sources::Source;

use super::order::{Entry, Place, Sorter, What};
use super::{disk, key};
use crate::args::MergeArgs;
use crate::failure::Failure;
use crate::input;
use crate::output::json_line;
use crate::parquet::temporary;

/// The list that was scored: its architectures with their other cells, a JSON
/// array a line in a file that goes when it is closed.
pub(super) struct List {
    /// The names of its other columns.
    pub(super) columns: Vec<String>,
    spool: File,
}

impl List {
    /// Reads the list that the arguments name, and adds its architectures to
    /// the entries. Its space is that of all `rows`, where it is not given.
    pub(super) fn read(
        args: &MergeArgs,
        rows: Option<&str>,
        entries: &mut Sorter<Entry>,
    ) -> Result<Option<Self>, Failure> {
        let Some(path) = &args.list.input else {
            return Ok(None);
        };
        let source = match (args.list.space, rows) {
            (Some(space), _) => Source::Space(space),
            (None, Some(name)) => Source::by_name(name)?,
            (None, None) => {
                return Err(Failure::new(
                    "the rows do not say the one space of the list",
                    "give the --space that it was scored with",
                ));
            }
        };
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
            let line = json_line(&(candidate.text(), cells));
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
    pub(super) fn at(&mut self, place: Place) -> Result<(String, Vec<Value>), Failure> {
        let mut bytes = vec![0; place.length as usize];
        let sought = self.spool.seek(SeekFrom::Start(place.start));
        let read = sought.and_then(|_| self.spool.read_exact(&mut bytes));
        read.map_err(disk)?;
        let (arch, mut cells): (String, Vec<Value>) =
            serde_json::from_slice(&bytes).map_err(disk)?;
        cells.resize(self.columns.len(), Value::Null);
        Ok((arch, cells))
    }
}
