//! An architecture and its settings → a [`Score`] that can be saved and
//! repeated.

use serde::Serialize;
use web_time::Instant;

use super::conditioning::MapRatio;
use super::evaluate::{Evaluation, Plan, evaluate};
use super::protocol::{Protocol, Settings};
use crate::architecture::Architecture;
use crate::engine::{Device, Monitor, OutputJet, Phases, Step};
use crate::error::{Error, Result};
use crate::random::Stream;
use crate::start::Weights;
use crate::stimulus::pink_noise;
use crate::stimulus::{circle, default_curves};

/// Side of the published protocol's curves, in pixels.
const PUBLISHED_SIDE: usize = 64;
/// How many outputs the published protocol draws.
const PUBLISHED_OUTPUTS: usize = 10;

/// What a score's numbers mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// All parts are defined.
    Ok,
    /// The output does not depend on the input.
    Disconnected,
    /// One output has no extrinsic curvature: S is given, there is no score.
    SingleOutput,
    /// The output or a derivative is not finite.
    NonFinite,
}

impl Status {
    /// The status as in the column `status`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Disconnected => "disconnected",
            Self::SingleOutput => "single-output",
            Self::NonFinite => "non-finite",
        }
    }
}

/// A Dextr score with its evidence and with all it takes to repeat it. The
/// fields are the columns of a saved row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// The architecture in canonical form.
    pub arch: String,
    /// The search space's name.
    pub space: &'static str,
    /// What the numbers mean.
    pub status: Status,
    /// S·K/(S+K), the mean over the seeds.
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
    /// The observed maps under the first seed.
    pub layers: Vec<MapRatio>,
    /// Where the time went, in seconds.
    pub phases: Phases,
}

impl Plan {
    /// The plan of an architecture under settings.
    ///
    /// # Errors
    /// Those of [`Settings::check`]; [`Error::Usage`] for the published
    /// protocol elsewhere than where it is defined; [`Error::Image`] for a
    /// picture that does not fit the network.
    pub fn new(arch: &Architecture, settings: &Settings) -> Result<Self> {
        settings.check()?;
        if settings.seeds > 1 && arch.start.is_given(&arch.network) {
            return Err(Error::Usage {
                message: format!(
                    "all weights of {} are given: seeds change nothing",
                    arch.arch
                ),
                cure: "take one seed, or draw the weights by seed".to_owned(),
            });
        }
        let network = arch.network.clone();
        let shape = network.input_shape().to_vec();
        let image = match &settings.image {
            Some(picture) => picture.to_input(&shape, arch.normalisation)?,
            None => pink_noise(&shape, settings.image_seed),
        };
        let policy = settings.policy(arch.observe);
        let observed = network.observed(policy, settings.protocol == Protocol::Published);
        let seed = settings.curve_seed;
        if settings.protocol == Protocol::Refined {
            let m = settings.curves.unwrap_or(default_curves(&shape));
            let curves = (0..m).map(|j| circle(&shape, seed, j, None)).collect();
            return Ok(Self {
                network,
                curve_network: None,
                image,
                curves,
                outputs: None,
                whole: false,
                observed,
                protocol: Protocol::Refined,
            });
        }
        if !arch.published {
            return Err(Error::Usage {
                message: format!(
                    "the published protocol is not defined for {}: the published code scores other spaces by other rules",
                    arch.source
                ),
                cure: "use the refined protocol".to_owned(),
            });
        }
        let curve_shape = [shape[0], PUBLISHED_SIDE, PUBLISHED_SIDE];
        let curve_network = network.with_input(curve_shape)?;
        let mut stream = Stream::new(seed, "published outputs");
        let outputs = (0..PUBLISHED_OUTPUTS)
            .map(|_| stream.below(network.output_len()))
            .collect();
        Ok(Self {
            curve_network: Some(curve_network),
            image,
            curves: vec![circle(&curve_shape, seed, 0, Some(1.0))],
            outputs: Some(outputs),
            whole: false,
            observed,
            protocol: Protocol::Published,
            network,
        })
    }
}

/// Scores an architecture: builds the plan, draws the weights of each seed,
/// runs the passes.
///
/// # Errors
/// Those of [`Plan::new`] and of [`Pass::run`](crate::engine::Pass::run).
pub async fn score(
    arch: &Architecture,
    settings: &Settings,
    device: &Device,
    monitor: &dyn Monitor,
) -> Result<Score> {
    let start = Instant::now();
    let plan = Plan::new(arch, settings)?;
    let mut evaluations = Vec::with_capacity(settings.seeds as usize);
    for i in 0..settings.seeds {
        let weights = arch
            .start
            .weights(&plan.network, settings.seed + u64::from(i));
        let part = Part {
            of: monitor,
            index: i as usize,
            parts: settings.seeds as usize,
        };
        evaluations.push(evaluate(&plan, &weights, device, &part).await?);
    }
    let mut result = summarise(arch, settings, &plan, evaluations, device);
    result.seconds = start.elapsed().as_secs_f64();
    Ok(result)
}

/// A monitor's view of one seed among several.
struct Part<'a> {
    of: &'a dyn Monitor,
    index: usize,
    parts: usize,
}

