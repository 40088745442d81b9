//! Relaxed architectures that climb the surrogate's prediction, several side by
//! side: their logits follow its gradient through softened draws (Jang, Gu and
//! Poole, ICLR 2017), which harden as the climb goes on.

use serde::{Deserialize, Serialize};

use super::adam::{DECAY, Trained};
use super::encoding::{Batch, Cells, Code, Graph, pick, sigmoid};
use super::numbers::{Real, real};
use super::settings::{Settings, rate};
use super::surrogate::{By, Shape};
use crate::random::Stream;

/// The temperature at the beginning of a climb and at its end.
const TEMPERATURES: [f64; 2] = [0.7, 0.2];
/// The least uniform number that a Gumbel one is made of.
const LEAST: f64 = 1e-20;

/// The logits. They go on from climb to climb, as do their moments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Climbers {
    /// `[climbers, slots, operations]`.
    operations: Trained<f32>,
    /// `[climbers, edges]`.
    edges: Trained<f32>,
}

impl Climbers {
    /// Before the first climb: a Latin hypercube.
    pub(super) fn begin(graph: &Graph, settings: &Settings, stream: &mut Stream) -> Self {
        let mut spread = |sides: usize, [low, span]: [f64; 2]| {
            let cells = latin(settings.climbers, sides, stream);
            Trained::new(cells.into_iter().map(|u| f32::of(low + span * u)).collect())
        };
        Self {
            operations: spread(graph.shares(), settings.operations),
            edges: spread(graph.edges(), settings.edges),
        }
    }

    /// Whether these are a graph's.
    pub(super) fn are_of(&self, graph: &Graph, settings: &Settings) -> bool {
        self.operations.is_of(settings.climbers * graph.shares())
            && self.edges.is_of(settings.climbers * graph.edges())
    }

    /// One climb. Where there are edges to be found, operations and edges take
    /// turns.
    pub(super) fn climb(
        &mut self,
        (graph, shape): (&Graph, Shape),
        weights: &[f32],
        settings: &Settings,
        stream: &mut Stream,
    ) {
        for step in 0..settings.steps {
            let [begin, end] = TEMPERATURES;
            let gone = (step + 1) as f64 / settings.steps as f64;
            let temperature = end + (1.0 - gone) * (begin - end);
            let operations = noisy(&self.operations.numbers.0, temperature, stream);
            let operations = operations.chunks(graph.operations).flat_map(softmax);
            let operations: Vec<f64> = operations.collect();
            let edges = noisy(&self.edges.numbers.0, temperature, stream);
            let edges: Vec<f64> = edges.into_iter().map(sigmoid).collect();
            let mut batch = Batch::<f32>::default();
            for cell in 0..settings.climbers {
                let own = |shares: &[f64], each: usize| -> Vec<f32> {
                    let shares = &shares[cell * each..(cell + 1) * each];
                    shares.iter().map(|share| real(*share)).collect()
                };
                let operations = own(&operations, graph.shares());
                graph.add(&mut batch, &operations, &own(&edges, graph.edges()));
            }
            let pass = shape.forward(weights, &batch, None);
            let down = vec![-1.0; settings.climbers];
            let slopes = shape
                .reverse(weights, &batch, &pass, &down, By::Cells)
                .cells;
            let all = (0..settings.climbers).map(|cell| graph.gradient(&slopes, cell));
            let (by_operations, by_edges): (Vec<_>, Vec<_>) = all.unzip();
            let rate = rate(settings.climb_rate, settings.climb_decay, step);
            if graph.edges() > 0 && step / settings.turns % 2 == 1 {
                let slopes = by_edges.concat();
                let pairs = edges.iter().zip(&slopes);
                let slopes = pairs.map(|(&share, &slope)| {
                    real(share * (1.0 - share) / temperature * slope.double())
                });
                self.edges.step(&slopes.collect::<Vec<f32>>(), rate, 0.0);
            } else {
                let slopes = by_operations.concat();
                let slots = operations.chunks(graph.operations);
                let slots = slots.zip(slopes.chunks(graph.operations));
                let slopes = slots.flat_map(|(shares, slopes)| {
                    let pairs = || shares.iter().zip(slopes);
                    let mean: f64 = pairs().map(|(share, slope)| share * slope.double()).sum();
                    let each = pairs().map(move |(share, slope)| {
                        real(share * (slope.double() - mean) / temperature)
                    });
                    each.collect::<Vec<f32>>()
                });
                self.operations
                    .step(&slopes.collect::<Vec<f32>>(), rate, DECAY);
            }
        }
    }

