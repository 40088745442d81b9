//! What the engine is asked for, and what a proxy makes of it.

use std::sync::Arc;

use super::Status;
use super::dextr::MapRatio;
use crate::array::Array;
use crate::engine::{
    Device, Found, Inputs, Kind, Monitor, Pass, Phases, Reason, Run, Statistics, Watch,
};
use crate::error::Result;
use crate::network::Network;
use crate::start::{Start, Weights};

/// Where an experiment's weights come from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// Drawn by a seed.
    Drawn(Start, u64),
    /// At hand.
    Given(Arc<Weights>),
}

impl Origin {
    pub(super) fn weights(&self, network: &Network) -> Arc<Weights> {
        match self {
            Self::Drawn(start, seed) => Arc::new(start.weights(network, *seed)),
            Self::Given(weights) => Arc::clone(weights),
        }
    }
}

impl PartialEq for Origin {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Drawn(start, seed), Self::Drawn(other, same)) => seed == same && start == other,
            (Self::Given(weights), Self::Given(other)) => Arc::ptr_eq(weights, other),
            _ => false,
        }
    }
}

/// One pass: a network with its weights, what goes in, and what is watched.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// The network, made over as the proxy wants it.
    pub network: Arc<Network>,
    /// Its weights.
    pub origin: Origin,
    /// What goes in.
    pub inputs: Arc<Inputs>,
    /// Whether it takes double precision, and so the CPU.
    pub double: bool,
    /// What is watched.
    pub watches: Vec<Watch>,
}

impl Experiment {
    /// A pass of a batch of images, norms over all of it.
    pub(super) fn of_batch(
        network: &Arc<Network>,
        origin: Origin,
        images: Vec<Array>,
        watches: Vec<Watch>,
    ) -> Self {
        Self {
            network: Arc::clone(network),
            origin,
            inputs: Arc::new(Inputs {
                images,
                statistics: Statistics::Batch,
                ..Inputs::default()
            }),
            double: false,
            watches,
        }
    }

    /// Whether one pass can serve both.
    pub(super) fn shares(&self, other: &Self) -> bool {
        let same_network =
            Arc::ptr_eq(&self.network, &other.network) || self.network == other.network;
        let same_inputs = Arc::ptr_eq(&self.inputs, &other.inputs) || self.inputs == other.inputs;
        // Gradients keep a pass on the CPU, where what needs none would be slower
        // than on a GPU.
        let same_way = self.double == other.double && self.goes_back() == other.goes_back();
        same_way && same_inputs && same_network && self.origin == other.origin
    }

    fn goes_back(&self) -> bool {
        self.watches.iter().any(Watch::goes_back)
    }

    /// Runs it.
    ///
    /// # Errors
    /// Those of [`Pass::run`].
    pub(super) async fn run(&self, device: &Device, monitor: &dyn Monitor) -> Result<Pass> {
        let weights = self.origin.weights(&self.network);
        let run = Run {
            network: &self.network,
            weights: &weights,
            inputs: &self.inputs,
        };
        if self.double {
            return Pass::run(run, &self.watches, &Device::cpu_double(), monitor).await;
        }
        if self.goes_back() && device.kind() != Kind::Cpu {
            return Pass::run(run, &self.watches, &Device::cpu(Reason::Asked), monitor).await;
        }
        Pass::run(run, &self.watches, device, monitor).await
    }
}

/// What an experiment's watches found, in their order.
pub type Findings = Vec<Found>;

/// Makes a verdict of the findings of each experiment.
pub type Judge = Box<dyn FnOnce(&[Findings]) -> Verdict>;

/// What a proxy wants to see, and its judge.
pub struct Trial {
    /// The experiments; none where nothing must be run.
    pub experiments: Vec<Experiment>,
    /// What makes a verdict of the findings.
    pub judge: Judge,
}

impl Trial {
    /// A verdict that needs no experiment.
    pub(super) fn decided(verdict: Verdict) -> Self {
        Self {
            experiments: Vec::new(),
            judge: Box::new(|_| verdict),
        }
    }

    /// The same with more to say; nothing where the note is empty.
    pub(super) fn noting(self, note: String) -> Self {
        let Self { experiments, judge } = self;
        let judge = move |found: &[Findings]| {
            let mut verdict = judge(found);
            if !note.is_empty() {
                let said = std::mem::take(&mut verdict.message);
                let both = [said, note].into_iter().filter(|m| !m.is_empty());
                verdict.message = both.collect::<Vec<_>>().join("; ");
            }
            verdict
        };
        Self {
            experiments,
            judge: Box::new(judge),
        }
    }

    /// A network that the proxy is not defined for.
    pub(super) fn unsuited(why: &str) -> Self {
        Self::decided(Verdict::without(Status::Unsuited, why))
    }
}

/// What a proxy says of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What the value means.
    pub status: Status,
    /// The value; none where there is none.
    pub value: Option<f64>,
    /// Named parts of it.
    pub parts: Vec<(&'static str, f64)>,
    /// The observed maps, where it looks at such.
    pub layers: Vec<MapRatio>,
    /// What else there is to know, in words; empty where there is nothing.
    pub message: String,
}

impl Verdict {
    /// A value; where it is not finite, none.
    pub(super) fn of(value: f64) -> Self {
        if !value.is_finite() {
            return Self::without(Status::NonFinite, "the value is not finite");
        }
        Self {
            status: Status::Ok,
            value: Some(value),
            parts: Vec::new(),
            layers: Vec::new(),
            message: String::new(),
        }
    }

    /// No value, and why.
    pub(super) fn without(status: Status, why: &str) -> Self {
        Self {
            status,
            value: None,
            parts: Vec::new(),
            layers: Vec::new(),
            message: why.to_owned(),
        }
    }
}

/// Runs one trial by itself; also says where the time went.
///
/// # Errors
/// Those of [`Pass::run`].
pub async fn run_trial(
    trial: Trial,
    device: &Device,
    monitor: &dyn Monitor,
) -> Result<(Verdict, Phases)> {
    let (findings, phases) = run_each(&trial.experiments, device, monitor).await?;
    Ok(((trial.judge)(&findings), phases))
}

/// Runs experiments one after the other.
///
/// # Errors
/// Those of [`Pass::run`].
pub(super) async fn run_each(
    experiments: &[Experiment],
    device: &Device,
    monitor: &dyn Monitor,
) -> Result<(Vec<Findings>, Phases)> {
    let mut findings = Vec::with_capacity(experiments.len());
    let mut phases = Phases::default();
    for experiment in experiments {
        let pass = experiment.run(device, monitor).await?;
        findings.push(pass.found);
        phases += pass.phases;
    }
    Ok((findings, phases))
}
