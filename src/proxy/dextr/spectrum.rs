//! All singular values of one observed map.

use super::evaluate::Plan;
use super::protocol::Settings;
use crate::architecture::Architecture;
use crate::engine::{Device, Monitor, Pass};
use crate::error::{Error, Result};
use crate::start::Weights;
use crate::svd;

/// The singular values of the observed map called `map`, largest first, under
/// the first weight seed: those whose ends a [`MapRatio`](super::MapRatio) has.
/// They are decomposed in double precision on the host, wherever the map was
/// computed.
///
/// # Errors
/// [`Error::UnknownName`] where no observed map has this name; those of
/// [`Plan::new`] and [`Pass::run`].
pub async fn singular_values(
    arch: &Architecture,
    settings: &Settings,
    map: &str,
    device: &Device,
    monitor: &dyn Monitor,
) -> Result<Vec<f64>> {
    let plan = Plan::new(arch, settings)?;
    let found = plan.observed.iter().find(|o| o.name == map);
    let Some(found) = found else {
        let names: Vec<&str> = plan.observed.iter().map(|o| o.name.as_str()).collect();
        return Err(Error::unknown("observed map", map, &names));
    };
    let weights = arch.start.weights(&plan.network, settings.seed);
    let node = plan.network.node(found.node);
    let values = Pass::map(
        &plan.network,
        &weights,
        &plan.image,
        found.node,
        device,
        monitor,
    )
    .await?;
    let rows = node.shape.first().copied().unwrap_or(1);
    svd::values(rows, &values).map_err(|message| Error::SingularValues {
        map: map.to_owned(),
        message,
    })
}
