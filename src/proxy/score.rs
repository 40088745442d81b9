//! An architecture and its settings → a [`Score`].

use web_time::Instant;

use super::dextr::MapRatio;
use super::measure::{Measured, Measurement, measure};
use super::{Settings, Status};
use crate::architecture::Architecture;
use crate::engine::{Device, Monitor, Phases};
use crate::error::Result;

/// What was found of an architecture, with its evidence; the settings that it
/// takes to repeat it stand elsewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
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
    /// Seconds it took.
    pub seconds: f64,
    /// What else there is to know, in words: the status, then what was to know
    /// about the network (how a file was understood).
    pub message: String,
    /// What each proxy says, in the order asked for.
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
    let mut score = Score::new(arch, measured);
    score.seconds = start.elapsed().as_secs_f64();
    Ok(score)
}

impl Score {
    /// Of what was measured; `seconds` is 0.
    pub(super) fn new(arch: &Architecture, measured: Measured) -> Self {
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
            status: first.map_or(Status::Unsuited, |m| m.status),
            score: first.and_then(|m| m.value),
            score_std: first.and_then(|m| m.deviation),
            s: part("s"),
            k: part("k"),
            curvature: part("curvature"),
            ratio_sum: part("ratio_sum"),
            params: arch.network.params(),
            macs: arch.network.macs(),
            seconds: 0.0,
            message: messages.join("; "),
            measurements: proxies,
            layers,
            phases,
        }
    }
}