    /// At most `each` cells around each climber's logits.
    pub(super) fn draw(
        &self,
        cells: &dyn Cells,
        graph: &Graph,
        each: usize,
        stream: &mut Stream,
    ) -> Vec<Code> {
        let mut drawn = Vec::new();
        let double = |logits: &[f32]| logits.iter().map(|x| x.double()).collect::<Vec<f64>>();
        let mut edges = double(&self.edges.numbers.0);
        let logits = double(&self.operations.numbers.0);
        for climber in logits.chunks(graph.shares()) {
            let rest = edges.split_off(graph.edges().min(edges.len()));
            let own = std::mem::replace(&mut edges, rest);
            let shares: Vec<Vec<f64>> = climber.chunks(graph.operations).map(softmax).collect();
            for _ in 0..each {
                let operations = shares.iter().map(|shares| {
                    let blurred = shares.iter().map(|s| s + graph.blur * stream.uniform());
                    Some(pick(&blurred.collect::<Vec<f64>>(), stream))
                });
                let operations = operations.collect();
                if let Some(edges) = cells.draw(&own, stream) {
                    drawn.push(Code { operations, edges });
                }
            }
        }
        drawn
    }
}

/// Logits with Gumbel noise, over a temperature.
fn noisy(logits: &[f32], temperature: f64, stream: &mut Stream) -> Vec<f64> {
    let gumbel = |u: f64| -libm::log(-libm::log(u.max(LEAST)));
    let noisy = logits
        .iter()
        .map(|x| (x.double() + gumbel(stream.uniform())) / temperature);
    noisy.collect()
}

/// eˣ over the sum of all.
fn softmax(logits: &[f64]) -> Vec<f64> {
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let each: Vec<f64> = logits.iter().map(|x| libm::exp(x - most)).collect();
    let sum: f64 = each.iter().sum();
    each.into_iter().map(|x| x / sum).collect()
}

/// A Latin hypercube (McKay, Beckman and Conover, 1979): of each side's `n` equal
/// parts every point has another. `[n, sides]`.
fn latin(n: usize, sides: usize, stream: &mut Stream) -> Vec<f64> {
    let mut points = vec![0.0; n * sides];
    for side in 0..sides {
        let mut parts: Vec<usize> = (0..n).collect();
        stream.shuffle(&mut parts);
        for (point, part) in parts.into_iter().enumerate() {
            points[point * sides + side] = (part as f64 + stream.uniform()) / n as f64;
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::optiproxy::encoding;
    use crate::search::optiproxy::settings::Preset;

    #[test]
    fn a_latin_hypercube_has_a_point_in_every_part() {
        let points = latin(7, 3, &mut Stream::new(0, "latin"));
        for side in 0..3 {
            let mut parts: Vec<f64> = points
                .iter()
                .skip(side)
                .step_by(3)
                .map(|u| (u * 7.0).floor())
                .collect();
            parts.sort_by(f64::total_cmp);
            assert_eq!(parts, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        }
    }

    #[test]
    fn a_relaxed_cell_without_temperature_is_the_decided_one() {
        for space in encoding::SPACES {
            let cells = encoding::of(space).unwrap();
            let graph = cells.graph();
            let settings = Settings::of(Preset::Published, space);
            let mut stream = Stream::new(3, "relaxed");
            let climbers = Climbers::begin(&graph, &settings, &mut stream);
            let cold = 1e-9;
            let operations = noisy(&climbers.operations.numbers.0, cold, &mut stream);
            let edges = noisy(&climbers.edges.numbers.0, cold, &mut stream);
            let most = |slot: &[f64]| {
                let all = slot.iter().enumerate();
                all.max_by(|a, b| a.1.total_cmp(b.1)).map(|(i, _)| i)
            };
            let decided = Code {
                operations: operations[..graph.shares()]
                    .chunks(graph.operations)
                    .map(most)
                    .collect(),
                edges: edges[..graph.edges()].iter().map(|x| *x > 0.0).collect(),
            };
            let shares = operations.chunks(graph.operations).flat_map(softmax);
            let shares: Vec<f64> = shares.take(graph.shares()).collect();
            let soft: Vec<f64> = edges.into_iter().map(sigmoid).take(graph.edges()).collect();
            let mut relaxed = Batch::default();
            graph.add(&mut relaxed, &shares, &soft);
            assert_eq!(relaxed, graph.batch([&decided].into_iter()));
        }
    }

    /// By distribution: what climbers are predicted to be worth rises.
    #[test]
    fn a_climb_raises_the_prediction() {
        for space in encoding::SPACES {
            let cells = encoding::of(space).unwrap();
            let graph = cells.graph();
            let settings = Settings {
                climb_rate: 0.1,
                ..Settings::of(Preset::Light, space)
            };
            let shape = Shape::of(&graph, 16);
            let mut stream = Stream::new(4, "climb");
            let weights: Vec<f32> = shape.begin(&mut stream);
            let mut climbers = Climbers::begin(&graph, &settings, &mut stream);
            assert!(climbers.are_of(&graph, &settings));
            let worth = |climbers: &Climbers, stream: &mut Stream| {
                let drawn = climbers.draw(cells, &graph, 30, stream);
                let pass = shape.forward(&weights, &graph.batch(drawn.iter()), None);
                let sum: f64 = pass.predictions.iter().map(|p| p.double()).sum();
                sum / drawn.len() as f64
            };
            let before = worth(&climbers, &mut stream);
            (0..4).for_each(|_| climbers.climb((&graph, shape), &weights, &settings, &mut stream));
            let after = worth(&climbers, &mut stream);
            assert!(after > before, "{space}: {before} {after}");
        }
    }
}
