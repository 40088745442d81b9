//! One network of the pool on its way from a supernet to an architecture.

use serde::{Deserialize, Serialize};

use super::trial::{Decision, Trial, What};
use crate::error::{Error, Result};
use crate::random::Stream;
use crate::sources::spaces::{Layout, Place, Set, Space, Supernet};

/// A network of the pool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::search) struct Member {
    /// What is left of the supernet, as text.
    supernet: String,
    /// Edges that are to be decided, the next one last.
    edges: Vec<Place>,
    /// Nodes that may have too many edges, with their cells, the next one last.
    nodes: Vec<(usize, usize)>,
    /// What is under test.
    pub(in crate::search) trial: Option<Trial>,
    /// What was decided.
    decided: Vec<Trial>,
    /// The architecture that it has become.
    pub(super) arch: Option<String>,
}

impl Member {
    /// The whole supernet. The order of edges is `order`, or drawn where that is
    /// empty: one of each cell in turn. So are the nodes, which otherwise ascend.
    pub(super) fn begin(layout: &'static Layout, order: &[Place], stream: &mut Stream) -> Self {
        let whole = Supernet::whole(layout);
        let groups = layout.groups.len();
        let mut edges = order.to_vec();
        let mut nodes = whole.crowded();
        nodes.sort_by_key(|(group, target)| (*target, *group));
        if edges.is_empty() {
            let places: Vec<Place> = whole.places().collect();
            edges = alternate(groups, &places, |at| at.group, stream);
            nodes = alternate(groups, &nodes, |node| node.0, stream);
        }
        edges.reverse();
        nodes.reverse();
        Self {
            supernet: whole.to_string(),
            edges,
            nodes,
            trial: None,
            decided: Vec::new(),
            arch: None,
        }
    }

    fn supernet(&self, space: &dyn Space) -> Result<Supernet> {
        let supernet = space.partial(&self.supernet)?;
        supernet.ok_or_else(|| Error::Search {
            message: format!("{} is no supernet of {}", self.supernet, space.name()),
            cure: "give a state as the search gave it, whole".to_owned(),
        })
    }

    pub(super) fn learn(&mut self, option: usize, circle: u64, value: Option<f64>) {
        if let Some(trial) = &mut self.trial {
            trial.learn(option, circle, value);
        }
    }

    /// Decides what is under test.
    ///
    /// # Errors
    /// [`Error::Search`] where no variant has a value of the criterion.
    pub(super) fn decide(&mut self, space: &dyn Space) -> Result<()> {
        let Some(trial) = self.trial.take() else {
            return Ok(());
        };
        let Some(chosen) = trial.chosen() else {
            self.trial = Some(trial);
            return Err(Error::Search {
                message: format!(
                    "no variant of {} has a value of the criterion, so that nothing can be decided",
                    self.supernet
                ),
                cure: "look at the rows' messages, and take another criterion".to_owned(),
            });
        };
        let supernet = self.supernet(space)?;
        let (at, set) = match trial.what {
            What::Edge(at) => (at, Set::one(chosen)),
            What::Node { group, .. } => (
                Place {
                    group,
                    edge: chosen,
                },
                Set::EMPTY,
            ),
        };
        let next = supernet.with(at, set);
        // Where every edge has one operation the text may mean an architecture.
        match next.architecture() {
            Some(arch) => self.arch = Some(arch),
            None => self.supernet = next.to_string(),
        }
        self.decided.push(trial);
        Ok(())
    }

    /// Takes up the next edge, or else the next node that has too many.
    pub(super) fn go_on(&mut self, space: &dyn Space) -> Result<()> {
        if self.arch.is_some() {
            return Ok(());
        }
        let supernet = self.supernet(space)?;
        if let Some(at) = self.edges.pop() {
            let operations = supernet.set(at).iter().collect();
            self.trial = Some(Trial::new(What::Edge(at), operations));
            return Ok(());
        }
        let crowded = supernet.crowded();
        while let Some(&(group, target)) = self.nodes.last() {
            if !crowded.contains(&(group, target)) {
                self.nodes.pop();
                continue;
            }
            let edges = supernet.into_node(group, target).map(|at| at.edge);
            let what = What::Node { group, target };
            self.trial = Some(Trial::new(what, edges.collect()));
            break;
        }
        Ok(())
    }

    /// The texts of the variants under test, in the order of what they lack.
    pub(super) fn variants(&self, space: &dyn Space) -> Result<Vec<String>> {
        let Some(trial) = &self.trial else {
            return Ok(Vec::new());
        };
        let supernet = self.supernet(space)?;
        let without = |&option: &usize| {
            let next = match trial.what {
                What::Edge(at) => supernet.with(at, supernet.set(at).without(option)),
                What::Node { group, .. } => {
                    let at = Place {
                        group,
                        edge: option,
                    };
                    supernet.with(at, Set::EMPTY)
                }
            };
            next.to_string()
        };
        Ok(trial.options.iter().map(without).collect())
    }

    /// What was decided.
    pub(in crate::search) fn decided(
        &self,
        network: u64,
        layout: &Layout,
    ) -> impl Iterator<Item = Decision> {
        let all = self.decided.iter();
        all.map(move |trial| trial.tell(network, layout, true))
    }

    /// What is under test, and what is left of the supernet.
    pub(in crate::search) fn open(&self, network: u64, layout: &Layout) -> Option<Decision> {
        let trial = self.trial.as_ref()?;
        Some(trial.tell(network, layout, false))
    }
}

/// All in random order, one of each group in turn.
fn alternate<T: Copy>(
    groups: usize,
    all: &[T],
    group: impl Fn(&T) -> usize,
    stream: &mut Stream,
) -> Vec<T> {
    let mut left: Vec<Vec<T>> = (0..groups)
        .map(|own| {
            all.iter()
                .filter(|one| group(one) == own)
                .copied()
                .collect()
        })
        .collect();
    let mut order = Vec::with_capacity(all.len());
    while left.iter().any(|own| !own.is_empty()) {
        for own in left.iter_mut().filter(|own| !own.is_empty()) {
            order.push(own.swap_remove(stream.below(own.len())));
        }
    }
    order
}
