//! Accuracies that are known already: a table that answers what a search asks.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use dextr::run::list::{self, Wishes};
use dextr::run::number;
use dextr::sources::Source;

use crate::failure::{Failure, say};
use crate::table;

/// A table of accuracies, by canonical architecture.
pub(crate) struct Known {
    accuracies: HashMap<String, f64>,
}

impl Known {
    /// Reads a table; `column` has the accuracies, where it is named.
    ///
    /// Fails where a cell is none, where two rows say two things of one
    /// architecture, and where all say the same, so that nothing is learned.
    pub(crate) fn read(path: &str, column: Option<&str>, source: Source) -> Result<Self, Failure> {
        let wishes = Wishes {
            truth: column.map(str::to_owned),
            ..Wishes::default()
        };
        let list = list::read(&table::read(path)?, source, &wishes);
        let list = list.map_err(|error| Failure::from(error).at(path))?;
        let Some(place) = list.layout.truth else {
            return Err(Failure::new(
                format!("{path}: no column has accuracies by its name"),
                format!("name it by --accuracy; {}", list.table.has_columns()),
            ));
        };
        let name = &list.table.columns[place];
        let mut accuracies: HashMap<String, (f64, String)> = HashMap::new();
        let mut left_out = 0;
        for row in &list.table.rows {
            let (arch, problem) = list.architecture(row);
            let cell = &row.cells[place];
            let parsed = source.parse(&arch, None).ok().filter(|_| problem.is_none());
            let (Some(parsed), false) = (parsed, list::text(cell).trim().is_empty()) else {
                left_out += 1;
                continue;
            };
            let at = format!("{path}, {}, column {name}", list.place(row));
            let accuracy = number(cell).filter(|x| (0.0..=100.0).contains(x));
            let Some(accuracy) = accuracy else {
                return Err(Failure::new(
                    format!("{at}: '{}' is no accuracy from 0 to 100", list::text(cell)),
                    "correct it, or name another column by --accuracy",
                ));
            };
            match accuracies.entry(parsed.arch) {
                Entry::Vacant(free) => {
                    free.insert((accuracy, at));
                }
                Entry::Occupied(taken) => {
                    let (before, place) = taken.get();
                    if before.total_cmp(&accuracy).is_ne() {
                        return Err(Failure::new(
                            format!(
                                "{at}: {} has {accuracy}, and {before} in {place}",
                                taken.key()
                            ),
                            "leave one of the rows, or the mean of both",
                        ));
                    }
                }
            }
        }
        let mut values = accuracies.values().map(|(accuracy, _)| *accuracy);
        let first = values.next();
        match first {
            Some(first)
                if accuracies.len() > 1 && values.all(|other| other.total_cmp(&first).is_eq()) =>
            {
                return Err(Failure::new(
                    format!(
                        "{path}: all {} accuracies in the column {name} are {first}: nothing can be learned from them",
                        accuracies.len()
                    ),
                    "name the column that has the accuracies by --accuracy",
                ));
            }
            None => {
                return Err(Failure::new(
                    format!(
                        "{path}: no row has an architecture of {} and a number in the column {name}",
                        source.name()
                    ),
                    "give a table of this space, or name its column of accuracies by --accuracy",
                ));
            }
            Some(_) => {}
        }
        if left_out > 0 {
            say(format_args!(
                "note: {left_out} rows of {path} have no architecture of {} or no accuracy, and are left out",
                source.name()
            ));
        }
        let accuracies = accuracies.into_iter();
        Ok(Self {
            accuracies: accuracies
                .map(|(arch, (accuracy, _))| (arch, accuracy))
                .collect(),
        })
    }

    /// The accuracy of a canonical architecture.
    pub(crate) fn of(&self, arch: &str) -> Option<f64> {
        self.accuracies.get(arch).copied()
    }
}
