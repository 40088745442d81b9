//! What a row is, said once: its columns in their order, what stands in them,
//! and which of them decide whether two rows are the same experiment.
//!
//! A [`Row`] is written and read by every face: as CSV cells, as a JSON object,
//! as an object of a page.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use super::cell::{Cell, Kind, number};
use crate::architecture::{Architecture, Options};
use crate::engine::Device;
use crate::error::Result;
use crate::proxy::dextr::{Protocol, curves_of};
use crate::proxy::{self, Score, Settings};
use crate::sources::Source;

/// The status of a row that has an error instead of a score.
pub const FAILED: &str = "error";
/// The proxy that is asked for where none is named.
pub const PROXY: &str = "dextr";
/// The keys of a row's evidence where it is asked for; no column has such a name.
pub const EVIDENCE: [&str; 2] = ["layers", "phases"];

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Rows that are equal in all of these are the same experiment.
    Identity,
    /// The same in all rows of a run, but decides nothing.
    Run,
    /// A part of the score that ranks by itself.
    Part,
    /// A size of the network, which every score is compared with.
    Size,
    /// Whatever else was found.
    Found,
}

/// Where a column is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Empty {
    /// Nowhere.
    Never,
    /// Only in rows with an error.
    Failed,
    /// Also in scored rows.
    Undefined,
}

/// A column of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// What stands in it.
    pub kind: Kind,
    /// What it is for.
    pub role: Role,
    /// Where it is empty.
    pub empty: Empty,
    /// What it is, in one line.
    pub help: &'static str,
}

