//! The product of two batches of matrices.

use super::facts::{About, Class, Cost, Facts, Fit, Parameter, Phase, about, must, size};

/// `[.., N, K] × [.., K, M]`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Product;

impl Facts for Product {
    fn about(&self) -> About {
        about("matmul", Class::Other, Phase::Convolution, 2..=2)
    }

    fn shape(&self, inputs: &[&[usize]]) -> Fit<Vec<usize>> {
        let (a, b) = (inputs[0], inputs[1]);
        let n = a.len();
        let fits = n >= 2 && b.len() == n && a[..n - 2] == b[..n - 2] && a[n - 1] == b[n - 2];
        let cure = "the last axis of the first must equal the one before last of the second";
        must(fits, cure, || {
            format!("shapes {a:?} and {b:?} cannot be multiplied")
        })?;
        Ok([&a[..n - 1], &[b[n - 1]]].concat())
    }

    fn parameters(&self, _: &[usize]) -> Vec<Parameter> {
        Vec::new()
    }

    fn cost(&self, inputs: &[&[usize]], output: &[usize]) -> Cost {
        let summed = inputs[0].last().copied().unwrap_or(1);
        Cost {
            macs: size(output) * summed as u64,
            summed,
            copies: 1,
        }
    }
}
