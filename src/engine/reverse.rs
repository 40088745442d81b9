//! Takes the graph backwards: the gradients that a pass's watches want.
//!
//! The forward pass keeps the operands that an adjoint asks for, and no others.
//! Each [`Sweep`] then goes from its beginning down to where it ends, only along
//! nodes whose value moves with what the gradient is wanted by.
//!
//! Burn's own automatic differentiation was considered. It wraps a backend's
//! tensors and records their operations, but what computes most of our time is
//! not one of these: loops in place on host memory (norms, activations, pools)
//! and library calls behind backend extensions of our own (convolutions, matrix
//! products). All of them would need an adjoint registered anyway, and the
//! generic one would be linked beside.

use super::device::{Device, Kind};
use super::monitor::Monitor;
use super::observe::{Found, Watch};
use super::sweep::{From, Sweep};
use super::walk::{Run, Walk};
use crate::error::{Error, Result};
use crate::network::NodeId;

/// The sweeps that the watches want, each once.
pub(super) struct Sweeps {
    sweeps: Vec<Sweep>,
    /// The watch and the number of its sweep.
    watches: Vec<(usize, usize, Watch)>,
    kept: Vec<NodeId>,
}

impl Sweeps {
    /// # Errors
    /// [`Error::Usage`] where gradients are watched on a GPU, or beside curves.
    pub(super) fn new(watches: &[Watch], run: Run<'_>, device: &Device) -> Result<Self> {
        let mut all = Self {
            sweeps: Vec::new(),
            watches: Vec::new(),
            kept: Vec::new(),
        };
        if !watches.iter().any(Watch::goes_back) {
            return Ok(all);
        }
        if device.kind() != Kind::Cpu || !run.inputs.curves.is_empty() {
            return Err(Error::Usage {
                message: "gradients are taken on the CPU, of images alone".to_owned(),
                cure: "use the CPU (device cpu), and another pass for the curves".to_owned(),
            });
        }
        let originals = run.network.originals();
        for (i, watch) in watches.iter().enumerate() {
            let (from, weights, to) = match watch {
                Watch::WeightGradients(loss) => (From::Loss(loss.clone()), true, None),
                Watch::InputGradients(loss) => (From::Loss(loss.clone()), false, Some(0)),
                Watch::Transfer { from, to, salt } => {
                    let (from, to) = (originals[*from], originals[*to]);
                    (From::Signs(from, *salt), false, Some(to))
                }
                Watch::Range(_)
                | Watch::Correlation { .. }
                | Watch::Agreement(_)
                | Watch::Patterns(_)
                | Watch::Variance(_)
                | Watch::Entropy(_)
                | Watch::Values
                | Watch::Jets { .. } => continue,
            };
            // One sweep goes by weights and by the input.
            let is_loss = matches!(from, From::Loss(_));
            let same = all.sweeps.iter().position(|s| is_loss && s.from == from);
            let number = same.unwrap_or(all.sweeps.len());
            match all.sweeps.get_mut(number) {
                Some(sweep) => {
                    sweep.weights |= weights;
                    sweep.to = sweep.to.or(to);
                }
                None => all.sweeps.push(Sweep { from, weights, to }),
            }
            all.watches.push((i, number, watch.clone()));
        }
        let kept = all
            .sweeps
            .iter()
            .flat_map(|s| s.kept(run.network, &originals));
        let outputs = run.network.outputs().iter().map(|&o| originals[o]);
        let loss = all.sweeps.iter().any(|s| matches!(s.from, From::Loss(_)));
        all.kept = kept.chain(outputs.filter(|_| loss)).collect();
        all.kept.sort_unstable();
        all.kept.dedup();
        Ok(all)
    }

    /// The values that must stay.
    pub(super) fn kept(&self) -> &[NodeId] {
        &self.kept
    }

    /// The last node that must be computed.
    pub(super) fn last(&self) -> Option<NodeId> {
        let from = self.sweeps.iter().filter_map(|sweep| match sweep.from {
            From::Signs(node, _) => Some(node),
            From::Loss(_) => None,
        });
        from.chain(self.kept.last().copied()).max()
    }

    /// How many steps all sweeps are.
    pub(super) fn steps(&self) -> usize {
        self.sweeps.len() * self.last().map_or(0, |last| last + 1)
    }

    /// Runs them after the forward pass, whose steps were `done`: what each watch
    /// of gradients found, with its place.
    ///
    /// # Errors
    /// Those of the losses and adjoints, and whatever `monitor` returns.
    pub(super) async fn run(
        &self,
        walk: &mut Walk<'_>,
        monitor: &dyn Monitor,
        done: usize,
    ) -> Result<Vec<(usize, Found)>> {
        let mut found = Vec::with_capacity(self.watches.len());
        let each = self.last().map_or(0, |last| last + 1);
        for (number, sweep) in self.sweeps.iter().enumerate() {
            let steps = (done + number * each, done + self.steps());
            let swept = sweep.run(walk, monitor, steps).await?;
            for (place, _, watch) in self.watches.iter().filter(|w| w.1 == number) {
                found.push((*place, swept.found(watch, walk)?));
            }
        }
        Ok(found)
    }
}
