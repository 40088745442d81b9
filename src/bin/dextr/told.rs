//! What a search is told: the rows of an earlier run, scores as they come, and
//! accuracies, from a table or from the column that somebody has filled in.

use serde_json::Value;

use dextr::run::list::text;
use dextr::run::{Row, Scored, Shard, number};
use dextr::search::{Candidate, Search, Told};

use crate::failure::{Failure, say};
use crate::found::{ask, extras};
use crate::known::Known;
use crate::resume;

/// Takes in a candidate's row; the value that it is ranked by. Where that is told
/// it comes from the table; what the table does not have is waited for.
pub(crate) fn score(
    search: &mut Search,
    candidate: &Candidate,
    scored: &Scored,
    known: Option<&Known>,
) -> Result<Option<f64>, Failure> {
    let row = &scored.row;
    if !candidate.told || row.is_failed() {
        search.tell(candidate.step, row)?;
        return Ok(search.aim(candidate.stage, row));
    }
    let accuracy = known.and_then(|known| known.of(&candidate.arch));
    if let Some(accuracy) = accuracy {
        search.tell_accuracy(&candidate.arch, accuracy)?;
    }
    Ok(accuracy)
}

/// What the rows of an earlier run are held against.
pub(crate) struct Before<'a> {
    pub(crate) columns: &'a [String],
    /// What is known of the rows of each stage.
    pub(crate) bases: &'a [Row],
    pub(crate) shard: Option<Shard>,
    pub(crate) known: Option<&'a Known>,
}

impl Before<'_> {
    /// Tells a search the rows that are there, each of which must be what it asks
    /// for; counts those that failed. Accuracies that the table has are filled in.
    pub(crate) fn replay(
        &self,
        search: &mut Search,
        rows: &mut [Vec<Value>],
    ) -> Result<usize, String> {
        let mut failed = 0;
        let count = rows.len();
        for (i, cells) in rows.iter_mut().enumerate() {
            if search.plan().aim.is_told() && self.cell(cells, "step").trim().is_empty() {
                self.unasked(search, i + 1, cells)?;
                continue;
            }
            let asked = ask(search, 1, self.shard).map_err(|error| error.to_string())?;
            let Some(candidate) = asked.first() else {
                return Err(match search.waiting().next() {
                    Some(arch) => format!(
                        "row {} was asked for when {arch} had an accuracy, and it has none now",
                        i + 1
                    ),
                    None => format!(
                        "it has {count} rows, this search has {} candidates",
                        search.progress().total
                    ),
                });
            };
            let base = self.bases.get(candidate.stage).cloned().unwrap_or_default();
            let expected = Row {
                arch: candidate.arch.clone(),
                ..base
            };
            let row = resume::check(i + 1, cells, self.columns, &expected, &[])?;
            let aim = if candidate.told && !row.is_failed() {
                self.trained(search, (i + 1, candidate), cells)?;
                cells.last().cloned().unwrap_or_default()
            } else {
                Value::from(search.aim(candidate.stage, &row))
            };
            // An aim that is another one's would rank otherwise from here on.
            let [step, round, _] = extras(candidate, None);
            resume::check(i + 1, cells, self.columns, &expected, &[step, round, aim])?;
            if !candidate.told || row.is_failed() {
                search
                    .tell(candidate.step, &row)
                    .map_err(|error| error.to_string())?;
            }
            failed += usize::from(row.is_failed());
        }
        if search.is_flat() {
            say("note: all accuracies are the same so far: nothing can be learned from them");
        }
        Ok(failed)
    }

    /// The text of a cell.
    fn cell(&self, cells: &[Value], name: &str) -> String {
        let place = self.columns.iter().position(|column| column == name);
        let cell = place.and_then(|place| cells.get(place));
        cell.map(text).unwrap_or_default()
    }

    /// The accuracy of a row; none where it is still to be filled in.
    fn accuracy(&self, number_of: usize, cells: &[Value]) -> Result<Option<f64>, String> {
        let last = cells.last().cloned().unwrap_or_default();
        let written = text(&last);
        if written.trim().is_empty() {
            return Ok(None);
        }
        let name = self.columns.last().map_or("", String::as_str);
        // `93,4`, as some spreadsheets write it.
        let point = Value::from(written.replace(',', "."));
        number(&point).map(Some).ok_or_else(|| {
            format!("row {number_of}, column {name}: '{written}' is no accuracy from 0 to 100")
        })
    }

    /// Tells what a row that was asked for says, or else the table.
    fn trained(
        &self,
        search: &mut Search,
        (number_of, candidate): (usize, &Candidate),
        cells: &mut [Value],
    ) -> Result<(), String> {
        let written = self.accuracy(number_of, cells)?;
        let known = self.known.and_then(|known| known.of(&candidate.arch));
        for accuracy in written.into_iter().chain(known) {
            tell(search, number_of, &candidate.arch, accuracy)?;
        }
        if let (None, Some(known), Some(cell)) = (written, known, cells.last_mut()) {
            *cell = Value::from(known);
        }
        Ok(())
    }

    /// Takes in a row that somebody has added.
    fn unasked(
        &self,
        search: &mut Search,
        number_of: usize,
        cells: &[Value],
    ) -> Result<(), String> {
        let arch = self.cell(cells, "arch");
        let Some(accuracy) = self.accuracy(number_of, cells)? else {
            return Err(format!(
                "row {number_of} was not asked for, and has no accuracy"
            ));
        };
        match tell(search, number_of, &arch, accuracy)? {
            Told::Unasked => say(format_args!(
                "note: row {number_of} was not asked for: what follows is learned from it too"
            )),
            Told::Asked | Told::Again => {}
        }
        Ok(())
    }
}

fn tell(search: &mut Search, number_of: usize, arch: &str, accuracy: f64) -> Result<Told, String> {
    let told = search.tell_accuracy(arch, accuracy);
    told.map_err(|error| format!("row {number_of}: {error}; {}", error.hint()))
}

/// Says what is waited for, where anything is; whether it is.
pub(crate) fn waits(search: &Search, out: Option<&str>) -> bool {
    let waiting: Vec<&str> = search.waiting().collect();
    if waiting.is_empty() {
        return false;
    }
    let (count, column) = (waiting.len(), &search.plan().aim);
    let many = if count == 1 {
        "architecture waits"
    } else {
        "architectures wait"
    };
    say(format_args!("{count} {many} to be trained:"));
    waiting
        .iter()
        .for_each(|arch| say(format_args!("  {arch}")));
    match out {
        Some(out) => say(format_args!(
            "fill the column {column} of {out} in, and run the same command again to go on"
        )),
        None => say(format_args!(
            "add --out FILE, fill its column {column} in, and run the same command again to go on"
        )),
    }
    true
}
