//! Steps along a gradient: Adam (Kingma and Ba, ICLR 2015), with weight decay
//! apart from the gradient (Loshchilov and Hutter, ICLR 2019).

use serde::{Deserialize, Serialize};

use super::numbers::{Numbers, Real, real};

/// How fast the two moments forget.
const BETAS: [f64; 2] = [0.9, 0.999];
/// What keeps the quotient finite.
const SMALL: f64 = 1e-8;
/// The part of a weight that is lost at each step, over the rate.
pub(super) const DECAY: f64 = 0.01;

/// Numbers that are trained, with the moments of their gradients.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(bound(
    serialize = "Numbers<T>: Serialize",
    deserialize = "Numbers<T>: Deserialize<'de>"
))]
pub(super) struct Trained<T> {
    pub(super) numbers: Numbers<T>,
    first: Numbers<T>,
    second: Numbers<T>,
    steps: u32,
}

impl<T: Real> Trained<T> {
    /// Before the first step.
    pub(super) fn new(numbers: Vec<T>) -> Self {
        let zeros = || Numbers(vec![T::zero(); numbers.len()]);
        Self {
            first: zeros(),
            second: zeros(),
            numbers: Numbers(numbers),
            steps: 0,
        }
    }

    /// Whether it has so many numbers, each with its moments.
    pub(super) fn is_of(&self, length: usize) -> bool {
        let all = [&self.numbers, &self.first, &self.second];
        all.iter().all(|numbers| numbers.0.len() == length)
    }

    /// A step down a gradient.
    pub(super) fn step(&mut self, gradient: &[T], rate: f64, decay: f64) {
        self.steps = self.steps.saturating_add(1);
        let [b1, b2] = BETAS;
        let steps = f64::from(self.steps);
        let corrected = |beta: f64| 1.0 - libm::pow(beta, steps);
        let size: T = real(rate / corrected(b1));
        let spread: T = real(1.0 / libm::sqrt(corrected(b2)));
        let [kept, small]: [T; 2] = [real(1.0 - rate * decay), real(SMALL)];
        let [b1, new1, b2, new2]: [T; 4] = [b1, 1.0 - b1, b2, 1.0 - b2].map(real);
        let moments = self.first.0.iter_mut().zip(&mut self.second.0);
        let numbers = self.numbers.0.iter_mut().zip(moments);
        for ((x, (m, v)), &g) in numbers.zip(gradient) {
            *m = b1 * *m + new1 * g;
            *v = b2 * *v + new2 * (g * g);
            *x = *x * kept - size * (*m / (v.sqrt() * spread + small));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_steps_are_those_of_the_definition() {
        // At first the step is the rate, against the gradient's sign, whatever its
        // size; then by moments: m = .19 g, v = .001999 g², over their sums.
        let mut trained = Trained::new(vec![1.0f64, -2.0]);
        trained.step(&[5.0, -0.01], 0.1, 0.5);
        let expected = [0.95 - 0.1, -1.9 + 0.1];
        let near = |found: &[f64], expected: [f64; 2]| {
            found
                .iter()
                .zip(expected)
                .for_each(|(f, e)| assert!((f - e).abs() < 1e-6, "{f} {e}"));
        };
        near(&trained.numbers.0, expected);
        trained.step(&[5.0, -0.01], 0.1, 0.0);
        near(&trained.numbers.0, [0.75, -1.7]);
        trained.step(&[-5.0, 0.01], 0.1, 0.0);
        // m = (.9·.19 − .1) g = .071 g, over 1 − .9³ = .271; v̂ = g².
        let by = 0.1 * 0.071 / 0.271;
        near(&trained.numbers.0, [0.75 - by, -1.7 + by]);
    }
}
