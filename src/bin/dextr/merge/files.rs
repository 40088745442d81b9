//! Files of rows, gone through once from the front, and read again at places.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

use serde_json::Value;

use dextr::run::list::{Object, text};
use dextr::run::{COLUMNS, Empty, Row, proxy_columns};

use super::order::Place;
use crate::failure::{Failure, say};
use crate::parquet;

/// A file of rows.
pub(super) struct Rows {
    /// Its name.
    pub(super) path: String,
    file: File,
    /// The names of a CSV file's columns; a JSON file's rows have their own.
    header: Option<Vec<String>>,
    number: u32,
}

/// The cells of a row, each under its column.
pub(super) type Cells = Vec<(String, Value)>;

impl Rows {
    /// Opens the file with this number.
    pub(super) fn open(path: &str, number: u32) -> Result<Self, Failure> {
        let opened = match parquet::is_parquet(path) {
            true => parquet::as_json_lines(path)?,
            false => File::open(path).map_err(|e| Failure::file("read", path, &e))?,
        };
        let mut rows = Self {
            path: path.to_owned(),
            file: opened,
            header: None,
            number,
        };
        let mut first = [0];
        let read = rows.file.read(&mut first);
        let read = read.and_then(|n| rows.file.rewind().map(|()| n));
        // A part of a list may be empty.
        let empty = read.map_err(|e| rows.unreadable(&e))? == 0;
        if !empty && first != *b"{" {
            let mut reader = csv_reader(&mut rows.file);
            let header = reader
                .headers()
                .map(|h| h.iter().map(str::to_owned).collect());
            let header: Vec<String> = header.map_err(|e| rows.unreadable(&e))?;
            rows.complete(header.iter().map(String::as_str))?;
            rows.header = Some(header);
        }
        Ok(rows)
    }

    fn unreadable(&self, error: &dyn std::fmt::Display) -> Failure {
        Failure::new(
            format!("{} cannot be read: {error}", self.path),
            "give files of rows: CSV, JSON lines or Parquet",
        )
    }

