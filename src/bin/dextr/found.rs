//! What a search has found: the rows of an earlier run, the best, the front.

use serde_json::Value;

use dextr::run::Row;
use dextr::search::{Candidate, Entry, Search};

use crate::failure::say;
use crate::readable;
use crate::resume;

/// A search's own columns: a candidate's number, its round, and the value that
/// it is ranked by.
pub(crate) const COLUMNS: [&str; 3] = ["step", "round", "aim"];

/// The cells of a candidate in [`COLUMNS`].
pub(crate) fn extras(candidate: &Candidate, aim: Option<f64>) -> [Value; 3] {
    let Candidate { step, round, .. } = candidate;
    [Value::from(*step), Value::from(*round), Value::from(aim)]
}

/// Tells a search the rows that are there, each of which must be what it asks
/// for; counts those that failed. `bases` are what is known of the rows of each
/// stage.
pub(crate) fn replay(
    search: &mut Search,
    rows: &[Vec<Value>],
    columns: &[String],
    bases: &[Row],
) -> Result<usize, String> {
    let mut failed = 0;
    for (i, cells) in rows.iter().enumerate() {
        let asked = search.ask(1).map_err(|error| error.to_string())?;
        let Some(candidate) = asked.first() else {
            let (has, have) = (rows.len(), search.progress().total);
            return Err(format!(
                "it has {has} rows, this search has {have} candidates"
            ));
        };
        let base = bases.get(candidate.stage).cloned().unwrap_or_default();
        let expected = Row {
            arch: candidate.arch.clone(),
            ..base
        };
        let [step, round, _] = extras(candidate, None);
        let row = resume::check(i + 1, cells, columns, &expected, &[])?;
        let aim = search.aim(candidate.stage, &row);
        // An aim that is another one's would rank otherwise from here on.
        resume::check(
            i + 1,
            cells,
            columns,
            &expected,
            &[step, round, Value::from(aim)],
        )?;
        search
            .tell(candidate.step, &row)
            .map_err(|error| error.to_string())?;
        failed += usize::from(row.is_failed());
    }
    Ok(failed)
}

/// Tells the best, what they must be better than, and the front.
pub(crate) fn tell(search: &Search, best: usize) {
    let plan = search.plan();
    let progress = search.progress();
    if progress.total < plan.total() {
        say(format_args!(
            "note: no more than {} candidates were found within the limits",
            progress.total
        ));
    }
    let best = search.best(best);
    if best.is_empty() {
        return say("no candidate has a value of the aim");
    }
    say(format_args!("the best by {}:", plan.aim));
    table(best);
    if let Some(largest) = search.largest() {
        say("the largest, for comparison:");
        table(std::slice::from_ref(largest));
    }
    if let Some(size) = plan.against {
        let front = search.front();
        say(format_args!(
            "the front of {} against {}: {} candidates",
            plan.aim,
            size.name(),
            front.len()
        ));
        table(front);
    }
}

fn table(entries: &[Entry]) {
    let row = |entry: &Entry| {
        vec![
            entry.arch.clone(),
            entry.step.to_string(),
            readable::float(entry.aim),
            readable::count(entry.params),
            readable::count(entry.macs),
        ]
    };
    let rows: Vec<_> = entries.iter().map(row).collect();
    let header = ["arch", "step", "aim", "#params", "MACs"];
    say(readable::aligned(&header, &rows, 1).trim_end());
}
