//! An architecture → its row, with the evidence.

use serde::Serialize;

use super::row::Row;
use crate::architecture::Architecture;
use crate::engine::{Device, Monitor, Phases};
use crate::error::Result;
use crate::proxy::dextr::MapRatio;
use crate::proxy::{self, Score, Settings};

/// A row with its evidence; none where it has an error.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scored {
    /// The row.
    #[serde(flatten)]
    pub row: Row,
    /// The observed maps under the first seed.
    pub layers: Option<Vec<MapRatio>>,
    /// Where the time went, in seconds.
    pub phases: Option<Phases>,
}

impl From<Row> for Scored {
    fn from(row: Row) -> Self {
        Self {
            row,
            layers: None,
            phases: None,
        }
    }
}

impl Scored {
    /// Of a score.
    pub(crate) fn of(
        score: Score,
        arch: &Architecture,
        settings: &Settings,
        device: &Device,
    ) -> Self {
        Self {
            row: Row::begin(arch, settings, device).scored(&score),
            layers: Some(score.layers),
            phases: Some(score.phases),
        }
    }
}

/// Scores an architecture.
///
/// # Errors
/// Those of [`proxy::score`].
pub async fn score(
    arch: &Architecture,
    settings: &Settings,
    device: &Device,
    monitor: &dyn Monitor,
) -> Result<Scored> {
    let score = proxy::score(arch, settings, device, monitor).await?;
    Ok(Scored::of(score, arch, settings, device))
}
