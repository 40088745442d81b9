//! Files of architectures and of results, and the rows that are asked for.

use dextr::run::list::{Table, text};

use crate::failure::Failure;
use crate::pieces::Pieces;

/// Keeps the rows whose cells are exactly what `column=value` filters say; tells
/// whether there are any.
pub(crate) fn filter(table: &mut Table, filters: &[String]) -> Result<bool, Failure> {
    for filter in filters {
        let (name, value) = filter.split_once('=').ok_or_else(|| {
            Failure::new(
                format!("--where {filter}: there is no '='"),
                "write --where column=value",
            )
        })?;
        let column = table.column(name).ok_or_else(|| {
            Failure::new(format!("--where: no column '{name}'"), table.has_columns())
        })?;
        table.rows.retain(|row| text(&row.cells[column]) == value);
    }
    Ok(!table.rows.is_empty())
}

/// Refuses filters that nothing has met.
pub(crate) fn found_any(filters: &[String], any: bool) -> Result<(), Failure> {
    if !any && !filters.is_empty() {
        let filters = filters.join(", ");
        return Err(Failure::new(
            format!("no row has {filters}"),
            "values are compared as text, letter by letter",
        ));
    }
    Ok(())
}

/// Reads a text file, or standard input for `-`; a Parquet file as JSON lines.
pub(crate) fn read(path: &str) -> Result<String, Failure> {
    Pieces::open(path)?.whole()
}
