//! An architecture and its settings → a [`Score`] that can be saved and
//! repeated.

use serde::Serialize;
use web_time::Instant;

use super::dextr::{MapRatio, curves_of};
use super::measure::{Measured, Measurement, measure};
use super::{Settings, Status};
use crate::architecture::Architecture;
use crate::engine::{Device, Monitor, Phases};
use crate::error::Result;

/// An architecture's score with its evidence and with all it takes to repeat it. The
/// fields are the columns of a saved row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// The architecture in canonical form.
    pub arch: String,
    /// The search space's name.
    pub space: &'static str,
    /// What the numbers mean.
    pub status: Status,
    /// The value of the first proxy, the mean over the seeds.
    pub score: Option<f64>,
    /// Sample standard deviation over the seeds; none for one seed.
    pub score_std: Option<f64>,
    /// S = ln(1 + ratio_sum), the mean over the seeds.
    pub s: Option<f64>,
    /// K = mean over curves of ln(1 + κ), the mean over the seeds.
    pub k: Option<f64>,
    /// κ, the mean over curves and seeds.
    pub curvature: Option<f64>,
    /// Σ σ_min/σ_max, the mean over the seeds.
    pub ratio_sum: Option<f64>,
    /// Trainable parameters.
    pub params: u64,
    /// Multiply–accumulates for one image.
    pub macs: u64,
    /// First weight seed.
    pub seed: u64,
    /// Number of weight seeds.
    pub seeds: u32,
    /// `published` or `refined`.
    pub protocol: &'static str,
    /// The observation policy.
    pub observe: &'static str,
    /// `webgpu` or `cpu`.
    pub device: &'static str,
    /// Version of this crate.
    pub version: &'static str,
    /// Seconds it took.
    pub seconds: f64,
    /// What else there is to know, in words: the status, then what was to know
    /// about the network (how a file was understood).
    pub message: String,
    /// Seed of the image, where it is pink noise.
    pub image_seed: u64,
    /// Seed of the curves.
    pub curve_seed: u64,
    /// Number of curves.
    pub curves: usize,
    /// `pink`, or `picture:` and its fingerprint.
    pub image: String,
    /// The space's options as `name=value`.
    pub options: String,
    /// The proxies that were asked for, separated by commas.
    pub proxies: String,
    /// What each of them says.
    #[serde(skip)]
    pub measurements: Vec<Measurement>,
    /// The observed maps under the first seed.
    pub layers: Vec<MapRatio>,
    /// Where the time went, in seconds.
    pub phases: Phases,
}

/// Scores an architecture by the settings' proxies.
///
/// # Errors
/// Those of [`measure`].
pub async fn score(
    arch: &Architecture,
    settings: &Settings,
    device: &Device,
    monitor: &dyn Monitor,
) -> Result<Score> {
    let start = Instant::now();
    let measured = measure(arch, settings, device, monitor).await?;
    let mut score = Score::new(arch, settings, device, measured);
    score.seconds = start.elapsed().as_secs_f64();
    Ok(score)
}

impl Score {
    /// The row of what was measured; `seconds` is 0.
    pub(super) fn new(
        arch: &Architecture,
        settings: &Settings,
        device: &Device,
        measured: Measured,
    ) -> Self {
        let Measured {
            proxies,
            layers,
            phases,
        } = measured;
        let first = proxies.first();
        let part = |name: &str| {
            let parts = proxies.iter().flat_map(|m| &m.parts);
            let mut own = parts.filter(|(n, _)| *n == name);
            own.next().map(|(_, value)| *value)
        };
        let of_others = proxies.iter().skip(1).filter(|m| !m.message.is_empty());
        let of_others = of_others.map(|m| format!("{}: {}", m.name, m.message));
        let own = first.map(|m| m.message.clone()).into_iter();
        let messages = own.chain(of_others).chain(arch.notes.iter().cloned());
        let messages: Vec<String> = messages.filter(|m| !m.is_empty()).collect();
        Self {
            arch: arch.arch.clone(),
            space: arch.source,
            status: first.map_or(Status::Unsuited, |m| m.status),
            score: first.and_then(|m| m.value),
            score_std: first.and_then(|m| m.deviation),
            s: part("s"),
            k: part("k"),
            curvature: part("curvature"),
            ratio_sum: part("ratio_sum"),
            params: arch.network.params(),
            macs: arch.network.macs(),
            seed: settings.seed,
            seeds: settings.seeds,
            protocol: settings.protocol.name(),
            observe: settings.policy(arch.observe).name(),
            device: device.kind().name(),
            version: env!("CARGO_PKG_VERSION"),
            seconds: 0.0,
            message: messages.join("; "),
            image_seed: settings.image_seed,
            curve_seed: settings.curve_seed,
            curves: curves_of(arch, settings),
            image: settings.image_name(),
            options: arch.options.clone(),
            proxies: settings.proxy_names(),
            measurements: proxies,
            layers,
            phases,
        }
    }
}
