//! An edge under test, or a node's edges: what each variant is worth, and what is
//! chosen.

use serde::{Deserialize, Serialize};

use crate::sources::spaces::{Layout, Place};

/// What is under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::search) enum What {
    /// An edge's operations: one stays.
    Edge(Place),
    /// A node's edges, by its cell: one goes.
    Node { group: usize, target: usize },
}

/// Variants, each without one operation or edge, and their values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::search) struct Trial {
    pub(super) what: What,
    /// What each variant lacks: operations or edges, by their places.
    pub(super) options: Vec<usize>,
    /// Their values, one a set of circles, as far as they are known.
    pub(super) values: Vec<Vec<Option<f64>>>,
}

impl Trial {
    pub(super) fn new(what: What, options: Vec<usize>) -> Self {
        let values = vec![Vec::new(); options.len()];
        Self {
            what,
            options,
            values,
        }
    }

    /// Whether an edge goes, and not all operations but one.
    pub(in crate::search) fn drops(&self) -> bool {
        matches!(self.what, What::Node { .. })
    }

    pub(super) fn learn(&mut self, option: usize, circle: u64, value: Option<f64>) {
        if let Some(values) = self.values.get_mut(option) {
            let place = usize::try_from(circle).unwrap_or(usize::MAX);
            // Results come in the order of asking.
            if values.len() == place {
                values.push(value);
            }
        }
    }

    /// The mean over the sets of circles; none where a value is missing.
    fn mean(&self, option: usize) -> Option<f64> {
        let values = self.values.get(option)?;
        let sum = values.iter().copied().sum::<Option<f64>>()?;
        (!values.is_empty()).then(|| sum / values.len() as f64)
    }

    /// The options with their means, what is chosen first: of operations the
    /// lowest value, of equals the first; of edges the highest, of equals the
    /// last. What has no value is not among them.
    fn ranked(&self) -> Vec<(usize, f64)> {
        let all = 0..self.options.len();
        let mut ranked: Vec<(usize, f64)> = all
            .filter_map(|option| Some((option, self.mean(option)?)))
            .collect();
        if self.drops() {
            ranked.reverse();
            ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        } else {
            ranked.sort_by(|a, b| a.1.total_cmp(&b.1));
        }
        ranked
    }

    /// What is chosen: an operation that stays, or an edge that goes.
    pub(super) fn chosen(&self) -> Option<usize> {
        let (option, _) = *self.ranked().first()?;
        self.options.get(option).copied()
    }

    /// How far the choice is from the next one, and the standard error of that
    /// over the sets of circles.
    fn margin(&self) -> Option<(f64, Option<f64>)> {
        let [(first, best), (second, next), ..] = self.ranked()[..] else {
            return None;
        };
        let pairs = self.values.get(first)?.iter().zip(self.values.get(second)?);
        let differences: Option<Vec<f64>> = pairs.map(|(a, b)| Some((*b)? - (*a)?)).collect();
        Some(((next - best).abs(), standard_error(&differences?)))
    }

    /// What it says of itself; `is_over` once it is decided.
    pub(super) fn tell(&self, network: u64, layout: &Layout, is_over: bool) -> Decision {
        let edge = |place: usize| layout.edges.get(place).copied().unwrap_or_default();
        let named = |option: &usize| match self.what {
            What::Edge(_) => {
                let name = layout.operations.get(*option);
                (*name.unwrap_or(&"")).to_owned()
            }
            What::Node { .. } => edge(*option).0.to_string(),
        };
        let (group, source, target) = match self.what {
            What::Edge(at) => {
                let (source, target) = edge(at.edge);
                (at.group, Some(source), target)
            }
            What::Node { group, target } => (group, None, target),
        };
        let ranked = if is_over { self.ranked() } else { Vec::new() };
        let (margin, error) = match self.margin().filter(|_| is_over) {
            Some((margin, error)) => (Some(margin), error),
            None => (None, None),
        };
        Decision {
            network,
            group: (*layout.groups.get(group).unwrap_or(&"")).to_owned(),
            source,
            target,
            without: self.options.iter().map(named).collect(),
            values: (0..self.options.len()).map(|o| self.mean(o)).collect(),
            chosen: ranked.first().map(|(option, _)| *option),
            margin,
            error,
        }
    }
}

/// The standard error of a mean; none for one value.
fn standard_error(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    (values.len() > 1).then(|| (squares / (n - 1.0) / n).sqrt())
}

/// A choice that was made, or is being made: an edge's operation that stays, or
/// the edge of a node that goes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Decision {
    /// Which network of the pool, from 0.
    pub network: u64,
    /// The cell.
    pub group: String,
    /// The edge's source; none where it is about a node's edges.
    pub source: Option<usize>,
    /// The edge's target, or the node.
    pub target: usize,
    /// What each variant lacks: operations, or sources of edges.
    pub without: Vec<String>,
    /// What each variant is worth without it; none where that is not known.
    pub values: Vec<Option<f64>>,
    /// The place among them of the operation that stays, or of the edge that
    /// goes; none before it is decided.
    pub chosen: Option<usize>,
    /// By how much the choice is ahead of the next one.
    pub margin: Option<f64>,
    /// The standard error of the margin over the sets of circles; none for one set.
    pub error: Option<f64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(drops: bool, values: &[&[Option<f64>]]) -> Trial {
        let what = match drops {
            true => What::Node {
                group: 0,
                target: 3,
            },
            false => What::Edge(Place { group: 0, edge: 0 }),
        };
        let mut trial = Trial::new(what, (10..10 + values.len()).collect());
        for (option, values) in values.iter().enumerate() {
            for (circle, value) in values.iter().enumerate() {
                trial.learn(option, circle as u64, *value);
            }
        }
        trial
    }

    #[test]
    fn of_operations_the_lowest_stays_and_of_edges_the_highest_goes() {
        let values: [&[_]; 4] = [&[Some(2.0)], &[Some(1.0)], &[None], &[Some(1.0)]];
        assert_eq!(trial(false, &values).chosen(), Some(11));
        let values: [&[_]; 3] = [&[Some(2.0)], &[Some(2.0)], &[Some(1.0)]];
        assert_eq!(trial(true, &values).chosen(), Some(11));
        assert_eq!(trial(false, &[&[None], &[]]).chosen(), None);
    }

    #[test]
    fn a_margin_stands_beside_its_error_over_the_circles() {
        // Differences to the first: 1 and 3, mean 2, standard error 1.
        let sets: [&[_]; 3] = [
            &[Some(1.0), Some(5.0)],
            &[Some(2.0), Some(8.0)],
            &[Some(9.0), Some(9.0)],
        ];
        let trial = trial(false, &sets);
        assert_eq!(trial.margin(), Some((2.0, Some(1.0))));
        let one: [&[_]; 2] = [&[Some(1.0)], &[Some(1.5)]];
        let one = super::tests::trial(false, &one);
        assert_eq!(one.margin(), Some((0.5, None)));
    }
}
