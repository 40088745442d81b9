//! Apache Parquet in and out, by way of JSON lines: a row is the same in both.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use serde_json::{Map, Value};

use dextr::run::list::text;
use dextr::run::{COLUMNS, Kind, number};

use crate::failure::Failure;
use crate::output::{beside, json_line};

/// Rows of a row group.
const GROUP: usize = 50_000;
/// The first bytes of every file.
const MAGIC: &[u8] = b"PAR1";

/// Whether a file is one of Parquet, by its ending or its first bytes.
pub(crate) fn is_parquet(path: &str) -> bool {
    if has_ending(path) {
        return true;
    }
    let mut head = [0; 4];
    // A pipe would be read empty.
    Path::new(path).is_file()
        && File::open(path).is_ok_and(|mut f| f.read_exact(&mut head).is_ok() && head == MAGIC)
}

/// Whether a name is that of a Parquet file.
pub(crate) fn has_ending(path: &str) -> bool {
    let ending = Path::new(path).extension();
    ending.is_some_and(|e| e.eq_ignore_ascii_case("parquet"))
}

/// The rows of a file as JSON lines, in a file that goes when it is closed.
pub(crate) fn as_json_lines(path: &str) -> Result<File, Failure> {
    let file = File::open(path).map_err(|e| Failure::file("read", path, &e))?;
    let unreadable = |e: &dyn std::fmt::Display| {
        Failure::new(
            format!("{path} cannot be read as Parquet: {e}"),
            "give a whole Parquet file without encryption, or CSV or JSON",
        )
    };
    let reader = SerializedFileReader::new(file).map_err(|e| unreadable(&e))?;
    let mut lines = BufWriter::new(temporary()?);
    let rows = reader.get_row_iter(None).map_err(|e| unreadable(&e))?;
    for row in rows {
        let row = row.map_err(|e| unreadable(&e))?.to_json_value();
        let written = lines.write_all(&json_line(&row));
        written.map_err(|e| Failure::file("write to", "a temporary file", &e))?;
    }
    let finished = lines
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error);
    let rewound = finished.and_then(|mut file| file.rewind().map(|()| file));
    rewound.map_err(|e| Failure::file("write to", "a temporary file", &e))
}

/// A file that goes when it is closed.
pub(crate) fn temporary() -> Result<File, Failure> {
    tempfile::tempfile().map_err(|e| Failure::file("make", "a temporary file", &e))
}

/// Writes rows that stand in a file as JSON lines. The file at `path` is there
/// when it is whole, and not before.
pub(crate) fn from_json_lines(
    rows: &mut File,
    columns: &[String],
    path: &str,
) -> Result<(), Failure> {
    let failed = |e: &dyn std::fmt::Display| {
        Failure::new(
            format!("cannot write {path}: {e}"),
            "check the path, its permissions and the room on the disk",
        )
    };
    let kinds = kinds(rows, columns).map_err(|e| failed(&e))?;
    let part = beside(path).map_err(|e| failed(&e))?;
    write(rows, columns, &kinds, part.as_file()).map_err(|e| failed(&e))?;
    part.persist(path).map_err(|e| failed(&e.error))?;
    Ok(())
}

/// What each column holds: a row's own as it is said, others by what is in them.
fn kinds(rows: &mut File, columns: &[String]) -> std::io::Result<Vec<Kind>> {
    let own = |name: &String| COLUMNS.iter().find(|c| c.name == name).map(|c| c.kind);
    let mut kinds: Vec<Option<Kind>> = columns.iter().map(own).collect();
    let open: Vec<usize> = (0..kinds.len()).filter(|&i| kinds[i].is_none()).collect();
    if !open.is_empty() {
        each(rows, |row| {
            for &i in &open {
                kinds[i] = widest(kinds[i], row.get(&columns[i]).unwrap_or(&Value::Null));
            }
            Ok(())
        })?;
    }
    Ok(kinds.into_iter().map(|k| k.unwrap_or(Kind::Text)).collect())
}

/// The kind that holds a value beside all before it.
fn widest(before: Option<Kind>, value: &Value) -> Option<Kind> {
    let own = match value {
        Value::Null => return before,
        Value::Number(n) if n.is_u64() => Kind::Whole,
        Value::String(s) if s.is_empty() => return before,
        // A number of a CSV file is text; as in `Row`, it is read as a number.
        Value::Number(_) => Kind::Number,
        Value::String(_) if number(value).is_some() => Kind::Number,
        _ => Kind::Text,
    };
    Some(match (before, own) {
        (None, own) => own,
        (Some(before), own) if before == own => own,
        (Some(Kind::Whole | Kind::Number), Kind::Whole | Kind::Number) => Kind::Number,
        _ => Kind::Text,
    })
}

