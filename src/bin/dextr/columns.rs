//! The columns of a result row, and what stands in them.

use serde_json::Value;

use dextr::architecture::Architecture;
use dextr::engine::Device;
use dextr::proxy::dextr::Protocol;
use dextr::proxy::{Score, Settings};
use dextr::stimulus::default_curves;

use crate::input::Item;
use crate::models;
use crate::workers::Outcome;

/// The result's own columns, in order.
const RESULT: [&str; 24] = [
    "arch",
    "space",
    "status",
    "score",
    "score_std",
    "s",
    "k",
    "curvature",
    "ratio_sum",
    "params",
    "macs",
    "seed",
    "seeds",
    "protocol",
    "observe",
    "device",
    "version",
    "seconds",
    "message",
    "image_seed",
    "curve_seed",
    "curves",
    "image",
    "options",
];

/// The keys that `--details` adds at the end of a JSON object.
pub(crate) const DETAILS: [&str; 2] = ["layers", "phases"];

/// All columns of a run's rows.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    names: Vec<String>,
    provenance: Provenance,
}

impl Columns {
    /// The result's columns, then the input's other columns under names that
    /// are free.
    pub(crate) fn new(provenance: Provenance, others: &[String]) -> Self {
        let own = || RESULT.iter().chain(&DETAILS);
        let mut names: Vec<String> = RESULT.iter().map(|&c| c.to_owned()).collect();
        for (i, other) in others.iter().enumerate() {
            let mut name = other.clone();
            if own().any(|c| c == other) || others[..i].contains(other) {
                // A name that is free stays with the column that has it.
                while own().any(|c| *c == name) || names.contains(&name) || others.contains(&name) {
                    name = format!("input_{name}");
                }
            }
            names.push(name);
        }
        Self { names, provenance }
    }

    /// Their names.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// How many weight seeds each row is the mean of.
    pub(crate) fn seeds(&self) -> u32 {
        self.provenance.settings.seeds
    }

    /// A row's cells.
    pub(crate) fn cells(&self, item: &Item, outcome: &Outcome) -> Vec<Value> {
        let own = RESULT.iter().map(|column| match outcome {
            Outcome::Scored(score) => scored(score, column),
            Outcome::Failed(message) => self.failed(item, message, column),
        });
        own.chain(item.extras.iter().cloned()).collect()
    }

    /// What a row of this run must have in the columns that are known before
    /// it is scored; none for the others.
    pub(crate) fn expected(&self, item: &Item, column: usize, failed: bool) -> Option<Value> {
        if let Some(other) = column.checked_sub(RESULT.len()) {
            return item.extras.get(other).cloned();
        }
        match (RESULT[column], &item.arch) {
            ("arch", Ok(arch)) if !failed => Some(Value::from(arch.as_str())),
            ("arch", _) => Some(Value::from(item.given.as_str())),
            (name, _) => self.provenance.get(name),
        }
    }

    fn failed(&self, item: &Item, message: &str, column: &str) -> Value {
        match column {
            "arch" => Value::from(item.given.as_str()),
            "status" => Value::from(FAILED),
            "message" => Value::from(message),
            _ => self.provenance.get(column).unwrap_or(Value::Null),
        }
    }
}

/// The status of a row without a score because of an error.
pub(crate) const FAILED: &str = "error";

/// What is the same for all rows of a run, and takes to repeat it.
#[derive(Debug, Clone)]
pub(crate) struct Provenance {
    space: &'static str,
    settings: Settings,
    /// None where it depends on the size of each model file's image.
    curves: Option<usize>,
    observe: &'static str,
    options: String,
    device: &'static str,
}

impl Provenance {
    /// Of a run that scores architectures built like `example`.
    pub(crate) fn new(example: &Architecture, settings: &Settings, device: &Device) -> Self {
        let shape = example.network.input_shape();
        Self {
            space: example.source,
            curves: match settings.protocol {
                Protocol::Published => Some(1),
                Protocol::Refined if example.source == models::NAME => settings.curves,
                Protocol::Refined => Some(settings.curves.unwrap_or(default_curves(shape))),
            },
            settings: settings.clone(),
            observe: settings.policy(example.observe).name(),
            options: example.options.clone(),
            device: device.kind().name(),
        }
    }

    fn get(&self, column: &str) -> Option<Value> {
        let settings = &self.settings;
        Some(match column {
            "space" => Value::from(self.space),
            "seed" => Value::from(settings.seed),
            "seeds" => Value::from(settings.seeds),
            "protocol" => Value::from(settings.protocol.name()),
            "observe" => Value::from(self.observe),
            "device" => Value::from(self.device),
            "version" => Value::from(env!("CARGO_PKG_VERSION")),
            "image_seed" => Value::from(settings.image_seed),
            "curve_seed" => Value::from(settings.curve_seed),
            "curves" => Value::from(self.curves?),
            "image" => Value::from(settings.image_name()),
            "options" => Value::from(self.options.as_str()),
            _ => return None,
        })
    }
}

fn scored(score: &Score, column: &str) -> Value {
    match column {
        "arch" => Value::from(score.arch.as_str()),
        "space" => Value::from(score.space),
        "status" => Value::from(score.status.name()),
        "score" => Value::from(score.score),
        "score_std" => Value::from(score.score_std),
        "s" => Value::from(score.s),
        "k" => Value::from(score.k),
        "curvature" => Value::from(score.curvature),
        "ratio_sum" => Value::from(score.ratio_sum),
        "params" => Value::from(score.params),
        "macs" => Value::from(score.macs),
        "seed" => Value::from(score.seed),
        "seeds" => Value::from(score.seeds),
        "protocol" => Value::from(score.protocol),
        "observe" => Value::from(score.observe),
        "device" => Value::from(score.device),
        "version" => Value::from(score.version),
        "seconds" => Value::from(score.seconds),
        "message" => Value::from(score.message.as_str()),
        "image_seed" => Value::from(score.image_seed),
        "curve_seed" => Value::from(score.curve_seed),
        "curves" => Value::from(score.curves),
        "image" => Value::from(score.image.as_str()),
        "options" => Value::from(score.options.as_str()),
        _ => Value::Null,
    }
}