macro_rules! columns {
    ($($name:ident: $type:ty, $role:ident, $empty:ident, $help:literal;)*) => {
        /// The columns of every row, in order. The proxies' follow them, then
        /// those of the input.
        pub const COLUMNS: &[Column] = &[$(Column {
            name: stringify!($name),
            kind: <$type as Cell>::KIND,
            role: Role::$role,
            empty: Empty::$empty,
            help: $help,
        }),*];

        /// One row: a score, or why there is none, with all it takes to repeat
        /// it. A number that is not there is none, a text that is not there is
        /// empty.
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct Row {
            $(#[doc = $help] pub $name: $type,)*
            /// The proxies' own columns: those of [`proxy_columns`].
            pub values: Vec<(String, Option<f64>)>,
        }

        impl Row {
            /// The cell of one of [`COLUMNS`]; null for any other.
            pub fn cell(&self, column: &str) -> Value {
                match column {
                    $(stringify!($name) => self.$name.value(),)*
                    _ => Value::Null,
                }
            }

            /// Reads the cell of one of [`COLUMNS`].
            fn set(&mut self, column: &str, value: &Value) -> Result<()> {
                match column {
                    $(stringify!($name) => self.$name = Cell::read(column, value)?,)*
                    _ => {}
                }
                Ok(())
            }
        }

        impl Serialize for Row {
            fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                $(map.serialize_entry(stringify!($name), &self.$name)?;)*
                for (name, value) in &self.values {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    };
}

columns! {
    arch: String, Identity, Never, "the architecture, canonical where it can be read";
    space: String, Identity, Never, "its search space; onnx for a model file";
    status: String, Found, Never, "ok, disconnected, single-output, non-finite, unsuited, or error";
    score: Option<f64>, Found, Undefined, "the first proxy asked for, the mean over the seeds";
    score_std: Option<f64>, Found, Undefined, "its sample standard deviation over the seeds";
    s: Option<f64>, Part, Undefined, "S = ln(1 + ratio_sum): convergence and generalisation";
    k: Option<f64>, Part, Undefined, "K, the mean of ln(1 + curvature): expressivity";
    curvature: Option<f64>, Found, Undefined, "the output's curvature, the mean over the curves";
    ratio_sum: Option<f64>, Found, Undefined, "the sum of all maps' least by largest singular values";
    params: Option<u64>, Size, Failed, "trainable parameters";
    macs: Option<u64>, Size, Failed, "multiply-accumulates for one image";
    seed: Option<u64>, Identity, Never, "first weight seed";
    seeds: Option<u64>, Identity, Never, "number of weight seeds";
    protocol: String, Identity, Never, "refined or published";
    observe: String, Identity, Never, "the observation policy: flow, layers or modules";
    device: String, Run, Never, "webgpu or cpu";
    version: String, Run, Never, "version of dextr";
    shard: String, Run, Undefined, "the part of the list that was taken, as in 3/16; empty for all of it";
    seconds: Option<f64>, Found, Failed, "how long it took";
    message: String, Found, Undefined, "what else there is to know";
    image_seed: Option<u64>, Identity, Never, "seed of the noise image, or of the token ids";
    curve_seed: Option<u64>, Identity, Never, "seed of the curves";
    curves: Option<u64>, Identity, Failed, "number of curves";
    image: String, Identity, Never, "pink, or picture: and its fingerprint; tokens, or ids: and their fingerprint, where the network takes ids";
    options: String, Identity, Never, "the space's options as name=value";
    swap_size: String, Identity, Undefined, "what the proxy swap is regularised by, mean/spread in thousands of parameters; empty for nothing";
    proxies: String, Identity, Never, "the proxies asked for, the first one is the score";
}

/// The columns that proxies add: their names, but for those that are among
/// [`COLUMNS`] and for Dextr where it is the score, each with its parts behind
/// it. (`proxies` as in the column.)
pub fn proxy_columns(proxies: &str) -> impl Iterator<Item = &str> {
    let names = proxies.split(',').map(str::trim).enumerate();
    let new =
        names.filter(|(i, name)| !(name.is_empty() || is_own(name) || *i == 0 && *name == PROXY));
    new.flat_map(|(_, name)| std::iter::once(name).chain(parts_of(name)))
}

fn parts_of(proxy: &str) -> impl Iterator<Item = &str> {
    let known = proxy::all().iter().find(|p| p.about().name == proxy);
    known.map_or(&[][..], |p| p.parts()).iter().copied()
}

fn is_own(name: &str) -> bool {
    COLUMNS.iter().any(|c| c.name == name)
}

/// All columns of the rows of a run that asks for `proxies`: a row's own, the
/// proxies', then the input's `others` under names that are free.
pub fn all_columns(proxies: &str, others: &[String]) -> Vec<String> {
    let own = COLUMNS.iter().map(|c| c.name);
    let mut names: Vec<String> = own
        .chain(proxy_columns(proxies))
        .map(str::to_owned)
        .collect();
    let before = names.len();
    for (i, other) in others.iter().enumerate() {
        let mut name = other.clone();
        let reserved = |name: &String, names: &[String]| {
            names[..before].contains(name) || EVIDENCE.contains(&name.as_str())
        };
        if reserved(&name, &names) || others[..i].contains(other) {
            // A name that is free stays with the column that has it.
            while reserved(&name, &names) || names.contains(&name) || others.contains(&name) {
                name = format!("input_{name}");
            }
        }
        names.push(name);
    }
    names
}

/// The names of the columns of one role.
pub fn of_role(role: Role) -> impl Iterator<Item = &'static str> {
    COLUMNS
        .iter()
        .filter(move |c| c.role == role)
        .map(|c| c.name)
}

impl Row {
    /// The row of an architecture that is not scored yet: all settings.
    #[must_use]
    pub fn begin(arch: &Architecture, settings: &Settings, device: &Device) -> Self {
        Self {
            arch: arch.arch.clone(),
            space: arch.source.to_owned(),
            observe: settings.policy(arch.observe).name().to_owned(),
            options: arch.options.clone(),
            curves: Some(curves_of(arch, settings) as u64),
            image: settings.image_of(arch.network.input()),
            ..Self::of_settings(settings, device)
        }
    }

    /// What is the same in all rows of a run, scored or not. The number of
    /// curves is not there where it depends on each file's image.
    ///
    /// # Errors
    /// Those of [`Source::example`] for options that do not fit.
    pub fn of_run(
        source: Source,
        options: &Options,
        settings: &Settings,
        device: &Device,
    ) -> Result<Self> {
        if let Some(example) = source.example(options)? {
            return Ok(Self {
                arch: String::new(),
                ..Self::begin(&example, settings, device)
            });
        }
        Ok(Self {
            space: source.name().to_owned(),
            observe: settings.policy(source.about().observe).name().to_owned(),
            options: source.options(options)?.describe(),
            ..Self::of_settings(settings, device)
        })
    }

    fn of_settings(settings: &Settings, device: &Device) -> Self {
        let curves = match settings.protocol {
            Protocol::Published => Some(1),
            Protocol::Refined => settings.curves,
        };
        let proxies = settings.proxy_names();
        Self {
            seed: Some(settings.seed),
            seeds: Some(settings.seeds.into()),
            protocol: settings.protocol.name().to_owned(),
            device: device.kind().name().to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            image_seed: Some(settings.image_seed),
            curve_seed: Some(settings.curve_seed),
            curves: curves.map(|n| n as u64),
            image: settings.image_name(),
            swap_size: settings
                .swap_size
                .map(|size| size.to_string())
                .unwrap_or_default(),
            values: proxy_columns(&proxies)
                .map(|name| (name.to_owned(), None))
                .collect(),
            proxies,
            ..Self::default()
        }
    }

    /// The same row with its score. This is the one place where a score becomes
    /// columns.
    #[must_use]
    pub fn scored(mut self, score: &Score) -> Self {
        for (name, value) in &mut self.values {
            let found = score.measurements.iter().find(|m| m.name == name);
            let parts = score.measurements.iter().flat_map(|m| &m.parts);
            let part = || {
                parts
                    .clone()
                    .find(|(part, _)| part == name)
                    .map(|(_, x)| *x)
            };
            *value = match found {
                Some(measurement) => measurement.value,
                None => part(),
            };
        }
        Self {
            status: score.status.name().to_owned(),
            score: score.score,
            score_std: score.score_std,
            s: score.s,
            k: score.k,
            curvature: score.curvature,
            ratio_sum: score.ratio_sum,
            params: Some(score.params),
            macs: Some(score.macs),
            seconds: Some(score.seconds),
            message: score.message.clone(),
            ..self
        }
    }

    /// The same row with an error instead of a score.
    #[must_use]
    pub fn failed(self, message: impl Into<String>) -> Self {
        Self {
            status: FAILED.to_owned(),
            message: message.into(),
            ..self
        }
    }

    /// The same row with something more to know about how its architecture was
    /// understood, before what is there.
    #[must_use]
    pub fn noted(self, note: &str) -> Self {
        let parts = [note, &self.message];
        let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
        Self {
            message: parts.join("; "),
            ..self
        }
    }

    /// Whether it has an error instead of a score.
    #[must_use]
    pub fn is_failed(&self) -> bool {
        self.status == FAILED
    }

    /// What a proxy says here; none where it says nothing, or was not asked.
    /// The sizes stand in every row.
    #[must_use]
    pub fn value(&self, proxy: &str) -> Option<f64> {
        if self.proxies.split(',').next().map(str::trim) == Some(proxy) {
            return self.score;
        }
        match self.values.iter().find(|(name, _)| name == proxy) {
            Some((_, value)) => *value,
            None => number(&self.cell(proxy)),
        }
    }

    /// The cell of any column: its own, a proxy's; null for any other.
    #[must_use]
    pub fn named(&self, column: &str) -> Value {
        match self.values.iter().find(|(name, _)| name == column) {
            Some((_, value)) => Value::from(*value),
            None => self.cell(column),
        }
    }

    /// The cells of all columns, the proxies' at the end.
    pub fn cells(&self) -> impl Iterator<Item = Value> {
        let own = COLUMNS.iter().map(|c| self.cell(c.name));
        own.chain(self.values.iter().map(|(_, value)| Value::from(*value)))
    }

    /// Reads a row from named cells, of any file that any face has saved.
    /// Columns that are not a row's are left alone. Files from before there
    /// were other proxies asked for Dextr.
    ///
    /// # Errors
    /// [`Error::Cell`] for a cell that its column cannot hold.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "an iterator is read to its end"
    )]
    pub fn read<'a>(cells: impl Iterator<Item = (&'a str, &'a Value)> + Clone) -> Result<Self> {
        let mut row = Self::default();
        for (name, value) in cells.clone() {
            row.set(name, value)?;
        }
        if row.proxies.is_empty() {
            row.proxies = PROXY.to_owned();
        }
        for name in proxy_columns(&row.proxies) {
            let cell = cells.clone().find(|(column, _)| *column == name);
            let value = cell.map(|(_, value)| Cell::read(name, value)).transpose()?;
            row.values.push((name.to_owned(), value.flatten()));
        }
        Ok(row)
    }

    /// The first column in which this row is not what a run that is to go on
    /// expects of it, with what is expected there. What the run cannot know
    /// before a row is scored may be anything.
    #[must_use]
    pub fn differs(&self, expected: &Self) -> Option<(&'static str, Value)> {
        let known = COLUMNS
            .iter()
            .filter(|c| matches!(c.role, Role::Identity | Role::Run));
        let differs = |column: &Column| {
            let wanted = expected.cell(column.name);
            // Whether a file takes ids in place of an image is the file's.
            let noise = [Settings::PINK, Settings::TOKENS].contains(&self.image.as_str());
            if column.name == "image" && wanted == Settings::PINK && noise {
                return None;
            }
            (wanted != Value::Null && wanted != self.cell(column.name))
                .then_some((column.name, wanted))
        };
        known.filter_map(differs).next()
    }
}

impl<'de> serde::Deserialize<'de> for Row {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        let cells = serde_json::Map::deserialize(deserializer)?;
        let cells = cells.iter().map(|(name, value)| (name.as_str(), value));
        Self::read(cells).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
