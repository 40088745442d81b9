//! All singular values of one observed map.

use super::plan::Plan;
use crate::architecture::Architecture;
use crate::engine::{Device, Inputs, Monitor, Pass, Run};
use crate::error::{Error, Result};
use crate::proxy::Settings;
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
    let inputs = Inputs {
        images: vec![plan.image],
        ..Inputs::default()
    };
    let run = Run {
        network: &plan.network,
        weights: &weights,
        inputs: &inputs,
    };
    let values = Pass::map(run, found.node, device, monitor).await?;
    let rows = node.shape.first().copied().unwrap_or(1);
    svd::values(rows, &values).map_err(|message| Error::SingularValues {
        map: map.to_owned(),
        message,
    })
}
