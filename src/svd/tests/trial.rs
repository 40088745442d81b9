//! One map, decomposed three ways, each held against the others.

use std::path::PathBuf;

use super::maps::Map;
use crate::svd::plan::{Plan, SWEEPS};
use crate::svd::twin::{self, Twin};
use crate::svd::{Found, extremes};

/// Kernel and twin differ by rounding alone: σ_max relatively, ratios absolutely.
const BETWEEN: f64 = 5e-7;

/// What is asked of each against double precision, likewise.
const AGAINST_DOUBLE: f64 = 1e-6;

/// A map and what was found of it: (σ_min, σ_max) each.
pub(super) struct Trial {
    pub(super) map: Map,
    double: (f64, f64),
    pub(super) twin: Twin,
    kernel: Option<Found>,
}

impl Trial {
    /// In double precision and by the twin.
    pub(super) fn new(map: Map) -> Self {
        let double: Vec<f64> = map.values.iter().map(|&x| f64::from(x)).collect();
        let double = extremes(map.rows, &double).unwrap();
        let twin = twin::extremes(map.rows, map.columns, &map.values);
        Self {
            map,
            double,
            twin,
            kernel: None,
        }
    }

    /// And by the kernels.
    pub(super) fn with_kernel(mut self, found: Found) -> Self {
        self.kernel = Some(found);
        self
    }

    /// What is wrong, with the file that has the map and all results.
    pub(super) fn fault(&self) -> Option<String> {
        let mut faults = Vec::new();
        let mut hold = |what: &str, a: (f64, f64), b: (f64, f64), tolerance: f64| {
            let (largest, ratio) = differences(a, b);
            // Written so that NaN is a fault.
            if !(largest <= tolerance && ratio <= tolerance) {
                faults.push(format!("{what}: σ_max {largest:e}, ratio {ratio:e}"));
            }
        };
        let twin = (self.twin.min, self.twin.max);
        hold("twin against double", twin, self.double, AGAINST_DOUBLE);
        if let Some(Found::Range { min, max }) = self.kernel {
            let kernel = (min, max);
            hold("kernel against double", kernel, self.double, AGAINST_DOUBLE);
            hold("kernel against twin", kernel, twin, BETWEEN);
        }
        let shape = (self.map.rows, self.map.columns);
        if self.twin.sweeps >= Plan::new(&[shape]).sweeps {
            faults.push("the twin did not end".to_owned());
        }
        if let Some(Found::Unfinished | Found::Refused(_)) = self.kernel {
            faults.push(format!("kernel: {:?}", self.kernel));
        }
        let name = &self.map.name;
        (!faults.is_empty()).then(|| {
            let file = self.write();
            format!("{name}: {}; see {}", faults.join("; "), file.display())
        })
    }

    /// Writes the map and the results to a file.
    fn write(&self) -> PathBuf {
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/target/failures"));
        std::fs::create_dir_all(&folder).unwrap();
        let word = |c: char| if c.is_alphanumeric() { c } else { '-' };
        let name: String = self.map.name.chars().map(word).collect();
        let file = folder.join(format!("svd-{name}.json"));
        let all = serde_json::json!({
            "map": self.map.name,
            "rows": self.map.rows,
            "columns": self.map.columns,
            "values": self.map.values,
            "double": self.double,
            "twin": [self.twin.min, self.twin.max],
            "twin_sweeps": self.twin.sweeps,
            "kernel": self.kernel.as_ref().map(|k| format!("{k:?}")),
        });
        std::fs::write(&file, all.to_string()).unwrap();
        file
    }
}

/// σ_max relatively, and the ratio absolutely.
fn differences(found: (f64, f64), known: (f64, f64)) -> (f64, f64) {
    if known.1 == 0.0 {
        return (found.1, found.0);
    }
    let ratio = |(min, max): (f64, f64)| min / max;
    let largest = (found.1 / known.1 - 1.0).abs();
    (largest, (ratio(found) - ratio(known)).abs())
}

/// Fails with all faults; otherwise says how near it was.
pub(super) fn judge(trials: &[Trial]) {
    let faults: Vec<String> = trials.iter().filter_map(Trial::fault).collect();
    let (count, all) = (faults.len(), trials.len());
    let first: Vec<_> = faults.into_iter().take(10).collect();
    assert!(first.is_empty(), "{count} of {all} maps: {first:#?}");
    let mut worst = [(0.0f64, 0.0f64); 3];
    let mut longest = 0;
    for trial in trials {
        let twin = (trial.twin.min, trial.twin.max);
        let mut pairs = vec![(twin, trial.double)];
        if let Some(Found::Range { min, max }) = trial.kernel {
            pairs.extend([((min, max), trial.double), ((min, max), twin)]);
        }
        for (worst, (a, b)) in worst.iter_mut().zip(pairs) {
            let (largest, ratio) = differences(a, b);
            *worst = (worst.0.max(largest), worst.1.max(ratio));
        }
        longest = longest.max(trial.twin.sweeps);
    }
    assert!(longest < SWEEPS);
    let [twin, kernel, between] = worst;
    println!(
        "{all} maps, at most {longest} sweeps; (σ_max, ratio) at worst: twin {twin:?}, \
         kernel {kernel:?}, between them {between:?}"
    );
}
