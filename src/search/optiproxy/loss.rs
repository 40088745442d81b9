//! What a fit makes small: squared errors, and pairs in the wrong order or too
//! near to one another.

use super::numbers::{Real, count, real};

/// The share of the pairs.
const PAIRS: f64 = 0.2;
/// By how much a prediction is to be above that of the next worse cell.
const MARGIN: f64 = 0.1;

/// MSE + .2 · the mean over all pairs of max(0, .1 − (p_better − p_worse)), and
/// its gradient by the predictions. Of equal targets the first counts as better.
pub(super) fn loss<T: Real>(predictions: &[T], targets: &[T]) -> (T, Vec<T>) {
    let n = predictions.len();
    let two: T = real(2.0);
    let errors = predictions.iter().zip(targets).map(|(&p, &t)| p - t);
    let errors: Vec<T> = errors.collect();
    let mut loss = T::dot(&errors, &errors) / count(n.max(1));
    let mut gradient: Vec<T> = errors.iter().map(|&e| two * e / count(n)).collect();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| targets[b].double().total_cmp(&targets[a].double()));
    let pairs = n * n.saturating_sub(1) / 2;
    let (share, margin): (T, T) = (real::<T>(PAIRS) / count(pairs.max(1)), real(MARGIN));
    for (i, &better) in order.iter().enumerate() {
        for &worse in &order[i + 1..] {
            let short = margin - (predictions[better] - predictions[worse]);
            if short > T::zero() {
                loss = loss + share * short;
                gradient[better] = gradient[better] - share;
                gradient[worse] = gradient[worse] + share;
            }
        }
    }
    (loss, gradient)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_loss_on_given_predictions() {
        // Errors −.5, .2, .1: .3/3 = .1. Sorted by target: .5, 1.2, −.9; pairs fall
        // short by .8, 0 and 0 of .1.
        let (found, gradient) = loss(&[0.5f64, -0.9, 1.2], &[1.0, -1.0, 1.0 - 1e-9]);
        let squares = (0.25 + 0.01 + 0.04) / 3.0;
        assert!((found - squares - 0.2 * 0.8 / 3.0).abs() < 1e-6, "{found}");
        let expected = [-1.0 / 3.0 - 0.2 / 3.0, 0.2 / 3.0, 0.4 / 3.0 + 0.2 / 3.0];
        for (found, expected) in gradient.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{gradient:?}");
        }
        assert_eq!(loss(&[3.0f64], &[1.0]), (4.0, vec![4.0]));
        assert_eq!(loss::<f64>(&[], &[]), (0.0, Vec::new()));
    }

    #[test]
    fn its_gradient_is_that_of_finite_differences() {
        let targets = [0.3, -1.2, 0.7, 2.0, -0.1, 0.7];
        let at = [0.31, -0.4, 0.68, 0.9, 0.2, 0.5];
        let (_, gradient) = loss::<f64>(&at, &targets);
        for i in 0..at.len() {
            let moved = |by: f64| {
                let mut at = at;
                at[i] += by;
                loss(&at, &targets).0
            };
            let slope = (moved(1e-6) - moved(-1e-6)) / 2e-6;
            assert!(
                (slope - gradient[i]).abs() < 1e-8,
                "{i}: {slope} {gradient:?}"
            );
        }
    }
}
