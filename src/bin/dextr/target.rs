//! Where rows go and how they are written there.

use crate::args::{Format, RowFormat};
use crate::failure::{Failure, say};
use crate::parquet;

/// Where rows go and how they are written there.
#[derive(Debug)]
pub(crate) struct Target {
    /// How each row is written as soon as it is there.
    pub(crate) format: Format,
    /// The file that takes it, none for standard output.
    pub(crate) out: Option<String>,
    /// The Parquet file that is made of it in the end: that format has its index
    /// behind the rows, so that a file that was cut off would be lost.
    pub(crate) parquet: Option<String>,
}

impl Target {
    /// What the arguments ask for: a format, or the one that the file's name says.
    pub(crate) fn of(
        asked: Option<RowFormat>,
        out: Option<&str>,
        details: bool,
    ) -> Result<Self, Failure> {
        let out = out.filter(|&out| out != "-");
        let extension = out.and_then(|o| o.rsplit_once('.')).map(|(_, e)| e);
        let format = match (asked, out, extension) {
            (Some(format), _, _) => format,
            (None, None, _) => RowFormat::Table,
            (None, _, Some("csv")) => RowFormat::Csv,
            (None, _, Some("json" | "jsonl" | "ndjson")) => RowFormat::Json,
            (None, _, Some("parquet")) => RowFormat::Parquet,
            (None, Some(path), _) => {
                return Err(Failure::new(
                    format!("--out {path}: its name does not say its format"),
                    "add --format csv, --format json or --format parquet",
                ));
            }
        };
        if details && matches!(format, RowFormat::Csv | RowFormat::Parquet) {
            return Err(Failure::new(
                "--details does not fit into a table of columns: a row has many layers",
                "use --format json or --format table",
            ));
        }
        let own = |format, parquet| Self {
            format,
            out: out.map(str::to_owned),
            parquet,
        };
        match (format, out) {
            (RowFormat::Table, Some(_)) => Err(Failure::new(
                "--out does not take a table: a table cannot be gone on with",
                "use --format csv, json or parquet",
            )),
            (RowFormat::Table, None) => Ok(own(Format::Table, None)),
            (RowFormat::Csv, _) => Ok(own(Format::Csv, None)),
            (RowFormat::Json, _) => Ok(own(Format::Json, None)),
            (RowFormat::Parquet, None) => Err(Failure::new(
                "Parquet is a file, and no --out names it",
                "add --out scores.parquet",
            )),
            (RowFormat::Parquet, Some(path)) => Ok(Self {
                format: Format::Json,
                out: Some(format!("{path}.jsonl")),
                parquet: Some(path.to_owned()),
            }),
        }
    }

    /// Refuses to begin what is whole already.
    pub(crate) fn begin(&self) -> Result<(), Failure> {
        match &self.parquet {
            Some(path) if std::path::Path::new(path).exists() => Err(Failure::new(
                format!("{path} is there already, and a Parquet file cannot be gone on with"),
                "give another --out, or remove it",
            )),
            _ => Ok(()),
        }
    }

    /// Once all rows are there.
    pub(crate) fn finish(&self, columns: &[String]) -> Result<(), Failure> {
        let (Some(path), Some(lines)) = (&self.parquet, &self.out) else {
            return Ok(());
        };
        let mut rows = std::fs::File::open(lines).map_err(|e| Failure::file("read", lines, &e))?;
        parquet::from_json_lines(&mut rows, columns, path)?;
        if let Err(error) = std::fs::remove_file(lines) {
            say(format_args!("note: {lines} could not be removed: {error}"));
        }
        Ok(())
    }

    /// The file that is named at the end.
    pub(crate) fn shown(&self) -> Option<&str> {
        self.parquet.as_deref().or(self.out.as_deref())
    }
}
