//! Whether rows are of one experiment.

use std::collections::BTreeMap;

use dextr::run::{COLUMNS, Column, Empty, Role, Row};
use dextr::sources::Source;

use super::files::{Cells, cell_text, row};
use crate::failure::Failure;

/// What all rows of a space have.
struct Common {
    /// The text of each of [`settings`]; empty until a row says it.
    cells: Vec<String>,
    /// The file that said it first.
    file: String,
}

/// What the rows have in common, a space at a time.
pub(super) struct Settings {
    columns: Vec<&'static Column>,
    spaces: BTreeMap<String, Common>,
    /// What the rows of all spaces have measured.
    pub(super) proxies: Option<String>,
    /// The texts that were right the last time.
    last: Vec<String>,
}

impl Settings {
    /// Rows of several versions may be taken.
    pub(super) fn new(mixed_versions: bool) -> Self {
        let known = |c: &&Column| match c.name {
            "arch" | "space" => false,
            "version" => !mixed_versions,
            _ => c.role == Role::Identity,
        };
        Self {
            columns: COLUMNS.iter().filter(known).collect(),
            spaces: BTreeMap::new(),
            proxies: None,
            last: Vec::new(),
        }
    }

    /// The space of all rows, where it is one.
    pub(super) fn only_space(&self) -> Option<&str> {
        let mut names = self.spaces.keys().map(String::as_str);
        names.next().filter(|_| names.next().is_none())
    }

    /// Takes in a row.
    ///
    /// Fails where it is of another experiment than those before it.
    pub(super) fn take(&mut self, file: &str, number: usize, cells: &Cells) -> Result<(), Failure> {
        let names = std::iter::once("space").chain(self.columns.iter().map(|c| c.name));
        let found: Vec<String> = names.map(|name| cell_text(cells, name)).collect();
        if found == self.last {
            return Ok(());
        }
        let row = row(cells).map_err(|e| Failure::from(e).at(format!("{file}, row {number}")))?;
        let of_file = row.space == Source::Models.name();
        let compared = |c: &Column| !(of_file && matches!(c.name, "options" | "curves" | "image"));
        let first = !self.spaces.contains_key(&row.space);
        let common = self
            .spaces
            .entry(row.space.clone())
            .or_insert_with(|| Common {
                cells: vec![String::new(); self.columns.len()],
                file: file.to_owned(),
            });
        for (column, known) in self.columns.iter().zip(&mut common.cells) {
            let own = own(&row, column);
            let unsaid = own.is_empty() && column.empty == Empty::Failed && row.is_failed();
            if unsaid || !compared(column) {
                continue;
            }
            if first || known.is_empty() && column.empty == Empty::Failed {
                *known = own;
            } else if *known != own {
                return Err(differs(
                    file,
                    number,
                    column.name,
                    &own,
                    known,
                    &common.file,
                ));
            }
        }
        let proxies = self.proxies.get_or_insert_with(|| row.proxies.clone());
        if *proxies != row.proxies {
            return Err(differs(
                file,
                number,
                "proxies",
                &row.proxies,
                proxies,
                &common.file,
            ));
        }
        self.last = found;
        Ok(())
    }
}

/// What a row has in a column, as text.
fn own(row: &Row, column: &Column) -> String {
    dextr::run::list::text(&row.cell(column.name))
}

fn differs(file: &str, number: usize, name: &str, own: &str, known: &str, before: &str) -> Failure {
    let cure = match name {
        "version" => "score the older rows again, or take both with --mixed-versions",
        _ => "merge files of the same settings alone",
    };
    Failure::new(
        format!(
            "{file}, row {number} has '{own}' in the column {name}; rows before it ({before}) have '{known}'"
        ),
        cure,
    )
}
