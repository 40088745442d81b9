//! Supernets: partial architectures, in which an edge may still have several
//! operations.
//!
//! An edge with several operations is their weighted sum, with a weight of one
//! over the number of *all* operations of the space: what is left out is missing,
//! and not made up for (a softmax over equal numbers, of which one is set to 0
//! afterwards, as the published search has it). An edge with one operation is
//! that operation, with weight 1. An operation that is not in the set is not
//! built, so that nothing of it runs or is observed.

mod set;

use std::fmt::{Display, Formatter};

pub use set::Set;

use super::choice::Choice;

/// What a space's supernet consists of.
#[derive(Debug)]
pub struct Layout {
    /// The operations that an edge may have.
    pub operations: &'static [&'static str],
    /// The cells: each has all the edges, with operations of its own.
    pub groups: &'static [&'static str],
    /// The edges of a cell as (source, target).
    pub edges: &'static [(usize, usize)],
    /// How many edges a node keeps in an architecture; none where it keeps all.
    pub inputs: Option<usize>,
    /// The text of a supernet.
    pub(super) print: fn(&Supernet) -> String,
    /// The text of the architecture that a supernet has become.
    pub(super) architecture: fn(&Supernet) -> Option<String>,
}

impl PartialEq for Layout {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Layout {}

/// An edge by the cell that it is in and its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// The cell: its place in [`Layout::groups`].
    pub group: usize,
    /// The edge: its place in [`Layout::edges`].
    pub edge: usize,
}

/// A partial architecture: the operations that each edge still has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supernet {
    layout: &'static Layout,
    /// One set an edge, one list a cell.
    sets: Vec<Vec<Set>>,
}

impl Supernet {
    /// Every operation on every edge.
    #[must_use]
    pub fn whole(layout: &'static Layout) -> Self {
        Self::of(layout, Set::all(layout.operations.len()))
    }

    /// The same operations on every edge.
    pub(super) fn of(layout: &'static Layout, set: Set) -> Self {
        Self {
            layout,
            sets: vec![vec![set; layout.edges.len()]; layout.groups.len()],
        }
    }

    /// What it consists of.
    #[must_use]
    pub fn layout(&self) -> &'static Layout {
        self.layout
    }

    /// All edges, one cell after the other.
    pub fn places(&self) -> impl Iterator<Item = Place> + use<> {
        let edges = self.layout.edges.len();
        (0..self.layout.groups.len())
            .flat_map(move |group| (0..edges).map(move |edge| Place { group, edge }))
    }

    /// The operations of an edge; none where there is no such edge.
    #[must_use]
    pub fn set(&self, at: Place) -> Set {
        let cell = self.sets.get(at.group);
        let set = cell.and_then(|cell| cell.get(at.edge));
        set.copied().unwrap_or(Set::EMPTY)
    }

    /// The operations of a cell's edges.
    pub(super) fn cell(&self, group: usize) -> &[Set] {
        self.sets.get(group).map_or(&[], Vec::as_slice)
    }

    /// The same with other operations on an edge.
    #[must_use]
    pub fn with(&self, at: Place, set: Set) -> Self {
        let mut other = self.clone();
        let cell = other.sets.get_mut(at.group);
        if let Some(edge) = cell.and_then(|cell| cell.get_mut(at.edge)) {
            *edge = set;
        }
        other
    }

    /// The edges into a node that are there.
    pub fn into_node(&self, group: usize, target: usize) -> impl Iterator<Item = Place> + '_ {
        let edges = self.layout.edges.iter().enumerate();
        edges
            .filter(move |(_, edge)| edge.1 == target)
            .map(move |(edge, _)| Place { group, edge })
            .filter(|at| !self.set(*at).is_empty())
    }

    /// The nodes that have more edges than an architecture's, by their cells.
    #[must_use]
    pub fn crowded(&self) -> Vec<(usize, usize)> {
        let Some(inputs) = self.layout.inputs else {
            return Vec::new();
        };
        let mut targets: Vec<usize> = self.layout.edges.iter().map(|edge| edge.1).collect();
        targets.dedup();
        let nodes = (0..self.layout.groups.len())
            .flat_map(|group| targets.iter().map(move |&target| (group, target)));
        nodes
            .filter(|&(group, target)| self.into_node(group, target).count() > inputs)
            .collect()
    }

    /// What can be chosen: for each edge all operations, one of them, or what it
    /// has now; none where an architecture may do without it.
    pub(super) fn choices(&self) -> Vec<Choice> {
        let names = self.layout.operations;
        let choice = |at: Place| {
            let now = self.set(at).text(names);
            let mut values = vec!["*".to_owned()];
            values.extend(names.iter().map(|name| (*name).to_owned()));
            let absent = self.layout.inputs.map(|_| Set::ABSENT.to_owned());
            values.extend(absent);
            if !values.contains(&now) {
                values.push(now.clone());
            }
            let (source, target) = self.layout.edges[at.edge];
            let name = format!("{source}→{target}");
            Choice::new(self.layout.groups[at.group], name, now, values).on((source, target))
        };
        self.places().map(choice).collect()
    }

    /// Makes the choice at `index` in [`Supernet::choices`].
    pub(super) fn choose(&mut self, index: usize, value: &str) {
        let set = Set::read(value, self.layout.operations);
        if let (Some(at), Ok(set)) = (self.places().nth(index), set) {
            *self = self.with(at, set);
        }
    }

    /// The text of the architecture that this has become; none while an edge
    /// has several operations or a node too many edges.
    #[must_use]
    pub fn architecture(&self) -> Option<String> {
        (self.layout.architecture)(self)
    }
}

impl Display for Supernet {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str(&(self.layout.print)(self))
    }
}
