//! A score's row as text: a table for reading, CSV, or a line of JSON.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use dextr::proxy::dextr::MapRatio;
use dextr::run::list::text;
use dextr::run::{EVIDENCE, Scored};

use crate::args::Format;
use crate::output::{csv_line, json_line};
use crate::readable;

/// The widest column of architectures in a table; longer ones stick out.
const WIDEST: usize = 100;
/// The headers of a table's numbers, with their widths.
const NUMBERS: [(&str, usize); 5] = [("S", 8), ("K", 8), ("κ", 10), ("#params", 8), ("MACs", 8)];

/// Writes rows in a format.
pub(crate) struct Render {
    /// The format.
    pub(crate) format: Format,
    /// The columns' names.
    pub(crate) columns: Vec<String>,
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
    /// For rows whose architectures have up to `widest` characters, each the
    /// mean over `seeds` weight seeds.
    pub(crate) fn new(
        format: Format,
        columns: Vec<String>,
        details: bool,
        widest: usize,
        seeds: u32,
    ) -> Self {
        Self {
            format,
            columns,
            details,
            widths: Widths {
                arch: widest.clamp("arch".len(), WIDEST),
                score: if seeds > 1 { 17 } else { 8 },
            },
        }
    }

    /// What stands before the first row.
    pub(crate) fn header(&self) -> Vec<u8> {
        match self.format {
            Format::Csv => csv_line(&self.columns),
            Format::Json => Vec::new(),
            Format::Table => {
                let numbers = NUMBERS.map(|(name, _)| name.to_owned());
                self.line("arch", "score", &numbers, "status")
            }
        }
    }

    /// A row, with the cells of the last columns.
    pub(crate) fn row(&self, extras: &[Value], scored: &Scored) -> Vec<u8> {
        if self.format == Format::Table {
            return self.table_row(scored);
        }
        let own = self.columns.len().saturating_sub(extras.len());
        let cells = self.columns[..own].iter().map(|c| scored.row.named(c));
        let cells: Vec<Value> = cells.chain(extras.iter().cloned()).collect();
        self.cells(&cells, self.details.then_some(scored))
    }

    /// A row of a file by its cells, with what else a line of JSON has.
    pub(crate) fn cells(&self, cells: &[Value], details: Option<&Scored>) -> Vec<u8> {
        match self.format {
            Format::Json => json_line(&JsonRow {
                names: &self.columns,
                cells,
                details,
            }),
            _ => csv_line(&cells.iter().map(text).collect::<Vec<_>>()),
        }
    }

    fn table_row(&self, Scored { row, layers, .. }: &Scored) -> Vec<u8> {
        let value = match row.score_std {
            Some(deviation) => format!("{} ± {deviation:.4}", readable::maybe(row.score)),
            None => readable::maybe(row.score),
        };
        let count = |n: Option<u64>| n.map_or_else(|| "–".to_owned(), readable::count);
        let numbers = [
            readable::maybe(row.s),
            readable::maybe(row.k),
            readable::maybe(row.curvature),
            count(row.params),
            count(row.macs),
        ];
        let status = match row.message.as_str() {
            "" => row.status.clone(),
            message => format!("{}: {message}", row.status),
        };
        let mut lines = self.line(&row.arch, &value, &numbers, &status);
        if let Some(layers) = layers.as_ref().filter(|_| self.details) {
            lines.extend(maps(layers).into_bytes());
        }
        lines
    }

    fn line(&self, arch: &str, score: &str, numbers: &[String; 5], status: &str) -> Vec<u8> {
        let Widths { arch: a, score: s } = self.widths;
        let cells = numbers.iter().zip(NUMBERS);
        let cells: String = cells
            .map(|(n, (_, width))| format!("  {n:>width$}"))
            .collect();
        format!("{arch:<a$}  {score:>s$}{cells}  {status}\n").into_bytes()
    }
}

/// Observed maps, indented.
fn maps(layers: &[MapRatio]) -> String {
    let rows: Vec<Vec<String>> = layers
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
    cells: &'a [Value],
    details: Option<&'a Scored>,
}

impl Serialize for JsonRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, cell) in self.names.iter().zip(self.cells) {
            map.serialize_entry(name, cell)?;
        }
        if let Some(scored) = self.details {
            let [layers, phases] = EVIDENCE;
            map.serialize_entry(layers, &scored.layers)?;
            map.serialize_entry(phases, &scored.phases)?;
        }
        map.end()
    }
}
