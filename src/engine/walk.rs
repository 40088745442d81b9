//! Goes through the graph once, forwards: equal values computed once, each
//! shown to what watches it, memory freed as soon as nothing needs it.

use web_time::Instant;

use super::apply::Applied;
use super::data::{Inputs, Phases, input_rows};
use super::device::{Device, Kind};
use super::jet::{Jets, Layout};
use super::memory::{check_memory, check_sums, uses};
use super::monitor::Steps;
use super::observe::Observers;
use crate::error::{Error, Result};
use crate::network::{Network, NodeId, Op, Phase};
use crate::start::Weights;

/// What goes through a network, and with which weights.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The network.
    pub network: &'a Network,
    /// Its weights.
    pub weights: &'a Weights,
    /// What goes in.
    pub inputs: &'a Inputs,
}

pub(super) struct Walk<'a> {
    pub(super) run: Run<'a>,
    pub(super) device: &'a Device,
    pub(super) layout: Layout,
    /// For each node the one that is computed for it.
    pub(super) originals: Vec<NodeId>,
    pub(super) values: Vec<Option<Jets>>,
    /// How often each value will still be asked for.
    pub(super) uses: Vec<usize>,
    live: Vec<bool>,
    pub(super) phases: Phases,
}

impl<'a> Walk<'a> {
    /// `kept` are originals whose values stay to the end.
    ///
    /// # Errors
    /// [`Error::TooLarge`], or a device's `too-large`.
    pub(super) fn new(run: Run<'a>, device: &'a Device, kept: &[NodeId]) -> Result<Self> {
        let layout = Layout {
            images: run.inputs.images.len(),
            curves: run.inputs.curves.len(),
            host: device.kind() == Kind::Cpu,
            statistics: run.inputs.statistics,
        };
        let originals = run.network.originals();
        let mut uses = uses(run.network, &originals);
        kept.iter().for_each(|&id| uses[id] += 1);
        check_memory(run.network, &originals, uses.clone(), layout, device)?;
        check_sums(run.network, device)?;
        Ok(Self {
            run,
            device,
            layout,
            values: vec![None; run.network.nodes().len()],
            uses,
            originals,
            live: run.network.live(),
            phases: Phases::default(),
        })
    }

    /// How many steps the first nodes are, as many as `nodes`.
    pub(super) fn steps(&self, nodes: usize) -> usize {
        (0..nodes).map(|id| self.portions(id)).sum()
    }

    /// In how many portions a node is computed.
    fn portions(&self, id: NodeId) -> usize {
        match self.originals[id] == id {
            true => self.applied(id).portions(),
            false => 1,
        }
    }

    /// Computes a node, with a step before it, or before each of its portions.
    ///
    /// # Errors
    /// Those of the operation and of what watches it, and whatever the steps return.
    pub(super) async fn compute(
        &mut self,
        id: NodeId,
        observers: &mut Observers,
        steps: &mut Steps<'_>,
    ) -> Result<()> {
        let whole = self.portions(id) == 1;
        if whole {
            steps.next().await?;
        }
        if self.originals[id] != id {
            return Ok(());
        }
        let (start, waited) = (Instant::now(), steps.waited);
        let node = self.run.network.node(id);
        let value = match node.op {
            Op::Input => {
                let Run {
                    network,
                    weights,
                    inputs,
                } = self.run;
                input_rows(network, weights, inputs, self.layout, self.device)?
            }
            _ => {
                let operands = self.operands(id)?;
                let applied = self.applied(id);
                match whole {
                    true => applied.value(operands)?,
                    false => applied.in_portions(operands, steps).await?,
                }
            }
        };
        let seconds = start.elapsed().as_secs_f64() - (steps.waited - waited);
        match node.op.phase() {
            Phase::Convolution => self.phases.convolution += seconds,
            Phase::Pointwise => self.phases.pointwise += seconds,
            Phase::Rest => self.phases.rest += seconds,
        }
        let start = Instant::now();
        observers.take(id, node, &value)?;
        self.phases.singular_values += start.elapsed().as_secs_f64();
        if self.uses[id] > 0 {
            self.values[id] = Some(value);
        }
        Ok(())
    }

    /// An operand, given up at its last use.
    pub(super) fn operand(&mut self, id: NodeId) -> Result<Jets> {
        let original = self.originals[id];
        self.uses[original] -= 1;
        let value = if self.uses[original] == 0 {
            self.values[original].take()
        } else {
            self.values[original].clone()
        };
        value.ok_or_else(|| Error::Shape {
            node: self.run.network.node(id).name.clone(),
            message: "is used before it is computed".to_owned(),
            cure: "list the nodes in execution order".to_owned(),
        })
    }

