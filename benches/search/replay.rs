//! Searches of the library, told from a table.

use std::collections::HashMap;
use std::path::Path;

use dextr::run::Row;
use dextr::search::{Measure, Search, Wish};
use serde_json::Value;

/// All cells: what was scored, and how good they are.
pub(crate) struct Table {
    rows: HashMap<String, (Row, f64)>,
}

/// What a search has found.
pub(crate) struct Found {
    pub(crate) accuracy: f64,
    /// Rows of the last phase: evaluations of the proxy.
    pub(crate) evaluations: u64,
}

/// The rows of a file of `dextr score` or `dextr search`.
pub(crate) fn rows(file: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let mut records = records(&text).into_iter();
    let header = records.next().unwrap_or_default();
    let read = |cells: Vec<String>| {
        let cells: Vec<Value> = cells.into_iter().map(Value::from).collect();
        let named = header.iter().map(String::as_str).zip(&cells);
        Row::read(named).unwrap()
    };
    records.map(read).collect()
}

/// The cells of a CSV file; a cell in quotation marks may have commas in it.
fn records(text: &str) -> Vec<Vec<String>> {
    let line = |line: &str| {
        let mut cells = vec![String::new()];
        let mut quoted = false;
        for sign in line.chars() {
            match (sign, quoted) {
                ('"', _) => quoted = !quoted,
                (',', false) => cells.push(String::new()),
                _ => cells.last_mut().unwrap().push(sign),
            }
        }
        cells
    };
    text.lines().map(line).collect()
}

/// A column of a CSV file beside its architectures.
pub(crate) fn column(file: &Path, arch: &str, name: &str) -> Vec<(String, f64)> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let records = records(&text);
    let place = |name: &str| {
        let header = records
            .first()
            .and_then(|h| h.iter().position(|c| c == name));
        header.unwrap_or_else(|| panic!("{} has no column {name}", file.display()))
    };
    let (arch, value) = (place(arch), place(name));
    let pair = |row: &Vec<String>| Some((row[arch].clone(), row[value].parse().ok()?));
    records[1..].iter().filter_map(pair).collect()
}

impl Table {
    pub(crate) fn read(scores: &Path, truth: &Path, name: &str) -> Self {
        let truth: HashMap<String, f64> = column(truth, "arch", name).into_iter().collect();
        let rows = rows(scores).into_iter();
        let rows = rows.map(|row| (row.arch.clone(), (truth[&row.arch], row)));
        let rows: HashMap<_, _> = rows
            .map(|(arch, (truth, row))| (arch, (row, truth)))
            .collect();
        assert_eq!(rows.len(), truth.len(), "not all cells are scored");
        Self { rows }
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// All accuracies, the best first.
    pub(crate) fn accuracies(&self) -> Vec<f64> {
        let mut all: Vec<f64> = self.rows.values().map(|(_, truth)| *truth).collect();
        all.sort_by(|a, b| b.total_cmp(a));
        all
    }

    /// A proxy's values and the accuracies, of all cells that have both.
    pub(crate) fn column(&self, name: &str) -> (Vec<f64>, Vec<f64>) {
        let pair = |(row, truth): &(Row, f64)| Some((row.value(name)?, *truth));
        self.rows.values().filter_map(pair).unzip()
    }

    /// The accuracy of the cell with the highest value; the mean where several have it.
    pub(crate) fn best(&self, name: &str) -> f64 {
        let (values, truth) = self.column(name);
        let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let best = values.iter().zip(&truth).filter(|(v, _)| **v == most);
        let best: Vec<f64> = best.map(|(_, truth)| *truth).collect();
        best.iter().sum::<f64>() / best.len() as f64
    }

    /// One search to its end. `truth` as an aim is the accuracy, as the score.
    pub(crate) fn search(
        &self,
        strategy: &str,
        aim: &str,
        first: &str,
        budget: u64,
        seed: u64,
    ) -> Found {
        let oracle = aim == "truth";
        let aim = if oracle { "dextr" } else { aim };
        let mut wish = serde_json::json!({
            "space": "nasbench201", "strategy": strategy, "candidates": budget, "seed": seed,
        });
        match first {
            "" => wish["aim"] = aim.into(),
            first => {
                wish["candidates"] = (4 * budget).into();
                wish["stages"] = format!("{first}:{budget},{aim}").into();
            }
        }
        let wish: Wish = serde_json::from_value(wish).unwrap();
        let plan = wish.plan(Measure::default()).unwrap();
        let last = plan.phases().len() - 1;
        let mut search = Search::new(plan).unwrap();
        let mut evaluations = 0;
        while !search.progress().done {
            for candidate in search.ask(1).unwrap() {
                let (row, truth) = &self.rows[&candidate.arch];
                let mut row = row.clone();
                if oracle {
                    row.score = Some(*truth);
                }
                evaluations += u64::from(candidate.stage == last);
                search.tell(candidate.step, &row).unwrap();
            }
        }
        let best = &search.best(1)[0].arch;
        Found {
            accuracy: self.rows[best].1,
            evaluations,
        }
    }
}
