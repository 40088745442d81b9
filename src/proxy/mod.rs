//! Zero-shot proxies: what each needs of a network, and what it makes of what
//! is found. One file or folder a proxy, one line in [`all`].
//!
//! A proxy plans a [`Trial`] for an architecture and a weight seed: experiments,
//! which the engine runs, and a judge of their findings. Equal experiments of
//! several proxies share a pass ([`measure`]).

mod az_nas;
mod concord;
mod demands;
pub mod dextr;
mod experiment;
mod features;
mod grad_norm;
mod gradients;
mod jacob_cov;
mod l2_norm;
mod lswag;
mod measure;
mod meco;
mod naswot;
mod penalty;
mod score;
mod settings;
mod size;
mod snip;
mod swap;
mod synflow;
mod zen;
mod zerolm;
mod zico;

use serde::Serialize;

pub use az_nas::AzNas;
pub use concord::Concord;
pub use demands::{Class, Demands};
pub use experiment::{Experiment, Findings, Judge, Origin, Trial, Verdict, run_trial};
pub use grad_norm::GradNorm;
pub use jacob_cov::JacobCov;
pub use l2_norm::L2Norm;
pub use lswag::Lswag;
pub use measure::{Measured, Measurement, measure};
pub use meco::Meco;
pub use naswot::Naswot;
pub use penalty::Size;
pub use score::{Score, score};
pub use settings::Settings;
pub use snip::Snip;
pub use swap::Swap;
pub use synflow::Synflow;
pub use zen::Zen;
pub use zerolm::ZeroLm;
pub use zico::Zico;

use crate::architecture::Architecture;
use crate::error::{Error, Result};

/// What a proxy is, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct About {
    /// Its name: that of its column.
    pub name: &'static str,
    /// What it measures, in one line.
    pub title: &'static str,
    /// Where it comes from.
    pub paper: &'static str,
    /// What it takes: images, weights of its own, precision.
    pub needs: &'static str,
    /// Which variant it is, and where it departs from the published code.
    pub variant: &'static str,
    /// What it takes, in facts.
    pub demands: Demands,
}

/// A zero-shot proxy. Higher values are better.
pub trait Proxy: Sync {
    /// What it is.
    fn about(&self) -> &'static About;

    /// The parts that have columns of their own beside the value.
    fn parts(&self) -> &'static [&'static str] {
        &[]
    }

    /// What it wants to see of an architecture under a weight seed, and what it
    /// makes of it. A network that it cannot judge has no experiments and the
    /// status [`Status::Unsuited`].
    ///
    /// # Errors
    /// Those of the settings and of building.
    fn trial(&self, arch: &Architecture, settings: &Settings, seed: u64) -> Result<Trial>;
}

impl PartialEq for dyn Proxy {
    fn eq(&self, other: &Self) -> bool {
        self.about().name == other.about().name
    }
}

impl std::fmt::Debug for dyn Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.about().name)
    }
}

/// All proxies, the default first.
#[must_use]
pub fn all() -> &'static [&'static dyn Proxy] {
    &[
        &dextr::Dextr,
        &dextr::Part::S,
        &dextr::Part::K,
        &size::Params,
        &size::Macs,
        &l2_norm::L2Norm,
        &zerolm::ZeroLm,
        &meco::Meco::ALL,
        &meco::Meco::SOME,
        &naswot::Naswot,
        &swap::Swap,
        &zen::Zen,
        &synflow::Synflow,
        &grad_norm::GradNorm,
        &snip::Snip,
        &jacob_cov::JacobCov,
        &zico::Zico,
        &lswag::Lswag,
        &az_nas::AzNas,
        &concord::Concord,
    ]
}

/// Proxies by their names, separated by commas, each once.
///
/// # Errors
/// [`Error::UnknownName`] with the names that exist; [`Error::Option`] when
/// there is none.
pub fn by_names(names: &str) -> Result<Vec<&'static dyn Proxy>> {
    let known: Vec<&str> = all().iter().map(|p| p.about().name).collect();
    let mut found: Vec<&'static dyn Proxy> = Vec::new();
    for name in names.split(',').map(str::trim).filter(|n| !n.is_empty()) {
        let place = known.iter().position(|k| *k == name);
        let proxy = all()[place.ok_or_else(|| Error::unknown("proxy", name, &known))?];
        if !found.contains(&proxy) {
            found.push(proxy);
        }
    }
    if found.is_empty() {
        return Err(Error::Option {
            name: "proxy".to_owned(),
            value: names.to_owned(),
            expected: format!("one or several of: {}", known.join(", ")),
        });
    }
    Ok(found)
}

/// What a value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It is defined.
    Ok,
    /// The output does not depend on the input.
    Disconnected,
    /// One output has no extrinsic curvature: S is given, there is no score.
    SingleOutput,
    /// The output or a derivative is not finite.
    NonFinite,
    /// The proxy is not defined for this network: no such layer.
    Unsuited,
}

impl Status {
    /// The status as in the column `status`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Disconnected => "disconnected",
            Self::SingleOutput => "single-output",
            Self::NonFinite => "non-finite",
            Self::Unsuited => "unsuited",
        }
    }

    /// That of several seeds together.
    fn of_all(all: &[Self]) -> Self {
        let order = [
            Self::NonFinite,
            Self::SingleOutput,
            Self::Unsuited,
            Self::Ok,
            Self::Disconnected,
        ];
        let found = order.into_iter().find(|s| all.contains(s));
        found.unwrap_or(Self::NonFinite)
    }
}
