//! One pass: the graph forwards, where gradients are watched backwards too, and
//! what was found.

use std::pin::Pin;

use web_time::Instant;

use super::data::{Inputs, Phases};
use super::device::Device;
use super::monitor::{Monitor, Steps};
use super::observe::{Found, Motion, Observers, OutputJet, Watch, on_host};
use super::read::host;
use super::reverse::Sweeps;
use super::walk::{Run, Walk};
use crate::error::{Error, Result};
use crate::network::{Network, NodeId};

/// What one pass found.
#[derive(Debug, Clone)]
pub struct Pass {
    /// What each watch found, in their order.
    pub found: Vec<Found>,
    /// Where the time went.
    pub phases: Phases,
    /// What else there is to know, in words.
    pub notes: Vec<String>,
}

/// A computation, which goes on while it is waited for. In a box, so that what it does
/// is compiled here once, and not again in every crate that waits for it.
pub type Running<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + 'a>>;

impl Pass {
    /// Runs a network once over all images and curves, up to the last node that
    /// is watched.
    ///
    /// # Errors
    /// [`Error::TooLarge`], or a device's `too-large`, before anything is computed; [`Error::Weights`] and
    /// [`Error::Shape`] when weights or inputs do not fit the network; those of
    /// watched gradients ([`Watch::WeightGradients`]);
    /// whatever `monitor` returns.
    pub fn run<'a>(
        run: Run<'a>,
        watches: &'a [Watch],
        device: &'a Device,
        monitor: &'a dyn Monitor,
    ) -> Running<'a, Self> {
        Box::pin(Self::compute(run, watches, device, monitor))
    }

    async fn compute(
        run: Run<'_>,
        watches: &[Watch],
        device: &Device,
        monitor: &dyn Monitor,
    ) -> Result<Self> {
        let sweeps = Sweeps::new(watches, run, device)?;
        let mut walk = Walk::new(run, device, sweeps.kept())?;
        let mut observers = Observers::new(watches, &walk.originals, run.network, device)?;
        let total = observers
            .last()
            .max(sweeps.last())
            .map_or(0, |last| last + 1);
        let forwards = walk.steps(total);
        let mut steps = Steps::new(monitor, forwards + sweeps.steps());
        for id in 0..total {
            walk.compute(id, &mut observers, &mut steps).await?;
        }
        let gradients = sweeps.run(&mut walk, monitor, forwards).await?;
        let start = Instant::now();
        let read = match observers.finish() {
            Some(numbers) => host(numbers.into_data_async().await)?,
            None => Vec::new(),
        };
        let mut found = observers.found(&read, run.network, gradients)?;
        walk.phases.rest += start.elapsed().as_secs_f64();
        let mut notes = Vec::new();
        let still = || Inputs {
            curves: Vec::new(),
            ..run.inputs.clone()
        };
        for (found, watch) in found.iter_mut().zip(watches) {
            if *found == Found::Unfinished
                && let Some(node) = watch.map()
            {
                let inputs = &still();
                let map = Self::map(Run { inputs, ..run }, node, device, monitor).await?;
                if let Some(decided) = on_host(watch, &map, run.network)? {
                    *found = decided;
                }
                let name = &run.network.node(node).name;
                notes.push(format!(
                    "the singular values of {name} did not end on the GPU and are the CPU's"
                ));
            }
        }
        let mut phases = walk.phases;
        for (found, watch) in found.iter_mut().zip(watches) {
            if let Found::Jets(jets) = found
                && uncertain(jets, run.network)
            {
                let (own, double) = (std::slice::from_ref(watch), Device::cpu_double());
                let mut exact = match Self::run(run, own, &double, monitor).await {
                    Ok(exact) => exact,
                    // What single precision says stands where there is no room for more.
                    Err(Error::TooLarge { .. }) => {
                        notes.push("the outputs' derivatives are near rounding, and memory does not suffice to compute them in double precision".to_owned());
                        continue;
                    }
                    Err(error) => return Err(error),
                };
                phases += exact.phases;
                if let Some(Found::Jets(exact)) = exact.found.pop() {
                    *jets = exact;
                    notes.push("the outputs' derivatives are near rounding in single precision and were computed in double".to_owned());
                }
            }
        }
        Ok(Self {
            found,
            phases,
            notes,
        })
    }

    /// The outputs' jets, one a curve; empty where they were not watched.
    #[must_use]
    pub fn jets(&self) -> &[OutputJet] {
        let mut jets = self.found.iter().filter_map(|found| match found {
            Found::Jets(jets) => Some(jets.as_slice()),
            _ => None,
        });
        jets.next().unwrap_or_default()
    }

    /// The map of one node for the first image, row-major: the network is run up
    /// to that node, which must be one of its own.
    ///
    /// # Errors
    /// Those of [`Pass::run`].
    pub async fn map(
        run: Run<'_>,
        node: NodeId,
        device: &Device,
        monitor: &dyn Monitor,
    ) -> Result<Vec<f64>> {
        let mut found = Vec::new();
        let keep = &mut |_, map| {
            found = map;
            Ok(())
        };
        Self::maps(run, &[node], device, monitor, keep).await?;
        Ok(found)
    }

    /// Shows `see` the maps of nodes for the first image, row-major, each as soon
    /// as it is computed and one at a time, so that they need not fit into
    /// memory together: for evidence, since all of it is read back.
    ///
    /// # Errors
    /// Those of [`Pass::run`], and whatever `see` returns.
    pub fn maps<'a>(
        run: Run<'a>,
        nodes: &'a [NodeId],
        device: &'a Device,
        monitor: &'a dyn Monitor,
        see: &'a mut dyn FnMut(NodeId, Vec<f64>) -> Result<()>,
    ) -> Running<'a, ()> {
        Box::pin(Self::show(run, nodes, device, monitor, see))
    }

    async fn show(
        run: Run<'_>,
        nodes: &[NodeId],
        device: &Device,
        monitor: &dyn Monitor,
        see: &mut dyn FnMut(NodeId, Vec<f64>) -> Result<()>,
    ) -> Result<()> {
        let mut walk = Walk::new(run, device, &[])?;
        let mut nothing = Observers::new(&[], &walk.originals, run.network, device)?;
        let mut wanted: Vec<(NodeId, NodeId)> =
            nodes.iter().map(|&n| (walk.originals[n], n)).collect();
        wanted.sort_unstable();
        // The value of each is an operand once more.
        wanted.iter().for_each(|&(o, _)| walk.uses[o] += 1);
        let total = wanted.last().map_or(0, |&(last, _)| last + 1);
        let mut wanted = wanted.into_iter().peekable();
        let mut steps = Steps::new(monitor, walk.steps(total));
        for id in 0..total {
            walk.compute(id, &mut nothing, &mut steps).await?;
            while let Some((_, node)) = wanted.next_if(|&(original, _)| original == id) {
                let map = walk.operand(node)?.image_row().into_data_async().await;
                see(node, host(map)?)?;
            }
        }
        Ok(())
    }
}

/// Whether single precision leaves open how the outputs of a network move. Where
/// they cannot depend on the input there is no question.
fn uncertain(jets: &[OutputJet], network: &Network) -> bool {
    let single = |jet: &OutputJet| jet.rounding > f64::EPSILON;
    let finite = |jet: &OutputJet| jet.dy.iter().chain(&jet.ddy).all(|x| x.is_finite());
    let open = |jet: &OutputJet| single(jet) && finite(jet) && jet.motion() != Motion::Curved;
    network.output_len() > 1 && network.is_connected() && jets.iter().any(open)
}
