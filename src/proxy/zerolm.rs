//! ZeroLM (2025): Σ ‖W‖²/min(m, n), the mean square of each matrix's singular
//! values, over the weights of convolutions and dense layers, where those of an
//! attention count a quarter. Where the network takes token ids, the layer that
//! makes word vectors wider is left out with their table; depthwise kernels within
//! an attention are no matrices. What is an attention's is found in the graph
//! ([`Network::parts`]).
//!
//! With Xavier's weights that is known without drawing: an m × n matrix whose
//! fan-in and fan-out are a and b has 2·m·n/((a + b)·min(m, n)). So the value is
//! exact, and a count of matrices each of which weighs between 1 and 2 where it
//! is dense. Given weights are looked at.

use super::experiment::Origin;
use super::{About, Demands, Proxy, Settings, Trial, Verdict};
use crate::architecture::Architecture;
use crate::error::Result;
use crate::network::{Network, Parameter, Part};

/// What an attention's matrices count: α.
const ATTENTION: f64 = 0.25;

/// ZeroLM.
pub struct ZeroLm;

impl Proxy for ZeroLm {
    fn about(&self) -> &'static About {
        &About {
            name: "zerolm",
            title: "mean squares of the weights' singular values, Σ ‖W‖²/min(m, n)",
            paper: "ZeroLM, arXiv 2503.18646",
            needs: "the shapes of the weights; no images",
            variant: "no code was published: expectation under Xavier's weights, α = ¼ for the matrices of attentions; a kernel is a matrix out × in·k·k",
            demands: Demands::GRAPH,
        }
    }

    fn trial(&self, arch: &Architecture, _: &Settings, seed: u64) -> Result<Trial> {
        if arch.start.is_given(&arch.network) {
            let origin = Origin::Drawn(arch.start.clone(), seed);
            return Self::trial_of(&arch.network, &origin);
        }
        let expected = |_: &str, parameter: &Parameter| Ok(expectation(&parameter.shape));
        Self::over(&arch.network, expected)
    }
}

impl ZeroLm {
    /// With these weights in place of Xavier's.
    ///
    /// # Errors
    /// [`Error::Weights`](crate::Error::Weights) when one is missing.
    pub fn trial_of(network: &Network, origin: &Origin) -> Result<Trial> {
        let weights = origin.weights(network);
        Self::over(network, |name, parameter| {
            let numbers = weights.get(name)?.to_f64();
            let [rows, columns] = sides(&parameter.shape);
            Ok(numbers.iter().map(|w| w * w).sum::<f64>() / rows.min(columns) as f64)
        })
    }

    fn over(
        network: &Network,
        mut of: impl FnMut(&str, &Parameter) -> Result<f64>,
    ) -> Result<Trial> {
        let parts = network.parts();
        let (mut sum, mut count) = (0.0, 0usize);
        let mut seen = std::collections::BTreeSet::new();
        for (id, node) in network.nodes().iter().enumerate() {
            let factor = match parts[id] {
                Part::Embedding => continue,
                Part::Mixing if network.is_depthwise(id) => continue,
                Part::Mixing => ATTENTION,
                Part::Other => 1.0,
            };
            let parameters = network.parameters(id).into_iter();
            for parameter in parameters.filter(|p| p.role.is_weight()) {
                let name = node.tensor(parameter.suffix);
                if seen.insert(name.clone()) {
                    sum += factor * of(&name, &parameter)?;
                    count += 1;
                }
            }
        }
        if count == 0 {
            return Ok(Trial::unsuited(
                "the network has no convolution or dense layer, whose weights are what counts",
            ));
        }
        Ok(Trial::decided(Verdict::of(sum)))
    }
}

/// A weight as a matrix: its first axis, and all others.
fn sides(shape: &[usize]) -> [usize; 2] {
    let rows = shape.first().copied().unwrap_or(1);
    [rows, shape.iter().skip(1).product::<usize>().max(1)]
}

/// What Xavier's weights have in the mean; fans as PyTorch counts them.
fn expectation(shape: &[usize]) -> f64 {
    let [rows, columns] = sides(shape);
    let field: usize = shape.iter().skip(2).product();
    let fans = columns + rows * field;
    2.0 * (rows * columns) as f64 / (fans as f64 * rows.min(columns) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dense_matrix_weighs_between_one_and_two() {
        for shape in [[8, 8], [8, 64], [64, 8]] {
            let [m, n] = shape.map(|n| n as f64);
            let right = 2.0 * m.max(n) / (m + n);
            assert!((expectation(&shape) - right).abs() < 1e-15);
        }
        // 16 → 32 channels, 3×3: 4608·2/((144 + 288)·32).
        assert!((expectation(&[32, 16, 3, 3]) - 2.0 / 3.0).abs() < 1e-15);
    }
}
