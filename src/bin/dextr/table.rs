//! Files of architectures and of results, and the rows that are asked for.

use std::io::Read;

use dextr::run::list::{Table, text};

use crate::failure::Failure;

/// Keeps the rows whose cells are exactly what `column=value` filters say.
pub(crate) fn filter(table: &mut Table, filters: &[String]) -> Result<(), Failure> {
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
    if table.rows.is_empty() && !filters.is_empty() {
        let filters = filters.join(", ");
        return Err(Failure::new(
            format!("no row has {filters}"),
            "values are compared as text, letter by letter",
        ));
    }
    Ok(())
}

/// Reads a text file, or standard input for `-`.
pub(crate) fn read(path: &str) -> Result<String, Failure> {
    let shown = if path == "-" { "standard input" } else { path };
    let mut bytes = Vec::new();
    let read = match path {
        "-" => std::io::stdin().lock().read_to_end(&mut bytes),
        _ => std::fs::File::open(path).and_then(|mut f| f.read_to_end(&mut bytes)),
    };
    read.map_err(|e| Failure::file("read", shown, &e))?;
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        Failure::new(
            format!("{shown} is not text: byte {} is not UTF-8", at + 1),
            "give an uncompressed text file in UTF-8",
        )
    })
}