/// Shows each row from the first.
fn each(
    rows: &mut File,
    mut see: impl FnMut(Map<String, Value>) -> std::io::Result<()>,
) -> std::io::Result<()> {
    rows.rewind()?;
    for line in BufReader::new(rows).lines() {
        see(serde_json::from_str(&line?)?)?;
    }
    Ok(())
}

fn write(rows: &mut File, columns: &[String], kinds: &[Kind], out: &File) -> std::io::Result<()> {
    let other = |e: ParquetError| std::io::Error::other(e);
    let fields = columns.iter().zip(kinds).map(|(name, kind)| {
        let (physical, logical) = match kind {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            // Seeds and counts.
            Kind::Whole => (Physical::INT64, Some(LogicalType::integer(64, false))),
            Kind::Number => (Physical::DOUBLE, None),
        };
        let field = Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical);
        field.build().map(Arc::new)
    });
    let fields = fields.collect::<Result<Vec<_>, _>>().map_err(other)?;
    let schema = Type::group_type_builder("row").with_fields(fields);
    let schema = Arc::new(schema.build().map_err(other)?);
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
    let properties = Arc::new(properties.build());
    let mut writer = SerializedFileWriter::new(out, schema, properties).map_err(other)?;
    let mut group: Vec<Map<String, Value>> = Vec::new();
    let mut flush = |group: &mut Vec<Map<String, Value>>| -> Result<(), ParquetError> {
        let mut columns_of = writer.next_row_group()?;
        for (name, kind) in columns.iter().zip(kinds) {
            let Some(mut column) = columns_of.next_column()? else {
                break;
            };
            put(column.untyped(), *kind, group, name)?;
            column.close()?;
        }
        columns_of.close()?;
        group.clear();
        Ok(())
    };
    each(rows, |row| {
        group.push(row);
        if group.len() >= GROUP {
            flush(&mut group).map_err(other)?;
        }
        Ok(())
    })?;
    if !group.is_empty() {
        flush(&mut group).map_err(other)?;
    }
    writer.close().map_err(other)?;
    Ok(())
}

/// One column of a group.
fn put(
    column: &mut ColumnWriter<'_>,
    kind: Kind,
    rows: &[Map<String, Value>],
    name: &str,
) -> Result<(), ParquetError> {
    let cells = || rows.iter().map(|row| row.get(name).unwrap_or(&Value::Null));
    let levels = |there: &[bool]| there.iter().map(|&t| i16::from(t)).collect::<Vec<_>>();
    match column {
        ColumnWriter::ByteArrayColumnWriter(writer) => {
            // An empty text is a text: in a row's own columns nothing is null.
            let texts: Vec<Option<ByteArray>> = cells()
                .map(|c| (!c.is_null()).then(|| ByteArray::from(text(c).into_bytes())))
                .collect();
            let there: Vec<bool> = texts.iter().map(Option::is_some).collect();
            let texts: Vec<ByteArray> = texts.into_iter().flatten().collect();
            writer.write_batch(&texts, Some(&levels(&there)), None)?;
        }
        ColumnWriter::Int64ColumnWriter(writer) => {
            // The bits of an unsigned number, as the format has it.
            let bits = |c: &Value| c.as_u64().map(u64::cast_signed);
            let numbers: Vec<Option<i64>> = cells().map(bits).collect();
            let there: Vec<bool> = numbers.iter().map(Option::is_some).collect();
            let numbers: Vec<i64> = numbers.into_iter().flatten().collect();
            writer.write_batch(&numbers, Some(&levels(&there)), None)?;
        }
        ColumnWriter::DoubleColumnWriter(writer) => {
            let numbers: Vec<Option<f64>> = cells().map(number).collect();
            let there: Vec<bool> = numbers.iter().map(Option::is_some).collect();
            let numbers: Vec<f64> = numbers.into_iter().flatten().collect();
            writer.write_batch(&numbers, Some(&levels(&there)), None)?;
        }
        _ => {
            let message = format!("{name} cannot hold {kind:?}");
            return Err(ParquetError::General(message));
        }
    }
    Ok(())
}
