//! Fits the surrogate to what is known.

use super::adam::{DECAY, Trained};
use super::encoding::{Code, Graph};
use super::loss::loss;
use super::numbers::{Real, real};
use super::settings::{Settings, rate};
use super::surrogate::{By, Shape};
use crate::random::Stream;

/// A deviation below which values are all the same.
const FLAT: f64 = 1e-6;

/// Values with their mean at 0 and a deviation of 1: what the loss and its margin
/// are made for. Only what is known so far counts, not a whole benchmark. Equal
/// values become 0.
pub(super) fn standardised(values: &[f64]) -> Vec<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n.max(1.0);
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    let deviation = libm::sqrt(squares / (n - 1.0).max(1.0)).max(FLAT);
    values.iter().map(|v| (v - mean) / deviation).collect()
}

/// Steps down the loss over batches in random order, `epochs` times over all
/// cells. The surrogate's weights and moments go on from where they are.
pub(super) fn fit<T: Real>(
    (graph, shape): (&Graph, Shape),
    surrogate: &mut Trained<T>,
    (codes, targets): (&[Code], &[f64]),
    (settings, epochs): (&Settings, usize),
    stream: &mut Stream,
) {
    let mut order: Vec<usize> = (0..codes.len().min(targets.len())).collect();
    for epoch in 0..epochs {
        stream.shuffle(&mut order);
        for some in order.chunks(settings.batch) {
            let batch = graph.batch::<T>(some.iter().map(|i| &codes[*i]));
            let targets: Vec<T> = some.iter().map(|i| real(targets[*i])).collect();
            let weights = &surrogate.numbers.0;
            let pass = shape.forward(weights, &batch, Some(stream));
            let (_, slopes) = loss(&pass.predictions, &targets);
            let gradient = shape.reverse(weights, &batch, &pass, &slopes, By::Weights);
            let rate = rate(settings.rate, settings.decay, epoch);
            surrogate.step(&gradient.weights, rate, DECAY);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::optiproxy::encoding;
    use crate::search::optiproxy::settings::Preset;
    use crate::stats::spearman;

    #[test]
    fn values_are_standardised_and_equal_ones_are_nought() {
        let found = standardised(&[90.0, 92.0, 94.0]);
        assert_eq!(found, [-1.0, 0.0, 1.0]);
        assert_eq!(standardised(&[90.0, 90.0]), [0.0, 0.0]);
        assert_eq!(standardised(&[5.0]), [0.0]);
        assert!(standardised(&[]).is_empty());
    }

    /// By distribution: over seeds, the ranks of cells that it has not seen.
    #[test]
    fn a_fit_learns_what_other_cells_are_worth() {
        let graph = encoding::of("nasbench201").unwrap().graph();
        let settings = Settings::of(Preset::Light, "nasbench201");
        let shape = Shape::of(&graph, settings.hidden);
        let worth = |code: &Code| {
            let value = |(i, own): (usize, &Option<usize>)| {
                [0.0, 1.0, 2.0, 4.0, 0.5][own.unwrap()] * (1.0 + i as f64 / 6.0)
            };
            code.operations.iter().enumerate().map(value).sum::<f64>()
        };
        let found = (0..5).map(|seed| {
            let mut stream = Stream::new(seed, "fit");
            let codes: Vec<Code> = (0..160)
                .map(|_| Code {
                    operations: (0..6).map(|_| Some(stream.below(5))).collect(),
                    edges: Vec::new(),
                })
                .collect();
            let (seen, others) = codes.split_at(60);
            let targets: Vec<f64> = seen.iter().map(worth).collect();
            let mut surrogate = Trained::<f32>::new(shape.begin(&mut stream));
            let known = (seen, &standardised(&targets)[..]);
            let how = (&settings, settings.epochs);
            fit((&graph, shape), &mut surrogate, known, how, &mut stream);
            let batch = graph.batch(others.iter());
            let pass = shape.forward(&surrogate.numbers.0, &batch, None);
            let predicted: Vec<f64> = pass.predictions.iter().map(|p| p.double()).collect();
            let truth: Vec<f64> = others.iter().map(worth).collect();
            spearman(&predicted, &truth).unwrap()
        });
        let found: Vec<f64> = found.collect();
        let mean = found.iter().sum::<f64>() / found.len() as f64;
        assert!(mean > 0.8, "{found:?}");
    }
}
