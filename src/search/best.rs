//! What was found: the best so far, and the Pareto front.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How many of the best are remembered.
const BEST: usize = 100;

/// A size that is to be small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Size {
    /// Trainable parameters.
    Params,
    /// Multiply–accumulates for one image.
    Macs,
}

impl Size {
    /// Its name, that of its column.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Params => "params",
            Self::Macs => "macs",
        }
    }
}

impl FromStr for Size {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let all = [Self::Params, Self::Macs];
        let found = all.into_iter().find(|size| size.name() == name);
        found.ok_or_else(|| Error::unknown("size", name, &all.map(Self::name)))
    }
}

/// A candidate that was told, with what it is ranked by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its number, from 0.
    pub step: u64,
    /// The architecture, canonical.
    pub arch: String,
    /// The value of the aim.
    pub aim: f64,
    /// Trainable parameters.
    pub params: u64,
    /// Multiply–accumulates for one image.
    pub macs: u64,
}

impl Entry {
    fn size(&self, size: Size) -> u64 {
        match size {
            Size::Params => self.params,
            Size::Macs => self.macs,
        }
    }

    /// Whether it is better in one respect and no worse in the other; of equals
    /// the one that was asked for first.
    fn dominates(&self, other: &Self, size: Size) -> bool {
        let (own, others) = (self.size(size), other.size(size));
        self.aim >= other.aim
            && own <= others
            && (self.aim > other.aim || own < others || self.step < other.step)
    }
}

/// The best so far. It is the same in whichever order it is told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Best {
    /// The best first, of equals the one that was asked for first.
    pub(super) all: Vec<Entry>,
    /// What nothing dominates, the smallest first.
    pub(super) front: Vec<Entry>,
    /// The one with the most parameters: what a search must beat.
    pub(super) largest: Option<Entry>,
}

impl Best {
    pub(super) fn add(&mut self, entry: &Entry, against: Option<Size>) {
        let before = |other: &Entry| (other.aim, entry.step) > (entry.aim, other.step);
        let place = self.all.partition_point(before);
        if place < BEST {
            self.all.insert(place, entry.clone());
            self.all.truncate(BEST);
        }
        let key = |e: &Entry| (e.params, std::cmp::Reverse(e.step));
        if self
            .largest
            .as_ref()
            .is_none_or(|other| key(entry) > key(other))
        {
            self.largest = Some(entry.clone());
        }
        if let Some(size) = against
            && !self.front.iter().any(|other| other.dominates(entry, size))
        {
            self.front.retain(|other| !entry.dominates(other, size));
            let place = self
                .front
                .partition_point(|e| e.size(size) < entry.size(size));
            self.front.insert(place, entry.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(step: u64, aim: f64, params: u64) -> Entry {
        Entry {
            step,
            arch: format!("{step}"),
            aim,
            params,
            macs: 0,
        }
    }

    #[test]
    fn the_best_and_the_front_are_the_same_in_any_order() {
        let entries: Vec<Entry> = (0..300)
            .map(|i| entry(i, (i * 7919 % 101) as f64, i * 104_729 % 997))
            .collect();
        let found = |order: &mut dyn Iterator<Item = &Entry>| {
            let mut best = Best::default();
            order.for_each(|e| best.add(e, Some(Size::Params)));
            best
        };
        let best = found(&mut entries.iter());
        assert_eq!(best, found(&mut entries.iter().rev()));
        assert_eq!(best.all.len(), BEST);
        let key = |e: &Entry| (-e.aim, e.step as f64);
        assert!(best.all.is_sorted_by(|a, b| key(a) < key(b)));
        // By definition.
        let front: Vec<&Entry> = entries
            .iter()
            .filter(|e| !entries.iter().any(|o| o.dominates(e, Size::Params)))
            .collect();
        assert_eq!(best.front.len(), front.len());
        assert!(front.iter().all(|e| best.front.contains(e)));
        assert!(
            best.front
                .is_sorted_by(|a, b| a.params < b.params && a.aim < b.aim)
        );
        let most = entries.iter().map(|e| e.params).max();
        assert_eq!(best.largest.map(|e| e.params), most);
    }

    #[test]
    fn of_equals_the_first_one_stays() {
        let mut best = Best::default();
        for step in [2, 0, 1] {
            best.add(&entry(step, 1.0, 5), Some(Size::Params));
        }
        let steps = |all: &[Entry]| all.iter().map(|e| e.step).collect::<Vec<_>>();
        assert_eq!(steps(&best.all), [0, 1, 2]);
        assert_eq!(steps(&best.front), [0]);
        assert_eq!(best.largest.map(|e| e.step), Some(0));
    }
}