    /// Refuses what has not the columns of a row.
    fn complete<'a>(&self, names: impl Iterator<Item = &'a str> + Clone) -> Result<(), Failure> {
        let needed = COLUMNS.iter().filter(|c| c.empty == Empty::Never);
        let missing: Vec<&str> = needed
            .map(|c| c.name)
            // Files from before there were other proxies have none.
            .filter(|name| *name != "proxies" && !names.clone().any(|n| n == *name))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let there: Vec<&str> = names.collect();
        Err(Failure::new(
            format!(
                "{} is no file of rows: it has no column {}; its columns are: {}",
                self.path,
                missing.join(", "),
                there.join(", ")
            ),
            "give files that `dextr score` or the page has saved",
        ))
    }

    /// Shows each row with its number from 1 and its place. A last line that was
    /// cut off is left out, and that is said.
    pub(super) fn each(
        &mut self,
        see: impl FnMut(usize, Cells, Place) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let rewound = self.file.rewind();
        rewound.map_err(|e| self.unreadable(&e))?;
        match self.header.clone() {
            Some(header) => self.each_record(&header, see),
            None => self.each_line(see),
        }
    }

    fn each_record(
        &mut self,
        header: &[String],
        mut see: impl FnMut(usize, Cells, Place) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let size = self.file.metadata().map_or(0, |m| m.len());
        let whole = self.ends_whole(size)?;
        let file = self.file.try_clone().map_err(|e| self.unreadable(&e))?;
        let mut reader = csv_reader(file);
        // The row of names.
        reader.headers().map_err(|e| self.unreadable(&e))?;
        let mut record = csv::StringRecord::new();
        let mut number = 0;
        loop {
            let start = reader.position().byte();
            let more = reader.read_record(&mut record);
            if !more.map_err(|e| self.unreadable(&e))? {
                return Ok(());
            }
            number += 1;
            let end = reader.position().byte();
            if end >= size && !whole {
                self.say_cut(number);
                return Ok(());
            }
            if record.len() != header.len() {
                let (has, needs) = (record.len(), header.len());
                return Err(Failure::new(
                    format!(
                        "{}, row {number} has {has} cells, its columns are {needs}",
                        self.path
                    ),
                    "mend the row, or remove it: it can be scored again",
                ));
            }
            see(number, cells(header, &record), self.place(start, end)?)?;
        }
    }

    fn each_line(
        &mut self,
        mut see: impl FnMut(usize, Cells, Place) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let file = self.file.try_clone().map_err(|e| self.unreadable(&e))?;
        let mut reader = BufReader::new(file);
        let (mut line, mut start, mut number) = (Vec::new(), 0, 0);
        loop {
            line.clear();
            let length = reader.read_until(b'\n', &mut line);
            let length = length.map_err(|e| self.unreadable(&e))? as u64;
            if length == 0 {
                return Ok(());
            }
            let end = start + length;
            if !line.trim_ascii().is_empty() {
                number += 1;
                match serde_json::from_slice::<Object>(&line) {
                    Ok(Object(cells)) => {
                        self.complete(cells.iter().map(|(name, _)| name.as_str()))?;
                        see(number, cells, self.place(start, end)?)?;
                    }
                    Err(_) if line.last() != Some(&b'\n') => self.say_cut(number),
                    Err(error) => {
                        return Err(Failure::new(
                            format!("{}, row {number} is no JSON object: {error}", self.path),
                            "mend the row, or remove it: it can be scored again",
                        ));
                    }
                }
            }
            start = end;
        }
    }

    /// Whether the last line is ended: one that is not was cut off.
    fn ends_whole(&mut self, size: u64) -> Result<bool, Failure> {
        let mut last = [b'\n'];
        let read = match size {
            0 => Ok(()),
            _ => self
                .file
                .seek(SeekFrom::End(-1))
                .and_then(|_| self.file.read_exact(&mut last)),
        };
        let read = read.and_then(|()| self.file.rewind());
        read.map_err(|e| self.unreadable(&e))?;
        Ok(last == *b"\n")
    }

    fn say_cut(&self, number: usize) {
        say(format_args!(
            "{}: row {number} was cut off and is left out",
            self.path
        ));
    }

    fn place(&self, start: u64, end: u64) -> Result<Place, Failure> {
        let length = u32::try_from(end - start).map_err(|_| {
            Failure::new(
                format!("{} has a row of over 4 GB", self.path),
                "give a file of rows",
            )
        })?;
        Ok(Place {
            file: self.number,
            start,
            length,
        })
    }

    /// The row at a place.
    pub(super) fn at(&mut self, place: Place) -> Result<Cells, Failure> {
        let mut bytes = vec![0; place.length as usize];
        let sought = self.file.seek(SeekFrom::Start(place.start));
        let read = sought.and_then(|_| self.file.read_exact(&mut bytes));
        read.map_err(|e| self.unreadable(&e))?;
        match &self.header {
            Some(header) => {
                let mut reader = csv::ReaderBuilder::new()
                    .has_headers(false)
                    .buffer_capacity(bytes.len())
                    .from_reader(bytes.as_slice());
                let mut record = csv::StringRecord::new();
                let read = reader.read_record(&mut record);
                read.map_err(|e| self.unreadable(&e))?;
                Ok(cells(header, &record))
            }
            None => {
                let read = serde_json::from_slice::<Object>(&bytes);
                Ok(read.map_err(|e| self.unreadable(&e))?.0)
            }
        }
    }
}

fn csv_reader<R: Read>(file: R) -> csv::Reader<R> {
    csv::ReaderBuilder::new().flexible(true).from_reader(file)
}

fn cells(header: &[String], record: &csv::StringRecord) -> Cells {
    let cells = header.iter().zip(record);
    cells
        .map(|(name, cell)| (name.clone(), Value::from(cell)))
        .collect()
}

/// The row of some cells.
pub(super) fn row(cells: &Cells) -> Result<Row, dextr::Error> {
    Row::read(cells.iter().map(|(name, value)| (name.as_str(), value)))
}

/// The cells that are neither a row's own nor evidence, with their columns.
pub(super) fn others<'a>(
    cells: &'a Cells,
    proxies: &'a str,
) -> impl Iterator<Item = &'a (String, Value)> {
    let own = move |name: &str| {
        COLUMNS.iter().any(|c| c.name == name)
            || dextr::run::EVIDENCE.contains(&name)
            || proxy_columns(proxies).any(|proxy| proxy == name)
    };
    cells.iter().filter(move |(name, _)| !own(name))
}

/// The text of a cell.
pub(super) fn cell<'a>(cells: &'a Cells, column: &str) -> Option<&'a Value> {
    cells
        .iter()
        .find(|(name, _)| name == column)
        .map(|(_, value)| value)
}

/// The same as text, empty where there is none.
pub(super) fn cell_text(cells: &Cells, column: &str) -> String {
    cell(cells, column).map(text).unwrap_or_default()
}