    fn operands(&mut self, id: NodeId) -> Result<Vec<Jets>> {
        let inputs = &self.run.network.node(id).inputs;
        inputs.iter().map(|&input| self.operand(input)).collect()
    }

    /// A node with what computing it needs besides its operands.
    pub(super) fn applied(&self, id: NodeId) -> Applied<'a> {
        Applied {
            network: self.run.network,
            weights: self.run.weights,
            device: self.device,
            layout: self.layout,
            id,
            live: self.live[id],
            along: self.run.inputs.along,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::array::Array;
    use crate::engine::{Along, Curve, Monitor, Pass, Reason, Silent, Step, Watch};
    use crate::network::Builder;
    use crate::start::Start;

    /// Hears every step, and stops the work after some.
    struct Heard {
        steps: RefCell<Vec<(usize, usize)>>,
        patience: usize,
    }

    impl Heard {
        fn with_patience(patience: usize) -> Self {
            Self {
                steps: RefCell::default(),
                patience,
            }
        }
    }

    impl Monitor for Heard {
        fn step(&self, done: usize, total: usize) -> Step<'_> {
            self.steps.borrow_mut().push((done, total));
            let enough = self.steps.borrow().len() > self.patience;
            let answer = if enough {
                Err(Error::Cancelled)
            } else {
                Ok(())
            };
            Box::pin(std::future::ready(answer))
        }
    }

    const SIDE: usize = 128;

    /// Two layers, of 0.6 and 1.2 G multiply-accumulates a row.
    fn network() -> Network {
        let mut b = Builder::new([64, SIDE, SIDE]).unwrap();
        let x = b.input();
        let x = b.add("conv", Op::conv(64, 3, 1, 1, true), &[x]).unwrap();
        let x = b.add("wide", Op::conv(128, 3, 1, 1, true), &[x]).unwrap();
        let x = b.add("mean", Op::GlobalAvgPool, &[x]).unwrap();
        let x = b.add("out", Op::Reshape(vec![128]), &[x]).unwrap();
        b.finish(&[x])
    }

    fn inputs(curves: usize) -> Inputs {
        let ramp = |step: f32| {
            let values = (0..64 * SIDE * SIDE).scan(0.0, |x, _| {
                *x = (*x + step) % 1.0;
                Some(*x)
            });
            Array::f32(vec![64, SIDE, SIDE], values.collect())
        };
        let curve = |i: usize| Curve {
            u: ramp(0.61 + 0.01 * i as f32),
            w: ramp(0.83),
        };
        Inputs {
            images: vec![ramp(0.37)],
            curves: (0..curves).map(curve).collect(),
            ..Inputs::default()
        }
    }

    fn pass(along: Along, curves: usize, monitor: &dyn Monitor) -> Result<Pass> {
        let network = network();
        let weights = Start::default().weights(&network, 1);
        let inputs = Inputs {
            along,
            ..inputs(curves)
        };
        let run = Run {
            network: &network,
            weights: &weights,
            inputs: &inputs,
        };
        let device = Device::cpu(Reason::Asked);
        let watches = [Watch::Jets { whole: true }];
        pollster::block_on(Pass::run(run, &watches, &device, monitor))
    }

    #[test]
    fn a_long_layer_is_heard_of_within_it_and_has_the_same_value() {
        for along in [Along::Input, Along::Weights] {
            // 4 rows, and 7 rows: 2.4, 4.8 and 4.2, 8.5 G multiply-accumulates.
            let (few, many) = (Heard::with_patience(99), Heard::with_patience(99));
            let alone = pass(along, 1, &few).unwrap();
            let beside = pass(along, 2, &many).unwrap();
            let totals = |heard: &Heard| heard.steps.borrow().last().copied().unwrap();
            assert_eq!(totals(&few), (5, 6));
            assert_eq!(totals(&many), (6, 7));
            for (step, heard) in many.steps.borrow().iter().enumerate() {
                assert_eq!(*heard, (step, 7));
            }
            let (alone, beside) = (&alone.jets()[0], &beside.jets()[0]);
            for (a, b) in [(&alone.dy, &beside.dy), (&alone.ddy, &beside.ddy)] {
                let largest = a.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
                assert!(largest > 0.0);
                for (a, b) in a.iter().zip(b) {
                    assert!((a - b).abs() <= 1e-5 * largest, "{a} {b}");
                }
            }
        }
    }

    #[test]
    fn a_long_layer_can_be_stopped_within_it() {
        // The input, the first layer, and one portion of the second.
        let heard = Heard::with_patience(3);
        let stopped = pass(Along::Input, 2, &heard);
        assert!(matches!(stopped, Err(Error::Cancelled)));
        assert_eq!(heard.steps.borrow().len(), 4);
        assert!(pass(Along::Input, 2, &Silent).is_ok());
    }
}