impl Monitor for Part<'_> {
    fn step(&self, done: usize, total: usize) -> Step<'_> {
        self.of.step(self.index * total + done, self.parts * total)
    }
}

/// Joins the evaluations of all seeds.
pub(crate) fn summarise(
    arch: &Architecture,
    settings: &Settings,
    plan: &Plan,
    evaluations: Vec<Evaluation>,
    device: &Device,
) -> Score {
    let worst = [
        Status::NonFinite,
        Status::SingleOutput,
        Status::Ok,
        Status::Disconnected,
    ];
    let status = worst
        .into_iter()
        .find(|w| evaluations.iter().any(|e| e.status == *w));
    let status = status.unwrap_or(Status::NonFinite);
    let mean_of =
        |part: &dyn Fn(&Evaluation) -> Option<f64>| mean(evaluations.iter().filter_map(part));
    let usable = status != Status::NonFinite;
    let scores: Vec<f64> = evaluations
        .iter()
        .filter_map(|e| e.score)
        .filter(|_| usable)
        .collect();
    let phases = evaluations.iter().fold(Phases::default(), |mut sum, e| {
        sum += e.phases;
        sum
    });
    Score {
        arch: arch.arch.clone(),
        space: arch.source,
        status,
        score: mean(scores.iter().copied()),
        score_std: deviation(&scores),
        s: mean_of(&|e| Some(e.s).filter(|s| s.is_finite())),
        k: mean_of(&|e| e.k),
        curvature: mean_of(&|e| mean(e.kappa.iter().flatten().copied()).filter(|_| e.k.is_some())),
        ratio_sum: mean_of(&|e| Some(e.ratio_sum).filter(|s| s.is_finite())),
        params: plan.network.params(),
        macs: plan.network.macs(),
        seed: settings.seed,
        seeds: settings.seeds,
        protocol: settings.protocol.name(),
        observe: settings.policy(arch.observe).name(),
        device: device.kind().name(),
        version: env!("CARGO_PKG_VERSION"),
        seconds: 0.0,
        message: message(status, settings.protocol, &evaluations, &arch.notes),
        image_seed: settings.image_seed,
        curve_seed: settings.curve_seed,
        curves: plan.curves.len(),
        image: settings.image_name(),
        options: arch.options.clone(),
        layers: evaluations
            .into_iter()
            .next()
            .map(|e| e.maps)
            .unwrap_or_default(),
        phases,
    }
}

fn message(
    status: Status,
    protocol: Protocol,
    evaluations: &[Evaluation],
    notes: &[String],
) -> String {
    let own = explain(status, protocol, evaluations);
    let parts = [own].into_iter().filter(|part| !part.is_empty());
    let parts: Vec<String> = parts.chain(notes.iter().cloned()).collect();
    parts.join("; ")
}

/// What a status means, in words; empty where all is as it should be.
fn explain(status: Status, protocol: Protocol, evaluations: &[Evaluation]) -> String {
    match (status, protocol) {
        (Status::Disconnected, Protocol::Refined) => {
            return "the output does not depend on the input: no path leads through the network; the score is 0".to_owned();
        }
        (Status::Disconnected, Protocol::Published) => {
            return "the output does not depend on the input: κ is undefined and the score is S alone".to_owned();
        }
        (Status::SingleOutput, _) => {
            return "one output has no extrinsic curvature: observe the vector before the last layer instead".to_owned();
        }
        (Status::NonFinite, _) => {
            return "the output or one of its derivatives is not finite: check the weights and the operations".to_owned();
        }
        (Status::Ok, _) => {}
    }
    let curves: usize = evaluations.iter().map(|e| e.kappa.len()).sum();
    let still: usize = evaluations
        .iter()
        .map(|e| e.kappa.iter().filter(|k| k.is_none()).count())
        .sum();
    if still > 0 {
        return format!(
            "on {still} of {curves} curves the output does not move; the others are averaged"
        );
    }
    let slowest = evaluations.iter().flat_map(|e| &e.jets).map(relative_speed);
    let slowest = slowest.fold(f64::INFINITY, f64::min);
    if slowest < STILL {
        return format!(
            "the output hardly moves (|y′| is {slowest:.0e} of |y|), so that κ may be rounding noise: rank by S, or observe the map before the global mean"
        );
    }
    String::new()
}

/// |y′| / |y| below which an output is said to stand still. Where a global mean
/// follows a batch norm, rounding alone makes up to 2e-4; of outputs that do
/// depend on the image, none was seen below 0.07.
const STILL: f64 = 1e-3;

fn relative_speed(jet: &OutputJet) -> f64 {
    let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
    let (size, speed) = (norm(&jet.y), norm(&jet.dy));
    if size > 0.0 {
        speed / size
    } else {
        f64::INFINITY
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut n) = (0.0, 0usize);
    for value in values {
        sum += value;
        n += 1;
    }
    (n > 0).then(|| sum / n as f64)
}

/// Sample standard deviation (n − 1).
fn deviation(values: &[f64]) -> Option<f64> {
    let mean = mean(values.iter().copied()).filter(|_| values.len() > 1)?;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}
