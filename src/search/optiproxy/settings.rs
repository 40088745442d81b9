//! The numbers of a search by a surrogate, by preset and space.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Whose numbers the surrogate and its loop have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Those of the published configuration for the space.
    #[default]
    Published,
    /// Ours: a smaller surrogate, fitted for less long.
    Light,
}

impl Preset {
    /// The presets' names.
    pub const NAMES: [&'static str; 2] = ["published", "light"];
}

impl FromStr for Preset {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let all = [Self::Published, Self::Light];
        let found = all.into_iter().find(|preset| preset.to_string() == name);
        found.ok_or_else(|| Error::unknown("preset", name, &Self::NAMES))
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::NAMES[usize::from(*self == Self::Light)])
    }
}

/// What is trained how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Settings {
    /// Numbers of a node within the surrogate.
    pub(super) hidden: usize,
    /// Cells of one step of a fit.
    pub(super) batch: usize,
    /// Times that a fit sees each cell.
    pub(super) epochs: usize,
    /// The step size of a fit, and what it is multiplied by after every tenth
    /// epoch, the first one included.
    pub(super) rate: f64,
    pub(super) decay: f64,
    /// Relaxed architectures that climb side by side.
    pub(super) climbers: usize,
    /// Where operations' logits begin: from the first number on, so far.
    pub(super) operations: [f64; 2],
    /// The same of edges' logits.
    pub(super) edges: [f64; 2],
    /// The step size of the climb, and its factor after every tenth step.
    pub(super) climb_rate: f64,
    pub(super) climb_decay: f64,
    /// Steps of a climb.
    pub(super) steps: usize,
    /// Steps after which operations and edges take turns, where there are edges.
    pub(super) turns: usize,
    /// Candidates that are drawn for each that is asked for.
    pub(super) ratio: usize,
}

/// The published configuration of NAS-Bench-201 on CIFAR-100, which serves on
/// ImageNet16-120 too.
const NASBENCH201: Settings = Settings {
    hidden: 128,
    batch: 20,
    epochs: 100,
    rate: 2e-3,
    decay: 0.9,
    climbers: 20,
    operations: [0.0, 2.0],
    edges: [0.0, 0.0],
    climb_rate: 0.05,
    climb_decay: 0.9,
    steps: 100,
    turns: 1,
    ratio: 20,
};

const NASBENCH101: Settings = Settings {
    hidden: 186,
    batch: 10,
    epochs: 500,
    rate: 1e-3,
    decay: 0.92,
    climbers: 2,
    operations: [0.5, 1.0],
    edges: [0.1, 0.2],
    climb_rate: 0.01,
    climb_decay: 1.0,
    steps: 200,
    turns: 15,
    ratio: 40,
};

const DARTS: Settings = Settings {
    climbers: 4,
    operations: [0.0, 2.0],
    edges: [0.3, 0.2],
    climb_decay: 0.9,
    turns: 20,
    ratio: 200,
    ..NASBENCH101
};

impl Settings {
    /// Those of a preset for a space that has an encoding.
    pub(super) fn of(preset: Preset, space: &str) -> Self {
        let published = match space {
            "nasbench101" => NASBENCH101,
            "darts" => DARTS,
            _ => NASBENCH201,
        };
        match preset {
            Preset::Published => published,
            Preset::Light => Self {
                hidden: 64,
                batch: 20,
                epochs: 40,
                rate: 3e-3,
                decay: 0.9,
                climbers: 10,
                climb_rate: 0.1,
                climb_decay: 0.9,
                steps: 50,
                ratio: 40,
                ..published
            },
        }
    }
}

/// The rate of a step of a fit or a climb: it falls after steps 0, 10, 20, …
pub(super) fn rate(begin: f64, factor: f64, step: usize) -> f64 {
    let falls = step.div_ceil(10);
    (0..falls).fold(begin, |rate, _| rate * factor)
}
