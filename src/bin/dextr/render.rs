//! A score's row as text: a table for reading, CSV, or a line of JSON.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use dextr::proxy::Score;

use crate::args::Format;
use crate::columns::{Columns, DETAILS, FAILED};
use crate::input::Item;
use crate::output::{csv_line, json_line};
use crate::readable;
use crate::table::text;
use crate::workers::Outcome;

/// The widest column of architectures in a table; longer ones stick out.
const WIDEST: usize = 100;
/// The headers of a table's numbers, with their widths.
const NUMBERS: [(&str, usize); 5] = [("S", 8), ("K", 8), ("κ", 10), ("#params", 8), ("MACs", 8)];

/// Writes rows in a format.
pub(crate) struct Render {
    /// The format.
    pub(crate) format: Format,
    /// The columns.
    pub(crate) columns: Columns,
    /// Whether each observed map is told.
    pub(crate) details: bool,
    widths: Widths,
}

/// Widths of the columns of a table that are not the same for all runs.
struct Widths {
    arch: usize,
    score: usize,
}

impl Render {
    /// For rows of these architectures.
    pub(crate) fn new(format: Format, columns: Columns, details: bool, items: &[Item]) -> Self {
        let archs = items.iter().map(|i| i.arch.as_ref().unwrap_or(&i.given));
        let arch = archs.map(|a| a.chars().count()).max().unwrap_or(0);
        let several = columns.seeds() > 1;
        Self {
            format,
            columns,
            details,
            widths: Widths {
                arch: arch.clamp("arch".len(), WIDEST),
                score: if several { 17 } else { 8 },
            },
        }
    }

    /// What stands before the first row.
    pub(crate) fn header(&self) -> Vec<u8> {
        match self.format {
            Format::Csv => csv_line(self.columns.names()),
            Format::Json => Vec::new(),
            Format::Table => {
                let numbers = NUMBERS.map(|(name, _)| name.to_owned());
                self.line("arch", "score", numbers, "status")
            }
        }
    }

    /// A row.
    pub(crate) fn row(&self, item: &Item, outcome: &Outcome) -> Vec<u8> {
        match self.format {
            Format::Table => self.table_row(item, outcome),
            Format::Csv => {
                let cells = self.columns.cells(item, outcome);
                csv_line(&cells.iter().map(text).collect::<Vec<_>>())
            }
            Format::Json => json_line(&JsonRow {
                names: self.columns.names(),
                cells: self.columns.cells(item, outcome),
                details: self.details.then_some(outcome),
            }),
        }
    }

    fn table_row(&self, item: &Item, outcome: &Outcome) -> Vec<u8> {
        let score = match outcome {
            Outcome::Scored(score) => score,
            Outcome::Failed(message) => {
                let numbers = NUMBERS.map(|_| "–".to_owned());
                let status = format!("{FAILED}: {message}");
                return self.line(&item.given, "–", numbers, &status);
            }
        };
        let value = match score.score_std {
            Some(deviation) => format!("{} ± {deviation:.4}", readable::maybe(score.score)),
            None => readable::maybe(score.score),
        };
        let numbers = [
            readable::maybe(score.s),
            readable::maybe(score.k),
            readable::maybe(score.curvature),
            readable::count(score.params),
            readable::count(score.macs),
        ];
        let status = match score.message.as_str() {
            "" => score.status.name().to_owned(),
            message => format!("{}: {message}", score.status.name()),
        };
        let mut lines = self.line(&score.arch, &value, numbers, &status);
        if self.details {
            lines.extend(maps(score).into_bytes());
        }
        lines
    }

    fn line(&self, arch: &str, score: &str, numbers: [String; 5], status: &str) -> Vec<u8> {
        let Widths { arch: a, score: s } = self.widths;
        let cells = numbers.iter().zip(NUMBERS);
        let cells: String = cells
            .map(|(n, (_, width))| format!("  {n:>width$}"))
            .collect();
        format!("{arch:<a$}  {score:>s$}{cells}  {status}\n").into_bytes()
    }
}

/// The observed maps of a score, indented.
fn maps(score: &Score) -> String {
    let rows: Vec<Vec<String>> = score
        .layers
        .iter()
        .map(|map| {
            vec![
                format!("    {}", map.name),
                map.kind.to_owned(),
                readable::shape(&map.shape),
                map.count.to_string(),
                readable::float(map.sigma_min),
                readable::float(map.sigma_max),
                readable::float(map.ratio),
            ]
        })
        .collect();
    let header = [
        "    observed map",
        "kind",
        "shape",
        "counts",
        "σ min",
        "σ max",
        "ratio",
    ];
    readable::aligned(&header, &rows, 3)
}

/// A row as a JSON object, in the order of its columns.
struct JsonRow<'a> {
    names: &'a [String],
    cells: Vec<Value>,
    details: Option<&'a Outcome>,
}

impl Serialize for JsonRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, cell) in self.names.iter().zip(&self.cells) {
            map.serialize_entry(name, cell)?;
        }
        let [layers, phases] = DETAILS;
        match self.details {
            Some(Outcome::Scored(score)) => {
                map.serialize_entry(layers, &score.layers)?;
                map.serialize_entry(phases, &score.phases)?;
            }
            Some(Outcome::Failed(_)) => {
                map.serialize_entry(layers, &Value::Null)?;
                map.serialize_entry(phases, &Value::Null)?;
            }
            None => {}
        }
        map.end()
    }
}
